"""Libraries and papers that tests can't install: their formulas, transcribed by us, against the families.

fastai 2.8 (callback/schedule.py), DJL (ai.djl.training.tracker), MXNet (lr_scheduler.py), Dive into Deep
Learning, OpenNMT's noam, ULMFiT and IBM's power schedule. A transcription proves that a family has the
formula we read; that the library has it, too, only the library could.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some

from lrtui.schedules import Horizon, parse

LR = st.floats(1e-6, 10)
N = 90
few = some(25)


def agree(text: str, theirs: Callable[[int], float], count: int = N) -> None:
    expected = [theirs(update) for update in range(count)]
    ours = parse(text)(np.arange(count), Horizon(count, 10))
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-14 * max(expected), err_msg=text)


def fastai_cos(start: float, end: float, pos: float) -> float:
    return start + (1 + math.cos(math.pi * (1 - pos))) * (end - start) / 2


def fastai_combined(pct: float, start: float, middle: float, end: float, pos: float) -> float:
    """fastai's combined_cos: combine_scheds([pct, 1 - pct], [SchedCos, SchedCos])."""
    if pos < pct:
        return fastai_cos(start, middle, pos / pct)
    return fastai_cos(middle, end, (pos - pct) / (1 - pct))


@few
@given(LR, st.floats(0.05, 0.9), st.floats(1.5, 50), st.floats(10, 1e6), st.integers(5, N - 1))
def test_fastai_fit_one_cycle(lr: float, pct: float, div: float, final: float, total: int) -> None:
    text = (
        f"one_cycle({lr!r}, pct_start={pct!r}, div_factor={div!r}, final_div_factor={final!r}, "
        f"convention=fastai, steps={total})"
    )
    agree(text, lambda t: fastai_combined(pct, lr / div, lr, lr / final, min(t / total, 1)))


@few
@given(st.floats(0.05, 0.9), st.floats(0.5, 0.9), st.floats(0.91, 0.99), st.integers(5, N - 1))
def test_fastai_momentum_runs_against_the_rate(pct: float, low: float, high: float, total: int) -> None:
    text = (
        f"one_cycle({low!r}, pct_start={pct!r}, div_factor={low / high!r}, final_div_factor={low / high!r}, "
        f"convention=fastai, steps={total})"
    )
    agree(text, lambda t: fastai_combined(pct, high, low, high, min(t / total, 1)))


@few
@given(LR, st.floats(0.0, 0.95), st.floats(10, 1e6), st.integers(5, N - 1))
def test_fastai_fit_flat_cos(lr: float, pct: float, final: float, total: int) -> None:
    def theirs(t: int) -> float:
        pos = min(t / total, 1)
        return lr if pos < pct else fastai_cos(lr, lr / final, (pos - pct) / (1 - pct))

    agree(f"flat_cosine({lr!r}, flat={pct!r}, final_lr={lr / final!r}, steps={total})", theirs)


@few
@given(LR, st.integers(1, 12), st.integers(1, 3), st.integers(1, 3))
def test_fastai_fit_sgdr(lr: float, length: int, growth: int, cycles: int) -> None:
    starts = [0]
    for cycle in range(cycles):
        starts.append(starts[-1] + length * growth**cycle)

    def theirs(t: int) -> float:
        cycle = max(k for k in range(cycles) if starts[k] <= t)
        return fastai_cos(lr, 0.0, (t - starts[cycle]) / (starts[cycle + 1] - starts[cycle]))

    agree(f"sgdr({lr!r}, first_cycle={length}, growth={growth}, cycles={cycles})", theirs, starts[-1])


@few
@given(LR, st.floats(0.1, 0.9), st.integers(1, 40))
def test_fastai_exponential_and_polynomial(lr: float, ratio: float, total: int) -> None:
    gamma = ratio ** (1 / total)
    agree(
        f"exponential({lr!r}, gamma={gamma!r}, steps={total})",
        lambda t: lr * ratio ** min(t / total, 1),
    )
    # SchedPoly is start + (end - start) z^p: what is left of a line to the power is formula's to say.
    agree(
        f'formula("{lr!r} * (1 - {1 - ratio!r} * z ^ 3)", steps={total})',
        lambda t: lr + (lr * ratio - lr) * min(t / total, 1) ** 3,
    )


@few
@given(st.integers(16, 1024), st.integers(1, 60), st.floats(0.1, 4))
def test_opennmt_noam(size: int, warmup: int, scale: float) -> None:
    agree(
        f"noam({scale!r}, d_model={size}, warmup={warmup})",
        lambda t: scale * size**-0.5 * min((t + 1) ** -0.5, (t + 1) * warmup**-1.5),
    )


@few
@given(LR, st.sampled_from([0.1, 0.2, 0.25, 0.05]), st.floats(2, 64), st.sampled_from([20, 40, 60, 80]))
def test_ulmfit_slanted_triangular(lr: float, cut_fraction: float, ratio: float, total: int) -> None:
    cut = math.floor(total * cut_fraction)

    def theirs(t: int) -> float:
        p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_fraction - 1))
        return lr * (1 + p * (ratio - 1)) / ratio

    agree(
        f"slanted_triangular({lr!r}, cut_fraction={cut_fraction}, ratio={ratio!r}, steps={total})",
        theirs,
        total,
    )


def test_d2l_and_the_chapters_trackers() -> None:
    agree("inverse_power(0.1)", lambda t: 0.1 * (t + 1.0) ** -0.5)
    agree("floor(exponential(2, gamma=0.9), 0.01)", lambda t: max(0.01, 2.0 * 0.9**t))
    agree("multistep(0.5, milestones=[15, 30], gamma=0.5)", lambda t: 0.5 * 0.5 ** ((t >= 15) + (t >= 30)))

    def cosine(t: int) -> float:
        if t < 5:
            return t * 0.3 / 5
        if t > 20:
            return 0.01
        return 0.01 + (0.3 - 0.01) * (1 + math.cos(math.pi * (t - 5) / 15)) / 2

    agree("warmup(5) >> cosine(0.3, final_lr=0.01, steps=15)", cosine)


def test_mxnet_and_djl_fall_one_update_later() -> None:
    """Both let the rate fall only past a step, so that all of it comes one update later."""

    def factor(t: int) -> float:  # mxnet's FactorScheduler(step=10, factor=0.5)
        rate, count = 1.0, 0
        while t > count + 10:
            count, rate = count + 10, rate * 0.5
        return rate

    agree("multistep(1, milestones=[11, 21, 31, 41], gamma=0.5)", factor, 51)

    def multifactor(t: int) -> float:  # DJL's MultiFactorTracker: strictly past each step
        return 0.5 ** ((t > 5) + (t > 30))

    agree("multistep(1, milestones=[6, 31], gamma=0.5)", multifactor)


def test_ibm_power_schedule() -> None:
    agree(
        "power_law(0.02, amplitude=4, power=0.51, tokens=1000)",
        lambda t: min(0.02, 4 * (1000 * max(t, 1)) ** -0.51),
    )


@pytest.mark.parametrize(
    "text", ['formula("0.1 * min(1, (t + 1) / 10)")', "warmup(10, first=1) >> constant(0.1)"]
)
def test_pytorch_warmup_counts_from_one(text: str) -> None:
    agree(text, lambda t: 0.1 * min(1.0, (t + 1) / 10))
