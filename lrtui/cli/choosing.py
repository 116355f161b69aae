"""Which runs are meant on the command line: ids, the beginnings of ids, or names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lrtui.cli.options import open_store, wrong_input

if TYPE_CHECKING:
    from lrtui.runs.run import Run


def one_run(id_: str, runs_dir: Path | None) -> Run:
    """The run meant; a usage error if there is none, or several."""
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    with wrong_input(StoreError):
        return store.get(id_)


def chosen_runs(ids: tuple[str, ...], runs_dir: Path | None) -> list[Run]:
    """The runs meant, each once."""
    runs_by_id = {run.id: run for run in (one_run(id_, runs_dir) for id_ in ids)}
    return list(runs_by_id.values())
