"""One thing, one key: the same thing has the same key everywhere, and no key means two things at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from fake_runs import finished, spec, until
from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widget import Widget

from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.keys import node_classes, own_bindings
from lrtui.ui.state import Draft

OF_THE_BRIEF = {
    "help": {"f1", "question_mark"},
    "command_palette": {"ctrl+p"},
    "quit": {"q", "ctrl+q"},
    "log": {"l"},
    "axis": {"x"},
    "x_axis": {"x"},
    "export": {"e"},
    "undo": {"z"},
    "redo": {"Z"},
    "filter": {"slash"},
    "mark": {"space"},
    "redraw": {"ctrl+l"},
    "suspend_process": {"ctrl+z"},
    "pin": {"p"},
    "stop": {"S"},
}
"""What people learn once: the action's name, and the keys that it has wherever it is."""

LEFT_FIRST = {"escape"}
"""The key that leaves the innermost place there is; on the way out it means something else in each."""

LEADS_IN = {"edit"}
"""The action that goes into a form while nothing has the focus: in a field its keys are the field's."""


def every_binding() -> Iterator[tuple[type[DOMNode], Binding]]:
    for kind in node_classes():
        for binding in own_bindings(kind):
            yield kind, binding


def test_every_key_can_be_remapped() -> None:
    assert [
        f"{kind.__name__} {one.key}" for kind, one in every_binding() if not one.id and not one.system
    ] == []


def test_an_id_means_one_thing() -> None:
    meanings = defaultdict(set)
    for _, binding in every_binding():
        meanings[binding.id].add(binding.description)
    assert {name: words for name, words in meanings.items() if len(words) > 1} == {}


def test_the_same_thing_has_the_same_key_everywhere() -> None:
    keys: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind, binding in every_binding():
        keys[binding.description][kind.__name__].add(binding.key)
    conflicts = {
        words: dict(places) for words, places in keys.items() if not set.intersection(*places.values())
    }
    assert conflicts == {}


def test_what_people_learn_once_is_where_they_learnt_it() -> None:
    found = defaultdict(set)
    for _, binding in every_binding():
        found[parse(binding.action)[1]].add(binding.key)
    for action, keys in OF_THE_BRIEF.items():
        assert found[action] == keys, action


def bindings_of(node: DOMNode) -> Iterator[Binding]:
    for kind in type(node).__mro__:
        if kind.__module__.startswith("lrtui."):
            yield from own_bindings(kind)


def hidden(app: App[None]) -> set[str]:
    """Keys of the screen or the app that mean something else where a widget on it has the focus."""
    above = {one.key: one for node in (app, app.screen) for one in bindings_of(node)}
    found = set()
    for widget in app.screen.walk_children(Widget):
        for one in bindings_of(widget) if widget.can_focus else ():
            if one.key in above and one.key not in LEFT_FIRST:
                mine, theirs = parse(one.action)[1:], parse(above[one.key].action)[1:]
                if mine != theirs and theirs[0] not in LEADS_IN:
                    found.add(
                        f"{type(widget).__name__} {one.key}: {one.action} hides {above[one.key].action}"
                    )
    return found


async def test_no_widget_takes_a_key_of_its_screen_for_something_else(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = finished(store, spec("zebra"))
    app = LrtuiApp(store, Draft(data="embedded"))
    async with app.run_test(size=(200, 60)) as pilot:
        for mode in ("explore", "train", "runs"):
            await app.action_show(mode)
            await pilot.pause(0.1)
            assert len(list(app.screen.walk_children(Widget))) > 10
            assert hidden(app) == set()
        await app.action_show("train")
        app.screen.follow(run.id)  # type: ignore[attr-defined]
        await until(lambda: app.screen.run_id == run.id, "the run is followed")  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        assert hidden(app) == set()
