"""Which of some runs is meant by what a person types, and in what order runs are listed. Reads no logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from lrtui.runs.run import Run


def meant(key: str, runs: Sequence[Run]) -> list[Run]:
    """The runs a key may mean: by the beginning of the id, else its last part, else the name."""
    return (
        [run for run in runs if run.id.startswith(key)]
        or [run for run in runs if run.id.endswith(f"-{key}")]
        or [run for run in runs if run.name == key]
    )


def nearest(key: str, runs: Sequence[Run]) -> list[str]:
    """The ids of the runs, three at most, whose id or name is most like a key that means none."""
    names = [name for run in runs for name in (run.id, run.name)]
    near = get_close_matches(key, names, n=3, cutoff=0.5)
    return list(dict.fromkeys(run.id for name in near for run in runs if name in (run.id, run.name)))[:3]


def newest_first(runs: Iterable[Run]) -> list[Run]:
    """The runs by when they were made."""
    return sorted(runs, key=_made, reverse=True)


def _made(run: Run) -> tuple[float, int, str]:
    # Ids count whole seconds; of two in one second the spec, written once, tells which is newer.
    try:
        written = run.spec_path.stat().st_mtime_ns
    except OSError:
        written = 0
    return run.created, written, run.id
