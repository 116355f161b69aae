"""Families against transformers.get_scheduler, which is all LambdaLR, in float64."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, torch, torch_rates

from lrtui.schedules import simulate
from lrtui.schedules.dialects import read

optimization = pytest.importorskip("transformers.optimization")

pytestmark = pytest.mark.filterwarnings("ignore")

LR = st.floats(1e-6, 10)
WARMUP = st.integers(0, 30)
DECAY = st.integers(1, 60)
few = some(25)


def hugging(name: str, lr: float, warmup: int, total: int, **kwargs: Any) -> Any:
    return torch_rates(
        lambda o: optimization.get_scheduler(
            name, o, num_warmup_steps=warmup, num_training_steps=total, scheduler_specific_kwargs=kwargs
        ),
        lr,
        total,
    )


@few
@given(LR, WARMUP, DECAY)
def test_linear(lr: float, warmup: int, decay: int) -> None:
    agree(f"warmup({warmup}) >> linear({lr!r})", hugging("linear", lr, warmup, warmup + decay))


@few
@given(LR, WARMUP, DECAY, st.sampled_from([0.5, 1.0, 1.5, 2.0, 0.3]))
def test_cosine_with_waves(lr: float, warmup: int, decay: int, waves: float) -> None:
    theirs = hugging("cosine", lr, warmup, warmup + decay, num_cycles=waves)
    agree(f"warmup({warmup}) >> cosine({lr!r}, half_cycles={2 * waves!r})", theirs, scale=10 * lr)


@few
@given(LR, WARMUP, DECAY, st.floats(0, 1))
def test_cosine_with_a_floor(lr: float, warmup: int, decay: int, ratio: float) -> None:
    theirs = hugging("cosine_with_min_lr", lr, warmup, warmup + decay, min_lr_rate=ratio)
    agree(f"warmup({warmup}) >> cosine({lr!r}, final_lr={lr * ratio!r})", theirs, scale=10 * lr)


@few
@given(LR, WARMUP, st.integers(1, 12), st.integers(1, 5))
def test_hard_restarts(lr: float, warmup: int, cycle: int, cycles: int) -> None:
    theirs = hugging("cosine_with_restarts", lr, warmup, warmup + cycle * cycles, num_cycles=cycles)
    # (cycles * progress) % 1 is off by an ulp now and then, which at a restart is a whole cycle.
    if all(math.isclose(theirs[warmup + k * cycle], lr) for k in range(cycles)):
        agree(f"warmup({warmup}) >> sgdr({lr!r}, first_cycle={cycle})", theirs, scale=100 * lr)
        agree(f"warmup({warmup}) >> repeat(cosine({lr!r}), cycles={cycles})", theirs, scale=100 * lr)


@few
@given(LR, WARMUP, DECAY, st.floats(0.3, 4))
def test_polynomial(lr: float, warmup: int, decay: int, power: float) -> None:
    theirs = hugging("polynomial", lr, warmup, warmup + decay, lr_end=lr / 7, power=power)
    agree(f"warmup({warmup}) >> polynomial({lr!r}, final_lr={lr / 7!r}, power={power!r})", theirs)


@few
@given(LR, st.integers(1, 30), DECAY)
def test_inverse_sqrt(lr: float, warmup: int, decay: int) -> None:
    theirs = hugging("inverse_sqrt", lr, warmup, warmup + decay)
    agree(f"inverse_sqrt({lr!r}, warmup={warmup})", theirs)
    agree(f"warmup({warmup}) >> inverse_power({lr!r}, timescale={warmup})", theirs)
    agree(f"inverse_sqrt({lr!r}, warmup=0, timescale=10000)", hugging("inverse_sqrt", lr, 0, decay))


@few
@given(
    LR, WARMUP, st.integers(0, 20), DECAY, st.sampled_from(["linear", "cosine", "1-sqrt"]), st.floats(0, 0.5)
)
def test_wsd(lr: float, warmup: int, stable: int, decay: int, shape: str, floor: float) -> None:
    theirs = hugging(
        "warmup_stable_decay",
        lr,
        warmup,
        warmup + stable + decay,
        num_decay_steps=decay,
        num_stable_steps=stable,
        decay_type=shape,
        min_lr_ratio=floor,
    )
    ends = f"start_lr={lr * floor!r}, final_lr={lr * floor!r}"
    ours = {"1-sqrt": "sqrt"}.get(shape, shape)
    agree(f"wsd({lr!r}, warmup={warmup}, decay={decay}, shape={ours}, {ends})", theirs, scale=10 * lr)


METRIC = st.lists(st.one_of(st.floats(-2, 2), st.sampled_from([math.nan, math.inf, 1.0])), max_size=60)
RULES = {
    "mode": st.sampled_from(["min", "max"]),
    "patience": st.integers(0, 4),
    "factor": st.floats(0.1, 0.9),
    "cooldown": st.integers(0, 4),
    "threshold": st.sampled_from([0.0, 1e-4, 0.1]),
    "threshold_mode": st.sampled_from(["rel", "abs"]),
    "min_lr": st.sampled_from([0.0, 0.03]),
}
SMOOTH = {"smooth": st.booleans(), "window_size": st.integers(1, 5), "warmup": st.integers(0, 4)}


def follows(kind: str, lr: float, kwargs: dict[str, Any], metrics: list[float]) -> None:
    """Assert that what is read of get_scheduler decides as what get_scheduler makes."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    made = optimization.get_scheduler(kind, optimizer, scheduler_specific_kwargs=dict(kwargs))
    theirs = []
    for metric in metrics:
        theirs.append(float(optimizer.param_groups[0]["lr"]))
        made.step(metric)
    call = f"get_scheduler('{kind}', optimizer, scheduler_specific_kwargs={kwargs!r})"
    assert simulate(read(call, lr=lr).schedule, metrics).tolist() == theirs, call


@few
@given(LR, st.fixed_dictionaries({}, optional=RULES), METRIC)
def test_plateau_as_it_is_read(lr: float, kwargs: dict[str, Any], metrics: list[float]) -> None:
    follows("reduce_lr_on_plateau", lr, kwargs, metrics)


@few
@given(st.floats(1e-3, 1), st.fixed_dictionaries({}, optional=RULES | SMOOTH), METRIC)
def test_greedy_as_it_is_read(lr: float, kwargs: dict[str, Any], metrics: list[float]) -> None:
    follows("greedy", lr, kwargs, metrics)
