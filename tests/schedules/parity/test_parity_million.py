"""A million updates: each library's own arithmetic at chosen updates of a horizon of 10^6.

The calls are read as schedules, so that the reading is compared, too. torch's recursive schedulers are made
to do one step from our rate of the update before, which is what the chain of a million does at that place,
and are asked for their closed form; LRTUI_PARITY=10 steps more of them the whole way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from parity_examples import SCALE
from parity_torch import lrs, torch

from lrtui.schedules import Horizon, parse
from lrtui.schedules.dialects import read

T = 10**6
HORIZON = Horizon(T + 2000)
UPDATES = np.array(
    [
        *(
            0,
            1,
            2,
            121,
            999,
            1000,
            1001,
            29_524,
            99_999,
            100_000,
            100_001,
            300_000,
            333_333,
            499_999,
            500_000,
        ),
        *(500_001, 777_777, 899_999, 900_000, 999_000, 999_998, 999_999),
    ]
)
PAST = np.array([T, T + 1, T + 1000])

TORCH = [
    "ConstantLR(opt, 0.5, 500000)",
    "LinearLR(opt, 0.001, 1.0, 1000000)",
    "LinearLR(opt, 1.0, 0.0, 1000000)",
    "PolynomialLR(opt, 1000000, 2.0)",
    "PolynomialLR(opt, 1000000, 0.5)",
    "CosineAnnealingLR(opt, 1000000, 0.001)",
    "CosineAnnealingLR(opt, 1000000)",
    "ExponentialLR(opt, 0.99999)",
    "ExponentialLR(opt, 1.0)",
    "StepLR(opt, 1000, 0.99)",
    "MultiStepLR(opt, [900000, 300000, 300000, 1000], 0.1)",
    "CyclicLR(opt, 0.001, 0.1, 100000, 50000)",
    "CyclicLR(opt, 0.001, 0.1, 100000, mode='triangular2')",
    "CyclicLR(opt, 0.001, 0.1, 100000, mode='exp_range', gamma=0.99999)",
    "OneCycleLR(opt, 0.1, 1000000)",
    "OneCycleLR(opt, 0.1, 1000000, anneal_strategy='linear', three_phase=True)",
]


def same(ours: Any, theirs: Any, what: str) -> None:
    """Assert agreement; where a rate comes to zero both have only ulps of the peak left."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=4e-15 * float(np.max(theirs)), err_msg=what)


def made(text: str) -> tuple[Any, Any]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=0.9)
    optimizer.step()
    return optimizer, eval(text, {**vars(lrs), "opt": optimizer})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", TORCH)
def test_torch_at_chosen_updates(text: str) -> None:
    schedule = read(text, lr=0.1).schedule
    ours = schedule(UPDATES, HORIZON)
    before = schedule(np.maximum(UPDATES - 1, 0), HORIZON)
    stepped, closed = [float(ours[0])], []
    optimizer, scheduler = made(text)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(ours[0], rel=1e-9)
    for update, rate in zip(UPDATES[1:], before[1:], strict=True):
        scheduler.last_epoch = int(update) - 1
        optimizer.param_groups[0]["lr"] = float(rate)
        scheduler.step()
        stepped.append(float(optimizer.param_groups[0]["lr"]))
    same(ours, stepped, text)
    if hasattr(scheduler, "_get_closed_form_lr"):
        for update in UPDATES:
            scheduler.last_epoch = int(update)
            closed.append(scheduler._get_closed_form_lr()[0])
        same(ours, closed, text)


WHOLE = ["CosineAnnealingLR(opt, 1000000, 0.001)"]
if SCALE >= 10:
    WHOLE += [text for text in TORCH if text not in WHOLE]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", WHOLE)
def test_torch_stepped_the_whole_way(text: str) -> None:
    optimizer, scheduler = made(text)
    group, theirs = optimizer.param_groups[0], np.empty(T)
    for update in range(T):
        theirs[update] = group["lr"]
        if update + 1 < T:
            scheduler.step()
    ours = read(text, lr=0.1).schedule(np.arange(T), HORIZON)
    # The error of a million steps adds up: near a rate of zero it is what is left of the peak's.
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10 * theirs.max(), err_msg=text)


@pytest.mark.parametrize(
    ("growth", "restarts"), [(3, [121, 9841, 29_524]), (2, [127, 16_383]), (1, [29_999])]
)
def test_growing_restarts_where_logarithms_fail(growth: int, restarts: list[int]) -> None:
    count = 30_000
    optimizer, scheduler = made(f"CosineAnnealingWarmRestarts(opt, 1, {growth}, 0.01)")
    theirs = []
    for _ in range(count):
        theirs.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    assert [theirs[restart] for restart in restarts] == [0.1] * len(restarts)
    for text in (
        "sgdr(0.1, final_lr=0.01, first_cycle=1, growth={})",
        "repeat(cosine(0.1, final_lr=0.01), cycle=1, growth={})",
    ):
        ours = parse(text.format(growth))(np.arange(count), HORIZON)
        same(ours, theirs, text)
        assert [float(ours[restart]) for restart in restarts] == [0.1] * len(restarts)


OPTAX = [
    "linear_schedule(0.0, 0.1, 1000000)",
    "polynomial_schedule(0.1, 0.0, 2.0, 1000000)",
    "polynomial_schedule(0.1, 0.01, 0.5, 1000000)",
    "cosine_decay_schedule(0.1, 1000000)",
    "cosine_decay_schedule(0.1, 1000000, 0.01, 0.5)",
    "exponential_decay(0.1, 1000, 0.99)",
    "exponential_decay(0.1, 1000, 0.99, staircase=True, end_value=0.001)",
    "exponential_decay(0.1, 1, 1.0)",
    "piecewise_constant_schedule(0.1, {300000: 0.5, 900000: 0.1})",
    "piecewise_interpolate_schedule('cosine', 0.1, {300000: 3.0, 900000: 0.1})",
    "warmup_cosine_decay_schedule(0.0, 0.1, 1000, 1000000, 0.001)",
    "warmup_exponential_decay_schedule(0.0, 0.1, 1000, 1000, 0.99)",
    "cosine_onecycle_schedule(1000000, 0.1)",
    "linear_onecycle_schedule(1000000, 0.1)",
    "join_schedules([linear_schedule(0.0, 0.1, 1000), cosine_decay_schedule(0.1, 999000)], [1000])",
]


@pytest.fixture
def double_precision() -> Any:
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


def test_optax_at_chosen_updates(double_precision: Any) -> None:
    optax, jax = pytest.importorskip("optax"), double_precision
    updates = np.concatenate([UPDATES, PAST])
    for text in OPTAX:
        theirs = jax.vmap(eval(text, {**vars(optax), **vars(optax.schedules)}))(jax.numpy.asarray(updates))
        ours = read(text).schedule(updates, HORIZON)
        # It subtracts before it takes a power: what cancels there is relative to the peak.
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10 * theirs.max(), err_msg=text)


TIMM = [
    "CosineLRScheduler(opt, t_initial=1000000, lr_min=0.001, t_in_epochs=False)",
    "CosineLRScheduler(opt, 1000000, 0.0, warmup_t=1000, warmup_prefix=True, t_in_epochs=False)",
    "CosineLRScheduler(opt, 100000, cycle_limit=9, cycle_decay=0.5, t_in_epochs=False)",
    "PolyLRScheduler(opt, 1000000, power=0.5, t_in_epochs=False)",
    "StepLRScheduler(opt, 1000, 0.99, warmup_t=999, t_in_epochs=False)",
    "MultiStepLRScheduler(opt, [300001, 300001, 900001], 0.1, t_in_epochs=False)",
    "TanhLRScheduler(opt, 1002000, t_in_epochs=False)",
    "WSDLRScheduler(opt, 1000000, 100000, lr_min=0.001, t_in_epochs=False)",
]


@pytest.mark.parametrize("text", TIMM)
def test_timm_at_chosen_updates(text: str) -> None:
    timm = pytest.importorskip("timm.scheduler")
    wsd = pytest.importorskip("timm.scheduler.wsd_lr")
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = eval(text, {**vars(wsd), **vars(timm), "opt": optimizer})
    updates = np.concatenate([UPDATES, PAST])
    theirs = []
    for update in updates:
        scheduler.step_update(int(update))
        theirs.append(optimizer.param_groups[0]["lr"])
    ours = read(text, lr=0.1).schedule(updates, HORIZON)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15, err_msg=text)


TRANSFORMERS = [
    "get_linear_schedule_with_warmup(opt, 1000, 1000000)",
    "get_linear_schedule_with_warmup(opt, 0, 1000000)",
    "get_cosine_schedule_with_warmup(opt, 1000, 1000000)",
    "get_cosine_with_min_lr_schedule_with_warmup(opt, 1000, 1000000, min_lr=0.001)",
    "get_cosine_with_hard_restarts_schedule_with_warmup(opt, 0, 1000000, num_cycles=10)",
    "get_polynomial_decay_schedule_with_warmup(opt, 1000, 1000000, lr_end=1e-5, power=2.0)",
    "get_inverse_sqrt_schedule(opt, 1000)",
    "get_wsd_schedule(opt, 1000, 100000, num_training_steps=1000000, min_lr_ratio=0.01)",
    "get_constant_schedule_with_warmup(opt, 999)",
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", TRANSFORMERS)
def test_transformers_at_chosen_updates(text: str) -> None:
    optimization = pytest.importorskip("transformers.optimization")
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    factor = eval(text, {**vars(optimization), "opt": optimizer}).lr_lambdas[0]
    theirs = [0.1 * factor(int(update)) for update in UPDATES]
    same(read(text, lr=0.1).schedule(UPDATES, HORIZON), theirs, text)


KERAS = [
    "ExponentialDecay(0.1, 1000, 0.99)",
    "PolynomialDecay(0.1, 1000000, 0.001, 2.0)",
    "InverseTimeDecay(0.1, 1000, 0.5)",
    "CosineDecay(0.1, 1000000, 0.01)",
    "CosineDecay(0.0, 999000, warmup_target=0.1, warmup_steps=1000)",
    "PiecewiseConstantDecay([300000, 900000], [0.1, 0.05, 0.01])",
]


@pytest.mark.parametrize("text", KERAS)
def test_keras_at_chosen_updates(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    schedules = pytest.importorskip("keras.optimizers.schedules")
    schedule = eval(text, vars(schedules))
    updates = np.concatenate([UPDATES, PAST])
    theirs = np.array([float(schedule(int(update))) for update in updates])
    ours = read(text).schedule(updates, HORIZON)
    # It computes in float32, where a part of a million updates is known to 6e-8 of the peak.
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=2e-7 * theirs.max(), err_msg=text)
