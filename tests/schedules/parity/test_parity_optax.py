"""Families against optax in float64, and against its float32 where it has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")

LR = st.floats(1e-6, 10)
LENGTH = st.integers(1, 60)
few = some(8)


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Any:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def optax_rates(schedule: Callable[[Any], Any], count: int = 80) -> np.ndarray:
    rates = jax.vmap(schedule)(jax.numpy.arange(count))
    assert rates.dtype == np.float64
    return np.array(rates)


@few
@given(LR, st.floats(0, 1), st.floats(0.3, 4), LENGTH)
def test_polynomial(lr: float, ratio: float, power: float, length: int) -> None:
    theirs = optax_rates(optax.polynomial_schedule(lr, lr * ratio, power, length))
    agree(f"polynomial({lr!r}, final_lr={lr * ratio!r}, power={power!r}, steps={length})", theirs)


@few
@given(LR, st.floats(0, 1), st.floats(0.3, 4), LENGTH)
def test_cosine_with_an_exponent(lr: float, alpha: float, exponent: float, length: int) -> None:
    theirs = optax_rates(optax.cosine_decay_schedule(lr, length, alpha, exponent))
    text = f"cosine({lr!r}, final_lr={lr * alpha!r}, exponent={exponent!r}, steps={length})"
    agree(text, theirs, scale=10 * lr)


@few
@given(LR, st.floats(0.1, 1.5), st.integers(1, 20), st.booleans(), st.floats(0.05, 2))
def test_exponential(lr: float, gamma: float, unit: int, staircase: bool, bound: float) -> None:
    theirs = optax_rates(optax.exponential_decay(lr, unit, gamma, staircase=staircase, end_value=lr * bound))
    stairs = "yes" if staircase else "no"
    how = f"decay_steps={unit}, staircase={stairs}, final_lr={lr * bound!r}"
    agree(f"exponential({lr!r}, gamma={gamma!r}, {how})", theirs)


@few
@given(
    LR,
    st.lists(
        st.tuples(st.integers(1, 70), st.floats(0.1, 2)), min_size=1, max_size=4, unique_by=lambda x: x[0]
    ),
    st.sampled_from(["step", "linear", "cosine"]),
)
def test_piecewise(lr: float, pieces: list[tuple[int, float]], interpolation: str) -> None:
    scales = dict(sorted(pieces))
    if interpolation == "step":
        theirs = optax_rates(optax.piecewise_constant_schedule(lr, scales))
    else:
        theirs = optax_rates(optax.piecewise_interpolate_schedule(interpolation, lr, scales))
    levels, level = [], lr
    for scale in scales.values():
        level *= scale
        levels.append(level)
    text = f"piecewise({lr!r}, points={list(scales)}, levels={levels}, interpolation={interpolation})"
    agree(text, theirs, scale=10 * max(levels))


@few
@given(LR, st.floats(0.05, 0.9), st.integers(12, 70))
def test_cosine_one_cycle(lr: float, pct: float, length: int) -> None:
    if int(pct * length) == 0:
        return
    theirs = optax_rates(optax.cosine_onecycle_schedule(length, lr, pct))
    agree(f"one_cycle({lr!r}, pct_start={pct!r}, convention=optax, steps={length})", theirs, scale=100 * lr)


@few
@given(LR, st.floats(0.1, 0.5), st.floats(0.6, 0.9), st.integers(20, 70))
def test_linear_one_cycle(lr: float, pct: float, final: float, length: int) -> None:
    theirs = optax_rates(optax.linear_onecycle_schedule(length, lr, pct, final))
    text = (
        f"one_cycle({lr!r}, pct_start={pct!r}, anneal=linear, legs=3, pct_final={final!r}, convention=optax"
    )
    agree(f"{text}, steps={length})", theirs, scale=100 * lr)


@few
@given(LR, st.floats(0, 0.9), st.integers(1, 30), LENGTH, st.floats(0, 0.9))
def test_warmup_cosine(lr: float, start: float, warmup: int, length: int, end: float) -> None:
    theirs = optax_rates(
        optax.warmup_cosine_decay_schedule(lr * start, lr, warmup, warmup + length, lr * end), 100
    )
    text = (
        f"warmup({warmup}, start_lr={lr * start!r}) >> cosine({lr!r}, final_lr={lr * end!r}, steps={length})"
    )
    agree(text, theirs, scale=10 * lr)
