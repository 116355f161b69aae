"""A log of any length in bounded memory: no spike is lost by thinning, and the detail can be read again."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.runs import table
from lrtui.runs.events import Event, encode
from lrtui.runs.history import History
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from tests.runs.helpers_runs import START, a_spec, epoch, started

REPORTS = 6000


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are full after a few hundred rows."""
    monkeypatch.setattr(table, "MOST_CELLS", 8_000)
    monkeypatch.setattr(table, "PARTS", 60)
    monkeypatch.setattr("lrtui.runs.window._NEAR", 4096)


def loss(step: int) -> float:
    spikes = {1234: 99.0, 2345: -7.0, 5999: 3.5}
    return spikes.get(step, 1.0 + (step * 7919 % 100) / 1000)


def report(step: int, **changes: object) -> Event:
    fields = {"step": step, "epoch": (step + 1) / 40, "lr": 0.1, "train_loss": loss(step)}
    return Event("report", START + step / 4, {**fields, **changes})


def a_long_run(store: RunStore, events: list[Event] | None = None) -> Run:
    run = store.create(a_spec())
    events = events or [started(updates=REPORTS), *map(report, range(REPORTS)), epoch(1, START + 1e4)]
    run.events_path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return run


@pytest.mark.usefixtures("small")
def test_a_history_stays_small_and_keeps_every_extreme(store: RunStore) -> None:
    run = a_long_run(store)
    history = run.history()
    assert history.thinned
    columns = history.columns("report")
    assert columns["step"].size * len(columns) <= table.MOST_CELLS
    assert columns["step"].size > 60
    steps, losses = history.series("train_loss")
    assert {1234: 99.0, 2345: -7.0, 5999: 3.5}.items() <= dict(zip(steps, losses, strict=True)).items()
    assert (np.diff(steps) > 0).all()
    assert steps[0] == 0
    assert all(value == loss(int(step)) for step, value in zip(steps, losses, strict=True))
    assert history.done == REPORTS
    # Every part of the run is told of, the old ones as much as the new.
    assert np.diff(steps).max() < REPORTS / 20


@pytest.mark.usefixtures("small")
def test_fed_in_pieces_it_stays_small_too() -> None:
    history = History()
    history.feed([started(updates=REPORTS)])
    most = 0
    for begin in range(0, REPORTS, 50):
        history.feed([report(step) for step in range(begin, begin + 50)])
        most = max(most, history.columns("report")["step"].size * 6)
    assert most <= table.MOST_CELLS + 50 * 6
    steps, losses = history.series("train_loss")
    assert {1234: 99.0, 2345: -7.0, 5999: 3.5}.items() <= dict(zip(steps, losses, strict=True)).items()


def test_a_short_history_is_whole(store: RunStore) -> None:
    run = a_long_run(store)
    history = run.history()
    assert not history.thinned
    assert history.series("train_loss")[0].size == REPORTS


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("x", ["step", "epoch", "seconds", "examples"])
def test_a_window_shows_every_report_of_its_stretch(store: RunStore, x: str) -> None:
    run = a_long_run(store)
    history = run.history()
    scale = {"step": 1.0, "epoch": 1 / 40, "seconds": 1 / 4, "examples": 10_000 / 40}[x]
    offset = {"epoch": 1 / 40, "examples": 10_000 / 40}.get(x, 0.0)
    low, high = 3000 * scale + offset, 3040 * scale + offset
    places, losses = run.window("train_loss", low, high, x=x, points=1000, history=history)
    wanted = np.arange(2999, 3042)  # with a neighbour on each side
    np.testing.assert_allclose(places, wanted * scale + offset)
    assert losses.tolist() == [loss(int(step)) for step in wanted]


@pytest.mark.usefixtures("small")
def test_windows_at_the_ends_beyond_and_between_reports(store: RunStore) -> None:
    run = a_long_run(store)
    history = run.history()

    def steps(low: float, high: float) -> list[float]:
        return run.window("train_loss", low, high, points=1000, history=history)[0].tolist()

    assert steps(-5, 1) == [0, 1, 2]
    assert steps(5998, 1e9) == [5997, 5998, 5999]
    assert steps(100.2, 100.8) == [100, 101]
    assert steps(-20, -10) == [0]
    assert steps(7000, 8000) == [5999]
    # Of a wide stretch what was kept is enough, and nothing is read.
    assert 60 < len(steps(0, 5999)) < 2000
    assert 99.0 in run.window("train_loss", 1000, 2000, points=20, history=history)[1]
    assert run.window("nothing", 0, 10, history=history)[0].size == 0
    epochs, accuracy = run.window("test_acc", 0, 10, x="epoch", history=history)
    assert (epochs.tolist(), accuracy.tolist()) == ([1], [0.5])


@pytest.mark.usefixtures("small")
def test_what_a_resumed_run_logged_again_counts_once(store: RunStore) -> None:
    lost = [report(step, train_loss=50.0) for step in range(3000, 3500)]
    events = [
        started(updates=REPORTS),
        *map(report, range(3000)),
        *lost,
        Event("resumed", START + 900, {"step": 3000, "epochs": 0}),
        *map(report, range(3000, REPORTS)),
    ]
    run = a_long_run(store, events)
    steps, losses = run.window("train_loss", 2990, 3010, points=1000)
    assert steps.tolist() == list(range(2989, 3012))
    assert 50.0 not in losses
    assert 50.0 not in run.history().series("train_loss")[1]


@pytest.mark.usefixtures("small")
def test_damaged_lines_and_a_clock_that_jumps_back(store: RunStore) -> None:
    run = a_long_run(store)
    lines = run.events_path.read_bytes().split(b"\n")
    lines[3005] = lines[3005][:20]  # update 3004
    jumped = [report(step, seconds=0) for step in range(3010, 3020)]
    lines[3011:3021] = [encode(Event("report", START, event.fields)) for event in jumped]
    run.events_path.write_bytes(b"\n".join(lines))
    steps, _ = run.window("train_loss", 3000, 3020, points=1000)
    assert steps.tolist() == [*range(2999, 3004), *range(3005, 3022)]
    seconds, losses = run.window("train_loss", 3000 / 4, 3020 / 4, x="seconds", points=1000)
    assert (np.diff(seconds) >= 0).all()
    assert losses.size >= 20


@pytest.mark.usefixtures("small")
def test_steps_that_go_to_and_fro_and_columns_without_end_are_bounded() -> None:
    history = History()
    generator = np.random.default_rng(0)
    for _ in range(40):
        steps = (generator.uniform(-1, 1, 100) * 1e308).tolist()
        extra = {f"metric{number}": float(number) for number in range(80)}
        history.feed([Event("report", START, {"step": step, **extra}) for step in steps])
    columns = history.columns("report")
    assert len(columns) == table.MOST_COLUMNS
    assert columns["step"].size * len(columns) <= table.MOST_CELLS + 100 * len(columns)
