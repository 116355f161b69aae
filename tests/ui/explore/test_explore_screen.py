"""Explore by keyboard and mouse: the form, the phases and the expression are one schedule."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lrtui.schedules import parse
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.explore import ExploreScreen
from lrtui.ui.widgets.field import Field
from lrtui.ui.widgets.phase_list import PhaseList

WARM = "warmup(5ep) >> cosine(0.5, final_lr=0.01)"


def explore(app: LrtuiApp) -> ExploreScreen:
    assert isinstance(app.screen, ExploreScreen)
    return app.screen


def field(app: LrtuiApp, name: str) -> Field:
    return next(f for f in explore(app).form.query(Field) if f.parameter.name == name)


def rows(app: LrtuiApp) -> list[str]:
    phases = app.screen.query_one(PhaseList)
    return [str(option.prompt).rstrip() for option in phases.options]


async def settle(pilot: Pilot[None]) -> None:
    while pilot.app.current_mode == "start":
        await pilot.pause(0.02)
    for _ in range(3):
        await pilot.pause()


async def test_first_sight_has_a_curve_and_the_catalogue_in_front(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        assert screen.pane.preview is not None
        assert screen.pane.chart.frame.has_canvas
        assert screen.focused is not None
        assert screen.focused.id == "entries"
        assert screen.pane.chart.size.width >= 48
        assert screen.pane.chart.size.height >= 14
        assert "walk through the catalogue" in screen.line.status


async def test_fields_of_families_that_are_left_are_let_go(make_app) -> None:
    """They were all kept by the screen's signal of selections, with their timers, for as long as the app."""
    app = make_app()
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        gone = [weakref.ref(shown) for shown in explore(app).form.query(Input)]
        await pilot.press("up", "enter", "escape", "up")
        await settle(pilot)
        assert gone

        def kept() -> list[Input]:
            gc.collect()
            shown = list(explore(app).form.query(Input))
            return [alive for each in gone if (alive := each()) is not None and alive not in shown]

        for _ in range(50):
            if not kept():
                break
            await pilot.pause(0.1)
        assert not kept()


async def test_walking_the_catalogue_shows_each_shape_at_once(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("up")
        await settle(pilot)
        assert app.draft.expression == "polynomial(0.1)"
        assert explore(app).line.input.value == "polynomial(0.1)"
        await pilot.press("z")
        assert app.draft.expression.startswith("warmup")


async def test_walking_the_catalogue_leaves_a_composed_schedule_alone(make_app) -> None:
    app = make_app(WARM)
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("up", "up")
        await settle(pilot)
        assert app.draft.expression == WARM


async def test_typing_the_expression_fills_the_form_and_keeps_the_cursor(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("i")
        await settle(pilot)
        line = explore(app).line.input
        assert line.has_focus
        line.cursor_position = len("cosine(0.5")
        await pilot.press("5")
        await settle(pilot)
        assert field(app, "lr").input.value == "0.55"
        assert line.value == "cosine(0.55)"
        assert line.cursor_position == len("cosine(0.55")


async def test_typing_in_the_form_rewrites_the_expression(make_app) -> None:
    app = make_app(WARM)
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter")
        await settle(pilot)
        inp = field(app, "lr").input
        assert inp.has_focus
        await pilot.press("end", "5")
        await settle(pilot)
        assert app.draft.expression == "warmup(5ep) >> cosine(0.55, final_lr=0.01)"
        assert explore(app).line.input.value == app.draft.expression
        assert (inp.value, inp.cursor_position) == ("0.55", 4)
        assert explore(app).pane.preview.summary.peak == 0.55


async def test_a_wrong_value_marks_its_field_and_the_curve_stays(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter")
        await settle(pilot)
        lr = field(app, "lr")
        lr.input.value = "-1"
        await settle(pilot)
        assert lr.wrong
        assert "at least 0" in str(lr.query_one(".error").render())
        assert app.draft.expression == "cosine(0.5)"
        assert explore(app).pane.preview.summary.peak == 0.5
        lr.input.value = "0.25"
        await settle(pilot)
        assert not lr.wrong
        assert app.draft.expression == "cosine(0.25)"


async def test_a_wrong_expression_says_where_and_why_and_the_curve_stays(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        screen.line.input.value = "cosine(0.5) >> cosin(1)"
        await settle(pilot)
        assert app.draft.error is not None
        assert "character 16" in screen.line.status
        assert "cosine" in screen.line.status
        assert screen.line.has_class("-wrong")
        assert str(screen.pane.preview.schedule) == "cosine(0.5)"
        assert "last good" in str(screen.pane.readout.render())
        screen.line.input.value = "linear(1)"
        await settle(pilot)
        assert not screen.line.has_class("-wrong")
        assert str(screen.pane.preview.schedule) == "linear(1)"


async def test_t_does_not_go_on_with_a_wrong_expression(make_app) -> None:
    app = make_app("cosine(0.5")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, ExploreScreen)
        assert explore(app).line.has_class("-wrong")


async def test_phases_are_added_wrapped_moved_and_deleted_by_keys(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("w")
        await settle(pilot)
        assert app.draft.expression == "warmup(5%) >> cosine(0.5)"
        await pilot.press("s", "down", "f", "y")
        await settle(pilot)
        assert app.draft.expression == (
            "warmup(5%) >> floor(cosine(0.5, steps=48%), minimum=0.05) >> floor(cosine(0.5), minimum=0.05)"
        )
        await pilot.press("u", "<")
        await settle(pilot)
        assert app.draft.expression == (
            "warmup(5%) >> cosine(0.5) >> floor(cosine(0.5, steps=48%), minimum=0.05)"
        )
        await pilot.press("d")
        await settle(pilot)
        assert rows(app) == [" all phases  2 in turn", "   1 warmup  5%", "   2 floor  0.05", "   └ cosine"]


async def test_adding_after_a_phase_from_the_catalogue(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "a")
        await settle(pilot)
        assert str(explore(app).catalogue.border_title) == "Add after cosine"
        await pilot.press("slash", *"const", "enter")
        await settle(pilot)
        assert app.draft.expression == "cosine(0.5, steps=50%) >> constant(0.1)"
        assert explore(app).path == (1,)
        assert explore(app).phases.has_focus


async def test_what_cannot_be_done_is_said(make_app) -> None:
    app = make_app("warmup(5%) >> cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "d")
        await settle(pilot)
        assert "warmup needs a phase after it" in explore(app).line.status
        assert app.draft.expression == "warmup(5%) >> cosine(0.5)"


async def test_pins_log_and_axis(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("p")
        explore(app).line.input.value = "linear(0.5)"
        await settle(pilot)
        names = [name for name, _ in explore(app).pane.chart.values_at(5)]
        assert names == ["cosine(0.5)", "lr(t)"]
        await pilot.press("l", "x")
        await settle(pilot)
        pane = explore(app).pane
        assert (pane.log_y, pane.in_epochs) == (True, False)
        assert dict(pane.chart.values_at(200))["lr(t)"] == pytest.approx(0.25)
        await pilot.press("backspace")
        await settle(pilot)
        assert len(pane.chart.values_at(200)) == 1


async def test_the_cursor_reads_update_epoch_and_rate(make_app) -> None:
    app = make_app("linear(0.4)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        pane = explore(app).pane
        pane.chart.cursor = 5.0
        await pilot.press("right", "left")
        await settle(pilot)
        update = pane.cursor_update
        assert update is not None
        said = str(pane.readout.render())
        assert f"at update {update}" in said
        assert "peak 0.4 at update 0" in said


async def test_the_horizon_is_shared_and_checked(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        epochs, batch = explore(app).horizon.query(Field)
        epochs.input.value = "20"
        await settle(pilot)
        assert app.draft.horizon().total == 800
        assert explore(app).pane.preview.horizon.total == 800
        batch.input.value = "20000"
        await settle(pilot)
        assert batch.wrong
        assert app.draft.batch_size == 256
        epochs.input.value = "0"
        await settle(pilot)
        assert epochs.wrong


async def test_a_million_updates_are_worked_out_in_a_thread(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        epochs, batch = explore(app).horizon.query(Field)
        epochs.input.value = "100"
        batch.input.value = "1"
        await settle(pilot)
        await app.workers.wait_for_complete()
        await settle(pilot)
        assert explore(app).pane.preview.horizon.total == 1_000_000


async def test_a_preset_sets_schedule_and_epochs_and_tells_its_lesson(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"warmup-cos", "enter")
        await settle(pilot)
        assert app.draft.preset == "warmup-cosine"
        assert "warmup" in app.draft.expression


async def test_markup_in_a_field_is_only_text(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        explore(app).line.input.value = "[bold]x[/nothing]"
        await settle(pilot)
        assert "[bold]" in explore(app).line.input.value
        explore(app).line.input.value = "cosine([/x])"
        await settle(pilot)
        assert app.draft.error is not None


async def test_letters_in_fields_are_letters(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("i", "end", *"qtl123?")
        await settle(pilot)
        assert isinstance(app.screen, ExploreScreen)
        assert app.screen.query_one("#expression", Input).value == "cosine(0.5)qtl123?"
        assert not explore(app).pane.log_y


@pytest.mark.parametrize("key", ["a", "b", "d", "D", "<", ">", "U"])
async def test_a_key_between_a_draft_that_was_changed_and_its_showing_is_no_crash(make_app, key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        app.draft.type("constant(0.1, steps=1ep) >> linear(0.1, steps=1ep) >> cosine(0.1)")
        await screen.draft_changed()
        screen.path, screen._picked = (2,), True
        app.draft.type("cosine(0.1)")  # as when a run's schedule is taken; the screen hears of it later
        screen.phases.focus()
        await pilot.press(key)
        await settle(pilot)
        assert app.is_running
        assert screen.path == ()


async def test_a_field_that_goes_before_it_gets_the_focus_leaves_the_app_hearing(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        app.draft.type(WARM)
        await screen.draft_changed()
        going = next(iter(screen.form.query(Field))).input
        going.focus()  # which happens in a message
        await screen.form.show(app.draft.schedule.phases[0], (0,))
        await settle(pilot)
        assert not going.is_attached
        assert screen.focused is None or screen.focused.is_attached
        await pilot.press("f3")
        assert app.current_mode == "train", "keys are heard"


async def test_of_parts_shown_at_once_only_the_last_one_is_put_there(make_app, monkeypatch) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        parts = [
            parse(text) for text in ("multistep(0.5, milestones=[5ep])", "cosine(0.5)", "polynomial(0.1)")
        ]
        put, mount = [], screen.form.mount
        monkeypatch.setattr(screen.form, "mount", lambda *new, **at: (put.extend(new), mount(*new, **at))[1])
        await asyncio.gather(*(screen.form.show(part, (at,)) for at, part in enumerate(parts)))
        await settle(pilot)
        shown = [each.parameter.name for each in screen.form.query(Field)]
        assert shown == [each.name for each in parts[-1].family.parameters]
        assert len(put) == len(shown), "and none was taken away before"
