"""No action without a key, no key without an action, no key where nothing can have the focus."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList

from lrtui import ui
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.commands import groups
from lrtui.ui.state import Draft
from lrtui.ui.widgets.options import Options


def nodes() -> list[type[DOMNode]]:
    """Every class of the app's own that keys can belong to."""
    found = []
    for module in pkgutil.walk_packages(ui.__path__, "lrtui.ui."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(kind, DOMNode) and kind.__module__ == module.name:
                found.append(kind)
    assert len(found) > 20
    return found


def bound(kind: type) -> dict[str, Binding]:
    """The bindings that a class itself declares, by the name of the action."""
    made = Binding.make_bindings(kind.__dict__.get("BINDINGS", []))
    return {parse(binding.action)[1]: binding for binding in made}


def targets(kind: type) -> set[tuple[str, str]]:
    """Where and what: namespace and name of each action that a class itself binds."""
    made = Binding.make_bindings(kind.__dict__.get("BINDINGS", []))
    return {parse(binding.action)[:2] for binding in made}


def owners(kind: type[DOMNode], where: str, kinds: list[type[DOMNode]]) -> list[type]:
    """The classes whose action a binding of a class means."""
    if where == "app":
        return [LrtuiApp]
    if where == "screen":
        return [other for other in kinds if issubclass(other, Screen)]
    return [*(base for base in kind.__mro__), *(other for other in kinds if issubclass(other, kind))]


def textuals(kind: type) -> list[type]:
    """The classes of Textual's that a class is made from."""
    return [base for base in kind.__mro__ if base.__module__.startswith("textual.")]


def test_every_action_has_a_key() -> None:
    kinds = nodes()
    reached = {
        (owner, name)
        for kind in kinds
        for where, name in targets(kind)
        for owner in owners(kind, where, kinds)
    }
    lost = [
        f"{kind.__name__}.{name}"
        for kind in kinds
        for name in kind.__dict__
        if name.startswith("action_")
        and (kind, name.removeprefix("action_")) not in reached
        and not any(hasattr(base, name) for base in textuals(kind))  # Textual binds its own by itself
    ]
    assert not lost


def test_every_key_has_an_action() -> None:
    kinds = nodes()
    lost = [
        f"{kind.__name__} -> {where}.{name}"
        for kind in kinds
        for where, name in targets(kind)
        if not any(
            hasattr(owner, f"action_{name}") or hasattr(owner, f"_action_{name}")
            for owner in owners(kind, where, kinds)
        )
    ]
    assert not lost


def test_keys_belong_to_what_can_have_the_focus() -> None:
    for kind in nodes():
        if bound(kind) and issubclass(kind, Widget) and not issubclass(kind, Screen):
            assert kind.can_focus or kind.can_focus_children, kind.__name__


def test_every_list_can_be_paged_before_it_is_laid_out() -> None:
    lists = [kind for kind in nodes() if issubclass(kind, OptionList)]
    assert len(lists) > 2
    assert [kind for kind in lists if not issubclass(kind, Options)] == []


def test_every_action_says_what_it_does() -> None:
    for kind in nodes():
        for name, binding in bound(kind).items():
            assert binding.description or binding.tooltip, f"{kind.__name__}: {name}"


@pytest.mark.parametrize("mode", ["explore", "train", "runs"])
async def test_the_palette_knows_every_action_of_the_screen(mode: str, tmp_path: Path) -> None:
    app = LrtuiApp(RunStore(tmp_path / "runs"), Draft(data="embedded"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.action_show(mode)
        await pilot.pause()
        listed = {parse(deed.action)[1] for group in groups(app, app.screen) for deed in group.deeds}
        kinds = {
            type(app.screen),
            *(type(node) for node in app.screen.walk_children(Widget) if node.can_focus),
        }
        own = {kind for kind in kinds if kind.__module__.startswith("lrtui.")}
        wanted = {name for kind in own for name, one in bound(kind).items() if not one.system}
        assert wanted
        assert wanted <= listed
        titles = {command.title for command in app.get_system_commands(app.screen)}
        for kind in own | {LrtuiApp}:
            for binding in bound(kind).values():
                if not binding.system and binding.description and issubclass(kind, Screen | App):
                    assert any(title.startswith(f"{binding.description} (") for title in titles), binding
