"""Training a run again: going on where it stands, also as another one, or a new run of the same spec.

Puts together what `amend`, `interventions` and `queue` do; the app and the command line both come here.
"""

from __future__ import annotations

import re

import msgspec

from lrtui.runs import interventions
from lrtui.runs.amend import AmendError, amend
from lrtui.runs.launch import LaunchError, Successor
from lrtui.runs.queue import resume, start
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore, StoreError

MOST_SEEDS = 100
"""Repetitions that are begun at once, at most: a slip of the finger is not to fill the queue for weeks."""


class AgainError(RuntimeError):
    """A run that can't be trained again like that; the message is one line.

    Attributes:
        field: of the spec, if it is to blame.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def go_on(
    store: RunStore,
    run: Run,
    by: str,
    *,
    epochs: int | None = None,
    schedule: str | None = None,
    standby: Successor | None = None,
) -> None:
    """Take an ended run up at its last checkpoint, with other epochs or another schedule from there if given.

    It waits for its turn if too many train already; if not, `standby` may become its worker.

    Raises:
        AgainError: if it hasn't ended, has nothing left to do, or what is given can't be.
    """
    try:
        if epochs is not None or schedule is not None:
            amend(run, epochs=epochs, schedule=schedule)
        resume(store, run, by, standby=standby)
    except SpecError as error:
        raise AgainError(str(error), error.field) from error
    except (AmendError, LaunchError) as error:
        raise AgainError(str(error)) from error


def seeds(text: str) -> tuple[int, ...]:
    """The seeds that a text names, each once and in its order: ``3``, ``1, 2, 5`` or ``1-4``.

    Raises:
        ValueError: it names none, or more than `MOST_SEEDS`.
    """
    found: dict[int, None] = {}
    for part in re.sub(r"\s*-\s*", "-", text.strip()).replace(",", " ").split():
        ends = re.fullmatch(r"(\d{1,19})(?:-(\d{1,19}))?", part, re.ASCII)
        if ends is None:
            raise ValueError("must be a whole number, or several: 1-4, or 1, 2, 5")
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if last < first:
            raise ValueError(f"{part} ends before it begins: {last}-{first}")
        if last - first >= MOST_SEEDS or len(found) >= MOST_SEEDS:
            raise ValueError(f"names too many: {MOST_SEEDS} runs at once at most")
        found.update(dict.fromkeys(range(first, last + 1)))
    if not found or len(found) > MOST_SEEDS:
        raise ValueError(f"names too many: {MOST_SEEDS} runs at once at most" if found else "is missing")
    return tuple(found)


def repeat(
    store: RunStore, run: Run, by: str, *, seed: int | None = None, standby: Successor | None = None
) -> Run:
    """Start, or queue, a new run that does what a run did, hand-set rates included; `seed` is another one.

    If it starts at once, `standby` may become its worker.

    Raises:
        AgainError: if the spec can't be read or isn't lrtui's to start, or nothing can be written.
    """
    try:
        spec = interventions.repeat(run)
        changed = {"seed": spec.seed if seed is None else seed, "name": run.labels.name or spec.name}
        spec = msgspec.structs.replace(spec, **changed)
        spec.check()
        return start(store, spec, by, standby=standby)
    except SpecError as error:
        raise AgainError(str(error), error.field) from error
    except (StoreError, LaunchError) as error:
        raise AgainError(str(error)) from error
