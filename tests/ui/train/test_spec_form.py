"""The form for the whole spec, driven by keys: folding, every field's way into the run, and its arrows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from fake_runs import app_at, until
from textual.pilot import Pilot
from textual.widgets import Static

from lrtui.experiments.saved import save
from lrtui.runs import queue
from lrtui.runs.launch import LaunchError
from lrtui.runs.spec import RunSpec
from lrtui.schedules import sample
from lrtui.ui import run_panels
from lrtui.ui.app import LrtuiApp
from lrtui.ui.widgets.spec_fields import BASIC, MORE, SpecInput, shown, whole
from lrtui.ui.widgets.spec_form import SpecForm

SMALL = (80, 24)


def form_of(app: LrtuiApp) -> SpecForm:
    return app.screen.query_one(SpecForm)


def field(app: LrtuiApp, name: str) -> SpecInput:
    return app.screen.query_one(f"#spec-{name}", SpecInput)


async def ready(app: LrtuiApp) -> None:
    await until(lambda: app.screen.query(SpecForm) and form_of(app).spec is not None, "the form is checked")


async def put(pilot: Pilot[None], app: LrtuiApp, name: str, text: str) -> None:
    field(app, name).focus()
    field(app, name).value = text
    await pilot.pause()


def test_the_form_has_a_field_for_all_of_a_spec() -> None:
    fields = {kind.name for kind in (*BASIC, *MORE)}
    not_chosen = {"preset", "task", "train_examples", "test_examples", "interventions", "updates",
                  "updates_per_epoch", "hyper", "spec_version", "lrtui"}  # fmt: skip
    assert fields | not_chosen == set(RunSpec.__struct_fields__)


def test_every_value_of_a_spec_reads_back_from_its_field() -> None:
    spec = RunSpec(schedule="constant(0.1)", clip_norm=0.1, label_smoothing=1e-7, stop_on=("diverging",),
                   threads=4, compile=True)  # fmt: skip
    for kind in (*BASIC, *MORE):
        for each in (spec, RunSpec(schedule="constant(0.1)")):
            assert kind.read(shown(getattr(each, kind.name))) == getattr(each, kind.name)


async def test_m_unfolds_and_folds_and_what_is_folded_is_still_told(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        line = app.screen.query_one("#more-line", Static)
        assert not field(app, "accumulate").region
        assert "accumulate, clip norm" in str(line.render())
        await pilot.press("m")
        await pilot.pause()
        assert app.focused is field(app, "accumulate")
        assert all(field(app, kind.name).region for kind in MORE)
        await put(pilot, app, "clip_norm", "2.5")
        await put(pilot, app, "precision", "bf16")
        await pilot.press("escape", "m")
        await pilot.pause()
        assert not field(app, "accumulate").region
        assert "clip norm 2.5, precision bf16" in str(line.render())


async def test_all_that_is_typed_is_in_the_spec(root: Path) -> None:
    app = app_at("train", root)
    values = {"epochs": "3", "batch_size": "100", "optimizer": "adamw(weight_decay=0.1)", "model": "lenet-1",
              "seed": "7", "name": "mine", "accumulate": "2", "clip_norm": "1", "label_smoothing": "0.1",
              "average": "ema(decay=0.99)", "precision": "bf16", "compile": "yes",
              "stop_on": "diverging stuck_at_chance", "threads": "2"}  # fmt: skip
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        await pilot.press("m")
        for name, text in values.items():
            await put(pilot, app, name, text)
        form = form_of(app)
        await until(lambda: form.spec and form.spec.threads == 2, "it is checked")
        spec = form.spec
        assert spec is not None
        assert (spec.epochs, spec.batch_size, spec.accumulate, spec.steps_per_epoch()) == (3, 100, 2, 50)
        assert (spec.optimizer, spec.model, spec.seed, spec.name) == (
            "adamw(weight_decay=0.1)", "lenet-1", 7, "mine")  # fmt: skip
        assert (spec.clip_norm, spec.label_smoothing, spec.average) == (1.0, 0.1, "ema(decay=0.99)")
        assert (spec.precision, spec.compile, spec.stop_on) == (
            "bf16",
            True,
            ("diverging", "stuck_at_chance"),
        )
        assert app.draft.steps_per_epoch == 50  # what Explore draws on
        assert (
            "time unknown until lenet-1 has run"
            in str(app.screen.query_one("#needs", Static).render()).lower()
        )


async def test_an_error_among_the_folded_fields_unfolds_them(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        for name, text, expected in [
            ("accumulate", "0", "at least 1"),
            ("accumulate", "1000", "more than an epoch has"),
            ("clip_norm", "x", "must be a number"),
            ("clip_norm", "-1", "above 0"),
            ("label_smoothing", "1", "below 1"),
            ("average", "emo(0.9)", "no average"),
            ("precision", "bf17", "float32 or tf32"),
            ("compile", "perhaps", "yes or no"),
            ("stop_on", "boredom", "no diagnosis"),
            ("threads", "0", "at least 1"),
            ("processes", "0", "at least 1"),
        ]:
            form = form_of(app)
            good = field(app, name).value
            if name in ("accumulate", "processes"):
                form.show_more(False)
            await put(pilot, app, name, text)
            # It alone: what was wrong before is good again.
            await until(lambda: {name} == set(form.errors), f"{name} {text} is marked")  # noqa: B023
            await until(lambda: expected in form.errors.get(name, ""), f"{name} says {expected}")  # noqa: B023
            assert form.more
            field(app, name).value = good


async def test_arrows_go_through_what_makes_sense(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        await pilot.press("m")
        for name, keys, expected in [
            ("batch_size", ["up", "up", "down"], "512"),
            ("seed", ["down"], "0"),
            ("processes", ["down"], "1"),
            ("clip_norm", ["up"], "0.5"),
            ("threads", ["up", "up"], "2"),
            ("compile", ["up"], "yes"),
            ("stop_on", ["up"], "diverging"),
        ]:
            field(app, name).focus()
            await pilot.press(*keys)
            assert field(app, name).value == expected, name


@pytest.mark.parametrize("text", ["10,5", "1,0000", "1,", ",100", "1_000,000", "½"])
def test_a_decimal_comma_is_not_dropped(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        whole(text)
    assert whole("60,000") == 60_000


async def test_enter_goes_into_the_form_through_it_and_starts(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[RunSpec] = []

    def start(store: object, spec: RunSpec, *given: object, **named: object) -> None:
        begun.append(spec)
        raise LaunchError("nothing is started here")

    monkeypatch.setattr(queue, "start", start)
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        await pilot.press("enter")
        for kind in BASIC:
            await pilot.pause()
            assert app.focused is field(app, kind.name)
            if kind.name == "epochs":
                await pilot.press("up")
            if kind.name == "batch_size":
                await pilot.press("6", "4")  # takes the place of what stands there
            await pilot.press("enter")
        await pilot.pause()
        assert app.focused is app.screen.query_one("#start")
        assert not begun
        await pilot.press("enter")
        await until(lambda: begun, "it starts")
        assert (begun[0].epochs, begun[0].batch_size) == (11, 64)
        # What is wrong is where one is taken.
        await put(pilot, app, "batch_size", "none")
        await until(lambda: "batch_size" in app.screen.query_one(SpecForm).errors, "it is marked")
        await pilot.press("escape", "down")
        await pilot.pause()
        assert app.focused is field(app, "batch_size")


async def test_the_rates_that_are_drawn_are_worked_out_off_the_event_loop(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noted(*given: Any) -> Any:
        threads.append(threading.current_thread())
        return sample(*given)

    monkeypatch.setattr(run_panels, "sample", noted)
    run_panels._sampled.cache_clear()
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        await put(pilot, app, "schedule", "repeat(cosine(0.1, steps=7))")
        await until(lambda: len(threads) >= 2, "both schedules are looked at")
        await until(lambda: "repeat" in str(form_of(app).spec), "it is taken")
        await pilot.pause()
    assert threading.main_thread() not in threads


async def test_what_is_unfolded_stays_so_at_the_next_opening_and_start_in_sight(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        start = app.screen.query_one("#start")
        assert start.region.bottom <= 23
        await pilot.press("m")
        await pilot.pause()
        field(app, MORE[-1].name).focus()
        await pilot.pause()
        last = field(app, MORE[-1].name).region
        assert start.region.height == 1
        assert last.bottom <= start.region.y < 23
        remembered = app.remembered
    app = app_at("train", root)
    app.remembered = remembered
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)
        assert form_of(app).more
        await pilot.press("m")
        await pilot.pause()
        assert not form_of(app).more
        assert remembered.recall("form", {}) == {"more": False}


async def test_typing_goes_on_behind_a_long_text_and_takes_the_place_of_a_short_one(
    root: Path,
) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        schedule, epochs = field(app, "schedule"), field(app, "epochs")
        before = schedule.value
        schedule.focus()
        await pilot.pause()
        await pilot.press("x")
        assert schedule.value == f"{before}x"
        epochs.focus()
        await pilot.pause()
        await pilot.press("7")
        assert epochs.value == "7"
        assert schedule.cursor_position == 0
        await pilot.click(schedule, offset=(3, 0))
        await pilot.press("y")
        assert schedule.value == f"{before[:3]}y{before[3:]}x"


async def test_a_saved_schedules_name_is_read_and_a_call_of_others_is_known(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRTUI_CONFIG_DIR", str(root.parent / "config"))
    save("mine", "cosine(0.1)")
    app = app_at("train", root)
    async with app.run_test(size=SMALL) as pilot:
        await ready(app)

        async def said(words: str) -> None:
            await until(lambda: words in str(form_of(app).errors.get("schedule", "")), words)

        await put(pilot, app, "schedule", "StepLR(optimizer, step_size=30)")
        await said("that is torch's StepLR: F2 shows how it reads")
        await put(pilot, app, "schedule", "@mien")
        await pilot.press("enter")
        await said("no schedule is saved as mien; did you mean @mine?")
        assert app.focused is field(app, "schedule")
        await put(pilot, app, "schedule", "@mine")
        await said("that is a saved schedule: enter reads it as cosine(0.1)")
        await pilot.press("enter")
        await ready(app)
        assert field(app, "schedule").value == "cosine(0.1)"
        assert form_of(app).spec.schedule == "cosine(0.1)"
        await pilot.press("enter")
        assert app.focused is field(app, "epochs")
