"""Which keys there are and how they are shown; checks the keys that a person has chosen.

The keys themselves stand where they act, in the bindings of app, screens and widgets: there is no other list.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key

from lrtui import ui
from lrtui.runs.text import printable

MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")


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


def wrong_keys(keys: Mapping[str, str]) -> list[str]:
    """What is wrong with a person's own keys, a line each: no such binding, or no such key."""
    ids = {binding.id for kind in node_classes() for binding in own_bindings(kind) if binding.id}
    wrong = []
    for name, listed in keys.items():
        shown = printable(name, 40)
        if name not in ids:
            near = get_close_matches(name, ids, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "the help (F1) names them"
            wrong.append(f"keys: there is nothing called {shown!r}; {hint}")
        wrong += [
            f"keys: {shown}: {printable(key, 20)!r} is no key; write it like ctrl+s, f5, A or slash"
            for key in listed.split(",")
            if not is_key(key)
        ]
    return wrong


def is_key(key: str) -> bool:
    """Whether Textual could ever report such a key."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    if any(modifier not in MODIFIERS for modifier in modifiers):
        return False
    known = {each.value for each in Keys}
    if last in known or len(last) == 1 or key in known:
        return last.isprintable()
    return any(_character_to_key(chr(code)) == last for code in range(0x20, 0x250))


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
    if ascii_only and not usual.isascii():
        return binding.key.replace("ctrl+", "^")
    return usual


def shown_keys(app: App[Any], binding: Binding) -> tuple[str, ...]:
    """The keys of a binding as they are shown: the person's own, or else the binding's."""
    own = app._keymap.get(binding.id) if binding.id else None
    if own is None:
        return (app.get_key_display(binding),)
    return tuple(app.get_key_display(binding.with_key(key, None)) for key in own.split(","))
