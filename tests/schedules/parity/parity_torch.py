"""Stepping torch's own schedulers beside ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrtui.schedules import Horizon, parse

torch = pytest.importorskip("torch")
lrs = torch.optim.lr_scheduler

RELATIVE = 1e-9


def torch_rates(make: Callable[[Any], Any], lr: float, count: int) -> np.ndarray:
    """Return the rates torch's optimizer has during updates 0..count-1."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler = make(optimizer)
    optimizer.step()  # torch warns otherwise; there is no gradient, so nothing moves
    rates = []
    for _ in range(count):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        scheduler.step()
    return np.array(rates)


def agree(text: str, theirs: np.ndarray, total: int | None = None, *, scale: float | None = None) -> None:
    """Assert that an expression gives the rates that a library gave.

    Near a final rate of zero torch's recursion has only its absolute error left, a few ulps of the peak.
    """
    ours = parse(text)(np.arange(theirs.size), Horizon(total or theirs.size, 10))
    peak = scale if scale is not None else float(np.abs(theirs).max())
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=2e-15 * peak, err_msg=text)
