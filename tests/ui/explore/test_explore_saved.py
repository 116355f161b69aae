"""Saved schedules in Explore, and finding schedules by the names people know them by."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from lrtui.experiments.saved import save, saved
from lrtui.ui.finding import Sought, found
from lrtui.ui.screens.saved_panel import SavedPanel
from lrtui.ui.widgets.catalogue import _entries, highlighted
from tests.ui.explore.test_explore_screen import explore, settle

ENTRIES = [entry.sought for _, entries in _entries() for entry in entries]


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LRTUI_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config" / "schedules.toml"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("1cycle", "one_cycle"),
        ("one cycle", "one_cycle"),
        ("OneCycleLR", "one_cycle"),
        ("poly", "polynomial"),
        ("hard_restarts", "sgdr"),
        ("hard restarts", "sgdr"),
        ("CosineAnnealingWarmRestarts", "sgdr"),
        ("cosine", "cosine"),
        ("const", "constant"),
        ("ReduceLROnPlateau", "plateau"),
        ("inverse sqrt", "inverse_sqrt"),
        ("rsqrt", "inverse_sqrt"),
        ("trapezoid", "wsd"),
        ("MultiStepLR", "multistep"),
        ("expontial", "exponential"),
        ("cosin", "cosine"),
        ("warmup", "warmup"),
        ("noam", "noam"),
    ],
)
def test_the_name_people_know_finds_the_family_first(typed: str, name: str) -> None:
    assert found(typed, ENTRIES)[0] == f"family:{name}"


@pytest.mark.parametrize("typed", ["zzz", "cosine zzz", "!!", "sgd adam"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert found(typed, ENTRIES) == []


def test_nothing_typed_leaves_all_in_order() -> None:
    assert found(" ", ENTRIES) == [entry.key for entry in ENTRIES]
    both = [Sought("a", ("cosine",), behind=0.5), Sought("b", ("cosine",))]
    assert found("cosine", both) == ["b", "a"]


def test_a_name_that_is_just_so_comes_before_those_that_begin_so() -> None:
    entries = [Sought("stepped", ("stepped",)), Sought("one_step", ("one_step",)), Sought("step", ("step",))]
    assert found("step", entries) == ["step", "stepped", "one_step"]
    assert found("STEP", entries)[0] == "step"


async def test_typing_an_alias_and_enter_takes_the_family(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"1cycle", "enter")
        await settle(pilot)
        assert app.draft.schedule.family.name == "one_cycle"
        catalogue = explore(app).catalogue
        assert catalogue.query_one("#filter", Input).value == ""
        assert catalogue.query_one(OptionList).option_count > 30
        assert highlighted(catalogue) == "family:one_cycle"


async def ready(app, pilot) -> None:
    await app.workers.wait_for_complete()
    await settle(pilot)


def said(app) -> str:
    return str(app.screen.query_one("#said", Static).render())


async def test_a_schedule_is_saved_under_a_name_and_stands_in_the_catalogue(make_app, path: Path) -> None:
    app = make_app("cosine(0.37)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await ready(app, pilot)
        assert isinstance(app.screen, SavedPanel)
        await pilot.press("enter")
        await ready(app, pilot)
        assert said(app) == "type a name"  # there is no saved one to choose
        await pilot.press(*"my one", "enter")
        await ready(app, pilot)
        assert "can't be a name" in said(app)
        app.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await ready(app, pilot)
        assert dict(saved(path).expressions) == {"mine": "cosine(0.37)"}
        assert "saved as mine" in explore(app).line.status
        explore(app).line.input.value = "linear(0.1)"
        await settle(pilot)
        await pilot.press("slash", *"mine", "enter")
        await ready(app, pilot)
        assert app.draft.expression == "cosine(0.37)"
        await pilot.press("z")
        await settle(pilot)
        assert app.draft.expression == "linear(0.1)"


async def test_a_name_that_is_taken_is_asked_about(make_app, path: Path) -> None:
    save("mine", "cosine(0.1)", path=path)
    app = make_app("linear(0.1)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await ready(app, pilot)
        await pilot.press(*"mine", "enter")
        await ready(app, pilot)
        assert "enter again replaces it" in said(app)
        assert saved(path).expressions["mine"] == "cosine(0.1)"
        await pilot.press("2")
        await ready(app, pilot)
        assert not said(app)  # nothing is asked about this one
        await pilot.press("backspace", "enter")
        await ready(app, pilot)
        assert "enter again replaces it" in said(app)
        await pilot.press("enter")
        await ready(app, pilot)
        assert saved(path).expressions["mine"] == "linear(0.1)"


async def test_saved_ones_are_taken_and_deleted_from_the_panel(make_app, path: Path) -> None:
    save("one", "cosine(0.1)", path=path)
    save("two", "linear(0.2)", path=path)
    app = make_app("constant(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await ready(app, pilot)
        await pilot.press("tab", "down", "d")
        await settle(pilot)
        assert "d again deletes one" in said(app)
        await pilot.press("d")
        await ready(app, pilot)
        assert list(saved(path).expressions) == ["two"]
        assert "it was cosine(0.1)" in said(app)
        app.screen.query_one(OptionList).highlighted = 0
        await pilot.press("enter")
        await ready(app, pilot)
        assert app.draft.expression == "linear(0.2)"
        assert highlighted(explore(app).catalogue) != "saved:one"


async def test_a_name_typed_into_the_expression_is_offered(make_app, path: Path) -> None:
    save("mine", "cosine(0.1)", path=path)
    app = make_app("constant(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app, pilot)
        await pilot.press("i")
        explore(app).line.input.value = "@mien"
        await settle(pilot)
        assert explore(app).line.status == "✗ no schedule is saved as mien; did you mean @mine?"
        explore(app).line.input.value = "@mine"
        await settle(pilot)
        assert "a saved schedule: enter reads it as cosine(0.1)" in explore(app).line.status
        await pilot.press("enter")
        await settle(pilot)
        assert app.draft.expression == "cosine(0.1)"


async def test_a_damaged_file_is_said_and_hostile_names_are_only_text(make_app, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text('good = "[bold]x[/nothing]"\n')
    app = make_app("constant(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app, pilot)
        await pilot.press("slash", *"good", "enter")
        await ready(app, pilot)
        assert app.draft.expression == "constant(0.3)"
        path.write_text("good = ")
        await pilot.press("ctrl+s")
        await ready(app, pilot)
        assert "can't be read" in said(app)
