"""Schedules that follow a metric in a script's own loop decide as in a drawing, and so as torch's."""

from __future__ import annotations

from typing import Any

import pytest

import lrtui
from lrtui.integrations.trainers import Trained
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore
from lrtui.schedules import Horizon, parse, simulate, typical_trace

EPOCHS, EACH = 30, 4


@pytest.mark.parametrize(
    ("expression", "metric"),
    [
        ("plateau(0.1, patience=1)", "test_loss"),
        ("plateau(0.1, patience=1)", "val_loss"),
        ("plateau(0.1, mode=max, patience=0, factor=0.5)", "test_acc"),
        ("warmup(2ep) >> plateau(0.1, patience=1, cooldown=2)", "loss"),
        ("greedy(0.1, patience=1)", "eval_loss"),
    ],
)
def test_the_rates_are_those_of_a_drawing_on_the_same_metrics(
    expression: str, metric: str, store: RunStore
) -> None:
    schedule = parse(expression)
    follows = schedule.metric_driven
    assert follows is not None
    trace = typical_trace(EPOCHS, mode=follows.values["mode"])
    rates = []
    with lrtui.start(
        lr=expression, total_steps=EPOCHS * EACH, steps_per_epoch=EACH, runs_dir=store.root
    ) as run:
        for step, lr in run.rates():
            rates.append(lr)
            if (step + 1) % EACH == 0:
                run.epoch(**{metric: float(trace[step // EACH])})
    assert rates == simulate(schedule, trace, Horizon(EPOCHS * EACH, EACH)).tolist()
    assert len(set(rates)) > 2
    assert run.run.state().value == "completed"


def test_without_its_metric_it_warns_once_and_keeps_its_rate(store: RunStore) -> None:
    rates = []

    def train() -> None:
        with lrtui.start(lr="plateau(0.1, patience=0)", total_steps=3, runs_dir=store.root) as run:
            for _, lr in run.rates():
                rates.append(lr)
                run.epoch(perplexity=3.0)

    with pytest.warns(RuntimeWarning, match="report one of test_loss, val_loss,") as warned:
        train()
    assert rates == [0.1] * 3
    assert len(warned) == 1


def test_what_cannot_be_followed_is_said_before_there_is_a_run(store: RunStore) -> None:
    with pytest.raises(SpecError, match="lr: plateau behind another phase needs to know"):
        lrtui.start(lr="warmup(2) >> plateau(0.1)", total_steps=9, runs_dir=store.root)
    with pytest.raises(SpecError, match="plateau follows a metric, which only one process hears of"):
        Trained("plateau(0.1)", "", store.root, {}).begin([], 9, 3, alone=False)
    assert store.runs() == []


def test_a_trainer_has_it_decide_by_the_metrics_of_its_epochs(store: RunStore) -> None:
    class Optimizer:
        param_groups: list[dict[str, Any]] = [{"lr": 1.0}]

    optimizer = Optimizer()
    trained = Trained("plateau(0.1, patience=0, factor=0.5)", "", store.root, {})
    trained.begin([optimizer], 4, 1)
    rates = []
    for step in range(4):
        trained.before(step)
        rates.append(optimizer.param_groups[0]["lr"])
        trained.epoch({"test_loss": 1.0})
    trained.end()
    assert rates == [0.1, 0.1, 0.05, 0.025]
