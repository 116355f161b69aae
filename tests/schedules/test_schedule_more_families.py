"""The families beyond the chapter, by hand: their edges, and what no library can be asked."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from lrtui.schedules import Horizon, ScheduleError, parse, sample

H = Horizon(100, 10)


def at(text: str, *updates: int, horizon: Horizon = H) -> list[float]:
    return [float(rate) for rate in parse(text)(list(updates), horizon)]


def close(values: list[float]) -> object:
    return pytest.approx(values, rel=1e-12, abs=1e-18)


def test_step_and_piecewise() -> None:
    assert at("step(1, step_size=3ep, gamma=0.5)", 0, 29, 30, 60, 99) == [1, 1, 0.5, 0.25, 0.125]
    text = "piecewise(1, points=[10, 20, 20], levels=[0.5, 0.25, 2], interpolation={})"
    assert at(text.format("step"), 0, 9, 10, 19, 20, 99) == [1, 1, 0.5, 0.5, 2, 2]
    assert at(text.format("linear"), 0, 5, 10, 15, 19, 20, 99) == close([1, 0.75, 0.5, 0.375, 0.275, 2, 2])
    assert at(text.format("cosine"), 0, 5, 10, 15, 20, 99) == close([1, 0.75, 0.5, 0.375, 2, 2])
    assert at("piecewise(1, points=[], levels=[])", 0, 99) == [1, 1]
    assert at("piecewise(1, points=[0], levels=[3])", 0, 99) == [3, 3]


def test_piecewise_says_what_does_not_fit() -> None:
    with pytest.raises(
        ScheduleError, match="levels must have one rate for each point, not 1 for 2"
    ) as caught:
        parse("piecewise(1, points=[1, 2], levels=[1])")
    assert caught.value.parameter == "levels"
    with pytest.raises(ScheduleError, match="points must be in time order: 1ep is before 20"):
        at("piecewise(1, points=[20, 1ep], levels=[1, 2])", 0)


def test_cosine_options() -> None:
    assert at("cosine(1, half_cycles=2)", 0, 50, 100) == close([1, 0, 1])
    assert at("cosine(1, half_cycles=3)", 0, 100) == close([1, 0])
    assert at("cosine(1, final_lr=0.5, k=2)", 0, 100) == [1, 0.5]
    assert at("cosine(1, k=2)", 50) == close([(1 + math.cos(math.pi / 4)) / 2])
    assert at("cosine(1, exponent=2)", 50) == close([0.25])


def test_exponential_options() -> None:
    assert at("exponential(1, gamma=0.5, decay_steps=10, staircase=yes)", 0, 9, 10, 25) == [1, 1, 0.5, 0.25]
    assert at("exponential(1, gamma=0.5, final_lr=0.3)", 0, 1, 2) == [1, 0.5, 0.3]
    assert at("exponential(1, gamma=10, final_lr=50)", 1, 2, 10**6) == [10, 50, 50]
    assert at("exponential(0, gamma=0.5, final_lr=0.3)", 5) == [0.3]


def test_polynomial_stretches_as_keras_does() -> None:
    assert at("polynomial(1, power=1, cycle=10)", 0, 5, 10, 11, 20, 21) == close([1, 0.5, 0, 0.45, 0, 0.3])


@pytest.mark.parametrize("shape", ["linear", "cosine", "sqrt", "square", "exponential"])
def test_warmups_and_cooldowns_join_exactly_in_every_shape(shape: str) -> None:
    text = "warmup(10, start_lr=0.01, shape=X) >> constant(0.3) >> cooldown(10, final_lr=0.02, shape=X)"
    text = text.replace("X", shape)
    rates = parse(text)(np.arange(200), H)
    assert (rates[0], rates[10], rates[90], rates[100], rates[150]) == (0.01, 0.3, 0.3, 0.02, 0.02)
    assert (np.diff(rates[:11]) > 0).all()
    assert (np.diff(rates[90:101]) < 0).all()


def test_shapes_half_way() -> None:
    for shape, rise, fall in [
        ("linear", 0.5, 0.5),
        ("cosine", 0.5, 0.5),
        ("sqrt", math.sqrt(0.5), 1 - math.sqrt(0.5)),
        ("square", 0.25, 0.75),
        ("constant", 0, 0),
    ]:
        assert at(f"warmup(10, shape={shape}) >> 1", 5) == close([rise])
        assert at(f"constant(1, steps=10) >> cooldown(10, shape={shape})", 15) == close([fall])
    assert at("warmup(10, start_lr=0.01, shape=exponential) >> 1", 5) == close([0.1])
    assert at("constant(1, steps=1) >> cooldown(10, final_lr=0.01, shape=exponential)", 6) == close([0.1])


def test_both_conventions_of_counting() -> None:
    assert at("warmup(4, first=1) >> 1", 0, 1, 2, 3, 4) == [0.25, 0.5, 0.75, 1, 1]
    assert at("constant(1, steps=2) >> cooldown(4, first=1)", 2, 3, 4, 5, 6) == [0.75, 0.5, 0.25, 0, 0]


def test_an_exponential_passage_from_zero_is_refused() -> None:
    with pytest.raises(ScheduleError, match="rates above 0 at both"):
        at("warmup(10, shape=exponential) >> 1", 5)
    with pytest.raises(ScheduleError, match="rates above 0 at both"):
        parse("wsd(0.1, shape=exponential)")


def test_inverse_families() -> None:
    assert at("inverse_time(1, decay_steps=10)", 0, 5, 10, 90) == close([1, 1 / 1.5, 0.5, 0.1])
    assert at("inverse_time(1, decay_steps=10, staircase=yes)", 9, 10) == [1, 0.5]
    assert at("inverse_sqrt(1, warmup=4)", 0, 2, 4, 16) == close([0, 0.5, 1, 0.5])
    with pytest.raises(ScheduleError, match="inverse_sqrt without a warmup needs timescale="):
        at("inverse_sqrt(1, warmup=0)", 0)
    assert at("power_law(0.1, amplitude=1, power=1, tokens=2)", 0, 1, 5, 50) == close([0.1, 0.1, 0.1, 0.01])


def test_noam_is_the_papers_and_wastes_no_update() -> None:
    rates = parse("noam(1, d_model=4, warmup=10)").rates(H)
    n = np.arange(1, 101)
    np.testing.assert_allclose(rates, 4**-0.5 * np.minimum(n**-0.5, n * 10**-1.5), rtol=1e-12)
    assert rates.argmax() == 9
    assert rates[0] > 0


def test_smooth_curves() -> None:
    assert at("rex(1)", 0, 50, 100) == close([1, 2 / 3, 0])
    assert at("tanh(1)", 0, 100) == close([(1 + math.tanh(6)) / 2, (1 - math.tanh(3)) / 2])
    assert at("hyperbolic(1, final_lr=0.1)", 0, 100) == close([1, 0.1])
    assert at("exp_hyperbolic(1, final_lr=0.01)", 0, 100) == close([1, 0.01])
    for family in ("hyperbolic", "exp_hyperbolic"):
        with pytest.raises(ScheduleError, match="upper_bound=50 is less than the phase's 100 updates"):
            at(f"{family}(upper_bound=50)", 0)
    with pytest.raises(ScheduleError, match="final_lr must be more than 0"):
        parse("exp_hyperbolic(0.1, final_lr=0)")


def test_hyperbolic_starts_alike_however_long_it_is() -> None:
    """The paper's point: with one upper bound the beginning hardly depends on the length."""
    short = at("hyperbolic(1, upper_bound=1000, steps=200)", 20)[0]
    long = at("hyperbolic(1, upper_bound=1000, steps=400)", 20)[0]
    assert abs(short - long) < 0.01
    assert abs(at("cosine(1, steps=50)", 20)[0] - at("cosine(1, steps=100)", 20)[0]) > 0.2


def test_chebyshev_is_the_papers_fractal() -> None:
    rates = parse("chebyshev(1, ratio=0.1, nodes=8)")(np.arange(16), H)
    nodes = 2 / (1.1 - 0.9 * np.cos(np.pi * (np.arange(8) + 0.5) / 8))
    assert rates[:8].tolist() == nodes[[0, 7, 3, 4, 1, 6, 2, 5]].tolist()
    assert rates[8:].tolist() == rates[:8].tolist()
    assert at("chebyshev(1, nodes=2, hold=1ep)", 0, 9) == at("chebyshev(1, nodes=2)", 0, 2)
    with pytest.raises(ScheduleError, match="nodes must be a power of two, not 6"):
        parse("chebyshev(nodes=6)")


def test_sgdr() -> None:
    text = "sgdr(1, final_lr=0.1, first_cycle=10, growth=2, peak_decay=0.5, cycles=2)"
    assert at(text, 0, 10, 20, 30, 99) == close([1, 0.5, 0.3, 0.1, 0.1])
    assert at(text.replace("peak_decay=0.5", "peak_decay=0.5, decays=swing"), 10) == close([0.55])
    assert at("sgdr(1, first_cycle=10, steps=20)", 10, 19, 20, 21)[2:] == [0, 0]  # ends, doesn't restart
    assert at("sgdr(1, first_cycle=10, growth=1.5)", 0, 10, 25) == [1, 1, 1]
    with pytest.raises(ScheduleError, match=r"growth must be 1 or at least 1\.01"):
        parse("sgdr(growth=1.001)")


def test_growing_repeats() -> None:
    text = "repeat(linear(1), cycle=10, growth=2, cycles=3, decay=0.5)"
    assert parse(text).length(H) == 70
    assert at(text, 0, 5, 10, 20, 30, 69, 70, 99) == close([1, 0.5, 0.5, 0.25, 0.25, 0.25 / 40, 0, 0])
    assert at("repeat(linear(1), cycle=1ep)", 5, 10, 99) == close([0.5, 1, 0.1])
    for wrong, said in [
        ("repeat(linear(1, steps=5), cycle=5)", "cycle= is for a schedule without a length"),
        ("repeat(linear(1), cycles=3, growth=2)", "growth needs cycle="),
        ("repeat(linear(1), cycle=1, growth=2, cycles=2000)", "growing cycles are at most 1000"),
    ]:
        with pytest.raises(ScheduleError, match=said):
            parse(wrong)


def test_cyclic() -> None:
    text = "cyclic(1, base_lr=0, up=10, down=30, mode={}, gamma=0.9)"
    assert at(text.format("triangular"), 0, 5, 10, 25, 40, 50) == close([0, 0.5, 1, 0.5, 0, 1])
    assert at(text.format("triangular2"), 10, 50) == [1, 0.5]
    assert at(text.format("exp_range"), 10, 50) == close([0.9**10, 0.9**50])


def test_wsd() -> None:
    text = "wsd(1, warmup=10, decay=20, final_lr=0.1)"
    assert at(text, 0, 5, 10, 80, 90, 100, 200) == close([0, 0.5, 1, 1, 0.55, 0.1, 0.1])
    same = parse("warmup(10) >> constant(1) >> cooldown(20, final_lr=0.1)").rates(H)
    np.testing.assert_allclose(parse(text).rates(H), same, rtol=1e-12)
    cramped = parse("wsd(1, warmup=60, decay=60)")
    assert cramped([0, 30, 60, 80, 100], H).tolist() == close([0, 0.5, 1, 0.5, 0])
    assert at("wsd(1, warmup=0, decay=0)", 0, 99) == [1, 1]
    assert at("wsd(1, warmup=200, decay=10)", 50, 99) == close([0.25, 0.495])


def test_flat_cosine_and_slanted_triangular() -> None:
    assert at("flat_cosine(1, flat=0.5)", 0, 50, 75, 100) == close([1, 1, 0.5, 0])
    assert at("flat_cosine(1, flat=0)", 25) == close(at("cosine(1)", 25))
    assert at("slanted_triangular(1, cut_fraction=0.1, ratio=10)", 0, 5, 10, 55, 100) == close(
        [0.1, 0.55, 1, 0.55, 0.1]
    )
    assert at("slanted_triangular(1, ratio=10, steps=5)", 0, 5) == close([1, 0.1])  # too short for a cut


def test_one_cycle_in_three_conventions() -> None:
    text = "one_cycle(1, pct_start=0.3, div_factor=10, final_div_factor=100, convention={})"
    for convention, peak, end, last in [
        ("torch", 29, 99, 1e-3),
        ("optax", 30, 100, 1e-3),
        ("fastai", 30, 100, 0.01),
    ]:
        rates = parse(text.format(convention))(np.arange(102), H)
        assert rates.argmax() == peak
        assert rates[0] == 0.1
        assert rates[peak] == 1
        assert rates[end - 1] > last
        assert (rates[end:] == last).all()


def test_one_cycle_says_what_does_not_fit() -> None:
    with pytest.raises(ScheduleError, match="pct_final needs legs=3"):
        parse("one_cycle(pct_final=0.9)")
    with pytest.raises(ScheduleError, match="the second leg must end after pct_start"):
        parse("one_cycle(legs=3, pct_start=0.6)")


def test_one_cycle_of_one_update_is_torchs() -> None:
    assert at("one_cycle(0.1)", 0, horizon=Horizon(1)) == close([4e-7])
    assert at("one_cycle(0.1)", 0, 1, horizon=Horizon(2)) == pytest.approx([0.0812, 4e-7], rel=1e-3)


def test_ceiling_and_every() -> None:
    assert at("ceiling(linear(1), 0.5)", 0, 50, 75) == close([0.5, 0.5, 0.25])
    assert at("every(linear(1), 20)", 0, 19, 20, 99) == close([1, 1, 0.8, 0.2])
    assert at("every(linear(1), 1ep)", 5, 55) == at("per_epoch(linear(1))", 5, 55)


def test_offset_is_what_an_uninterrupted_schedule_goes_on_with() -> None:
    whole = parse("warmup(20) >> cosine(1)").rates(H)
    rest = parse("offset(warmup(20) >> cosine(1), 40)").rates(Horizon(60, 10))
    assert np.array_equal(rest, whole[40:])
    assert parse("resume(cosine(1, steps=50), 20)").length(H) == 30
    assert at("offset(linear(1, steps=50), 20) >> 5", 0, 29, 30) == close([0.6, 0.02, 5])


def test_masked_warmup_drops_at_the_hand_over() -> None:
    assert at("masked_warmup(linear(1), 50)", 0, 25, 49, 50, 75) == close([0, 0.5, 0.98, 0.5, 0.25])
    assert at("masked_warmup(linear(1), 0)", 0) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "one_cycle(0.1, pct_start=0.123457)",
        "cyclic(0.1, up=777, down=12345)",
        "sgdr(0.1, first_cycle=1111, growth=1.7)",
        "wsd(0.1, warmup=123, decay=777)",
        "piecewise(0.1, points=[123456, 123457], levels=[5, 0.1])",
        "masked_warmup(cosine(0.1), 33333)",
        "cosine(0.1, half_cycles=7)",
        "noam(1, warmup=4321)",
        "offset(constant(0.1, steps=123456) >> constant(7, steps=1) >> constant(1), 1000)",
        "repeat(linear(0.1), cycle=1111, growth=1.3, decay=1.2)",
    ],
)
def test_peaks_survive_sampling(text: str) -> None:
    horizon = Horizon(10**6, 1000)
    schedule = parse(text)
    updates, sampled = sample(schedule, horizon, points=300)
    assert sampled.max() == pytest.approx(schedule.rates(horizon).max(), rel=1e-4)
    assert updates.size < 1500


@pytest.mark.parametrize(
    "layer",
    [
        "masked_warmup({}, 10)",
        "floor(warmup(3) >> {} * 1 >> cooldown(3))",
        "offset(every(ceiling({}, 5), 2), 1)",
        "repeat({}, cycles=2)",
        "per_epoch({})",
    ],
)
def test_deep_nesting_takes_no_time(layer: str) -> None:
    """Evaluating a layer's inside twice would take 2^depth."""
    text = "0.1"
    while parse(text).depth < 85:
        text = layer.format(text)
    schedule = parse(text)
    began = time.perf_counter()
    schedule.rates(H)
    sample(schedule, Horizon(10**5, 1000), points=100)
    assert time.perf_counter() - began < 10


def test_a_flood_of_corners_is_cut_off() -> None:
    schedule = parse("repeat(repeat(linear(1, steps=1)) * 1, cycle=100, growth=1.01)")
    assert len(schedule._corners(10**6, Horizon(10**6))) < 100_000
    updates, _ = sample(schedule, Horizon(10**6), points=200)
    assert updates.size <= 202
