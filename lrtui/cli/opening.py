"""`lrtui` without a command: sees that there is a usable terminal, then loads and opens the app."""

from __future__ import annotations

from pathlib import Path

import click

from lrtui.cli.options import open_store, wrong_input
from lrtui.cli.terminal import objection


def open_app(runs_dir: Path | None) -> int:
    """Open the app and return its exit code when it is closed.

    Raises:
        click.UsageError: There is no usable terminal, or the runs folder can't be used.
    """
    reason = objection()
    if reason is not None:
        raise click.UsageError(reason, click.get_current_context())
    store = open_store(runs_dir)

    from lrtui.runs.store import StoreError
    from lrtui.ui.app import run_app

    with wrong_input(StoreError):
        store.check_writable()

    return run_app(store)
