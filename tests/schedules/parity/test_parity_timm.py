"""Families against timm.scheduler, which are pure functions of the update, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, torch

from lrtui.schedules import Horizon, parse

scheduler = pytest.importorskip("timm.scheduler")

LR = st.floats(1e-6, 10)
few = some(25)


def timm_rates(name: str, lr: float, count: int, **kwargs: object) -> np.ndarray:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    made = getattr(scheduler, name)(optimizer, t_in_epochs=False, **kwargs)
    rates = []
    for update in range(count):
        made.step_update(update)
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return np.array(rates)


@few
@given(LR, st.floats(0, 1), st.integers(1, 60), st.floats(0.3, 3))
def test_cosine_with_k_decay(lr: float, ratio: float, length: int, k: float) -> None:
    final = lr * ratio
    theirs = timm_rates("CosineLRScheduler", lr, 80, t_initial=length, lr_min=final, k_decay=k)
    agree(f"cosine({lr!r}, final_lr={final!r}, k={k!r}, steps={length})", theirs, scale=10 * lr)


@few
@given(LR, st.integers(1, 20), st.sampled_from([1, 2, 5, 7]), st.floats(0.1, 1), st.integers(1, 5))
def test_restarts_that_end(lr: float, first: int, growth: int, decay: float, cycles: int) -> None:
    theirs = timm_rates(
        "CosineLRScheduler",
        lr,
        200,
        t_initial=first,
        lr_min=lr / 100,
        cycle_mul=float(growth),
        cycle_decay=decay,
        cycle_limit=cycles,
    )
    text = (
        f"sgdr({lr!r}, final_lr={lr / 100!r}, first_cycle={first}, growth={growth}, "
        f"peak_decay={decay!r}, cycles={cycles})"
    )
    agree(text, theirs, scale=10 * lr)


def test_timm_misses_a_restart_that_integers_find() -> None:
    """A deliberate difference: timm's logarithm puts update 121 at the end of the cycle before."""
    theirs = timm_rates("CosineLRScheduler", 1.0, 122, t_initial=1, cycle_mul=3.0, cycle_limit=99)
    assert theirs[121] < 0.5
    agree("sgdr(1, first_cycle=1, growth=3)", theirs[:121])


@few
@given(LR, st.floats(0, 1), st.integers(1, 60), st.floats(-9, -1), st.floats(1, 9))
def test_tanh(lr: float, ratio: float, length: int, lower: float, upper: float) -> None:
    final = lr * ratio
    theirs = timm_rates("TanhLRScheduler", lr, length, t_initial=length, lr_min=final, lb=lower, ub=upper)
    text = f"tanh({lr!r}, final_lr={final!r}, lower={lower!r}, upper={upper!r}, steps={length})"
    agree(text, theirs, scale=10 * lr)


@few
@given(LR, st.integers(1, 30), st.integers(31, 60), st.floats(0, 0.5))
def test_warmup_masks_and_prefixes(lr: float, warmup: int, length: int, start: float) -> None:
    first, keywords = lr * start, {"t_initial": length, "warmup_t": warmup, "warmup_lr_init": lr * start}
    masked = timm_rates("CosineLRScheduler", lr, 80, **keywords)
    text = f"masked_warmup(cosine({lr!r}, steps={length}), warmup={warmup}, start_lr={first!r})"
    agree(text, masked, scale=10 * lr)
    prefixed = timm_rates("CosineLRScheduler", lr, 80, warmup_prefix=True, **keywords)
    agree(f"warmup({warmup}, start_lr={first!r}) >> cosine({lr!r}, steps={length})", prefixed, scale=10 * lr)


@few
@given(LR, st.floats(0.05, 1), st.integers(1, 40))
def test_step(lr: float, gamma: float, size: int) -> None:
    theirs = timm_rates("StepLRScheduler", lr, 80, decay_t=size, decay_rate=gamma)
    agree(f"step({lr!r}, step_size={size}, gamma={gamma!r})", theirs)


@few
@given(LR, st.floats(0.05, 1), st.lists(st.integers(1, 70), min_size=1, max_size=4, unique=True))
def test_milestones_are_one_update_early(lr: float, gamma: float, milestones: list[int]) -> None:
    """A deliberate difference of timm's: its milestones count from 1."""
    theirs = timm_rates("MultiStepLRScheduler", lr, 80, decay_t=sorted(milestones), decay_rate=gamma)
    shifted = [milestone - 1 for milestone in milestones]
    agree(f"multistep({lr!r}, milestones={shifted}, gamma={gamma!r})", theirs)


@few
@given(LR, st.floats(0.3, 3), st.integers(1, 60))
def test_polynomial(lr: float, power: float, length: int) -> None:
    theirs = timm_rates("PolyLRScheduler", lr, 80, t_initial=length, power=power, lr_min=lr / 9)
    agree(f"polynomial({lr!r}, final_lr={lr / 9!r}, power={power!r}, steps={length})", theirs)


def test_tanh_holds_where_timm_jumps() -> None:
    """A deliberate difference: past its end timm's tanh jumps to lr_min; ours holds where the curve ends."""
    theirs = timm_rates("TanhLRScheduler", 1.0, 12, t_initial=10, lr_min=0.25)
    ours = parse("tanh(1, final_lr=0.25, lower=-7, upper=3, steps=10)")([9, 10, 11, 10**6], Horizon(12))
    assert theirs[10:].tolist() == [0.25, 0.25]
    assert ours[0] == pytest.approx(theirs[9], rel=1e-12)
    assert ours[1] == ours[2] == ours[3] > 0.25
