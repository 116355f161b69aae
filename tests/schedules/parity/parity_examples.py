"""How many examples the parity tests try: LRTUI_PARITY=10 makes it ten times as many."""

from __future__ import annotations

import os

from hypothesis import settings

SCALE = float(os.environ.get("LRTUI_PARITY", "1"))


def some(count: int) -> settings:
    """Settings for a property that compares `count` examples with a library."""
    return settings(max_examples=max(1, int(count * SCALE)), deadline=None)
