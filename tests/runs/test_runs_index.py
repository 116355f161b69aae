from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from helpers_runs import START, a_spec, epoch, finished, log, report, started

from lrtui.runs import run as run_module
from lrtui.runs import store as store_module
from lrtui.runs.events import Event
from lrtui.runs.index import FILE, read_index
from lrtui.runs.store import Run, RunState, RunStore


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "INDEX_EVERY", 1)


def ended(store: RunStore, **changes: Any) -> Run:
    run = store.create(a_spec(**changes))
    log(run, [started(), epoch(1, START + 1, 0.75), finished(START + 2)])
    return run


def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a log or a lock was read")

    monkeypatch.setattr(run_module.Digest, "update", fail)
    monkeypatch.setattr(Run, "alive", fail)


def test_ended_runs_are_listed_without_reading_them_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [ended(store, name=f"r{number}") for number in range(3)]
    rows = store.summaries()
    assert set(read_index(store.root)) == {run.id for run in runs}
    assert (store.root / FILE).stat().st_mode & 0o777 == 0o600
    with monkeypatch.context() as patch:
        no_reading(patch)
        time.sleep(0.01)
        again = RunStore(store.root).summaries()
        assert [row.id for row in again] == [row.id for row in rows]
        assert again[0].age > rows[0].age
        assert again[0].best_test_acc == 0.75
        assert store.summaries()[0].name == "r2"


def test_a_row_under_another_runs_name_is_no_row(store: RunStore) -> None:
    one, two = ended(store, name="one"), ended(store, name="two")
    store.summaries()
    index = json.loads((store.root / FILE).read_bytes())
    index["rows"][two.id] = index["rows"][one.id]
    (store.root / FILE).write_text(json.dumps(index))
    assert set(read_index(store.root)) == {one.id}


def test_what_has_changed_is_read(store: RunStore) -> None:
    one, two = ended(store), ended(store)
    store.summaries()
    store.rename(one, "another")
    log(two, [started(START + 10), report(10, START + 11)])
    two.lock_path.touch()
    for again in (store, RunStore(store.root)):
        rows = {row.id: row for row in again.summaries()}
        assert rows[one.id].name == "another"
        assert rows[two.id].state is RunState.CRASHED
    store.delete(one)
    assert [row.id for row in store.summaries()] == [two.id]


def test_a_run_without_an_ending_is_looked_at_each_time(store: RunStore) -> None:
    run = store.create(a_spec())
    run.lock_path.touch()
    log(run, [started()])
    assert store.summaries()[0].state is RunState.CRASHED
    assert run.lasting_row is None
    assert read_index(store.root) == {}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff" * 9, b'{"lrtui":"0","rows":{}}', b'{"rows":{"x":1}}']
)
def test_a_damaged_index_or_another_versions_is_none(store: RunStore, data: bytes) -> None:
    run = ended(store)
    store.summaries()
    (store.root / FILE).write_bytes(data)
    assert [row.id for row in RunStore(store.root).summaries()] == [run.id]
    assert set(read_index(store.root)) == {run.id}  # and is made anew


def test_somebody_elses_index_cannot_reach_the_terminal(store: RunStore) -> None:
    run = ended(store)
    store.summaries()
    document = json.loads((store.root / FILE).read_text())
    row = document["rows"][run.id][1]
    row.update(name="\x1b[2J", tags=["\x07"], notes="a\nb\x1b", schedule="\u202e")
    document["rows"]["other"] = document["rows"][run.id]
    (store.root / FILE).write_text(json.dumps(document))
    (found,) = RunStore(store.root).summaries()
    assert (found.name, found.tags, found.notes) == ("\\x1b[2J", ("\\x07",), "a\nb\\x1b")
    assert found.schedule == "\\u202e"


def test_numbers_past_all_bounds_and_a_folder_that_cannot_be_written(store: RunStore) -> None:
    good, bad = ended(store), ended(store)
    log(bad, [Event("epoch", START + 3, {"epoch": 10**30, "step": 10**300}), finished(START + 4)])
    first = {row.id: row.done for row in store.summaries()}
    assert set(first) == {good.id, bad.id}
    assert {row.id: row.done for row in RunStore(store.root).summaries()} == first
    (store.root / FILE).unlink()
    (store.root / FILE).mkdir()
    os.chmod(store.root / FILE, 0o700)  # noqa: PTH101
    assert len(RunStore(store.root).summaries()) == 2
    assert len(store.runs()) == 2
