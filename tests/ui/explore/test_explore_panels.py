"""What Explore opens: the code of other libraries, the calculator, the catalogue's page; and pasted calls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from lrtui.cli.preview import preview
from lrtui.schedules import Horizon, ScheduleError, catalogue, parse
from lrtui.schedules.dialects import generate
from lrtui.schedules.pages import example, page
from lrtui.ui.app import LrtuiApp
from lrtui.ui.resuming import rest
from lrtui.ui.saving import save_text
from lrtui.ui.screens.code_panel import CodePanel, CodeText
from lrtui.ui.screens.explore import ExploreScreen
from lrtui.ui.screens.family_page import FamilyPage
from lrtui.ui.screens.units_panel import UnitsPanel
from lrtui.ui.widgets.field import Field


async def settle(pilot: Pilot[None]) -> None:
    while pilot.app.current_mode == "start":
        await pilot.pause(0.02)
    await pilot.app.workers.wait_for_complete()
    for _ in range(3):
        await pilot.pause()


def explore(app: LrtuiApp) -> ExploreScreen:
    assert isinstance(app.screen, ExploreScreen)
    return app.screen


def text_of(app: LrtuiApp, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).render())


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.screen._forward_event(events.Paste(text))
    await settle(pilot)


# Code


async def test_code_is_shown_for_each_dialect_and_copied(make_app) -> None:
    app = make_app("warmup(1ep) >> cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("k")
        await settle(pilot)
        assert isinstance(app.screen, CodePanel)
        first = app.screen.written
        assert first is not None
        assert "LambdaLR" in first.text
        shown = str(app.screen.query_one(CodeText).query_one(Static).render())
        assert "def learning_rate" in shown
        await pilot.press("right", "right")
        await settle(pilot)
        assert "import optax" in app.screen.written.text
        await pilot.press("y")
        assert app.clipboard == app.screen.written.text
        await pilot.press("escape")
        explore(app)


async def test_what_a_dialect_cannot_say_is_said_and_not_copied(make_app) -> None:
    app = make_app("per_epoch(multistep(0.5, milestones=[5ep], gamma=0.5))")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("k", "right", "right", "right", "right")
        await settle(pilot)
        assert app.screen.written.refused
        shown = str(app.screen.query_one(CodeText).query_one(Static).render())
        assert shown.startswith("Not representable in transformers: because")
        await pilot.press("y", "s")
        assert app.clipboard == ""
        assert "no code here" in text_of(app, "#said")
        assert not app.screen.has_class("-saving")


async def test_code_is_saved_and_nothing_is_overwritten_unasked(
    make_app, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app("cosine(0.5)")
    path = tmp_path / "schedule_pytorch.py"
    path.write_text("mine")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("k")
        await settle(pilot)
        await pilot.press("s", "enter")
        await settle(pilot)
        assert "overwrites" in text_of(app, "#said")
        assert path.read_text() == "mine"
        await pilot.press("enter")
        await settle(pilot)
        assert path.read_text() == app.screen.written.text
        assert "Saved to schedule_pytorch.py" in text_of(app, "#said")
        await pilot.press("s", "home", *"none/", "enter")
        await settle(pilot)
        assert text_of(app, "#said") == "there is no folder none"
        await pilot.press("escape")
        assert isinstance(app.screen, CodePanel)


def test_saving_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        save_text(tmp_path, "x")
    save_text(tmp_path / "a", "one")
    with pytest.raises(FileExistsError):
        save_text(tmp_path / "a", "two")
    with pytest.raises(UnicodeEncodeError):
        save_text(tmp_path / "a", "\ud800", overwrite=True)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "one")]


# Calls of other libraries


async def test_a_pasted_call_is_offered_with_its_surprises_and_read_by_enter(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await paste(pilot, "torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=100, eta_min=0.01)")
        line = explore(app).line
        assert line.status.startswith("that is torch's CosineAnnealingLR: enter reads it as cosine(")
        assert "rises again" in str(line.query_one(".notes", Static).render())
        assert "--lr" not in str(line.query_one(".notes", Static).render())
        await pilot.press("enter")
        await settle(pilot)
        assert app.draft.expression == "cosine(0.1, final_lr=0.01, steps=100)"
        assert app.draft.error is None
        assert not line.has_class("-offer")
        await pilot.press("z")
        await settle(pilot)
        assert line.status.startswith("that is torch's CosineAnnealingLR: enter reads it as cosine(")
        await pilot.press("z")
        assert app.draft.expression.startswith("warmup(1ep)")


async def test_several_lines_of_code_can_be_pasted_over_what_is_there(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("i", "end")
        await paste(pilot, "opt = SGD(net.parameters(), lr=0.3)\nscheduler = StepLR(opt, step_size=30)\n")
        assert "torch's StepLR" in explore(app).line.status
        await pilot.press("enter")
        await settle(pilot)
        assert app.draft.expression == "step(0.3, step_size=30)"


async def test_a_call_that_is_no_schedule_says_why(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await paste(pilot, "LambdaLR(opt, lambda e: [/x])")
        line = explore(app).line
        assert line.status.startswith("✗ that is torch's LambdaLR: ")
        await pilot.press("enter")
        await settle(pilot)
        assert str(app.draft.schedule) == "cosine(0.5)"
        line.input.value = "cosine(0.4)"
        await settle(pilot)
        assert explore(app).offered is None
        assert not line.has_class("-wrong")


# Units


async def test_the_calculator_calculates_and_gives_the_horizon(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        panel = app.screen
        assert isinstance(panel, UnitsPanel)
        examples, batch, accumulation, devices, epochs, updates = panel.query(Field)
        batch.input.value = "50"
        accumulation.input.value = "2"
        devices.input.value = "4"
        await settle(pilot)
        assert updates.input.value == "250"
        updates.input.value = "110"
        await settle(pilot)
        assert epochs.input.value == "4.4"
        assert "enter sets 5 epochs with batch size 400: 125 updates" in text_of(app, "#use")
        examples.input.value = "10100"
        await pilot.press("f6")
        await settle(pilot)
        assert panel.units.updates_per_epoch == 25
        devices.input.value = "0"
        await settle(pilot)
        await pilot.press("enter")
        assert app.screen is panel
        devices.input.value = "4"
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert (app.draft.epochs, app.draft.batch_size) == (5, 400)
        assert explore(app).pane.preview.horizon.total == 125


async def test_the_calculator_does_not_give_what_the_data_cannot_take(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        fields = dict(zip(("examples", "batch"), app.screen.query(Field), strict=False))
        fields["examples"].input.value = "1000000"
        fields["batch"].input.value = "20000"
        await settle(pilot)
        await pilot.press("enter")
        assert isinstance(app.screen, UnitsPanel)
        assert "10,000 images" in text_of(app, "#use")
        await pilot.press("escape")
        assert app.draft.batch_size == 256


# Pages


async def test_the_page_of_the_selected_part_and_of_the_pointed_entry(make_app) -> None:
    app = make_app("warmup(1ep) >> cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "home", "down", "h")
        await settle(pilot)
        assert isinstance(app.screen, FamilyPage)
        said = "\n".join(str(part.render()) for part in app.screen.query(Static))
        assert "start_lr" in said
        assert "⠤" in said or "⠊" in said or "⣀" in said
        await pilot.press("escape")
        explore(app)


def test_every_family_that_can_be_drawn_ahead_has_a_curve_for_its_page() -> None:
    for kind in catalogue():
        drawn, shown = FamilyPage(kind)._curve(70), example(kind)
        ahead = shown is not None and shown.metric_driven is None
        assert drawn.startswith(f"{shown}\n") if ahead else drawn == "", kind.name
        assert page(kind, 70).count("\n\n") >= 2, kind.name  # what it is, its formula, and the rest


async def test_every_sort_of_family_has_a_page(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        # What a page says is tested for every family where it is written; here one of each sort is shown.
        shown = {(kind.role, example(kind) is None): kind for kind in catalogue()}
        assert len(shown) >= 4
        for kind in shown.values():
            await app.push_screen(FamilyPage(kind))
            said = "\n".join(str(part.render()) for part in app.screen.query(Static))
            assert all(parameter.name in said for parameter in kind.parameters), kind.name
            await app.pop_screen()


# Resuming


def examples_of_all() -> list[str]:
    around = [example(kind) for kind in catalogue()]
    more = [
        "warmup(5%) >> cosine(0.5, steps=30%) >> linear(0.1) >> cooldown(10%)",
        "offset(warmup(10%) >> cosine(0.5), 30%)",
        "cosine(0.5) * step(1, step_size=30)",
    ]
    return [*map(str, filter(None, around)), *more]


@pytest.mark.parametrize("text", examples_of_all())
def test_the_rest_goes_on_exactly(text: str) -> None:
    schedule, horizon = parse(text), Horizon(400, 40)
    try:
        whole = schedule.rates(horizon)
    except ScheduleError:
        pytest.skip("follows a metric")
    for done in (1, 40, 137, 399):
        left = rest(schedule, horizon, done)
        assert parse(str(left)) == left
        np.testing.assert_allclose(left.rates(Horizon(400 - done, 40)), whole[done:], rtol=1e-12)


@pytest.mark.parametrize(
    "text", ["constant(0.3, steps=0.1%) >> cosine(0.1)", "warmup(0.1%) >> repeat(linear(0.1, steps=0.2%))"]
)
def test_what_is_left_of_a_phase_shorter_than_an_update(text: str) -> None:
    schedule, horizon = parse(text), Horizon(400, 40)
    left = rest(rest(schedule, horizon, 40), Horizon(360, 40), 80)
    assert parse(str(left)) == left
    np.testing.assert_array_equal(left.rates(Horizon(280, 40)), schedule.rates(horizon)[120:])


async def test_what_is_left_and_can_t_be_written_is_said(make_app, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise ScheduleError("steps must be more than 0")

    monkeypatch.setattr("lrtui.ui.screens.explore_places.rest", refuse)
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        explore(app).pane.chart.cursor = 4.0
        for key in ("o", "O"):
            await pilot.press(key)
            assert "what is left can't be written: steps must be" in explore(app).line.status
        assert app.draft.expression == "cosine(0.5)"


async def test_resuming_at_the_cursor_is_drawn_and_taken(make_app) -> None:
    app = make_app("warmup(10%) >> cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("o")
        assert "put the cursor" in explore(app).line.status
        screen = explore(app)
        screen.pane.chart.cursor = 4.0
        await pilot.press("o")
        await settle(pilot)
        drawn = dict(screen.pane.chart.values_at(1.0))
        whole = app.draft.schedule.rates(app.draft.horizon())
        assert drawn["resumed at update 160"] == pytest.approx(whole[200], rel=1e-2)
        assert screen.line.status.startswith(
            "240 updates left, o hides them; O makes what is left after 4 epochs"
        )
        assert ": offset(warmup(1ep)" in screen.line.status
        await pilot.press("O")
        await settle(pilot)
        assert app.draft.expression == "offset(warmup(1ep) >> cosine(0.5), by=4ep)"
        assert app.draft.epochs == 6
        np.testing.assert_allclose(app.draft.schedule.rates(app.draft.horizon()), whole[160:], rtol=1e-12)
        await pilot.press("z")
        assert (app.draft.expression, app.draft.epochs) == ("warmup(10%) >> cosine(0.5)", 10)
        assert "10 epochs of batches of 256 again" in screen.line.status
        assert screen.pane.resumed is None


async def test_the_phases_have_buttons(make_app) -> None:
    app = make_app("warmup(1ep) >> cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("s", "end")
        phases = explore(app).phases
        await pilot.click(offset=(phases.region.right - 4, phases.region.bottom - 1))
        await settle(pilot)
        assert "warmup needs a phase after it" in explore(app).line.status  # what delete says here
        await pilot.click(offset=(phases.region.right - 14, phases.region.bottom - 1))
        await settle(pilot)
        assert len(app.draft.schedule.phases) == 3


async def test_code_has_what_momentum_and_weight_decay_follow_and_can_leave_it_out(make_app) -> None:
    app = make_app("cosine(0.5)", optimizer="sgd(momentum=linear(0.85, final_lr=0.95))")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("k")
        await settle(pilot)
        assert "momentum linear(0.85, final_lr=0.95)" in text_of(app, "#said")
        assert "def momentum" in app.screen.written.text
        await pilot.press("o")
        await settle(pilot)
        assert "momentum" not in app.screen.written.text
        assert "def learning_rate" in app.screen.written.text
        await pilot.press("right", "o")
        await settle(pilot)
        assert app.screen.written.with_others


async def test_code_of_an_optimizer_that_follows_nothing_is_about_the_rate(make_app) -> None:
    for optimizer in ("sgd(momentum=0.9)", "sgd(momentum="):
        app = make_app("cosine(0.5)", optimizer=optimizer)
        assert app.draft.others() == {}
    assert [*make_app(optimizer="adamw(weight_decay=cosine(0.1))").draft.others()] == ["weight_decay"]


async def test_code_is_written_for_a_training_elsewhere(make_app) -> None:
    app = make_app("warmup(1ep) >> cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = app.draft.horizon()
        await pilot.press("k", "n")
        await settle(pilot)
        calculator = app.screen
        assert isinstance(calculator, UnitsPanel)
        await pilot.press(
            *["backspace"] * 6, *"50000", "tab", *["backspace"] * 4, *"128", "tab", "tab", "tab"
        )
        await pilot.press(*["backspace"] * 3, *"200")
        await settle(pilot)
        assert text_of(app, "#use") == "enter takes 78,200 updates"
        await pilot.press("enter")
        await settle(pilot)
        panel = app.screen
        assert isinstance(panel, CodePanel)
        assert "UPDATES = 78200" in panel.written.text
        assert panel.written.text == generate(app.draft.schedule, Horizon(78_200, 391), "pytorch")
        assert panel.query_one("Vertical").border_title == "Code for 78,200 updates, 391 an epoch"
        await pilot.press("right")
        await settle(pilot)
        assert "T_max=77809" in panel.written.text
        await pilot.press("n", "escape")
        await settle(pilot)
        assert app.screen is panel
        assert "T_max=77809" in panel.written.text
        assert app.draft.horizon() == before  # what trains here stays as it was


async def test_the_rate_of_every_update_is_saved_as_the_command_line_prints_it(
    make_app, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app("warmup(1ep) >> cosine(0.5)", epochs=2)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        horizon = app.draft.horizon()
        await pilot.press("k")
        await settle(pilot)
        for name in ("rates.csv", "rates.JSON"):
            await pilot.press("s")
            assert "rate of every update" in text_of(app, "#said")
            await pilot.press(*["backspace"] * 30, *name, "enter")
            await settle(pilot)
            assert text_of(app, "#said") == f"Saved to {name}"
    length = ["--steps", str(horizon.total), "--steps-per-epoch", str(horizon.steps_per_epoch)]
    for name, form in (("rates.csv", "csv"), ("rates.JSON", "json")):
        said = CliRunner().invoke(preview, ["warmup(1ep) >> cosine(0.5)", *length, "--format", form])
        assert (tmp_path / name).read_text() == said.stdout
        assert said.stdout.count("\n") == (horizon.total + 1 if form == "csv" else 1)
