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

from lrtui.ui.keys import OWN, shown_keys, with_keys
from lrtui.ui.messages import UseSchedule
from lrtui.ui.theme import NAMES

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp

OTHERS = "All keys can be others: `lrtui settings --keys` prints them for settings.toml."


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
    about: str = ""
    """What there is to know about the place, beside its keys."""


def groups(app: App[Any], screen: Screen[Any]) -> list[Group]:
    """What can be done: where the focus is, on the screen, in each other kind of widget, in the whole app."""
    near = (
        []
        if screen.focused is None
        else [each for each in screen.focused.ancestors_with_self if each is not screen]
    )
    seen: set[type[DOMNode]] = set()
    here = [group for node in near if (group := _of_widget(app, node, seen))]
    elsewhere = [
        group
        for widget in screen.walk_children(Widget)
        if widget.can_focus and (group := _of_widget(app, widget, seen))
    ]
    of_screen = Group(_title(screen), tuple(_deeds(app, screen)))
    of_app = Group("Everywhere", tuple(_deeds(app, app)), OTHERS)
    return [group for group in (*here, of_screen, *elsewhere, of_app) if group.deeds or group.about]


def _title(screen: Screen[Any]) -> str:
    return "In this dialog" if screen.is_modal else "On this screen"


def _of_widget(app: App[Any], widget: DOMNode, seen: set[type[DOMNode]]) -> Group | None:
    """What can be done in a widget of the app's own, if its kind wasn't seen before."""
    kind = type(widget)
    if kind in seen or not kind.__module__.startswith(OWN) or not isinstance(widget, Widget):
        return None
    seen.add(kind)
    deeds = tuple(_deeds(app, widget))
    title = getattr(kind, "HELP_TITLE", None) or kind.BINDING_GROUP_TITLE
    about = with_keys(kind.HELP or "")
    return Group(title or f"In the {_spoken(kind.__name__)}", deeds, about) if deeds or about else None


def _spoken(name: str) -> str:
    """The name of a class as one says it: `RunTable` is a run table."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _deeds(app: App[Any], node: DOMNode) -> Iterator[Deed]:
    """The node's own bindings, keys of one action together."""
    merged: dict[str, list[Binding]] = {}
    for cls in type(node).__mro__:
        if cls.__module__.startswith(OWN):
            for binding in Binding.make_bindings(cls.__dict__.get("BINDINGS", [])):
                if not binding.system:
                    merged.setdefault(binding.action, []).append(binding)
    for action, bindings in merged.items():
        first = bindings[0]
        keys = tuple(dict.fromkeys(key for binding in bindings for key in shown_keys(app, binding)))
        yield Deed(keys, first.description, first.tooltip or first.description, action, node)


def commands(app: LrtuiApp, screen: Screen[Any]) -> Iterable[SystemCommand]:
    """Every deed of the screen as a command, the presets by name, and themes."""
    done = set()
    for group in groups(app, screen):
        for deed in group.deeds:
            if deed.words in done or not deed.title:
                continue
            done.add(deed.words)
            run = partial(run_or_say, app, deed.action, deed.title, deed.node)
            yield SystemCommand(f"{deed.title} ({' '.join(deed.keys)})", deed.words, run)
    yield from _presets(screen)
    yield SystemCommand("Doctor", "What is found here: terminal, devices, data, runs folder; "
                        "and what to do about what is missing", partial(_print, app, "doctor"))  # fmt: skip
    yield SystemCommand("Settings", "What is set, where each comes from, and which file to set it in",
                        partial(_print, app, "settings"))  # fmt: skip
    yield SystemCommand("Keys for settings.toml", "Every key of the app as that file names it, to be another",
                        partial(_print, app, "settings", "--keys"))  # fmt: skip
    for name, theme in NAMES.items():
        chosen = ", as now" if theme == app.theme else ""
        yield SystemCommand(f"Theme {name}", f"These colours from now on{chosen}", partial(_wear, app, theme))
    yield SystemCommand("More themes", "Choose among Textual's own, too", app.action_change_theme)
    if screen.maximized is not None:
        yield SystemCommand("Minimize", "Back to the whole screen", screen.action_minimize)
    elif screen.focused is not None and screen.focused.allow_maximize:
        yield SystemCommand("Maximize", "What has the focus, as large as the screen", screen.action_maximize)


def _print(app: LrtuiApp, command: str, *options: str) -> None:
    from lrtui.ui.screens.command_panel import CommandPanel

    app.push_screen(CommandPanel(command, app.settings, *options))


def _wear(app: App[Any], theme: str) -> None:
    app.theme = theme


async def run_or_say(app: App[Any], action: str, title: str, node: DOMNode) -> None:
    """Run an action of a node; say so where it can't be done now."""
    if not await app.run_action(action, node):
        app.notify(f"{title}: not possible now", severity="warning", markup=False)


def _presets(screen: Screen[Any]) -> Iterable[SystemCommand]:
    from lrtui.experiments.presets import presets

    for preset in presets():
        use = partial(screen.post_message, UseSchedule(preset.expression, preset.name))
        yield SystemCommand(f"Preset {preset.name}: {preset.title}", preset.expression, use)
