from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from helpers_runs import START, a_short_run, epoch, finished, report, started
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.events import Event, EventWriter, encode
from lrtui.runs.history import History, HistoryFollower


def fed(events: list[Event]) -> History:
    history = History()
    history.feed(events)
    return history


def test_a_run_in_columns() -> None:
    history = fed(a_short_run())
    reports, epochs = history.columns("report"), history.columns("epoch")
    assert reports["step"].tolist() == [10, 20, 30, 50, 60, 70]
    assert reports["lr"].tolist() == [0.5] * 6
    assert reports["time"][0] == START + 1
    assert epochs["test_acc"].tolist() == [0.6, 0.5]
    assert epochs["epoch_seconds"].tolist() == [2.0, 2.0]
    assert epochs["seconds"].tolist() == [4.0, 8.0]
    assert history.metrics("report") == ("lr", "train_loss", "train_acc", "examples_per_sec")
    assert "test_acc" in history.metrics("epoch")
    assert all(column.dtype == np.float64 for column in (*reports.values(), *epochs.values()))


def test_a_metric_against_every_axis() -> None:
    history = fed(a_short_run())
    for x, expected in {
        "step": [10, 20, 30, 50, 60, 70],
        "epoch": [0.25, 0.5, 0.75, 1.25, 1.5, 1.75],
        "seconds": [1, 2, 3, 5, 6, 7],
        "examples": [2500, 5000, 7500, 12500, 15000, 17500],
    }.items():
        at, losses = history.series("train_loss", x)  # type: ignore[arg-type]
        assert at.tolist() == pytest.approx(expected)
        assert losses.size == at.size
    assert [column.tolist() for column in history.series("test_acc", "epoch")] == [[1, 2], [0.6, 0.5]]
    assert history.series("train_acc", "epoch", source="epoch")[1].tolist() == [0.4, 0.4]
    assert [column.size for column in history.series("no such metric")] == [0, 0]
    assert [column.size for column in History().series("train_loss")] == [0, 0]


def test_series_are_views_that_later_reports_do_not_disturb() -> None:
    history = fed([started(), report(1, START + 1)])
    _, losses = history.series("train_loss")
    assert losses.base is not None
    with pytest.raises(ValueError, match="read-only"):
        losses[0] = 3.0
    history.feed([report(step, START + step) for step in range(2, 2000)])
    assert losses.tolist() == [1.0]
    assert history.series("train_loss")[1].size == 1999


def test_missing_null_and_foreign_values_are_nan() -> None:
    history = fed(
        [
            started(),
            report(1, START, train_loss=None),
            report(2, START, train_loss=float("inf")),
            Event("report", START, {"step": 3}),
            report(4, START, train_loss="abc", train_acc=True),
            report(5, START, train_loss=10**400, note="text", grad_norm=7),
        ]
    )
    losses = history.series("train_loss")[1]
    assert np.isnan(losses[[0, 2, 3]]).all()
    assert losses[1] == losses[4] == math.inf
    columns = history.columns("report")
    assert "note" not in columns
    assert np.isnan(columns["train_acc"][[2, 3]]).all()
    assert np.isnan(columns["grad_norm"][:4]).all()
    assert columns["grad_norm"][4] == 7


def test_a_metric_that_begins_or_ends_later_is_filled_with_nan() -> None:
    history = fed([report(step, START) for step in range(300)])
    history.feed([report(300, START, grad_norm=1.0)])
    history.feed([Event("report", START, {"step": step}) for step in range(301, 900)])
    columns = history.columns("report")
    assert {column.size for column in columns.values()} == {900}
    assert np.flatnonzero(np.isfinite(columns["grad_norm"])).tolist() == [300]
    assert np.isnan(columns["train_loss"][301:]).all()


def test_a_log_that_makes_up_names_does_not_fill_the_memory() -> None:
    history = fed([report(step, START, **{f"metric_{step}": 1.0}) for step in range(500)])
    assert len(history.columns("report")) == 64


finite_events = st.lists(
    st.builds(
        lambda kind, step, jump, loss: (report if kind else epoch)(step, START + jump, train_loss=loss),
        st.booleans(),
        st.integers(0, 100),
        st.floats(-100, 100),
        st.none() | st.floats(),
    ),
    max_size=30,
)


@given(finite_events, st.lists(st.integers(1, 5), max_size=30))
def test_how_events_are_portioned_makes_no_difference(events: list[Event], portions: list[int]) -> None:
    whole, parts = fed([started(), *events]), fed([started()])
    rest = list(events)
    for portion in portions:
        parts.feed(rest[:portion])
        del rest[:portion]
    parts.feed(iter(rest))
    for kind in ("report", "epoch"):
        one, other = whole.columns(kind), parts.columns(kind)  # type: ignore[arg-type]
        for name in set(one) | set(other):
            absent = np.full(len(one["time"]) if one else 0, np.nan)
            np.testing.assert_array_equal(one.get(name, absent), other.get(name, absent))


@given(finite_events)
def test_seconds_never_fall_and_are_never_negative(events: list[Event]) -> None:
    history = fed([started(), *events])
    for kind in ("report", "epoch"):
        seconds = history.columns(kind).get("seconds", np.empty(0))  # type: ignore[arg-type]
        assert (seconds >= 0).all()
        assert (np.diff(seconds) >= 0).all()


def test_the_ending_goes_when_a_run_is_taken_up_again() -> None:
    history = fed(a_short_run())
    assert history.ending is not None
    assert history.progress == 1.0
    history.feed([started(START + 100, updates=160)])
    assert history.ending is None
    assert history.progress == 0.5
    assert history.updates == 160
    assert history.series("train_loss", "seconds")[0][0] == 1.0


def test_progress_latest_and_best() -> None:
    history = History()
    assert (history.progress, history.latest("report"), history.best(), history.updates) == (
        0.0,
        None,
        None,
        None,
    )
    history.feed(a_short_run()[:-1])
    assert history.progress == 1.0
    assert history.step == 79
    history = fed([started(), report(20, START + 1), epoch(1, START + 2, None, step=21)])
    assert history.progress == 22 / 80
    assert history.best() is None
    assert (history.latest("epoch") or {})["epoch"] == 1
    history.feed(
        [
            epoch(2, START + 3, 0.25, test_loss=0.9),
            epoch(3, START + 4, float("nan")),
            epoch(4, START + 5, 0.2),
        ]
    )
    assert history.best_point() == (2.0, 0.25)
    assert history.best("test_loss") == 0.9
    assert history.seconds == 5.0


@pytest.mark.parametrize("updates", [None, "80", 0, -1, True, float("inf")])
def test_a_start_without_a_usable_number_of_updates(updates: object) -> None:
    history = fed([started(updates=updates, data="?"), report(5, START)])
    assert history.updates is None
    assert history.progress == 0.0
    assert np.isnan(history.series("lr", "examples")[0]).all()


def test_commands_and_diagnoses_are_kept_and_tell_a_pause() -> None:
    history = fed([started()])
    assert not history.paused
    for command, paused in (("pause", True), ("stop", True), ("resume", False)):
        history.feed([Event("command", START, {"command": command, "by": "app", "step": 3})])
        assert history.paused is paused
    history.feed([Event("diagnosis", START, {"kind": "chance", "message": "stuck"})])
    assert len(history.commands) == 3
    assert history.diagnoses[0].get("message") == "stuck"


def test_of_very_many_commands_and_diagnoses_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.runs.history.MOST_NOTES", 3)
    kinds = ("command", "diagnosis")
    history = fed([Event(kind, START + at, {"step": at}) for at in range(5) for kind in kinds])
    for kept in (history.commands, history.diagnoses):
        assert [each.get("step") for each in kept] == [2, 3, 4]


def test_a_pause_does_not_outlast_a_new_start() -> None:
    history = fed([started(), Event("command", START, {"command": "pause"}), finished(START + 1, "stopped")])
    history.feed([started(START + 5)])
    assert not history.paused


def test_what_a_spec_plans_is_told_again_after_a_resumption_and_what_people_commanded_is_not() -> None:
    def command(step: int, **changes: object) -> Event:
        return Event("command", START + 5, {"command": "set-rate", "step": step, **changes})

    log = [started(), command(39, planned=True), command(40, planned=True), command(41)]
    again = [Event("resumed", START + 9, {"step": 40, "epochs": 1}), command(40, planned=True)]
    history = fed([*log, *again])
    assert [(each.get("step"), bool(each.get("planned"))) for each in history.commands] == [
        (39, True), (41, False), (40, True),
    ]  # fmt: skip
    assert history.done == 40


def test_following_a_log_that_is_replaced_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        for event in a_short_run():
            writer.append(event)
    follower = HistoryFollower(path)
    assert follower.catch_up().ending is not None
    assert follower.poll() == []
    path.write_bytes(encode(started()) + b"\n")
    assert len(follower.poll()) == 1
    assert follower.history.ending is None
    assert follower.history.columns("report") == {}
