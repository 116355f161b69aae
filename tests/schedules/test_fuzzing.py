"""Whatever is typed or pasted comes to a schedule or to one line, soon and in little memory.

LRTUI_FUZZ=100000 makes it as long as that; LRTUI_FUZZ_SEED takes other inputs.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lrtui.schedules import ScheduleError
from tests.schedules import fuzzing

COUNT = int(os.environ.get("LRTUI_FUZZ", "1000"))
SEED = os.environ.get("LRTUI_FUZZ_SEED", "20261123")
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(max(300, COUNT // 20))
def test_random_and_mutated_inputs_come_to_a_schedule_or_one_line() -> None:
    command = [sys.executable, "-m", "tests.schedules.fuzzing", str(COUNT), SEED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout)
    assert not figures["wrong"], "\n\n".join(figures["wrong"][:10])
    assert figures["schedule"] + figures["refused"] == COUNT
    # Inputs that are all refused, or all right, would prove little.
    assert 0.1 < figures["schedule"] / COUNT < 0.9


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("gamma"), "gamma"),
        (ScheduleError(""), "says nothing"),
        (ScheduleError("x" * 1000), "1000 characters"),
    ],
)
def test_what_breaks_a_promise_is_found(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise error

    monkeypatch.setattr(fuzzing, "parse", fail)
    with pytest.raises((KeyError, AssertionError), match=said):
        fuzzing.come_to("expression", "cosine(0.1)", random.Random(0))
