"""`lrtui` without a command: sees that there is a usable terminal, then loads and opens the app."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrtui.cli.options import open_store
from lrtui.cli.terminal import objection

if TYPE_CHECKING:
    from lrtui.runs.store import RunStore


def open_app(runs_dir: Path | None, flags: Mapping[str, Any]) -> int:
    """Open the app and return its exit code when it is closed.

    Args:
        runs_dir: What `--runs-dir` says.
        flags: What the other options say about the app, as `settings.load` takes them.

    Raises:
        click.UsageError: There is no usable terminal, or the runs folder can't be used.
    """
    reason = objection()
    if reason is not None:
        raise click.UsageError(reason, click.get_current_context())
    # Some programs export the size their child began with; believed, it would hide every later resize.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    # Textual paints at fixed moments: the second of two changes on one key would wait for up to 1/60 s.
    os.environ.setdefault("TEXTUAL_FPS", "120")

    from lrtui.settings import load
    from lrtui.ui.running import run_app

    def store() -> RunStore:
        opened = open_store(runs_dir)
        opened.check_usable()
        return opened

    # The app calls it after its first frame: a store brings numpy with it.
    try:
        return run_app(store, load({**flags, "runs_dir": runs_dir}))
    except RuntimeError as error:
        from lrtui.runs.store import StoreError

        if isinstance(error, StoreError):
            raise click.UsageError(str(error), click.get_current_context()) from error
        raise
