"""The families against torch.optim.lr_scheduler, over generated parameters and the edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, lrs, torch_rates

from lrtui.schedules import ScheduleError, parse

pytestmark = pytest.mark.filterwarnings("error", "ignore:The epoch parameter")

LR = st.floats(1e-6, 10)
LENGTH = st.integers(1, 60)
GAMMA = st.floats(0.05, 1.2)
N = 80

few = some(40)


@few
@given(LR, st.floats(0.01, 1), LENGTH)
def test_constant_factor(lr: float, factor: float, length: int) -> None:
    theirs = torch_rates(lambda o: lrs.ConstantLR(o, factor=factor, total_iters=length), lr, N)
    agree(f"constant({lr * factor!r}, steps={length}) >> constant({lr!r})", theirs)


@few
@given(LR, st.floats(0.01, 1), st.floats(0, 1), LENGTH)
def test_linear(lr: float, start: float, end: float, length: int) -> None:
    theirs = torch_rates(lambda o: lrs.LinearLR(o, start, end, total_iters=length), lr, N)
    # When it ends at zero torch stops there by its own cancellation: within ulps of the start.
    agree(f"linear({lr * start!r}, final_lr={lr * end!r}, steps={length})", theirs, scale=60 * lr)


def test_linear_of_length_zero_is_a_deliberate_difference() -> None:
    """torch stays at the start for ever; a phase of no length isn't a schedule, and is refused."""
    theirs = torch_rates(lambda o: lrs.LinearLR(o, 0.1, 1, total_iters=0), 1.0, 5)
    assert theirs.tolist() == [0.1] * 5
    with pytest.raises(ScheduleError, match="steps must be more than 0"):
        parse("linear(0.1, final_lr=1, steps=0)")


@few
@given(LR, st.floats(0.1, 5), LENGTH)
def test_polynomial(lr: float, power: float, length: int) -> None:
    theirs = torch_rates(lambda o: lrs.PolynomialLR(o, total_iters=length, power=power), lr, N)
    agree(f"polynomial({lr!r}, power={power!r}, steps={length})", theirs)


@few
@given(LR, st.floats(0, 1), LENGTH)
def test_cosine_up_to_its_length(lr: float, ratio: float, length: int) -> None:
    final = lr * ratio
    theirs = torch_rates(lambda o: lrs.CosineAnnealingLR(o, length, eta_min=final), lr, length + 1)
    agree(f"cosine({lr!r}, final_lr={final!r}, steps={length})", theirs, scale=10 * lr)


def test_cosine_holds_where_torch_rises_again() -> None:
    """A deliberate difference: torch's is periodic, and a repeat there and back says so."""
    theirs = torch_rates(lambda o: lrs.CosineAnnealingLR(o, 10, eta_min=0.1), 1.0, 41)
    there_and_back = "repeat(cosine(1, final_lr=0.1, steps=10) >> cosine(0.1, final_lr=1, steps=10))"
    agree(there_and_back, theirs)


@few
@given(LR, GAMMA)
def test_exponential(lr: float, gamma: float) -> None:
    agree(f"exponential({lr!r}, gamma={gamma!r})", torch_rates(lambda o: lrs.ExponentialLR(o, gamma), lr, N))


@few
@given(LR, GAMMA, st.lists(st.integers(0, 90), max_size=6))
def test_multistep_unsorted_and_repeated(lr: float, gamma: float, milestones: list[int]) -> None:
    # torch applies milestone 0 when the scheduler is built only if it is there; ours counts it as reached.
    theirs = torch_rates(lambda o: lrs.MultiStepLR(o, milestones, gamma), lr, N)
    agree(f"multistep({lr!r}, milestones={milestones}, gamma={gamma!r})", theirs)


@few
@given(LR, st.floats(0.05, 4), st.integers(1, 50))
def test_inverse_power_as_a_lambda(lr: float, power: float, timescale: int) -> None:
    theirs = torch_rates(lambda o: lrs.LambdaLR(o, lambda t: (1 + t / timescale) ** -power), lr, N)
    agree(f"inverse_power({lr!r}, power={power!r}, timescale={timescale})", theirs)


@few
@given(LR, st.floats(0, 1), LENGTH)
def test_restarts(lr: float, ratio: float, length: int) -> None:
    final = lr * ratio
    theirs = torch_rates(lambda o: lrs.CosineAnnealingWarmRestarts(o, length, eta_min=final), lr, N)
    agree(f"repeat(cosine({lr!r}, final_lr={final!r}, steps={length}))", theirs, scale=10 * lr)


@few
@given(LR, st.floats(0.01, 1), LENGTH, LENGTH, st.floats(0, 1))
def test_warmup_and_cosine_in_sequence(lr: float, start: float, warm: int, length: int, ratio: float) -> None:
    final = lr * ratio

    def make(optimizer: object) -> object:
        rise = lrs.LinearLR(optimizer, start, 1, total_iters=warm)
        fall = lrs.CosineAnnealingLR(optimizer, length, eta_min=final)
        return lrs.SequentialLR(optimizer, [rise, fall], milestones=[warm])

    # Beyond the cosine's length torch rises again.
    theirs = torch_rates(make, lr, warm + length + 1)
    text = f"warmup({warm}, start_lr={lr * start!r}) >> cosine({lr!r}, final_lr={final!r}, steps={length})"
    agree(text, theirs, scale=60 * lr)


@few
@given(LR, GAMMA, LENGTH, LENGTH)
def test_milestones_inside_a_sequence_count_from_the_hand_over(
    lr: float, gamma: float, hold: int, at: int
) -> None:
    def make(optimizer: object) -> object:
        flat = lrs.ConstantLR(optimizer, 1.0, total_iters=hold)
        return lrs.SequentialLR(optimizer, [flat, lrs.MultiStepLR(optimizer, [at], gamma)], milestones=[hold])

    text = f"constant({lr!r}, steps={hold}) >> multistep({lr!r}, milestones=[{at}], gamma={gamma!r})"
    agree(text, torch_rates(make, lr, N))


@few
@given(LR, GAMMA, st.floats(0.01, 1), LENGTH)
def test_product_as_chained(lr: float, gamma: float, start: float, length: int) -> None:
    def make(optimizer: object) -> object:
        return lrs.ChainedScheduler(
            [lrs.ExponentialLR(optimizer, gamma), lrs.LinearLR(optimizer, start, 1, total_iters=length)]
        )

    text = f"exponential({lr!r}, gamma={gamma!r}) * linear({start!r}, final_lr=1, steps={length})"
    agree(text, torch_rates(make, lr, N))


def test_the_shape_over_a_whole_long_horizon() -> None:
    theirs = torch_rates(lambda o: lrs.CosineAnnealingLR(o, 20_000, eta_min=0.001), 0.1, 20_001)
    agree("cosine(0.1, final_lr=0.001, steps=20000)", theirs)
