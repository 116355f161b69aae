"""plateau and greedy against ReduceLROnPlateau and transformers' GreedyLR: every decision, exactly."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import lrs, torch

from lrtui.schedules import Schedule, family, simulate
from tests.schedules.schedule_strategies import made

METRICS = st.lists(
    st.one_of(
        st.floats(-2, 2),
        st.sampled_from([math.nan, math.inf, -math.inf, 1.0, 0.999, 1.0001, 0.0, -1.0]),
        st.floats(allow_nan=True, allow_infinity=True),
    ),
    max_size=80,
)
MODES = ("mode", "threshold_mode", "factor", "patience", "threshold", "cooldown", "min_lr", "eps")


def _stepped(make: Any, lr: float, metrics: list[float]) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler = make(optimizer)
    rates = []
    for metric in metrics:
        rates.append(float(optimizer.param_groups[0]["lr"]))
        scheduler.step(metric)
    return rates


def _settings(schedule: Schedule, *names: str) -> dict[str, Any]:
    return {name: schedule.values[name] for name in (*MODES, *names)}


@some(120)
@given(made(family("plateau")), METRICS)
def test_plateau_is_torchs(schedule: Schedule, metrics: list[float]) -> None:
    lr = schedule.values["lr"]
    theirs = _stepped(lambda o: lrs.ReduceLROnPlateau(o, **_settings(schedule)), lr, metrics)
    assert simulate(schedule, metrics).tolist() == theirs


@some(120)
@given(made(family("greedy")), METRICS)
def test_greedy_is_transformers(schedule: Schedule, metrics: list[float]) -> None:
    greedy = pytest.importorskip("transformers.optimization").GreedyLR
    window = schedule.values["window"]
    more = _settings(schedule, "warmup", "max_lr", "reset_start")
    smooth = {} if window is None else {"smooth": True, "window_size": window}
    theirs = _stepped(lambda o: greedy(o, **more, **smooth), schedule.values["lr"], metrics)
    assert simulate(schedule, metrics).tolist() == theirs


def test_the_defaults_are_theirs() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    theirs = lrs.ReduceLROnPlateau(optimizer)
    ours = family("plateau").make().values
    for name in ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "eps"):
        assert ours[name] == getattr(theirs, name)
    greedy = pytest.importorskip("transformers.optimization").GreedyLR(optimizer)
    ours = family("greedy").make().values
    for name in (
        *("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "warmup", "eps"),
        "reset_start",
    ):
        assert ours[name] == getattr(greedy, name)
    assert ([ours["min_lr"]], [ours["max_lr"]]) == (greedy.min_lrs, greedy.max_lrs)
