"""A person's own keys, put in place of those that bindings have by themselves.

Textual's own keymap is not used: it puts keys in place only after a field has claimed what is typed, so that
`ctrl+s` for what is `s` didn't work in a form; and what shares a key with a remapped binding (`s` starts a
run, and trains an ended one again) lost that key. It stands on two private parts of Textual, the bindings of
a node and the chain of them that a screen looks keys up in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from lrtui.ui.keys import spelt, typed, use_own

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    # A plain class: Textual looks for styles along the first base that is a node.
    _Base = object


class OwnKeysApp(App[None]):
    """An app whose bindings' keys are a person's. Inherit from it in place of `App`."""

    _own_keys: Mapping[str, str] = {}

    def take_keys(self, keys: Mapping[str, str], *, ascii_only: bool) -> None:
        """Have these keys (several with commas between), by the ids of bindings; before the first frame."""
        self._own_keys = {name: ",".join(map(spelt, listed.split(","))) for name, listed in keys.items()}
        use_own(self._own_keys, ascii_only=ascii_only)

    def rebind(self, node: DOMNode) -> None:
        """Put the person's keys into a node's bindings, once."""
        if self._own_keys and not isinstance(node._bindings, _Rebound):
            node._bindings = rebound(node._bindings, self._own_keys)


class KeysInForce(_Base):
    """A screen on which a person's own keys act. Inherit from it in front of a kind of screen."""

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        app = self.app
        if isinstance(app, OwnKeysApp):
            for node in (self.focused or self).ancestors_with_self:
                app.rebind(node)
            app.rebind(app)
        return super()._binding_chain


class _Rebound(BindingsMap):
    """Bindings that have the person's keys already."""


def rebound(bindings: BindingsMap, own: Mapping[str, str]) -> BindingsMap:
    """Bindings with a person's own keys.

    What had one of these keys before keeps it behind what is on it now: it acts where the other can't. A key
    that is typed is no longer asked before the field that has the focus.
    """
    keys: dict[str, list[Binding]] = {}
    mine: dict[str, list[Binding]] = {}
    for key, binding in bindings:
        listed = own.get(binding.id) if binding.id else None
        for new in [key] if listed is None else listed.split(","):
            there = keys.setdefault(new, [])
            if listed is None:
                there.append(binding)
            elif not any(each.action == binding.action for each in mine.get(new, ())):
                first = binding.priority and not typed(new)
                mine.setdefault(new, []).append(replace(binding, key=new, key_display=None, priority=first))
    made = _Rebound()
    made.key_to_bindings = {key: [*mine.get(key, ()), *others] for key, others in keys.items()}
    return made
