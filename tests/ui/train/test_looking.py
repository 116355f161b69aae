"""How charts of runs are looked at: axes and smoothing, what is kept of it, and a script's own metrics."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec, until

from lrtui.runs.events import Event, EventWriter
from lrtui.runs.own_spec import own_spec
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.schedules import parse
from lrtui.ui import looking, run_panels
from lrtui.ui.kept_charts import NAME, Chosen, keep_charts, recall_charts
from lrtui.ui.looking import Look
from lrtui.ui.run_view import Note, RunView, XAxis
from lrtui.ui.run_words import figures, progress, state_sentence
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.state_file import StateFile
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.run_status import RunStatus, status


def view(run_spec: RunSpec, state: RunState = RunState.RUNNING, **more: object) -> RunView:
    return RunView("id", "n", state, "/", run_spec, "", **more)  # type: ignore[arg-type]


def own(total: int | None = 1000, per_epoch: int | None = None) -> RunSpec:
    return own_spec("mine", None, total, per_epoch, {})


def test_an_axis_is_as_long_as_the_longest_run_and_open_if_one_is() -> None:
    short, long = (RunSpec(schedule="constant(0.1)", epochs=epochs) for epochs in (2, 5))
    each, trained = long.steps_per_epoch(), long.train_examples
    both = [view(short), view(long)]
    assert looking.axis("epoch", both).high == 5
    assert looking.axis("step", both).high == 5 * each
    assert looking.axis("examples", both).high == 5 * trained
    assert looking.axis("seconds", both).high is None
    # What a run said when it began counts, until its spec is another one.
    began = Event("started", 1.0, {"updates": 7, "data": {"train": 50}})
    assert looking.axis("step", [view(short, started=began)]).high == 7
    assert looking.axis("examples", [view(short, started=began)]).high == 2 * 50
    assert looking.axis("step", [view(short, started=began, amended=2.0)]).high == 2 * each
    assert looking.axis("epoch", [*both, view(own(None))]).high is None
    assert looking.axis("examples", [*both, view(own(None))]).high == 5 * trained
    assert looking.axis("epoch", []).high is None


@pytest.mark.parametrize("x", ["epoch", "step", "examples"])
def test_what_is_known_by_its_update_finds_its_place_on_every_axis(x: XAxis) -> None:
    run_spec = RunSpec(schedule="linear(1, final_lr=0)", epochs=4)
    planned = run_panels.plan(run_spec, x)
    end = looking.axis(x, [view(run_spec)]).high
    assert end is not None
    last = run_spec.epochs * run_spec.steps_per_epoch() - 1
    assert planned.x[0] == 0
    assert planned.x[-1] == pytest.approx(end * last / (last + 1))
    within = run_panels.plan_within(run_spec, x, (0.5 * end, 0.6 * end))
    assert 0.49 * end < within.x[0] < 0.5 * end
    assert 0.6 * end < within.x[-1] < 0.61 * end
    noted = Note(run_spec.steps_per_epoch(), 9.0, "here")
    assert run_panels.marks(view(run_spec, notes=(noted,)), x)[0].x == pytest.approx(end / 4)


@pytest.mark.parametrize(("batch_size", "accumulate"), [(256, 1), (250, 1), (96, 4)])
def test_the_planned_rate_of_an_update_stands_where_its_report_does(batch_size: int, accumulate: int) -> None:
    sizes = {"batch_size": batch_size, "accumulate": accumulate, "train_examples": 10_000}
    run_spec = RunSpec(schedule="linear(1, final_lr=0)", epochs=3, **sizes)
    each, taken = run_spec.steps_per_epoch(), batch_size * accumulate
    reported = [
        (10_000 * (update // each) + taken * (update % each)) / 10_000 for update in range(1, 3 * each + 1)
    ]
    curve = run_panels.plan(run_spec, "epoch")
    by_rate = dict(zip(curve.y, run_panels.as_reported(curve, run_spec, "epoch").x, strict=True))
    rates = parse(run_spec.schedule).rates(run_spec.horizon())
    for update, rate in enumerate(rates):
        if rate in by_rate:
            assert by_rate[rate] == pytest.approx(reported[update], abs=1e-12)
    assert reported[-1] == 3
    assert rates[-1] in by_rate
    examples = run_panels.plan(run_spec, "examples")
    assert run_panels.as_reported(examples, run_spec, "examples").x[-1] == pytest.approx(30_000)
    steps = run_panels.plan(run_spec, "step")
    assert run_panels.as_reported(steps, run_spec, "step").x[-1] == 3 * each - 1


def test_axes_that_make_no_sense_for_a_run_are_left_out() -> None:
    assert looking.offered(view(spec())) == looking.X_AXES
    assert looking.offered(view(own())) == ("step", "seconds")
    assert looking.offered(view(own(per_epoch=10))) == ("epoch", "step", "seconds")
    # A script may say itself where in its epochs it is.
    assert "epoch" in looking.offered(view(own(), report={"epoch": 2.5}))
    assert looking.along("examples", view(own())) == "step"
    assert looking.along("seconds", view(own())) == "seconds"


def test_choices_are_kept_and_nonsense_isn_t(tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    chosen = Chosen(Look("examples", 0.9), {"loss", "other-1"}, "rate", "other-0")
    kept = StateFile(path)
    keep_charts(kept, chosen)
    assert kept.flush()
    # Charts of somebody's own metrics are other ones in the next run.
    assert recall_charts(StateFile(path)) == Chosen(Look("examples", 0.9), {"loss"}, "rate", "loss")
    nonsense: tuple[object, ...] = (
        {"x": "furlongs", "smoothing": 7, "log": "loss", "alone": 3, "single": ["loss"]},
        {"x": ["epoch"], "smoothing": "0.9", "log": [None, {"a": 1}, "accuracy", "nothing"], "alone": {}},
        [],
        "train",
    )
    for wrong in nonsense:
        path.write_text(json.dumps({NAME: wrong}))
        assert recall_charts(StateFile(path)) == Chosen(Look(), set(), None, "loss")


def test_only_what_is_measured_again_and_again_is_smoothed() -> None:
    look = Look("step", 0.9)
    wanted = run_panels.wants(look)
    assert {want.metric for want in wanted if want.weight} == {
        "train_loss", "train_acc", "grad_norm", "examples_per_sec", "cpu_load", "gpu_load"
    }  # fmt: skip
    assert set(run_panels.wants(Look("step"))) < set(wanted)  # the raw ones are drawn behind


def test_a_script_s_own_metrics_have_charts_and_words() -> None:
    metrics = ("train_loss", "test_f1", "train_f1", "reward_mean", "update_ratio")
    report = {"train_loss": 0.5, "reward_mean": -2.0, "train_f1": 0.75}
    mine = view(own(), metrics=metrics, report=report, updates=1000, done=120, progress=0.12)
    f1, reward = run_panels.others(mine)
    assert [line.metric for line in f1.lines] == ["train_f1", "test_f1"]
    assert (f1.title, reward.name, reward.title) == ("f1", "reward mean", "")
    said = figures(mine, 120)
    assert said.startswith("loss 0.5   train f1 0.75")
    assert said.endswith("reward mean -2")
    assert "accuracy" not in said
    assert "".join(text for text, _ in progress(mine, 80)).startswith("update 120/1,000 ")
    assert "".join(text for text, _ in progress(view(own(None), done=3), 80)) == "3 updates"
    ended = view(own(), RunState.STOPPED, ending=Event("finished", 9.0, {"step": 300}))
    assert state_sentence(ended).startswith("stopped at update 300:")
    assert run_panels.others(view(spec(), metrics=metrics)) == ()


@pytest.mark.parametrize("tall", [False, True])
def test_the_lines_above_the_charts_stay_where_they_are(tall: bool) -> None:
    numbers = {"step": 9, "epoch": 0.5, "lr": 0.1, "train_loss": 1.0, "train_acc": 0.5}
    gauges = {"grad_norm": 1.0, "cpu_load": 0.5, "memory": 1e9}
    finding = Event("diagnosis", 3.0, {"kind": "overfitting", "message": "It learns by heart. " * 20})
    moments = [
        view(spec(), RunState.STARTING),
        view(spec(), RunState.RUNNING),
        view(spec(), RunState.RUNNING, report=numbers),
        view(spec(), RunState.RUNNING, report={**numbers, **gauges}),
        view(spec(), RunState.PAUSED, report={**numbers, **gauges}),
        view(spec(), RunState.COMPLETED, report=numbers, epoch={**numbers, "test_loss": 1.0}, best=0.5),
        view(spec(), RunState.STOPPED, report={**numbers, **gauges}),
    ]
    assert len({len(status(moment, 80, tall=tall)) for moment in moments}) == 1
    found = [
        view(spec(), state, report=numbers, diagnoses=(finding,))
        for state in (RunState.RUNNING, RunState.PAUSED, RunState.COMPLETED, RunState.STOPPED)
    ]
    assert len({len(status(moment, 80, tall=tall)) for moment in found}) == 1


def own_run(store: RunStore) -> Run:
    """A script's run that is over, with a metric of its own and no epochs."""
    run = store.create(own_spec("mine", "cosine(0.1)", 100, None, {}))
    run.lock_path.touch()
    with EventWriter(run.events_path) as log:
        log.emit("started", updates=100, data={"label": "own loop", "kind": "own"})
        for step in range(4, 100, 5):
            log.emit(
                "report", step=step, epoch=(step + 1) / 100, lr=0.1, train_loss=1.0, reward=math.sin(step)
            )
        log.emit("finished", outcome="completed", reason="", step=100)
    return run


async def test_axes_and_smoothing_go_round_by_key_and_are_remembered(root: Path) -> None:
    store = RunStore(root)
    run, mine = finished(store, spec(), gauges=True), own_run(store)
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        screen.follow(run.id)
        said = screen.query_one(RunStatus)
        await until(lambda: "completed" in said.text, "it is shown")
        loss, accuracy = (screen.query_one(f"#{name}-chart", Chart) for name in ("loss", "accuracy"))
        await pilot.press("x", "x")
        await until(lambda: loss.frame.x.high == 5 * 10_000, "against examples")
        await pilot.press("y")
        await until(lambda: [one.name for one in loss.series] == ["", "train", "test"], "the raw line behind")
        await pilot.press("l", "m")
        await until(lambda: accuracy.display and accuracy.frame.has_canvas, "the next chart")
        await pilot.press("l")
        await pilot.pause()
        assert not accuracy.frame.y.log
        assert any("always linear" in str(note.message) for note in app._notifications)
        kept = recall_charts(app.remembered)
        assert kept == Chosen(Look("examples", 0.6), {"loss"}, None, "accuracy")

        # A run without epochs and examples is drawn against its updates, with all that it logs.
        screen.follow(mine.id)
        await until(lambda: "update 100/100" in said.text, "the script's run")
        reward = screen.query_one("#other-0-chart", Chart)
        await until(lambda: loss.frame.x.high == 100, "against updates")
        assert not accuracy.display
        await pilot.press("m")
        await until(lambda: reward.display and len(reward.series) == 2, "its own metric, smoothed")
        assert recall_charts(app.remembered).look.x == "examples"
        await pilot.press("s")
        await until(
            lambda: any("start that script again" in str(note.message) for note in app._notifications),
            "only its script can start it again",
        )
        assert app.screen is screen


async def test_the_next_opening_looks_as_the_last_did(root: Path) -> None:
    run = finished(RunStore(root), spec())
    app = app_at("train", root)
    keep_charts(app.remembered, Chosen(Look("step", 0.9), {"rate"}, None, "rate"))
    async with app.run_test(size=(80, 24)):
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        screen.follow(run.id)
        rate = screen.query_one("#rate-chart", Chart)
        await until(lambda: rate.display and rate.frame.has_canvas, "the chart of last time")
        assert rate.frame.y.log
        assert rate.frame.x.high == 200
