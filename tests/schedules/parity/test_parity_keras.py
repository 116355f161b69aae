"""Families against keras's schedules and its plateau, which compute in float32: 2e-6 relative."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some

from lrtui.schedules import Horizon, parse, simulate
from lrtui.schedules.dialects import read

os.environ.setdefault("KERAS_BACKEND", "torch")
schedules: Any = pytest.importorskip("keras.optimizers.schedules")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of keras's own, for every number

LR = st.floats(2**-13, 8, width=32)
LENGTH = st.integers(1, 40)
few = some(10)
N = 60


def agree(text: str, schedule: Any, count: int = N) -> None:
    theirs = np.array([float(schedule(update)) for update in range(count)])
    ours = parse(text)(np.arange(count), Horizon(count))
    # What float32 loses when it subtracts from 1 is relative to the peak.
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=4e-7 * theirs.max(), err_msg=text)


@few
@given(LR, st.floats(0, 0.5), st.sampled_from([0.5, 1.0, 2.0]), LENGTH, st.booleans())
def test_polynomial_with_its_stretching_cycle(
    lr: float, end: float, power: float, length: int, cycle: bool
) -> None:
    made = schedules.PolynomialDecay(lr, length, lr * end, power, cycle)
    how = f"cycle={length}" if cycle else f"steps={length}"
    if cycle and power < 1:
        return  # the root of what float32 leaves of 1 - t/T at its end
    agree(f"polynomial({lr!r}, final_lr={lr * end!r}, power={power!r}, {how})", made)


@few
@given(LR, st.floats(0.5, 1), LENGTH, st.booleans())
def test_exponential(lr: float, gamma: float, unit: int, staircase: bool) -> None:
    made = schedules.ExponentialDecay(lr, unit, gamma, staircase)
    stairs = "yes" if staircase else "no"
    agree(f"exponential({lr!r}, gamma={gamma!r}, decay_steps={unit}, staircase={stairs})", made)


@few
@given(LR, st.floats(0, 2), LENGTH, st.booleans())
def test_inverse_time(lr: float, decay_rate: float, unit: int, staircase: bool) -> None:
    made = schedules.InverseTimeDecay(lr, unit, decay_rate, staircase)
    stairs = "yes" if staircase else "no"
    agree(f"inverse_time({lr!r}, decay_rate={decay_rate!r}, decay_steps={unit}, staircase={stairs})", made)


@few
@given(LR, st.lists(st.integers(1, 50), min_size=1, max_size=3, unique=True))
def test_piecewise_boundaries_fall_one_update_later(lr: float, boundaries: list[int]) -> None:
    """A deliberate difference of keras's: a boundary still belongs to the piece before it."""
    boundaries = sorted(boundaries)
    levels = [lr / 2**k for k in range(1, len(boundaries) + 1)]
    made = schedules.PiecewiseConstantDecay(boundaries, [lr, *levels])
    points = [boundary + 1 for boundary in boundaries]
    agree(f"piecewise({lr!r}, points={points}, levels={levels})", made)


@few
@given(LR, st.floats(0, 0.9), LENGTH, st.integers(0, 20))
def test_cosine_behind_a_warmup(lr: float, alpha: float, length: int, warmup: int) -> None:
    if warmup:
        made = schedules.CosineDecay(0.0, length, alpha, warmup_target=lr, warmup_steps=warmup)
    else:
        made = schedules.CosineDecay(lr, length, alpha)
    agree(f"warmup({warmup}) >> cosine({lr!r}, final_lr={lr * alpha!r}, steps={length})", made)


@few
@given(LR, st.integers(3, 9), st.floats(0.3, 1), st.floats(0, 0.5))
def test_restarts_whose_swing_decays(lr: float, first: int, decay: float, alpha: float) -> None:
    made = schedules.CosineDecayRestarts(lr, first, t_mul=2.0, m_mul=decay, alpha=alpha)
    agree(
        f"sgdr({lr!r}, final_lr={lr * alpha!r}, first_cycle={first}, growth=2, "
        f"peak_decay={decay!r}, decays=swing)",
        made,
    )


def test_keras_misses_a_restart_that_integers_find() -> None:
    """A deliberate difference: keras takes a logarithm in float32 to find the cycle."""
    missed = []
    for first in (1, 2, 3, 5, 7, 10):
        made = schedules.CosineDecayRestarts(1.0, first, t_mul=2.0)
        restarts = [first * (2**k - 1) for k in range(16)]
        missed += [restart for restart in restarts if float(made(restart)) < 0.5]
        ours = parse(f"sgdr(1, first_cycle={first}, growth=2)")(restarts, Horizon(10**6))
        assert (ours == 1.0).all()
    assert missed


@some(40)
@given(
    st.sampled_from(["min", "max"]),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([0.0, 0.25, 0.5]),
    st.sampled_from([0.0, 0.03]),
    st.lists(st.integers(-8, 8), min_size=1, max_size=60),
)
def test_plateau_as_it_is_read(
    mode: str, patience: int, cooldown: int, delta: float, least: float, quarters: list[int]
) -> None:
    """Metrics in quarters: on these float32 and float64 compare alike."""
    keras = pytest.importorskip("keras")
    call = (
        f"ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience={patience}, mode='{mode}', "
        f"min_delta={delta}, cooldown={cooldown}, min_lr={least})"
    )
    callback = eval(call, {"ReduceLROnPlateau": keras.callbacks.ReduceLROnPlateau})
    optimizer = keras.optimizers.SGD(learning_rate=0.25)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    metrics = [quarter / 4 for quarter in quarters]
    theirs = []
    for epoch, metric in enumerate(metrics):
        theirs.append(float(keras.ops.convert_to_numpy(optimizer.learning_rate)))
        callback.on_epoch_end(epoch, {"val_loss": metric})
    ours = simulate(read(f"keras.callbacks.{call}", lr=0.25).schedule, metrics)
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, err_msg=call)
