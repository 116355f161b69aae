"""The queue of a runs folder: a run starts at once if there is room for it, else when its turn comes.

There is no server. A waiting run is a folder with a mark in it (`queue_marker`), so the queue outlives every
process, reboots included, and anybody may look at it. Whoever looks (an app, `lrtui runs`, `lrtui train`)
also starts what there is room for, and so does a worker that ends. So that nothing depends on an open app or
on a worker that was killed, a small process waits for the living runs' locks to be let go (`queue_waiter`);
it costs nothing while it waits, and is gone when nothing waits any more. The alternative, workers alone that
start their successors, would leave the queue standing at the first `kill -9`; a daemon would be one more
thing to look after.

Each change is made under the queue's lock, and a run is launched under its own, with its mark changed first:
however many look at the same moment, it starts once. How many run together stands in `queue_slots`. Every
living run of the folder takes a slot: paused ones, which keep their memory, and scripts' own loops, too. The
order is strict: a run that needs several slots isn't overtaken by smaller ones.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from lrtui.runs.control import send
from lrtui.runs.events import EventWriter
from lrtui.runs.launch import LaunchError, Successor, check_take_up, launch, take_lock
from lrtui.runs.queue_marker import (
    encode_marker,
    new_marker,
    put_marker,
    queue_lock,
    read_marker,
    take_marker,
    waits,
)
from lrtui.runs.queue_slots import assign_device, needs, slots, with_threads
from lrtui.runs.queue_waiter import ensure_waiter
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.text import one_line, printable

if TYPE_CHECKING:
    from lrtui.runs.spec import RunSpec


class QueueError(RuntimeError):
    """Something the queue can't do; the message is one line."""


def start(
    store: RunStore, spec: RunSpec, by: str, *, now: bool = False, standby: Successor | None = None
) -> Run:
    """Make a run of a spec and start it, or queue it if too many train already: its state tells which.

    A spec that leaves the threads open gets its part of the cores, if several runs share them.

    Args:
        store: of the folder that the run is made in.
        spec: what to train.
        by: who asks, for the record.
        now: start it beside the others, however many there are.
        standby: a process that may become its worker, if the run starts at once.

    Raises:
        StoreError: if the runs folder can't be written.
        LaunchError: if the run's worker can't be started; the run then counts as failed.
    """
    run = store.create(with_threads(spec, slots()), mark=encode_marker(new_marker(by)))
    _enter(store, run, now, standby)
    return run


def resume(
    store: RunStore, run: Run, by: str, *, now: bool = False, standby: Successor | None = None
) -> None:
    """Take up a run that has ended before its time, or queue it if too many train already: as `start`.

    Raises:
        LaunchError: if it hasn't ended, has nothing left to do, or can't be started.
    """
    check_take_up(run)
    try:
        with queue_lock(store.root):
            lock = take_lock(run)  # nobody takes it up meanwhile
            try:
                put_marker(run.path, new_marker(by))
            finally:
                os.close(lock)
    except OSError as error:
        raise LaunchError(f"run {run.id} can't be taken up: {one_line(error)}") from error
    _enter(store, run, now, standby)


def start_now(store: RunStore, run: Run, standby: Successor | None = None) -> None:
    """Start a queued run beside those that train, however many they are.

    Raises:
        QueueError: if it isn't queued.
        LaunchError: if it can't be started; it then counts as failed.
    """
    if run.state() is not RunState.QUEUED:
        raise QueueError(f"{run.id} isn't queued: it is {run.state()}")
    _enter(store, run, True, standby)


def waiting(store: RunStore) -> list[Run]:
    """The queued runs, the next one first; StoreError if the folder can't be read."""
    return _line(store.runs())


def to_front(store: RunStore, run: Run) -> None:
    """Make a queued run the next one.

    Raises:
        QueueError: if it isn't queued, or can't be moved.
    """
    with _changing(store, run):
        places = [marker.place for each in _line(store.runs()) if (marker := read_marker(each.path))]
        mine = read_marker(run.path)
        if mine is not None and mine.place > min(places, default=0.0):
            put_marker(run.path, msgspec.structs.replace(mine, place=min(places) - 1.0))


def withdraw(store: RunStore, run: Run, by: str) -> None:
    """Take a run out of the queue; it ends as stopped, and its log says by whom. It can be resumed later.

    Raises:
        QueueError: if it isn't queued (any more), or its folder can't be written.
    """
    with _changing(store, run):
        lock = take_lock(run)
        try:
            take_marker(run.path)
            done = run.history().done
            with EventWriter(run.events_path) as log:
                log.emit("command", id=uuid.uuid4().hex, command="stop", by=by, step=done, accepted=True)
                reason = f"taken out of the queue by {printable(by, 40)}"
                log.emit("finished", outcome="stopped", reason=reason, step=done)
        finally:
            os.close(lock)


def stop(store: RunStore, run: Run, by: str) -> str | None:
    """Stop a run, whether it trains or waits: the worker is asked to, a queued one is withdrawn.

    Returns:
        The id of the command that the worker is to answer; None if the run has ended with this.

    Raises:
        ControlError: if it can't be sent.
    """
    if waits(run.path) and not run.alive():
        with contextlib.suppress(QueueError):
            withdraw(store, run, by)
            return None
    return send(run, "stop", by=by)


def tend(store: RunStore, standby: Successor | None = None) -> list[Run]:
    """Start what waits and has room, and see that somebody goes on doing so; returns what was started.

    For everybody who looks at the folder: quick when nothing waits, and it never raises.
    """
    try:
        if not waiting(store):
            return []
        begun, left, living = _fill(store, standby)
        if left:
            ensure_waiter(store.root, living)
    except (StoreError, OSError):
        return []
    return begun


def fill(store: RunStore) -> tuple[int, list[Run]]:
    """Start what waits and has room; returns how many still wait, and which runs live. For the waiter.

    Raises:
        StoreError, OSError: nothing can be told now.
    """
    _, left, living = _fill(store)
    return left, living


def _enter(store: RunStore, run: Run, now: bool, standby: Successor | None) -> None:
    """A run was marked: start it if it is to start now, or has room, and tell if that fails."""
    try:
        if now:
            with queue_lock(store.root):
                if waits(run.path):
                    _begin(run, [each for each in store.runs() if each.alive()], standby)
            return
        _, left, living = _fill(store, standby, run)
        if left:
            ensure_waiter(store.root, living)
    except OSError as error:
        raise LaunchError(f"run {run.id} can't be started: {one_line(error)}") from error


def _fill(
    store: RunStore, standby: Successor | None = None, asked: Run | None = None
) -> tuple[list[Run], int, list[Run]]:
    """Start what has room; returns that, how many still wait, and all that live.

    A run that can't be started counts as failed, and its error is raised if it is the one that was asked for.
    """
    refused: LaunchError | None = None
    begun: list[Run] = []
    with queue_lock(store.root):
        runs = store.runs()
        line = _line(runs)
        together = slots()
        living = [run for run in runs if run.alive()]
        while line:
            if sum(_needs(run, together) for run in living) + _needs(line[0], together) > together:
                break
            run = line.pop(0)
            try:
                # The process that stands by is for whoever sits in front of the app.
                _begin(run, living, standby if asked is not None and run.path == asked.path else None)
            except LaunchError as error:
                if asked is not None and run.path == asked.path:
                    refused = error
                continue
            begun.append(run)
            living.append(run)
    if refused is not None:
        if line:
            ensure_waiter(store.root, living)
        raise refused
    return begun, len(line), living


def _begin(run: Run, living: list[Run], standby: Successor | None) -> None:
    """Launch a marked run; one that can't be launched gets an ending that says why."""
    try:
        assign_device(run, living)
        launch(run, standby=standby)
    except (LaunchError, OSError) as error:
        if run.alive():
            return  # somebody has started it by hand
        _fail(run, one_line(error))
        if isinstance(error, LaunchError):
            raise
        raise LaunchError(f"run {run.id} can't be started: {one_line(error)}") from error


def _fail(run: Run, reason: str) -> None:
    """Log that a run couldn't be started, so that it isn't tried for ever."""
    with contextlib.suppress(OSError, LaunchError):
        lock = take_lock(run)
        try:
            with EventWriter(run.events_path) as log:
                log.emit("finished", outcome="failed", reason=reason, step=run.history().done)
        finally:
            os.close(lock)
    take_marker(run.path)


@contextlib.contextmanager
def _changing(store: RunStore, run: Run) -> Iterator[None]:
    """Hold the queue's lock over a change to a run that is queued."""
    try:
        with queue_lock(store.root):
            if run.alive() or not waits(run.path):
                raise QueueError(f"{run.id} isn't queued: it is {run.state()}")
            yield
    except LaunchError as error:
        raise QueueError(str(error)) from error
    except OSError as error:
        raise QueueError(f"run {run.id} can't be changed: {one_line(error)}") from error


def _line(runs: list[Run]) -> list[Run]:
    """Those of some runs that wait, the next one first."""
    found = []
    for run in runs:
        marker = read_marker(run.path)
        if marker is not None and marker.launched is None and not run.alive():
            found.append((marker.place, marker.since, run.id, run))
    return [each[-1] for each in sorted(found, key=lambda each: each[:3])]


def _needs(run: Run, together: int) -> int:
    try:
        return needs(run.spec, together)
    except SpecError:
        return 1
