"""Every action of the present screen, for the help screen and the command palette, read off the bindings.

There is no second list of keys anywhere: what a binding says (its tooltip, or else its description) is what
help and palette say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from lrtui.ui.messages import UseSchedule

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp

OWN = "lrtui."


@dataclass(frozen=True)
class Deed:
    """One thing that can be done: its keys, its words, and the action with the node it belongs to."""

    keys: tuple[str, ...]
    title: str
    words: str
    action: str
    node: DOMNode


@dataclass(frozen=True)
class Group:
    """Things that can be done in one place."""

    title: str
    deeds: tuple[Deed, ...]


def groups(app: App[Any], screen: Screen[Any]) -> list[Group]:
    """What can be done on a screen: everywhere on it, in each kind of widget, and in the whole app."""
    found = [Group("On this screen", tuple(_deeds(app, screen)))]
    seen: set[type[Widget]] = set()
    for widget in screen.walk_children(Widget):
        kind = type(widget)
        if kind in seen or not kind.__module__.startswith(OWN) or not widget.can_focus:
            continue
        seen.add(kind)
        deeds = tuple(_deeds(app, widget))
        if deeds:
            title = getattr(kind, "HELP_TITLE", None) or kind.BINDING_GROUP_TITLE
            found.append(Group(title or f"In the {_spoken(kind.__name__)}", deeds))
    found.append(Group("Everywhere", tuple(_deeds(app, app))))
    return [group for group in found if group.deeds]


def _spoken(name: str) -> str:
    """The name of a class as one says it: `RunTable` is a run table."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _deeds(app: App[Any], node: DOMNode) -> Iterator[Deed]:
    """The node's own bindings, keys of one action together."""
    merged: dict[str, list[Binding]] = {}
    for cls in type(node).__mro__:
        if cls.__module__.startswith(OWN) or cls is App:
            for binding in Binding.make_bindings(cls.__dict__.get("BINDINGS", [])):
                if not binding.system:
                    merged.setdefault(binding.action, []).append(binding)
    for action, bindings in merged.items():
        first = bindings[0]
        keys = tuple(dict.fromkeys(app.get_key_display(binding) for binding in bindings))
        yield Deed(keys, first.description, first.tooltip or first.description, action, node)


def commands(app: LrtuiApp, screen: Screen[Any]) -> Iterable[SystemCommand]:
    """Every deed of the screen as a command, the presets by name, and themes."""
    done = set()
    for group in groups(app, screen):
        for deed in group.deeds:
            if deed.words in done or not deed.title:
                continue
            done.add(deed.words)
            run = partial(_run, app, deed)
            yield SystemCommand(f"{deed.title} ({' '.join(deed.keys)})", deed.words, run)
    yield from _presets(screen)
    yield SystemCommand("Theme", "Choose other colours", app.action_change_theme)
    if screen.maximized is not None:
        yield SystemCommand("Minimize", "Back to the whole screen", screen.action_minimize)
    elif screen.focused is not None and screen.focused.allow_maximize:
        yield SystemCommand("Maximize", "What has the focus, as large as the screen", screen.action_maximize)


async def _run(app: App[Any], deed: Deed) -> None:
    await app.run_action(deed.action, deed.node)


def _presets(screen: Screen[Any]) -> Iterable[SystemCommand]:
    from lrtui.experiments.presets import presets

    for preset in presets():
        use = partial(screen.post_message, UseSchedule(preset.expression, preset.name))
        yield SystemCommand(f"Preset {preset.name}: {preset.title}", preset.expression, use)
