"""Values of the families by hand, at the edges where libraries differ."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrtui.schedules import Horizon, Schedule, ScheduleError, parse

H = Horizon(100, 10)


def at(text: str, *updates: int, horizon: Horizon = H) -> list[float]:
    return [float(rate) for rate in parse(text)(list(updates), horizon)]


def test_a_shape_is_at_its_end_at_t_equal_to_its_length_and_holds() -> None:
    for family in ("linear", "polynomial", "cosine"):
        assert at(f"{family}(0.3, final_lr=0.1, steps=10)", 0, 10, 11, 10**9) == [0.3, 0.1, 0.1, 0.1]
        assert at(f"{family}(0.3, final_lr=0.1)", 0, 100, 200) == [0.3, 0.1, 0.1]


def test_endpoints_are_exact_where_floating_point_would_miss_them() -> None:
    # 0.3 + (0.1 - 0.3) is 0.09999999999999998.
    assert at("linear(0.1, final_lr=0.3)", 0, 100) == [0.1, 0.3]


def test_midpoints() -> None:
    assert at("linear(0.4, final_lr=0.2)", 50) == pytest.approx([0.3], rel=1e-15)
    assert at("cosine(0.4, final_lr=0.2)", 50) == pytest.approx([0.3], rel=1e-15)
    assert at("polynomial(0.4)", 50) == pytest.approx([0.1], rel=1e-15)
    assert at("polynomial(0.4, power=1)", 50) == pytest.approx([0.2], rel=1e-15)


def test_cosine_does_not_cancel_near_its_end() -> None:
    total = 10**6
    last = at("cosine(1)", total - 1, horizon=Horizon(total))[0]
    assert last == pytest.approx((math.pi / 2 / total) ** 2, rel=1e-11)


def test_length_one() -> None:
    assert at("cosine(0.1, final_lr=0.01, steps=1)", 0, 1, 2) == [0.1, 0.01, 0.01]
    assert at("linear(0.1)", 0, horizon=Horizon(1)) == [0.1]


def test_exponential() -> None:
    assert at("exponential(2, gamma=0.5)", 0, 1, 3) == [2, 1, 0.25]
    assert at("exponential(2, gamma=0.5, decay_steps=1ep)", 10, 20) == [1, 0.5]
    assert at("exponential(2, gamma=0.5, steps=2)", 2, 3, 90) == [0.5, 0.5, 0.5]
    assert at("exponential(1, gamma=2)", 10) == [1024]


def test_inverse_power_is_the_chapters_square_root() -> None:
    assert at("inverse_power(0.1)", 0, 3, 99) == pytest.approx([0.1, 0.05, 0.01], rel=1e-15)
    assert at("squareroot(0.1, timescale=1ep, power=1)", 10) == pytest.approx([0.05])
    assert at("inverse_power(0.1, power=0)", 0, 50) == [0.1, 0.1]


def test_multistep_counts_milestones_in_any_order_and_repeats() -> None:
    expected = [1, 1, 0.5, 0.125, 0.125]
    assert at("multistep(1, milestones=[20, 20, 10], gamma=0.5)", 0, 9, 10, 20, 99) == expected
    assert at("multistep(1, milestones=[0], gamma=0.5)", 0) == [0.5]
    assert at("multistep(1, milestones=[])", 0, 99) == [1, 1]
    assert at("multistep(1, milestones=[1ep, 50%], gamma=0.5)", 9, 10, 49, 50) == [1, 0.5, 0.5, 0.25]


def test_gamma_one_changes_nothing() -> None:
    assert at("multistep(0.3, gamma=1)", 0, 99) == [0.3, 0.3]
    assert at("exponential(0.3, gamma=1)", 0, 99) == [0.3, 0.3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("constant(-0.1)", "lr must be at least 0, not -0.1"),
        ("multistep(milestones=[-3])", "milestones: a length must be at least 0, not -3"),
        ("multistep(gamma=0)", "gamma must be more than 0, not 0"),
        ("exponential(gamma=-1)", "gamma must be more than 0, not -1"),
        ("cosine(steps=0)", "steps must be more than 0, not 0"),
        ("cosine(steps=-1)", "steps: a length must be at least 0, not -1"),
        ("polynomial(power=0)", "power must be more than 0, not 0"),
        ("inverse_power(power=-1)", "power must be at least 0, not -1"),
        ("exponential(decay_steps=0)", "decay_steps must be more than 0, not 0"),
        ("cosine(1e999)", "lr must be finite, not inf"),
    ],
)
def test_bounds(text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    assert caught.value.message == said
    assert caught.value.parameter == said.split()[0].rstrip(":")
    assert caught.value.family == text.split("(")[0]


def test_a_huge_rate_is_possible() -> None:
    assert at("1e6", 0) == [1e6]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text",
    [
        "exponential(gamma=10)",
        "repeat(constant(1, steps=1), decay=1e300)",
        "constant(1e308) * constant(1e308)",
        "multistep(1, milestones=[1, 2, 3], gamma=1e200)",
    ],
)
def test_overflow_is_an_error_without_a_warning(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"the rate at update \d+ is not finite"):
        parse(text).rates(Horizon(10**5))


def test_zero_times_overflow_is_zero() -> None:
    assert at("exponential(0, gamma=10)", 99999) == [0]
    assert at("multistep(0, milestones=[1, 2], gamma=1e200)", 99) == [0]
    assert at("repeat(constant(0, steps=1), decay=1e300)", 99) == [0]


def test_a_length_that_comes_to_no_update_is_said() -> None:
    with pytest.raises(ScheduleError, match=r"decay_steps=0\.1% is less than one update of 100"):
        at("exponential(0.1, decay_steps=0.1%)", 5)


def test_updates_are_whole_and_not_negative() -> None:
    cosine = parse("cosine(0.1)")
    assert cosine(0, H).shape == ()
    assert cosine([], H).shape == (0,)
    assert cosine(np.zeros((2, 3), dtype=np.uint8), H).shape == (2, 3)
    assert cosine([1.0, 2.0], H).tolist() == cosine([1, 2], H).tolist()
    for bad in (-1, [3, -2], 0.5, [math.nan], "3", [2.0**70]):
        with pytest.raises(ScheduleError, match="updates"):
            cosine(bad, H)


def test_schedules_are_values() -> None:
    one, other = parse("cosine(0.1)"), parse("cosine(lr=0.1, final_lr=0)")
    assert one == other
    assert hash(one) == hash(other)
    assert one != parse("linear(0.1)")
    assert parse("cosine(-0.0)") == parse("cosine(0)")
    assert str(parse("cosine(-0.0)")) == "cosine(0)"
    with pytest.raises(AttributeError):
        one.lr = 3.0  # type: ignore[attr-defined]


def test_replace_checks() -> None:
    cosine = parse("cosine(0.1)")
    assert cosine.replace(lr=0.5, steps="5ep") == parse("cosine(0.5, steps=5ep)")
    assert parse("linear(0.2)").values == {"lr": 0.2, "final_lr": 0.0, "steps": None}
    with pytest.raises(ScheduleError, match="cosine has no parameter 'lrr'; did you mean lr"):
        cosine.replace(lrr=1)
    with pytest.raises(ScheduleError, match="lr must be at least 0"):
        cosine.replace(lr=-1)
    with pytest.raises(ScheduleError, match="lr needs a value"):
        cosine.replace(lr=None)


def test_a_family_is_made_from_python_too() -> None:
    from lrtui.schedules import Length, family

    made: Schedule = family("cosine").make(lr=1, steps=5)  # type: ignore[call-arg]
    assert made == parse("cosine(1, steps=5)")
    assert made.values["steps"] == Length(5)
