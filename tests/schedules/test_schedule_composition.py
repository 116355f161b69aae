"""Sequences, products and combinators by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lrtui.schedules import Horizon, ScheduleError, check, parse, product, sequence
from lrtui.schedules.composition import Sequence

H = Horizon(100, 10)


def at(text: str, *updates: int, horizon: Horizon = H) -> list[float]:
    return [float(rate) for rate in parse(text)(list(updates), horizon)]


def test_a_phase_starts_exactly_when_the_one_before_is_over() -> None:
    text = "constant(1, steps=30) >> linear(0.5, steps=10) >> constant(2)"
    assert at(text, 0, 29, 30, 35, 39, 40, 99) == pytest.approx([1, 1, 0.5, 0.25, 0.05, 2, 2])


def test_the_open_phase_takes_what_remains() -> None:
    assert at(
        "constant(1, steps=10) >> linear(1) >> constant(0.5, steps=10)", 10, 50, 89, 90
    ) == pytest.approx([1, 0.5, 1 / 80, 0.5])
    whole = parse("linear(1) >> cooldown(20%)")
    assert isinstance(whole, Sequence)
    assert whole.shares(100, H) == [80, 20]


def test_warmup_rises_to_the_next_phase_and_cooldown_falls_from_the_last() -> None:
    assert at("warmup(10) >> cosine(0.5)", 0, 5, 10) == [0, 0.25, 0.5]
    assert at("warmup(10, start_lr=0.1) >> 0.2", 0, 5, 10) == pytest.approx([0.1, 0.15, 0.2])
    assert at("exponential(1, gamma=0.5, steps=2) >> cooldown(10)", 1, 2, 7, 12, 50) == [
        0.5,
        0.25,
        0.125,
        0,
        0,
    ]
    assert at("warmup(10) >> warmup(10, start_lr=1) >> 2", 5, 9, 10, 15, 20) == pytest.approx(
        [0.5, 0.9, 1, 1.5, 2]
    )
    assert at("1 >> cooldown(10, final_lr=0.5) >> cooldown(10)", 80, 85, 90, 95) == [1, 0.75, 0.5, 0.25]
    assert at("warmup(10) >> floor(cosine(0.1), 0.5)", 5) == [0.25]


def test_zero_warmup_is_no_warmup() -> None:
    assert at("warmup(0) >> cosine(0.5)", 0, 50) == at("cosine(0.5)", 0, 50)


def test_a_short_horizon_just_cuts() -> None:
    text = "warmup(50) >> cosine(0.5) >> cooldown(30)"
    short = Horizon(20)
    assert at(text, 0, 10, 19, horizon=short) == pytest.approx([0, 0.1, 0.19])
    assert parse(text).rates(short).shape == (20,)


def test_a_share_of_nothing_is_never_reached() -> None:
    text = "constant(1, steps=100) >> cosine(5)"
    assert set(parse(text).rates(H)) == {1.0}
    assert at("constant(1, steps=60) >> cosine(5) >> constant(2, steps=40)", 59, 60) == [1, 2]


def test_two_open_phases_are_refused_with_both_named() -> None:
    with pytest.raises(ScheduleError) as caught:
        parse("cosine(0.1) >> linear(0.2)")
    assert "cosine(0.1)" in caught.value.message
    assert "linear(0.2)" in caught.value.message
    assert "steps=" in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("warmup(5)", "warmup needs a phase after it"),
        ("1 >> warmup(5)", "warmup needs a phase after it"),
        ("cooldown(5)", "cooldown needs a phase before it"),
        ("cooldown(5) >> 1", "cooldown needs a phase before it"),
    ],
)
def test_transitions_need_their_neighbour(text: str, said: str) -> None:
    schedule = parse(text)  # a phase of its own until it is used
    with pytest.raises(ScheduleError, match=said):
        check(schedule, H)
    with pytest.raises(ScheduleError, match=said):
        schedule.rates(H)


def test_warmup_straight_into_cooldown_is_refused() -> None:
    with pytest.raises(ScheduleError, match="warmup can't be followed directly by cooldown"):
        parse("warmup(5) >> cooldown(5)")


@pytest.mark.parametrize(
    "text", ["floor(warmup(5), 0.1)", "warmup(5) * cosine(0.1)", "per_epoch(cooldown(5))"]
)
def test_an_incomplete_schedule_is_no_argument(text: str) -> None:
    with pytest.raises(ScheduleError, match="needs a phase") as caught:
        parse(text)
    assert caught.value.position is not None


def test_sequences_and_products_flatten() -> None:
    a, b, c = (parse(f"constant({n}, steps=5)") for n in (1, 2, 3))
    assert (a >> b) >> c == a >> (b >> c) == sequence(a, b, c)
    assert sequence(a) is a
    assert (a >> b >> c).phases == (a, b, c)
    assert a.phases == (a,)
    assert (a * b) * c == a * (b * c) == product(a, b, c)
    assert str(a >> 0.5) == "constant(1, steps=5) >> constant(0.5)"
    assert str(0.5 * a) == "constant(0.5) * constant(1, steps=5)"
    for make in (sequence, product):
        with pytest.raises(ScheduleError, match="at least one"):
            make()


def test_product_shares_a_clock_and_binds_tighter() -> None:
    assert at("linear(1) * linear(1, steps=50)", 25, 60) == pytest.approx([0.375, 0])
    assert at("constant(1, steps=10) >> constant(3) * constant(2)", 5, 50) == [1, 6]
    assert at("(constant(1, steps=10) >> constant(3)) * constant(2)", 5, 50) == [2, 6]
    assert parse("constant(1, steps=10) * linear(2, steps=30)").length(H) == 30
    assert parse("constant(1) * linear(2, steps=30)").length(H) is None


def test_floor() -> None:
    assert at("floor(exponential(2, gamma=0.5), 0.3)", 0, 2, 3, 99) == [2, 0.5, 0.3, 0.3]
    assert at("floor(linear(0.1, steps=10), 0.05) >> 1", 9, 10) == [0.05, 1]


def test_per_epoch_holds_within_each_epoch_of_its_own_clock() -> None:
    assert at("per_epoch(linear(1))", 0, 9, 10, 19, 99) == pytest.approx([1, 1, 0.9, 0.9, 0.1])
    assert at("constant(5, steps=3) >> per_epoch(linear(1, steps=20))", 3, 12, 13) == [1, 1, 0.5]
    with pytest.raises(ScheduleError, match="per_epoch needs to know how many updates an epoch has"):
        parse("per_epoch(1)").rates(Horizon(10))


def test_repeat() -> None:
    text = "repeat(linear(1, steps=10), cycles=3, decay=0.5)"
    assert at(text, 0, 5, 10, 15, 20, 29) == pytest.approx([1, 0.5, 0.5, 0.25, 0.25, 0.025])
    assert at(text, 30, 99) == [0, 0]  # past the last cycle: its last value, not a new one
    assert parse(text).length(H) == 30
    assert at("repeat(linear(1, steps=10))", 95, 1000) == [0.5, 1]
    assert parse("repeat(linear(1, steps=10))").length(H) is None
    assert at("repeat(linear(1), cycles=4)", 0, 24, 25, 99, 100) == pytest.approx([1, 0.04, 1, 0.04, 0])
    assert at("repeat(linear(1), cycles=3)", 98, 99) == pytest.approx([1 / 33, 0])  # 33 updates a cycle
    assert at("repeat(linear(1, final_lr=0.5, steps=10), cycles=2) >> cooldown(10)", 20, 25) == [0.5, 0.25]
    with pytest.raises(ScheduleError, match="repeat needs cycles="):
        parse("repeat(cosine(0.1))")


def test_repeat_of_a_sequence_warms_up_in_every_cycle() -> None:
    assert at("repeat(warmup(5) >> linear(1, steps=5), cycles=2)", 0, 5, 10, 15) == [0, 1, 0, 1]


def test_restarts_are_found_with_integers() -> None:
    # Logarithms of the update miss restarts such as 121 and 29,524 in other libraries.
    rates = parse("repeat(cosine(1, steps=1), decay=1)")([120, 121, 122, 29_524, 10**15], H)
    assert rates.tolist() == [1.0] * 5


def test_unordered_and_shaped_updates_give_the_same_as_ordered_ones() -> None:
    schedule = parse("warmup(20) >> repeat(cosine(0.5), cycles=3) >> cooldown(10)")
    everything = schedule.rates(H)
    order = np.random.default_rng(0).permutation(100).reshape(4, 25)
    assert np.array_equal(schedule(order, H), everything[order])


def test_nesting_has_an_end() -> None:
    schedule = parse("cosine(0.1)")
    while schedule.depth < 99:
        schedule = schedule * 2 >> parse("cooldown(1)")
    with pytest.raises(ScheduleError, match="nest at most 100 deep"):
        schedule * 2 >> parse("cooldown(1)")
    assert parse(str(schedule)) == schedule
    assert schedule.rates(H).shape == (100,)


def test_growing_repeats_do_not_nest_and_deep_ones_do_not_hang() -> None:
    grown = "repeat(cosine(0.1), cycle=1, growth=1.01, decay=0.999)"
    with pytest.raises(ScheduleError, match="a repeat with growth can't be inside another one"):
        parse(f"repeat(floor({grown}, 0.01), cycle=5, growth=2)")
    deep = grown
    for _ in range(85):
        deep = f"repeat({deep}, cycle=3)"
    started = time.process_time()
    assert np.isfinite(parse(deep).rates(Horizon(100_000))).all()
    assert time.process_time() - started < 10  # it was minutes


def test_a_growing_repeat_gives_each_update_its_rate_in_any_order() -> None:
    schedule = parse("repeat(cosine(0.1, final_lr=0.01), cycle=3, growth=1.7, decay=0.8)")
    horizon = Horizon(5000)
    rates = schedule.rates(horizon)
    order = np.random.default_rng(1).permutation(5000)
    assert np.array_equal(schedule(order, horizon), rates[order])
    assert np.array_equal(schedule(order.reshape(50, 100), horizon), rates[order].reshape(50, 100))


def test_a_warmup_leads_to_the_next_phase_that_has_any_time() -> None:
    for between in ("warmup(1%)", "constant(0.9, steps=1%)"):
        schedule = parse(f"warmup(4) >> {between} >> constant(0.2)")
        assert schedule([0, 2, 4], Horizon(10)).tolist() == [0.0, 0.1, 0.2]
