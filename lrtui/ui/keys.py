"""The keys in force: where they stand, which of them a person has chosen, and how they are written in words.

The keys themselves stand where they act, in the bindings of app, screens and widgets: there is no other list.
Whatever names a key in words asks `key_for` or `with_keys` here. How a person's own keys come to act is
`keymap`'s business, what may be wrong with them `key_faults`'.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key, format_key, key_to_character

from lrtui import ui

OWN = "lrtui."
MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")

_SPELLINGS = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}
"""What is written on the keys, and in the footer."""

_WORDS = {"enter": "enter", "escape": "esc", "backspace": "backspace", "space": "space", "delete": "del"}
"""Keys that prose calls by their names, whatever sign stands for them in the footer."""

_ARROWS = {"↑": "up", "↓": "down", "←": "left", "→": "right"}
_ARROW = re.compile("[↑↓←→]")
_PLACE = re.compile(r"\{([a-z]+(?:[._-][a-z]+)*)\}")

_own: Mapping[str, str] = {}
_plain = False
_usual: dict[str, str] = {}


def node_classes() -> list[type[DOMNode]]:
    """Every class of the app's own that keys can belong to; imports all of the app."""
    found: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(ui.__path__, "lrtui.ui."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(kind, DOMNode) and kind.__module__ == module.name:
                found.append(kind)
    return found


def own_bindings(kind: type) -> Iterable[Binding]:
    """The bindings a class declares itself."""
    return Binding.make_bindings(kind.__dict__.get("BINDINGS", []))


def use_own(keys: Mapping[str, str], *, ascii_only: bool = False) -> None:
    """From now on these are a person's own keys, by the ids of bindings; there is one app in a process.

    With ASCII alone arrow keys are called by their names: `v` is a key of its own.
    """
    global _own, _plain
    _own, _plain = dict(keys), ascii_only


def spelt(key: str) -> str:
    """A key as Textual spells it: `?` is question_mark, `Ctrl+S` ctrl+s, `shift+a` A, `esc` escape."""
    *modifiers, last = key.strip().split("+") if key.strip() != "+" else ["plus"]
    modifiers = [each.lower() for each in modifiers]
    if len(last) == 1:
        if modifiers == ["shift"] and last.isalpha():
            return last.upper()
        last = _character_to_key(last.lower() if modifiers and last.isalpha() else last)
        return "+".join([*modifiers, last])
    return "+".join([*modifiers, _SPELLINGS.get(last.lower(), last.lower())])


def typed(key: str) -> bool:
    """Whether the key writes a character, which a field that has the focus keeps to itself."""
    character = key_to_character(key)
    return character is not None and character.isprintable()


def every_binding() -> dict[str, tuple[str, str]]:
    """The usual keys (with commas between) and what they do, by the ids of bindings; imports all the app.

    Where a binding has more keys in one place than in another (q, too, closes what has no field), they are
    those that it has everywhere.
    """
    keys: dict[str, list[str]] = {}
    does: dict[str, str] = {}
    for kind in node_classes():
        here: dict[str, list[str]] = {}
        for binding in own_bindings(kind):
            if binding.id:
                here.setdefault(binding.id, []).append(binding.key)
                does.setdefault(binding.id, binding.tooltip or binding.description)
        for name, listed in here.items():
            keys[name] = [key for key in keys.get(name, listed) if key in listed]
    return {name: (",".join(keys[name]), does[name]) for name in sorted(keys)}


# In words


def key_for(name: str) -> str:
    """The key that does something, as prose writes it, by the id of its binding; the first of several.

    Raises KeyError where nothing has that id.
    """
    return in_words((_own.get(name) or _usual_key(name)).split(",")[0])


def with_keys(text: str) -> str:
    """A text with the keys in force where it has the ids of bindings in braces: `{run.stop} stops it`."""
    filled = _PLACE.sub(lambda found: key_for(found[1]), text)
    return _ARROW.sub(lambda found: _ARROWS[found[0]], filled) if _plain else filled


def in_words(key: str) -> str:
    """A key as prose writes it: F3, ctrl+s, esc, /, ↑."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    if last[:1] == "f" and last[1:].isdigit():
        last = last.upper()
    shown = _WORDS.get(last) or format_key(last)
    return "+".join([*modifiers, last if _plain and not shown.isascii() else shown])


def _usual_key(name: str) -> str:
    """The key that a binding has by itself; the class that has it is mostly loaded, since it is on show."""
    if name not in _usual:
        _learn(_loaded(DOMNode))
    if name not in _usual:
        _learn(node_classes())
    return _usual[name]


def _learn(kinds: Iterable[type[DOMNode]]) -> None:
    for kind in kinds:
        for binding in own_bindings(kind):
            if binding.id:
                _usual.setdefault(binding.id, binding.key)


def _loaded(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith(OWN):
            yield below
        yield from _loaded(below)


# On footer, tabs, help and palette


def key_of(node: DOMNode, name: str) -> str:
    """The key that a binding of a node has now, as it is shown, by the binding's id; empty if it has none."""
    app = node if isinstance(node, App) else node.app
    for kind in type(node).__mro__:
        for binding in own_bindings(kind):
            if binding.id == name:
                return shown_keys(app, binding)[0]
    return ""


def key_display(binding: Binding, usual: str, ascii_only: bool) -> str:
    """How a key is written: F1 as it stands on the keyboard, signs as words where there is only ASCII."""
    last = binding.key.rpartition("+")[2]
    if last[:1] == "f" and last[1:].isdigit():
        return usual.replace(last, last.upper())
    if last == "enter":
        return usual.replace("⏎", "enter")  # a word as esc, tab and space are, and in every font
    if ascii_only and not usual.isascii():
        return binding.key.replace("ctrl+", "^")
    return usual


def shown_keys(app: App[Any], binding: Binding) -> tuple[str, ...]:
    """The keys of a binding as they are shown: the person's own, or else the binding's."""
    own = _own.get(binding.id) if binding.id else None
    if own is None:
        return (app.get_key_display(binding),)
    return tuple(app.get_key_display(binding.with_key(each, None)) for each in own.split(","))
