"""A person's own keys: they act where the usual ones do, take nothing from others, and faults are said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_runs import until
from textual.binding import Binding, BindingsMap
from textual.widget import Widget
from textual.widgets import Input

from lrtui.runs.store import RunStore
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.key_faults import widgets_of, wrong_keys
from lrtui.ui.keymap import rebound
from lrtui.ui.keys import node_classes, own_bindings, spelt, use_own
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.state import Draft
from lrtui.ui.widgets.new_run import NewRun


@pytest.fixture(autouse=True)
def _usual_keys_again() -> Iterator[None]:
    yield
    use_own({})


def app_with(folder: Path, keys: dict[str, str]) -> LrtuiApp:
    return LrtuiApp(RunStore(folder / "runs"), Draft(data="embedded"), settings=Settings(keys=keys))


def on(bindings: BindingsMap, key: str) -> list[str]:
    return [binding.action for binding in bindings.key_to_bindings.get(key, ())]


# What they do


def test_what_shares_a_key_keeps_it() -> None:
    both = BindingsMap([Binding("s", "start", id="train.start"), Binding("s", "again", id="run.again")])
    made = rebound(both, {"train.start": "ctrl+s"})
    assert (on(made, "ctrl+s"), on(made, "s")) == (["start"], ["again"])


def test_a_key_that_is_taken_means_both_and_first_what_was_chosen() -> None:
    made = rebound(
        BindingsMap([Binding("p", "pause", id="run.pause"), Binding("s,f5", "start", id="train.start")]),
        {"train.start": "p,f9"},
    )
    assert on(made, "p") == ["start", "pause"]
    assert (on(made, "f9"), on(made, "s"), on(made, "f5")) == (["start"], [], [])


def test_what_is_typed_is_never_taken_from_a_field() -> None:
    app = BindingsMap([Binding("f1", "help", id="help", priority=True)])
    assert [one.priority for one in rebound(app, {"help": "h,f9"}).key_to_bindings["h"]] == [False]
    assert [one.priority for one in rebound(app, {"help": "h,f9"}).key_to_bindings["f9"]] == [True]


@pytest.mark.parametrize(
    ("written", "key"),
    [("?", "question_mark"), ("Ctrl+S", "ctrl+s"), ("F5", "f5"), ("shift+a", "A"), ("A", "A"), ("+", "plus"),
     ("esc", "escape"), ("Del", "delete"), ("shift+left", "shift+left"), ("ctrl+/", "ctrl+slash")],
)  # fmt: skip
def test_keys_are_spelt_as_people_spell_them(written: str, key: str) -> None:
    assert spelt(written) == key


async def test_a_key_with_ctrl_works_while_typing_in_a_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []
    monkeypatch.setattr(NewRun, "start", lambda self, now=False: started.append(now))
    app = app_with(tmp_path, {"train.start": "Ctrl+S"})
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: app.current_mode == "explore", "Explore is shown")
        await pilot.press("f3")
        await until(lambda: isinstance(app.screen, TrainScreen), "Train is shown")
        field = app.screen.query(Input).first()
        field.focus()
        await pilot.press("end", "s", "ctrl+s")
        await pilot.pause()
        assert field.value.endswith("s")
        assert started == [False]


# What may be wrong with them


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"train.start": "ctrl+s"}, []),
        ({"train.start": "ctrl+s,p"}, ["p is run.pause and train.start"]),
        ({"explore.pin": "ctrl+b", "chart.log": "ctrl+b"}, ["ctrl+b is chart.log and explore.pin"]),
        ({"explore.pin": "l", "chart.log": "p"}, ["p is chart.log and run.pause"]),  # exchanged in Explore
        ({"go.train": "ctrl+p"}, ["ctrl+p is go.train and palette"]),
        ({"runs.mark": "tab"}, ["tab is runs.mark and what tab does by itself (Focus Next)"]),
        ({"field.more": "backspace"}, ["backspace is field.more and what backspace", "explore.unpin"]),
        ({"explore.unpin": "del"}, ["del is explore.unpin and list.delete"]),
        ({"quit": "x"}, ["quit: x is typed where a field has the focus", "x is chart.axis and quit"]),
        ({"dialog.cancel": "x"}, ["dialog.cancel: x is typed where"]),
        ({"field.leave": "x"}, ["field.leave: x is typed where"]),
        ({"field.leave": "x,f9"}, []),
        ({"run.stop": "ctrl+i"}, ["'ctrl+i' can't be told from 'tab'"]),
        ({"run.stopp": "x"}, ["there is nothing called 'run.stopp'; did you mean 'run.stop'?"]),
        ({"xyzzy": "x"}, ["`lrtui settings --keys` lists what there is"]),
    ],
)
def test_what_is_wrong_is_said_in_a_line_each(keys: dict[str, str], said: list[str]) -> None:
    found = wrong_keys(keys)
    assert len(found) == len(said), found
    for line, words in zip(found, said, strict=True):
        assert line.startswith("keys: ")
        assert words in line
        assert "\n" not in line


async def test_the_faults_know_what_stands_on_each_screen(tmp_path: Path) -> None:
    app = app_with(tmp_path, {})
    async with app.run_test(size=(200, 60)) as pilot:
        await until(lambda: app.current_mode == "explore", "Explore is shown")
        for mode in ("explore", "train", "runs"):
            await app.action_show(mode)
            await pilot.pause()
            there = {type(each) for each in app.screen.walk_children(Widget) if each.can_focus}
            assert len(there) > 1
            assert {kind for kind in there if kind.__module__.startswith("lrtui.")} <= widgets_of(
                type(app.screen)
            )


# One thing, one id


def test_what_has_the_same_name_and_key_has_the_same_id() -> None:
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys: dict[str, set[frozenset[str]]] = defaultdict(set)
    for kind in node_classes():
        by_id: dict[str, set[str]] = defaultdict(set)
        for binding in own_bindings(kind):
            ids[binding.description, binding.key].add(binding.id or "")
            by_id[binding.id or ""].add(binding.key)
        for name, has in by_id.items():
            keys[name].add(frozenset(has))
    assert {what: names for what, names in ids.items() if len(names) > 1} == {}
    # An id has one key at least that it has everywhere: the one that is named in words.
    assert [name for name, sets in keys.items() if not frozenset.intersection(*sets)] == []
