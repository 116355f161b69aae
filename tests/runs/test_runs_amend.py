"""What an ended run is still to do is changed on record; training tells how it is taken up then."""

from __future__ import annotations

import os

import msgspec
import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, log, started

from lrtui.runs.amend import AmendError, amend, earlier_specs
from lrtui.runs.interventions import Intervention
from lrtui.runs.launch import take_lock
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.store import Run, RunStore


def ended(store: RunStore, spec: RunSpec) -> Run:
    run = store.create(spec)
    log(run, [started(), epoch(1, START + 1)])
    return run


def test_what_was_planned_for_later_is_over_and_what_was_done_stays(store: RunStore) -> None:
    planned = tuple(Intervention(step, "scale-rate", {"factor": 0.5}) for step in (5, 39, 40, 60))
    before = msgspec.structs.replace(a_spec(), interventions=planned)
    run = ended(store, before)
    after = amend(run, epochs=3)
    assert [each.step for each in after.interventions] == [5, 39]  # 40 updates were made
    assert (after.epochs, after.schedule) == (3, before.schedule)
    assert run.spec == after
    assert earlier_specs(run) == [before]
    again = amend(run, schedule="linear(0.3)")
    assert (again.epochs, again.preset) == (3, None)
    assert earlier_specs(run) == [before, after]
    amended = run.history().amended
    assert amended is not None
    assert (amended.get("step"), amended.get("schedule")) == (40, [before.schedule, "linear(0.3)"])


def test_what_cannot_be_changed_is_said_and_leaves_the_run_as_it_was(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, a_short_run())
    before = run.spec
    with pytest.raises(AmendError, match="is to train just that already"):
        amend(run, epochs=2)
    with pytest.raises(SpecError, match="must be more than the 2 it has begun already"):
        amend(run, epochs=1)
    with pytest.raises(SpecError, match="no schedule called 'cosin'"):
        amend(run, schedule="cosin(0.1)")
    lock = take_lock(run)
    try:
        with pytest.raises(AmendError, match="is running: stop it"):
            amend(run, epochs=5)
    finally:
        os.close(lock)
    assert run.spec == before
    assert earlier_specs(run) == []
    assert run.history().amended is None
