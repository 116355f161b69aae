"""check, summarise and sample."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.schedules import Horizon, ScheduleError, check, parse, sample, summarise


def test_summary() -> None:
    summary = summarise(parse("warmup(10) >> constant(2, steps=10) >> constant(1)"), Horizon(100))
    assert (summary.peak, summary.peak_update, summary.start, summary.end) == (2, 10, 0, 1)
    assert summary.total == pytest.approx(9 + 20 + 80)
    assert summary.mean == pytest.approx(1.09)
    assert summary.minimum == 0


def test_a_sum_that_overflows_still_has_a_mean() -> None:
    summary = summarise(parse("1e308"), Horizon(1000))
    assert summary.mean == pytest.approx(1e308)
    assert summary.total == float("inf")


def test_check_looks_at_every_update_and_says_which() -> None:
    schedule = parse("constant(1, steps=299999) >> constant(1e200) * constant(1e200)")
    with pytest.raises(ScheduleError, match=r"the rate at update 299999 is not finite \(inf\)"):
        check(schedule, Horizon(300_000))
    check(schedule, Horizon(299_999))


def test_check_needs_epochs_only_where_they_are_used() -> None:
    check(parse("cosine(0.1, steps=10%)"), Horizon(100))
    for text in ("cosine(0.1, steps=5ep)", "multistep(milestones=[5ep])", "per_epoch(1)", "warmup(1ep) >> 1"):
        with pytest.raises(ScheduleError, match="steps per epoch"):
            check(parse(text), Horizon(100))


def test_a_small_horizon_is_sampled_whole() -> None:
    updates, rates = sample(parse("cosine(0.1)"), Horizon(50), points=50)
    assert updates.tolist() == list(range(50))
    assert rates.shape == (50,)


@pytest.mark.parametrize(
    "text",
    [
        "constant(0.1, steps=333331) >> constant(5, steps=1) >> constant(0.1)",
        "multistep(5, milestones=[1], gamma=0.1)",
        "constant(1, steps=500003) >> repeat(linear(3, steps=77777))",
        "repeat(linear(3, steps=7), decay=0.99999)",
        "floor(per_epoch(constant(0.1, steps=333331) >> constant(5, steps=1001) >> constant(0.1)), 0.2)",
        "(constant(1, steps=123457) >> constant(9, steps=1) >> constant(1)) * cosine(0.1)",
    ],
)
def test_no_spike_is_lost(text: str) -> None:
    horizon = Horizon(10**6, 1000)
    schedule = parse(text)
    updates, sampled = sample(schedule, horizon, points=500)
    rates = schedule.rates(horizon)
    assert sampled.max() == rates.max()
    assert updates.size < 2000
    assert np.array_equal(sampled, rates[updates])


def test_a_jump_is_sampled_on_both_its_sides() -> None:
    # A line from the sample before would otherwise begin to fall long before the rate does.
    updates, _ = sample(parse("multistep(0.1, milestones=[123457, 765433])"), Horizon(10**6), points=500)
    for milestone in (123457, 765433):
        assert {milestone - 1, milestone} <= set(updates.tolist())


def test_a_phase_that_never_begins_has_nothing_to_be_sampled() -> None:
    # A thousandth of a per cent of 3,000 updates is no step's size, but no update is in that phase.
    schedule = parse("constant(0.1, steps=3000) >> step(0.5, step_size=0.001%)")
    assert set(sample(schedule, Horizon(3000), points=500)[1].tolist()) == {0.1}


def test_a_chart_needs_two_points() -> None:
    with pytest.raises(ScheduleError, match="at least 2 points"):
        sample(parse("1"), Horizon(10), points=1)


def test_an_incomplete_schedule_can_not_be_sampled() -> None:
    with pytest.raises(ScheduleError, match="warmup needs a phase after it"):
        sample(parse("warmup(5)"), Horizon(10_000))
