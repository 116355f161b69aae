"""One round of the fault suite; by command it makes as many as one likes (`fault_suite.py --rounds 40`)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fault_files import mutate, tear_logs
from fault_suite import FAULTS, Fault

from lrtui.runs import files, run


@pytest.mark.parametrize(("fault", "rounds"), FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_nothing_is_lost_left_wrong_or_unreadable(fault: Fault, rounds: int, tmp_path: Path) -> None:
    counts = fault(tmp_path, rounds, random.Random(0))
    assert counts.faults == rounds
    assert (counts.bad, counts.problems) == (0, [])


def test_the_suite_notices_what_it_is_there_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.LineAppender, "_ends_torn", lambda _: False)
    assert tear_logs(tmp_path / "a", 20, random.Random(0)).epochs_lost > 0
    monkeypatch.setattr(run, "SpecError", KeyError)
    assert mutate(tmp_path / "b", 40, random.Random(0)).unreadable_runs > 0
