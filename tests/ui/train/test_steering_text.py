"""What a person writes to steer a rate, and what it would do: held against the worker's own `Steering`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.events import Event
from lrtui.runs.run import RunState
from lrtui.runs.spec import RunSpec
from lrtui.runs.steering import SHAPES, Steering
from lrtui.schedules import parse
from lrtui.ui.run_view import RunView
from lrtui.ui.steering_text import Ahead, Steer, Unclear, read

SCHEDULE = "warmup(1ep) >> cosine(0.4, final_lr=0.01)"


def view(*commands: Event, done: int = 100, schedule: str = SCHEDULE, amended: float = 0.0) -> RunView:
    spec = RunSpec(schedule=schedule, epochs=10)
    return RunView("id", "n", RunState.RUNNING, "/", spec, "", report={"lr": 0.25}, done=done,
                   commands=commands, amended=amended)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "steer"),
    [
        ("0.01", Steer("set-rate", {"lr": 0.01})),
        (" 1e-3 ", Steer("set-rate", {"lr": 1e-3})),
        ("x0.5", Steer("scale-rate", {"factor": 0.5})),
        ("* 2", Steer("scale-rate", {"factor": 2.0})),
        ("×0", Steer("scale-rate", {"factor": 0.0})),
        ("Schedule", Steer("follow-schedule", {})),
        ("cooldown", Steer("cooldown", {"length": "10%", "final_lr": 0.0, "shape": "linear"})),
        ("cooldown cosine to 0.001 2ep",
         Steer("cooldown", {"length": "2ep", "final_lr": 0.001, "shape": "cosine"})),
    ],
)  # fmt: skip
def test_lines_that_mean_something(text: str, steer: Steer) -> None:
    assert read(text) == steer


WORDS = st.lists(st.sampled_from(["cooldown", "to", "x", "10%", "0.1", *SHAPES])).map(" ".join)


@given(st.text(max_size=30) | WORDS)
def test_every_line_is_a_command_or_one_line_of_why_not(text: str) -> None:
    try:
        said = read(text).command
    except Unclear as why:
        said = str(why)
    assert said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["0.02", "x0.5", "schedule", "cooldown 1ep to 0.001 cosine", "cooldown"])
def test_the_outlook_is_what_the_worker_would_do(text: str) -> None:
    commands = (
        Event("command", 1.0, {"command": "set-rate", "lr": 0.3, "step": 40}),
        Event("command", 2.0, {"command": "cooldown", "accepted": False, "step": 50}),
        Event("command", 3.0, {"command": "scale-rate", "factor": 2.0, "step": 60}),
    )
    spec = RunSpec(schedule=SCHEDULE, epochs=10)
    worker = Steering(np.asarray(parse(SCHEDULE).rates(spec.horizon())), spec.steps_per_epoch())
    worker.obey("scale-rate", {"factor": 2.0}, 60)
    ahead = Ahead.of(view(*commands))
    for x, y in zip(ahead.before.x, ahead.before.y, strict=True):
        assert y == worker.at(int(x))
    steer = read(text)
    worker.obey(steer.command, steer.args, 100)
    after = ahead.outlook(steer).after
    assert after.x[0] == 100
    assert int(after.x[-1]) == (worker.end or 0) - 1
    for x, y in zip(after.x, after.y, strict=True):
        assert y == worker.at(int(x))


def test_looking_ahead_changes_nothing() -> None:
    ahead = Ahead.of(view())
    first = ahead.outlook(read("x0.5"))
    ahead.outlook(read("cooldown"))
    assert np.array_equal(first.after.y, ahead.outlook(read("x0.5")).after.y)


def test_what_was_set_before_the_run_was_amended_is_over() -> None:
    held = Event("command", 5.0, {"command": "set-rate", "lr": 0.3, "step": 40})
    assert Ahead.of(view(held)).now == 0.3
    assert Ahead.of(view(held, amended=6.0)).now != 0.3


def test_a_schedule_that_follows_a_metric_goes_on_from_the_rate_of_now() -> None:
    ahead = Ahead.of(view(schedule="plateau(0.5, factor=0.5, patience=2)"))
    assert ahead.now == 0.25
    assert "would be 0.125" in ahead.outlook(read("x0.5")).words


def test_a_run_without_a_schedule_can_be_held_but_not_scaled() -> None:
    ahead = Ahead.of(RunView("id", "n", RunState.RUNNING, "/", None, "gone", done=7))
    assert "held at 0.1" in ahead.outlook(read("0.1")).words
    with pytest.raises(Unclear, match="no schedule to scale"):
        ahead.outlook(read("x2"))
    with pytest.raises(Unclear, match="isn't known here"):
        ahead.outlook(read("cooldown"))
