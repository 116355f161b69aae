"""Training a run again: going on where it stands, also as another one, or a new run of the same spec.

Puts together what `amend`, `interventions` and `queue` do; the app and the command line both come here.
"""

from __future__ import annotations

import msgspec

from lrtui.runs import interventions
from lrtui.runs.amend import AmendError, amend
from lrtui.runs.launch import LaunchError, Successor
from lrtui.runs.queue import resume, start
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore, StoreError


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
