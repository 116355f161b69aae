"""Training a run again: going on where it stands, also as another one, or a new run of the same spec.

Puts together what `amend` and `launch` do; the app and the command line both come here.
"""

from __future__ import annotations

import msgspec

from lrtui import __version__
from lrtui.runs.amend import AmendError, amend
from lrtui.runs.launch import LaunchError, launch, take_up
from lrtui.runs.run import Run
from lrtui.runs.spec import OWN, SpecError
from lrtui.runs.store import RunStore, StoreError


class AgainError(RuntimeError):
    """A run that can't be trained again like that; the message is one line.

    Attributes:
        field: of the spec, if it is to blame.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def go_on(run: Run, *, epochs: int | None = None, schedule: str | None = None) -> None:
    """Take an ended run up at its last checkpoint, with other epochs or another schedule from there if given.

    Raises:
        AgainError: if it hasn't ended, has nothing left to do, or what is given can't be.
    """
    try:
        if epochs is not None or schedule is not None:
            amend(run, epochs=epochs, schedule=schedule)
        take_up(run)
    except SpecError as error:
        raise AgainError(str(error), error.field) from error
    except (AmendError, LaunchError) as error:
        raise AgainError(str(error)) from error


def repeat(store: RunStore, run: Run, *, seed: int | None = None) -> Run:
    """Start a new run of a run's spec, with another seed if one is given.

    Raises:
        AgainError: if the spec can't be read or isn't lrtui's to start, or nothing can be written.
    """
    try:
        spec = run.spec
        if spec.task == OWN:
            raise AgainError(f"run {run.id} is a script's own loop: start that script again")
        spec = msgspec.structs.replace(
            spec,
            seed=spec.seed if seed is None else seed,
            name=run.labels.name or spec.name,
            lrtui=__version__,
        )
        spec.check()
        new = store.create(spec)
        launch(new)
    except SpecError as error:
        raise AgainError(str(error), error.field) from error
    except (StoreError, LaunchError) as error:
        raise AgainError(str(error)) from error
    return new
