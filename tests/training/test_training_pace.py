"""A training under a schedule that follows a metric takes exactly torch's decisions, also after a resume."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrtui.schedules import Horizon, decider, parse, typical_trace
from lrtui.training.pace import Pace

EPOCHS, EACH = 40, 3


def paced(expression: str) -> Pace:
    horizon = Horizon(EPOCHS * EACH, EACH)
    following = decider(parse(expression), horizon)
    return Pace(following.rates(np.arange(horizon.total)), EACH, decider=following)


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("resumed_after", [None, 1, 17])
def test_plateau_trains_as_torchs_does(mode: str, resumed_after: int | None) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    theirs = ReduceLROnPlateau(
        optimizer, mode, factor=0.5, patience=2, cooldown=1, threshold=0.02, min_lr=1e-3
    )
    expression = (
        f"plateau(0.1, mode={mode}, factor=0.5, patience=2, cooldown=1, threshold=0.02, min_lr=0.001)"
    )
    pace = paced(expression)
    losses, accuracies = typical_trace(EPOCHS), typical_trace(EPOCHS, mode="max")
    rates = set()
    for epoch in range(EPOCHS):
        for update in range(epoch * EACH, (epoch + 1) * EACH):
            rates.add(pace.settings(update)["lr"])
            assert pace.settings(update)["lr"] == optimizer.param_groups[0]["lr"]
        pace.observe((epoch + 1) * EACH, float(losses[epoch]), float(accuracies[epoch]))
        theirs.step(float(accuracies[epoch] if mode == "max" else losses[epoch]))
        if epoch == resumed_after:
            state = json.loads(json.dumps(pace.state()))
            pace = paced(expression)
            pace.restore(state, (epoch + 1) * EACH, epoch + 1)
    assert len(rates) > 4
