"""Nothing that ends the process may reach the drawing library: hostile charts, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_hostile_charts_neither_raise_nor_abort(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(FUZZ), str(seed), "200"],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("200 cases")
