"""Families against pytorch_scheduler's, whose rates are pure functions of the update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, torch

from lrtui.schedules import Horizon, parse

library: Any = pytest.importorskip("pytorch_scheduler.scheduler")

LR = st.floats(1e-6, 10)
RATIO = st.floats(0.001, 0.9)
TOTAL = st.integers(30, 70)
WARMUP = st.integers(0, 12)
N = 80
few = some(15)


def rates(name: str, lr: float, **values: Any) -> np.ndarray:
    scheduler = getattr(library, name)(torch.optim.SGD([torch.zeros(1)], lr=lr), **values)
    return np.array([scheduler._lr_at(update, [lr])[0] for update in range(N)])


@few
@given(LR, TOTAL)
def test_rex(lr: float, total: int) -> None:
    agree(f"rex({lr!r}, steps={total})", rates("RexScheduler", lr, total_steps=total))


@few
@given(LR, RATIO, TOTAL, st.floats(0.3, 4))
def test_k_decay(lr: float, ratio: float, total: int, k: float) -> None:
    theirs = rates("KDecayScheduler", lr, total_steps=total, k=k, min_lr=lr * ratio)
    agree(f"cosine({lr!r}, final_lr={lr * ratio!r}, k={k!r}, steps={total})", theirs, scale=10 * lr)


@few
@given(LR, RATIO, TOTAL, st.floats(0.5, 8))
def test_tanh(lr: float, ratio: float, total: int, steepness: float) -> None:
    theirs = rates("TanhDecayScheduler", lr, total_steps=total, steepness=steepness, min_lr=lr * ratio)
    text = f"tanh({lr!r}, final_lr={lr * ratio!r}, lower={-steepness!r}, upper={steepness!r}, steps={total})"
    agree(text, theirs[:total], scale=10 * lr)


@few
@given(LR, RATIO, TOTAL, st.integers(0, 60))
def test_hyperbolic_and_its_logarithm(lr: float, ratio: float, total: int, beyond: int) -> None:
    final, bound = lr * ratio, total + beyond
    values = {"total_steps": total, "upper_bound": bound, "min_lr": final}
    how = f"final_lr={final!r}, upper_bound={bound}, steps={total}"
    agree(f"hyperbolic({lr!r}, {how})", rates("HyperbolicLRScheduler", lr, **values), scale=10 * lr)
    agree(f"exp_hyperbolic({lr!r}, {how})", rates("ExpHyperbolicLRScheduler", lr, **values), scale=10 * lr)


@few
@given(LR, st.integers(1, 20))
def test_inverse_sqrt(lr: float, warmup: int) -> None:
    theirs = rates("InverseSqrtScheduler", lr, warmup_steps=warmup)
    agree(f"inverse_sqrt({lr!r}, warmup={warmup})", theirs)


@few
@given(LR, RATIO, TOTAL, WARMUP)
def test_linear_and_cosine_behind_a_warmup(lr: float, ratio: float, total: int, warmup: int) -> None:
    values = {"total_steps": total, "warmup_steps": warmup, "min_lr": lr * ratio}
    how = f"{lr!r}, final_lr={lr * ratio!r}, steps={total - warmup}"
    agree(f"warmup({warmup}) >> linear({how})", rates("LinearDecayScheduler", lr, **values))
    theirs = rates("CosineWithWarmupScheduler", lr, **values)
    agree(f"warmup({warmup}) >> cosine({how})", theirs, scale=10 * lr)


@few
@given(LR, RATIO, TOTAL, WARMUP, st.integers(0, 15))
def test_warmup_hold_cosine(lr: float, ratio: float, total: int, warmup: int, hold: int) -> None:
    theirs = rates(
        "WarmupHoldCosineScheduler",
        lr,
        total_steps=total,
        warmup_steps=warmup,
        hold_steps=hold,
        min_lr=lr * ratio,
    )
    flat = f"constant({lr!r}, steps={hold}) >> " if hold else ""
    fall = f"cosine({lr!r}, final_lr={lr * ratio!r}, steps={total - warmup - hold})"
    agree(f"warmup({warmup}) >> {flat}{fall}", theirs, scale=10 * lr)


@few
@given(LR, RATIO, TOTAL, WARMUP, st.integers(1, 15), st.sampled_from(["cosine", "linear", "sqrt"]))
def test_trapezoids(lr: float, ratio: float, total: int, warmup: int, decay: int, shape: str) -> None:
    final = lr * ratio
    text = f"wsd({lr!r}, warmup={warmup}, decay={decay}, final_lr={final!r}, steps={total}, shape="
    theirs = rates(
        "WSDScheduler",
        lr,
        total_steps=total,
        warmup_steps=warmup,
        stable_steps=total - warmup - decay,
        min_lr=final,
        decay_type=shape,
    )
    agree(f"{text}{shape})", theirs, scale=10 * lr)
    theirs = rates(
        "TrapezoidalScheduler", lr, total_steps=total, warmup_steps=warmup, decay_steps=decay, min_lr=final
    )
    agree(f"{text}linear)", theirs)


@few
@given(LR, RATIO, TOTAL, st.floats(0.5, 4))
def test_polynomial_whose_cycle_repeats(lr: float, ratio: float, total: int, power: float) -> None:
    text = f"polynomial({lr!r}, final_lr={lr * ratio!r}, power={power!r}, steps={total})"
    values = {"total_steps": total, "power": power, "min_lr": lr * ratio}
    agree(text, rates("PolynomialScheduler", lr, **values))
    # Its cycle starts again, unlike keras's, which stretches.
    agree(f"repeat({text})", rates("PolynomialScheduler", lr, cycle=True, **values))


@few
@given(LR, RATIO, TOTAL, st.sampled_from([0.0, 0.25, 0.5, 0.75]))
def test_flat_cosine(lr: float, ratio: float, total: int, flat: float) -> None:
    total = total - total % 4  # the flat part ends on a whole update there
    theirs = rates("FlatCosineScheduler", lr, total_steps=total, flat_fraction=flat, min_lr=lr * ratio)
    text = f"flat_cosine({lr!r}, flat={flat}, final_lr={lr * ratio!r}, steps={total})"
    agree(text, theirs, scale=10 * lr)


def test_slanted_triangular_follows_the_paper() -> None:
    """A deliberate difference: there the fall always ends with the training, in the paper by its formula.

    They are equal where the fraction gives whole updates, and part where the cut is rounded.
    """
    theirs = rates("SlantedTriangularScheduler", 1.0, total_steps=60, cut_frac=0.1)
    agree("slanted_triangular(1, steps=60)", theirs)
    theirs = rates("SlantedTriangularScheduler", 1.0, total_steps=65, cut_frac=0.1)
    ours = parse("slanted_triangular(1, steps=65)")(np.arange(N), Horizon(N))
    assert np.abs(ours - theirs).max() > 0.01
    cut = 6  # floor(65 * 0.1): ULMFiT's p = 1 - (t - cut) / (cut * (1 / 0.1 - 1))
    assert ours[33] == pytest.approx((1 + (1 - (33 - cut) / (cut * 9)) * 31) / 32, rel=1e-12)
