"""step, cyclic, one_cycle and restarts against torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, lrs, torch, torch_rates

from lrtui.schedules import Horizon, parse

pytestmark = pytest.mark.filterwarnings("error", "ignore:The epoch parameter")

LR = st.floats(1e-6, 10)
LENGTH = st.integers(1, 60)
N = 80
few = some(30)


@few
@given(LR, st.floats(0.05, 1.2), LENGTH)
def test_step(lr: float, gamma: float, size: int) -> None:
    theirs = torch_rates(lambda o: lrs.StepLR(o, size, gamma), lr, N)
    agree(f"step({lr!r}, step_size={size}, gamma={gamma!r})", theirs)


@few
@given(LR, st.floats(0, 1), LENGTH, LENGTH, st.sampled_from(["triangular", "triangular2", "exp_range"]))
def test_cyclic(lr: float, ratio: float, up: int, down: int, mode: str) -> None:
    base = lr * ratio
    theirs = torch_rates(
        lambda o: lrs.CyclicLR(o, base, lr, up, down, mode=mode, gamma=0.97, cycle_momentum=False), lr, 200
    )
    text = f"cyclic({lr!r}, base_lr={base!r}, up={up}, down={down}, mode={mode}, gamma=0.97)"
    # torch finds the place in a cycle with 1 + t/total - floor(...): a few ulps of the cycle's number.
    agree(text, theirs, scale=1000 * lr)


@few
@given(
    LR, st.floats(0, 0.95), st.integers(2, N), st.sampled_from(["cosine", "linear"]), st.sampled_from([2, 3])
)
def test_one_cycle(lr: float, pct: float, total: int, anneal: str, legs: int) -> None:
    if abs(pct * total - 1) < 1e-6:
        return  # torch divides by zero
    if legs == 3:
        pct = pct / 2
        if pct * total <= 1 + 1e-6 or abs(2 * pct * total - 2) < 1e-6:
            return

    def make(optimizer: object) -> object:
        return lrs.OneCycleLR(
            optimizer,
            lr,
            total_steps=total + 1,
            pct_start=pct,
            anneal_strategy="cos" if anneal == "cosine" else "linear",
            cycle_momentum=False,
            three_phase=legs == 3,
        )

    theirs = torch_rates(make, lr, total)
    text = f"one_cycle({lr!r}, pct_start={pct!r}, anneal={anneal}, legs={legs}, steps={total + 1})"
    agree(text, theirs, scale=100 * lr)


def test_one_cycle_where_torch_divides_by_zero() -> None:
    """A deliberate difference: with pct_start * T = 1 the first update is at the peak."""
    with pytest.raises(ZeroDivisionError):
        torch_rates(lambda o: lrs.OneCycleLR(o, 0.1, total_steps=10, pct_start=0.1), 0.1, 2)
    assert parse("one_cycle(0.1, pct_start=0.1, steps=10)")(0, Horizon(10)) == 0.1


def test_one_cycle_holds_where_torch_goes_negative() -> None:
    """torch refuses steps past its total; ours holds the last rate."""
    rates = parse("one_cycle(0.1, anneal=linear, steps=10)")([9, 10, 11, 1000], Horizon(2000))
    assert rates == pytest.approx([4e-7] * 4, rel=1e-9)


@few
@given(LR, st.floats(0, 1), st.integers(1, 30), st.integers(1, 4))
def test_growing_restarts(lr: float, ratio: float, first: int, growth: int) -> None:
    final = lr * ratio
    theirs = torch_rates(lambda o: lrs.CosineAnnealingWarmRestarts(o, first, growth, eta_min=final), lr, 200)
    for text in (
        f"sgdr({lr!r}, final_lr={final!r}, first_cycle={first}, growth={growth})",
        f"repeat(cosine({lr!r}, final_lr={final!r}), cycle={first}, growth={growth})",
    ):
        agree(text, theirs, scale=10 * lr)


@pytest.mark.parametrize("growth", [2, 3, 10])
def test_every_restart_of_a_million_updates_is_at_the_peak(growth: int) -> None:
    start, size, restarts = 0, 1, []
    while start < 10**6:
        restarts.append(start)
        start, size = start + size, size * growth
    if growth == 3:
        assert 121 in restarts
        assert 29_524 in restarts
    for text in ("sgdr(0.1, first_cycle=1, growth={})", "repeat(cosine(0.1), cycle=1, growth={})"):
        rates = parse(text.format(growth))(restarts, Horizon(10**6))
        assert np.array_equal(rates, np.full(len(restarts), 0.1))


def test_a_restart_that_torchs_step_to_an_epoch_misses() -> None:
    """A deliberate difference: stepping to update 121 takes a logarithm, and misses the restart there."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = lrs.CosineAnnealingWarmRestarts(optimizer, T_0=1, T_mult=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler.step(121)
    assert optimizer.param_groups[0]["lr"] < 0.5
    assert parse("sgdr(1, first_cycle=1, growth=3)")(121, Horizon(200)) == 1.0


def _lambda(rate: Callable[[int], float], count: int = N, begin: int = 0) -> np.ndarray:
    """torch's LambdaLR over a function of the update, begun at one of them as a resumed training does."""

    def make(optimizer: Any) -> Any:
        for group in optimizer.param_groups:
            group["initial_lr"] = 1.0
        return lrs.LambdaLR(optimizer, rate, last_epoch=begin - 1)

    return torch_rates(make, 1.0, count)


@few
@given(LR, st.floats(0.05, 0.99), LENGTH, LENGTH)
def test_combinators(lr: float, gamma: float, length: int, size: int) -> None:
    inside = f"exponential({lr!r}, gamma={gamma!r})"
    bound = lr * gamma**size
    agree(f"floor({inside}, {bound!r})", _lambda(lambda t: max(lr * gamma**t, bound)))
    agree(f"ceiling({inside}, {bound!r})", _lambda(lambda t: min(lr * gamma**t, bound)))
    agree(f"every({inside}, {size})", _lambda(lambda t: lr * gamma ** (t // size * size)))
    agree(f"offset({inside}, {length})", _lambda(lambda t: lr * gamma**t, N, begin=length))


@few
@given(LR, st.floats(0.05, 0.99))
def test_per_epoch_is_a_scheduler_stepped_once_an_epoch(lr: float, gamma: float) -> None:
    epochs = torch_rates(lambda o: lrs.ExponentialLR(o, gamma), lr, N // 10)
    agree(f"per_epoch(exponential({lr!r}, gamma={gamma!r}, decay_steps=1ep))", np.repeat(epochs, 10))
