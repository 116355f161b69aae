"""Plain words and figures, curve thinning, and lines that know which cells changed: no app needed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.strip import Strip

from lrtui.runs.events import Event
from lrtui.runs.history import History
from lrtui.runs.run import RunState
from lrtui.runs.spec import RunSpec
from lrtui.ui import words
from lrtui.ui.happenings import notes
from lrtui.ui.run_panels import marks
from lrtui.ui.run_view import Growing, RunView, thin
from lrtui.ui.run_words import bar, describe, progress, state_sentence, wrap
from lrtui.ui.widgets.lines import _difference
from lrtui.ui.widgets.run_status import status

ANY = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (math.nan, "–"), (0, "0 s"), (59.4, "59 s"), (65, "1m 05s"), (3 * 3600 + 1200, "3h 20m"),
     (200_000, "2d 7h"), (-5, "0 s")],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


def test_time_left_is_the_pace_so_far_and_silent_without_one() -> None:
    assert words.time_left(0.5, 60) == "about 1 min left"
    assert words.time_left(0.9, 60) == "a few seconds left"
    assert words.time_left(0.5, 7200) == "about 2.0 h left"
    assert words.time_left(0.0, 60) == words.time_left(1.0, 60) == words.time_left(0.5, None) == ""


@given(st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_time_left_never_raises(progress: float, seconds: float | None) -> None:
    assert len(words.time_left(progress, seconds)) < 30


@given(st.none() | ANY)
def test_figures_never_raise(value: float | None) -> None:
    for text in (
        words.number(value),
        words.accuracy(value),
        words.throughput(value),
        words.coarse_duration(value),
    ):
        assert "\n" not in text


@given(st.text(), st.integers(0, 40))
def test_elided_text_fits_and_is_printable(text: str, width: int) -> None:
    assert len(words.elide(text, width)) <= width
    assert "\x1b" not in words.elide(text, width)


@given(st.text(alphabet="ab \n"), st.integers(1, 20))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    assert all(0 < len(line) <= width for line in wrap(text, width))


@given(ANY.filter(lambda value: not math.isnan(value)), st.integers(1, 60))
def test_a_bar_is_as_wide_as_asked(part: float, width: int) -> None:
    assert len(bar(part, width)) == width


@given(st.integers(1, 30_000), st.integers(0, 2**32 - 1))
def test_thinning_keeps_extremes_ends_order_and_gaps(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = np.arange(count, dtype=np.float64), random.normal(size=count)
    y[random.integers(0, count)] = 1e9
    if count > 2:
        y[random.integers(0, count)] = np.nan
    curve = thin(x, y, 600)
    assert len(curve.x) <= max(count if count <= 600 else 0, 602)
    assert curve.x[0] == 0
    assert curve.x[-1] == count - 1
    assert (np.diff(curve.x) > 0).all()
    if np.isfinite(y).any():
        assert np.nanmax(curve.y) == np.nanmax(y)
        assert np.nanmin(curve.y) == np.nanmin(y)
    assert np.isnan(curve.y).any() == np.isnan(y).any()


def test_a_growing_curve_is_the_whole_curve_at_any_moment() -> None:
    random = np.random.default_rng(0)
    x, y = np.arange(9000, dtype=np.float64), random.normal(size=9000)
    y[[100, 4000, 8999]] = 50.0, -50.0, np.nan
    growing = Growing()
    for count in sorted({*range(0, 9000, 137), 5, 1999, 2000, 2001, 9000}):
        curve = growing.thinned(x[:count], y[:count])
        assert len(curve.x) <= 3002
        if count:
            assert (curve.x[0], curve.x[-1]) == (0, count - 1)
            assert (np.diff(curve.x) > 0).all()
            assert (y[curve.x.astype(int)] == curve.y)[np.isfinite(curve.y)].all()
            assert np.nanmax(curve.y) == np.nanmax(y[:count])
            assert np.nanmin(curve.y) == np.nanmin(y[:count])
    shorter = growing.thinned(x[:10], y[:10])  # it was taken back, and goes on otherwise
    assert np.array_equal(shorter.y, y[:10])
    other = growing.thinned(x[:20], y[:20] + 1)
    assert np.array_equal(other.y, y[:20] + 1)


def test_only_the_cells_that_differ_are_asked_for() -> None:
    before, after = (Strip([Segment(text)]) for text in ("loss 0.51 x", "loss 0.62 x"))
    region = _difference(before, after, 3)
    assert region is not None
    assert (region.x, region.y, region.width, region.height) == (7, 3, 2, 1)
    assert _difference(before, before, 0) is None


@pytest.mark.parametrize("state", list(RunState))
@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_state_has_words_even_for_an_unreadable_run(state: RunState, width: int) -> None:
    view = RunView("id", "odd [/x]", state, "/somewhere", None, "the spec can't be read: gone")
    lines = ["".join(text for text, _ in line) for line in status(view, width)]
    assert state.value in lines[0]
    assert len(lines) >= 3
    assert all(len(line) <= width for line in lines[1:])


def test_a_run_of_several_processes_says_so() -> None:
    for processes, said in ((1, "batch 256 · "), (4, "batch 256 in 4 processes · ")):
        spec = RunSpec(schedule="constant(0.1)", processes=processes)
        assert said in describe(RunView("id", "n", RunState.RUNNING, "/", spec, ""), 120)


@pytest.mark.parametrize(
    ("state", "at", "updates", "said"),
    [
        (RunState.RUNNING, 0.0, None, "epoch 1/4 ······ "),
        (RunState.RUNNING, 1.5, 40, "epoch 2/4 ███··· "),
        (RunState.RUNNING, 2.0, 40, "epoch 3/4 ······ "),
        (RunState.STOPPED, 2.0, 40, "epoch 2/4 ██████ "),
        (RunState.STOPPED, 2.5, 40, "epoch 3/4 ███··· "),
        (RunState.STOPPED, 0.0, 40, "epoch 1/4 ······ "),
        (RunState.COMPLETED, 4.0, 40, "epoch 4/4 ██████ "),
        (RunState.RUNNING, 1.5, 25, "epoch 2/3 ███··· "),  # a cooldown ends it before
        (RunState.COMPLETED, 3.0, 25, "epoch 3/3 ██████ "),
    ],
)
def test_the_epoch_that_a_run_is_in(state: RunState, at: float, updates: int | None, said: str) -> None:
    spec = RunSpec(schedule="constant(0.1)", epochs=4, train_examples=100, batch_size=10)
    view = RunView("id", "n", state, "/", spec, "", report={"epoch": at}, updates=updates)
    text = "".join(each for each, _ in progress(view, 40))
    assert text.startswith(said)


def test_marks_stand_where_things_happened() -> None:
    history = History()
    history.feed([Event("command", 0.5, {"command": "pause", "step": 1})])
    assert notes(history) == ()
    spec = RunSpec(schedule="constant(0.1)", epochs=2)
    each = spec.steps_per_epoch()
    history.feed([
        Event("started", 10.0, {}),
        *[Event("report", 10.0 + i, {"step": 10 * i, "train_loss": 1.0}) for i in range(5)],
        Event("command", 12.5, {"command": "pause", "step": 24}),
        Event("command", 13.0, {"command": "set-rate", "lr": 0.01, "step": 24}),
        Event("command", 19.0, {"command": "resume", "step": 24}),
        Event("command", 19.5, {"command": "explode", "step": 25, "accepted": False}),
        Event("diagnosis", 13.2, {"kind": "stuck_at_chance\x1b", "message": "no"}),
    ])  # fmt: skip
    view = RunView("id", "n", RunState.RUNNING, "/", spec, "", notes=notes(history))
    assert [(mark.x, mark.label) for mark in marks(view, "step")] == [
        (1, "paused"), (24, "paused, rate 0.01"), (30, "stuck at chance\\x1b")
    ]  # fmt: skip
    assert marks(view, "epoch")[1].x == 24 / each
    assert [(mark.x, mark.label) for mark in marks(view, "seconds")][-1][1] == "resumed"


@pytest.mark.parametrize(
    ("download", "said"),
    [
        ({"received": 12_345_678, "total": 30_878_665}, "starting: downloading the data, 12 MB of 31 MB"),
        ({"received": "much"}, "starting: downloading the data, "),
        (None, "starting: the worker is importing torch"),
    ],
)
def test_a_run_that_starts_says_what_it_waits_for(download: dict[str, object] | None, said: str) -> None:
    view = RunView("id", "name", RunState.STARTING, "/", None, "", download=download)
    assert state_sentence(view).startswith(said)


def test_all_that_is_said_of_a_paused_run_fits_on_a_small_screen() -> None:
    view = RunView("id", "name", RunState.PAUSED, "/", RunSpec(schedule="cosine(0.1)"), "",
                   started=Event("started", 0.0, {"updates": 2400}),
                   report={"step": 441}, epoch={"epoch": 11})  # fmt: skip
    said = state_sentence(view)
    assert said.startswith("paused after epoch 11, at update 441 of 2,400: p resumes it; ")
    assert len(said) <= 80
