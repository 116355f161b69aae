"""Generated schedules in every dialect that can say them, each run by its library."""

from __future__ import annotations

import importlib.util

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from lrtui.schedules import Horizon, Schedule, ScheduleError
from lrtui.schedules.dialects import ReadingError, generate, read
from tests.schedules.dialects.other_libraries import Case, rates_of
from tests.schedules.dialects.test_dialect_libraries import NEEDS
from tests.schedules.schedule_strategies import EPOCH, schedules, shapes

H = Horizon(84, EPOCH)


def _drawn(target: str, examples: int) -> list[tuple[Schedule, str]]:
    """Schedules that a target can say, the same ones every time, with their code."""
    said: dict[str, tuple[Schedule, str]] = {}

    @hypothesis.seed(20261122)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(shapes() | schedules())
    def draw(schedule: Schedule) -> None:
        try:
            if not 1e-6 < schedule.rates(H).max() < 1e6:
                return  # a library's own arithmetic would be what is compared
            said.setdefault(str(schedule), (schedule, generate(schedule, H, target)))
        except ScheduleError:
            return

    draw()
    return list(said.values())


@pytest.mark.parametrize("target", NEEDS)
def test_generated_schedules_run_as_drawn_and_read_back(target: str) -> None:
    if any(importlib.util.find_spec(name) is None for name in NEEDS[target]):
        pytest.skip(f"{target} isn't installed")
    drawn = _drawn(target, 600)
    assert len(drawn) > 20
    library = "torch" if target == "pytorch-native" else target
    every = [EPOCH if f"once an epoch ({EPOCH}" in code else 1 for _, code in drawn]
    cases: list[Case] = [
        (library, code, H.total, step, None) for (_, code), step in zip(drawn, every, strict=True)
    ]
    wrong = []
    for (schedule, code), answer, step in zip(drawn, rates_of(cases), every, strict=True):
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
