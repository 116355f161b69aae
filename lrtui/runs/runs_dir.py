"""Where runs live unless a command says otherwise. What lies there is `store`'s to say."""

from __future__ import annotations

import os
from pathlib import Path

from lrtui.runs.files import absolute

RUNS_DIR_VARIABLE = "LRTUI_RUNS_DIR"


def default_runs_dir() -> Path:
    """Where runs live: $LRTUI_RUNS_DIR, else what the settings say, else `runs` in the user's data folder."""
    named = os.environ.get(RUNS_DIR_VARIABLE)
    if named:
        return absolute(named)
    from lrtui import settings

    chosen = settings.load().runs_dir
    if chosen is not None:
        return chosen
    import platformdirs

    return Path(platformdirs.user_data_dir("lrtui")) / "runs"
