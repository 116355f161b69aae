"""Generated schedules in every dialect that can say them, each run by its library and read back.

LRTUI_PARITY=10 draws ten times as many.
"""

from __future__ import annotations

import os
import re
from functools import cache

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.schedules.dialects import ReadingError, generate, read
from tests.schedules.dialects.other_libraries import Case, needs, rates_of
from tests.schedules.dialects.said_examples import LIBRARY
from tests.schedules.schedule_strategies import EPOCH, schedules, shapes

H = Horizon(84, EPOCH)
EXAMPLES = int(300 * float(os.environ.get("LRTUI_PARITY", "1")))


@cache
def _drawn() -> tuple[Schedule, ...]:
    """Schedules that can be drawn, the same ones every time."""
    drawn: dict[str, Schedule] = {}

    @hypothesis.seed(20261122)
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck)
    )
    @given(shapes() | schedules())
    def draw(schedule: Schedule) -> None:
        try:
            # Else a library's own arithmetic would be compared; jax takes subnormal numbers for 0.
            if 1e-6 < schedule.rates(H).max() < 1e6 and not re.search(r"e-3[012]\d", str(schedule)):
                drawn[str(schedule)] = schedule
        except ScheduleError:
            return

    draw()
    return tuple(drawn.values())


def _said(target: str) -> list[tuple[Schedule, str]]:
    said = []
    for schedule in _drawn():
        try:
            said.append((schedule, generate(schedule, H, target)))
        except ScheduleError:
            continue
    return said


@pytest.mark.parametrize("target", LIBRARY)
def test_generated_schedules_run_as_drawn_and_read_back(target: str) -> None:
    needs(LIBRARY[target])
    said = _said(target)
    assert len(said) > 20
    every = [EPOCH if f"once an epoch ({EPOCH}" in code.replace("\n# ", " ") else 1 for _, code in said]
    cases: list[Case] = [
        (LIBRARY[target], code, H.total, step, None) for (_, code), step in zip(said, every, strict=True)
    ]
    wrong = []
    for (schedule, code), answer, step in zip(said, rates_of(cases), every, strict=True):
        rates = schedule.rates(H)
        allowed = (2e-6 if target == "keras" else 1e-9) * rates.max()
        if isinstance(answer, str):
            wrong.append(f"{schedule}: {answer}")
        elif not (np.abs(np.array(answer) - rates) <= allowed).all():
            off = np.abs(np.array(answer) - rates)
            wrong.append(f"{schedule}: off by {off.max()} at update {int(off.argmax())}")
        try:
            again = read(code, clock="epochs" if step > 1 else "updates").schedule.rates(H)
        except (ReadingError, ScheduleError) as error:
            wrong.append(f"{schedule}: unread: {error}")
            continue
        if not (np.abs(again - rates) <= allowed).all():
            wrong.append(f"{schedule}: reads back as something else")
    assert not wrong, "\n".join(wrong)
