"""What holds for every schedule that can be generated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schedule_strategies import EPOCH, HORIZONS, schedules, shapes

from lrtui.schedules import Horizon, Schedule, ScheduleError, check, parse, sample, summarise

pytestmark = pytest.mark.filterwarnings("error")


def rates_or_none(schedule: Schedule, horizon: Horizon) -> np.ndarray | None:
    try:
        return schedule.rates(horizon)
    except ScheduleError:
        return None


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(schedules())
def test_canonical_text_reads_back_as_the_same_schedule(schedule: Schedule) -> None:
    text = str(schedule)
    again = parse(text)
    assert again == schedule
    assert hash(again) == hash(schedule)
    assert str(again) == text


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(schedules(), HORIZONS, st.data())
def test_rates_are_finite_not_negative_and_independent_of_each_other(
    schedule: Schedule, horizon: Horizon, data: st.DataObject
) -> None:
    rates = rates_or_none(schedule, horizon)
    if rates is None:
        with pytest.raises(ScheduleError):
            check(schedule, horizon)
        return
    check(schedule, horizon)
    assert rates.shape == (horizon.total,)
    assert rates.dtype == np.float64
    assert np.isfinite(rates).all()
    assert (rates >= 0).all()
    some = np.array(data.draw(st.lists(st.integers(0, horizon.total - 1), max_size=20)), dtype=np.int64)
    assert np.array_equal(schedule(some, horizon), rates[some])
    for update in some[:3].tolist():
        assert float(schedule(update, horizon)) == rates[update]
        assert np.array_equal(schedule(np.arange(update, horizon.total), horizon), rates[update:])


@pytest.mark.parametrize(
    "text",
    [
        "sgdr(0.1, first_cycle=10, growth=2, peak_decay=0.1)",
        "repeat(cosine(0.1), cycle=10, decay=0.1)",
        "repeat(warmup(3) >> cosine(0.1), cycle=10, growth=1.5, decay=0.7)",
        "step(0.1, step_size=10)",
        "exponential(0.1, gamma=0.1, decay_steps=10, staircase=yes)",
        "cyclic(0.1, up=10, mode=exp_range, gamma=0.9)",
        "polynomial(0.1, cycle=10, power=3)",
        "inverse_power(0.1)",
        'formula("0.1 ^ floor(t / 100) + (t / 300) ^ 2")',
        "cosine(0.1, k=2, exponent=3) * linear(1)",
    ],
)
def test_a_rate_is_the_same_float_whatever_is_asked_with_it(text: str) -> None:
    """A bare number to the power of 2 or 3 is another float than the same in a row, which must not show."""
    schedule, horizon = parse(text), Horizon(300, 50)
    rates = schedule.rates(horizon)
    for first in range(300):
        assert float(schedule(first, horizon)) == rates[first]
        for size in (1, 2, 7, 30):
            assert np.array_equal(
                schedule(np.arange(first, min(first + size, 300)), horizon), rates[first : first + size]
            )


@given(shapes(), HORIZONS)
def test_a_shape_holds_its_last_value(schedule: Schedule, horizon: Horizon) -> None:
    length = schedule.length(horizon)
    end = max(horizon.total if length is None else length, 1)
    try:
        at_end, later = schedule([end, 10 * end + 12345], horizon)
    except ScheduleError:
        return
    assert at_end == later


@given(schedules(), st.integers(1, 40), HORIZONS)
def test_warmup_joins_whatever_follows(schedule: Schedule, steps: int, horizon: Horizon) -> None:
    joined = parse(f"warmup({steps})") >> schedule
    without = parse(f"constant(0, steps={steps})") >> schedule
    try:
        first = float(without(steps, horizon))
        ramp = joined(np.arange(steps + 1), horizon)
    except ScheduleError:
        return
    shares = joined.shares(horizon.total, horizon)
    if not shares[1] and any(phase.family.name == "cooldown" for phase in joined.phases):
        return  # nothing is between the rise and the fall from nothing's end: there is no one rate to meet
    assert (ramp[0], ramp[-1]) == (0.0, first)
    assert ramp == pytest.approx(np.linspace(0.0, first, steps + 1), rel=1e-12)


@given(schedules(), HORIZONS)
def test_samples_are_rates_and_the_summary_is_theirs(schedule: Schedule, horizon: Horizon) -> None:
    rates = rates_or_none(schedule, horizon)
    if rates is None:
        return
    updates, sampled = sample(schedule, horizon, points=40)
    assert np.array_equal(sampled, rates[updates])
    assert (np.diff(updates) > 0).all()
    assert updates[0] == 0
    assert updates[-1] == horizon.total - 1
    summary = summarise(schedule, horizon)
    assert summary.peak == rates.max() == rates[summary.peak_update]
    assert (summary.start, summary.end, summary.minimum) == (rates[0], rates[-1], rates.min())
    if np.isfinite(summary.total):
        assert summary.mean == pytest.approx(summary.total / rates.size, rel=1e-9)


@given(schedules(), HORIZONS)
def test_own_length_does_not_depend_on_where_it_is_used(schedule: Schedule, horizon: Horizon) -> None:
    other = Horizon(horizon.total + 17, EPOCH)
    assert (schedule.length(horizon) is None) == (schedule.length(other) is None)


@given(
    shapes(), st.integers(1, 60), st.integers(1, 40), st.sampled_from(["linear", "cosine", "sqrt", "square"])
)
def test_cooldown_joins_whatever_came_before(schedule: Schedule, steps: int, fall: int, shape: str) -> None:
    before = schedule.replace(steps=steps)
    horizon = Horizon(steps + fall, EPOCH)
    try:
        held = float(before(steps, horizon))
        rates = (before >> parse(f"0.1 >> cooldown({fall}, shape={shape})").phases[1])(
            np.arange(steps, steps + fall + 1), horizon
        )
    except ScheduleError:
        return
    assert (rates[0], rates[-1]) == (held, 0.0)
    assert (np.diff(rates) <= 0).all()


@given(shapes(), HORIZONS)
def test_one_update_gives_one_rate(schedule: Schedule, horizon: Horizon) -> None:
    try:
        assert schedule(0, horizon).shape == ()
    except ScheduleError:
        return
