"""Changing what an ended run is still to do: more epochs, or another schedule. Deliberate, and on record.

The spec says what holds from now on; the specs before it stay beside it (`spec.1.toml`, `spec.2.toml`, …),
and an `amended` event in the log says what was changed, at which update. Taking it up is `launch.take_up`'s.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import msgspec

from lrtui.runs.events import EventWriter
from lrtui.runs.files import read_file, write_file
from lrtui.runs.launch import LaunchError, take_lock
from lrtui.runs.spec import RunSpec, SpecError, wrong_schedule
from lrtui.runs.text import one_line
from lrtui.schedules import ScheduleError, parse

if TYPE_CHECKING:
    from lrtui.runs.run import Run


class AmendError(RuntimeError):
    """A run that can't be changed; the message is one line."""


def amend(run: Run, *, epochs: int | None = None, schedule: str | None = None) -> RunSpec:
    """Change the epochs or the schedule of a run that has ended, and return its new spec.

    When it is taken up, it goes on at the update it had reached, at the rate that the new schedule has there
    on the new horizon; rates set by hand are over.

    Raises:
        AmendError: if the run hasn't ended, nothing would change, or it can't be written.
        SpecError: if the new spec isn't one; the run is as it was.
    """
    before = run.spec
    before.check()
    if schedule is not None:
        try:
            schedule = str(parse(schedule))
        except ScheduleError as error:
            raise wrong_schedule(error, schedule) from error
    after = msgspec.structs.replace(
        before,
        epochs=before.epochs if epochs is None else epochs,
        schedule=before.schedule if schedule is None else schedule,
        preset=before.preset if schedule is None else None,
    )
    if after == before:
        raise AmendError(f"{run.id} is to train just that already: give other epochs or another schedule")
    try:
        lock = take_lock(run)
    except LaunchError as error:
        raise AmendError(f"{run.id} is running: stop it before you change it") from error
    except OSError as error:
        raise AmendError(f"{run.id} can't be changed: {one_line(error)}") from error
    try:
        done = run.history().done
        if after.epochs * after.steps_per_epoch() <= done:
            has = -(-done // after.steps_per_epoch())
            raise SpecError(f"must be more than the {has} it has begun already", "epochs", epochs)
        planned = tuple(each for each in before.interventions if each.step < done)
        after = msgspec.structs.replace(after, interventions=planned)
        after.check()
        _write(run, before, after, done)
    except OSError as error:
        raise AmendError(f"{run.id} can't be changed: {one_line(error)}") from error
    finally:
        os.close(lock)
    return after


def earlier_specs(run: Run) -> list[RunSpec]:
    """The specs that held before the run was amended, oldest first; unreadable ones are left out."""
    specs = []
    number = 1
    while (path := run.path / f"spec.{number}.toml").exists():
        with contextlib.suppress(SpecError, OSError, UnicodeDecodeError):
            specs.append(RunSpec.from_toml(read_file(path).decode()))
        number += 1
    return specs


def _write(run: Run, before: RunSpec, after: RunSpec, done: int) -> None:
    number = 1
    while (path := run.path / f"spec.{number}.toml").exists():
        number += 1
    write_file(path, before.to_toml().encode())
    changed = {
        name: [getattr(before, name), getattr(after, name)]
        for name in ("epochs", "schedule")
        if getattr(before, name) != getattr(after, name)
    }
    # The event first: a spec that changes with nobody having said so would be the worse half.
    with EventWriter(run.events_path) as log:
        log.emit("amended", step=done, **changed)
        log.sync()
    write_file(run.spec_path, after.to_toml().encode())
