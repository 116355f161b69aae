"""What may be wrong with a person's own keys, a line each: no such binding or key, one key for two things.

Nothing here changes a key: what is wrong is said, and acts as well as it can (`keymap`). It imports all of
the app, a good part of a second: it is for a thread, or for the command line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import NamedTuple

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from lrtui.runs.text import printable
from lrtui.ui.keymap import rebound
from lrtui.ui.keys import MODIFIERS, in_words, node_classes, own_bindings, spelt, typed
from lrtui.ui.screens.dialog import Dialog
from lrtui.ui.widgets.ask_line import AskLine

SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys that a terminal sends as others."""


def wrong_keys(keys: Mapping[str, str]) -> list[str]:
    """What is wrong with a person's own keys (several with commas between), by the ids of bindings."""
    kinds = node_classes()
    ids = {binding.id for kind in kinds for binding in own_bindings(kind) if binding.id}
    wrong = []
    good: dict[str, str] = {}
    for name, listed in keys.items():
        shown = printable(name, 40)
        if name not in ids:
            near = get_close_matches(name, ids, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`lrtui settings --keys` lists what there is"
            wrong.append(f"keys: there is nothing called {shown!r}; {hint}")
            continue
        spelled = [spelt(key) for key in listed.split(",")]
        no_keys = [key for key in listed.split(",") if not is_key(spelt(key))]
        wrong += [
            f"keys: {shown}: {printable(key, 20)!r} is no key; write it like ctrl+s, f5, A or slash"
            for key in no_keys
        ]
        wrong += [
            f"keys: {shown}: {key!r} can't be told from {SAME[key]!r} in a terminal; choose another"
            for key in spelled
            if key in SAME
        ]
        if not no_keys:
            good[name] = ",".join(spelled)
    return [*wrong, *_in_fields(good, kinds), *_shared(good, kinds)]


def is_key(key: str) -> bool:
    """Whether Textual could ever report such a key."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    if any(modifier not in MODIFIERS for modifier in modifiers):
        return False
    known = {each.value for each in Keys}
    if last in known or len(last) == 1 or key in known:
        return last.isprintable()
    return any(_character_to_key(chr(code)) == last for code in range(0x20, 0x250))


# Keys that a field takes


def _in_fields(keys: Mapping[str, str], kinds: list[type[DOMNode]]) -> Iterator[str]:
    """What has to act while a field has the focus, but is on keys that the field takes."""
    said = set()
    for kind in kinds:
        in_field = issubclass(kind, Input | TextArea | AskLine) or (
            issubclass(kind, Dialog) and not {Input, TextArea}.isdisjoint(_named_in(kind.__module__))
        )
        for binding in own_bindings(kind):
            mine = keys.get(binding.id or "", "").split(",")
            needed = (in_field or binding.priority) and not typed(binding.key)
            if needed and all(map(typed, filter(None, mine))) and any(mine) and binding.id not in said:
                said.add(binding.id)
                yield (
                    f"keys: {binding.id}: {in_words(mine[0])} is typed where a field has the focus and does "
                    "nothing else there; add a function key or one with ctrl"
                )


# Keys for two things


class _Doing(NamedTuple):
    """What a key does: what to call it, the id of its binding (none if it is Textual's), the action.

    `own` says whether a person chose the key.
    """

    name: str
    id: str
    action: tuple[str, str, tuple[object, ...]]
    own: bool


def _shared(keys: Mapping[str, str], kinds: list[type[DOMNode]]) -> Iterator[str]:
    """Keys that mean two things in one place since a person chose them."""
    said: set[tuple[str, str, str]] = set()
    screens = [
        kind for kind in kinds if issubclass(kind, Screen) and not _has_below(kind, kinds)
    ]  # the bases that they are made from are never shown
    for screen in screens:
        for near in (None, *sorted(widgets_of(screen), key=lambda kind: kind.__name__)):
            before, after = _meanings(near, screen, {}), _meanings(near, screen, keys)
            for key, doings in after.items():
                usual = {each.name for each in before.get(key, ())}
                for one, other in combinations(doings, 2):
                    new = (one.own or other.own) and not {one.name, other.name} <= usual
                    if not new or one.name == other.name or one.action == other.action:
                        continue
                    if _fields_own(near, key, one, other):
                        continue
                    first, second = sorted((one.name, other.name))
                    if (key, first, second) not in said:
                        said.add((key, first, second))
                        what = f"{first} and {second} in one place"
                        yield f"keys: {in_words(key)} is {what}; give one of them another key"


def _fields_own(near: type[Widget] | None, key: str, inner: _Doing, outer: _Doing) -> bool:
    """Whether a field keeps the key to itself, as it does with all that is typed and that edits."""
    if near is None or not issubclass(near, Input | TextArea):
        return False
    return typed(key) or (not inner.id and outer.action[0] != near.__name__)


def _has_below(kind: type[DOMNode], kinds: list[type[DOMNode]]) -> bool:
    return any(other is not kind and issubclass(other, kind) for other in kinds)


def _meanings(
    near: type[Widget] | None, screen: type[Screen[object]], keys: Mapping[str, str]
) -> dict[str, list[_Doing]]:
    """What each key does where a widget has the focus on a screen, from the inside out."""
    from lrtui.ui.app import LrtuiApp

    found: dict[str, list[_Doing]] = {}
    modal = issubclass(screen, Dialog)
    for kind in (near, screen, LrtuiApp):
        if kind is None:
            continue
        merged = rebound(kind._merged_bindings, keys)  # type: ignore[arg-type]
        for key, binding in merged:
            if kind is LrtuiApp and modal and not binding.priority:
                continue
            doing = _doing(kind, binding, keys)
            if doing not in found.setdefault(key, []):
                found[key].append(doing)
    return found


def _doing(kind: type[DOMNode], binding: Binding, keys: Mapping[str, str]) -> _Doing:
    place, name, arguments = parse(binding.action)
    whose = place or ("app" if kind.__name__ == "LrtuiApp" else kind.__name__)
    words = binding.id or f"what {in_words(binding.key)} does by itself ({binding.description or name})"
    return _Doing(words, binding.id or "", (whose, name, arguments), bool(binding.id) and binding.id in keys)


def widgets_of(screen: type[DOMNode]) -> set[type[Widget]]:
    """The kinds of widgets with keys of their own that a screen may have, found by what its modules name."""
    found: set[type[Widget]] = set()
    modules = [base.__module__ for base in screen.__mro__ if base.__module__.startswith("lrtui.ui.")]
    seen = set(modules)
    while modules:
        for kind in _named_in(modules.pop()):
            if issubclass(kind, Widget) and not issubclass(kind, Screen):
                if kind._merged_bindings is not None and kind.can_focus:
                    found.add(kind)
                for base in kind.__mro__:
                    if base.__module__.startswith("lrtui.ui.") and base.__module__ not in seen:
                        seen.add(base.__module__)
                        modules.append(base.__module__)
    return found


def _named_in(module: str) -> set[type]:
    """The classes that a module imports or makes."""
    return {each for each in vars(sys.modules[module]).values() if isinstance(each, type)}
