"""Deleting is one rename that can be undone; what is deleted for good, and when."""

from __future__ import annotations

import fcntl
import threading
import time
from pathlib import Path

import pytest

from lrtui.runs import trash
from lrtui.runs.store import Run, RunStore, StoreError, Trashed
from lrtui.runs.summary import RunState
from tests.runs.helpers_runs import a_short_run, a_spec, log


def test_a_run_is_deleted_though_somebody_asks_at_that_moment_whether_it_lives(store: RunStore) -> None:
    run = store.create(a_spec())
    run.lock_path.touch()
    with run.lock_path.open("rb") as asked:
        fcntl.flock(asked, fcntl.LOCK_SH)  # as a list of runs does, for an instant
        timer = threading.Timer(0.2, fcntl.flock, (asked, fcntl.LOCK_UN))
        timer.start()
        assert store.delete(run) is not None
        timer.join()


def test_deleted_and_restored_a_run_is_what_it_was(store: RunStore) -> None:
    run, other = store.create(a_spec(name="mine")), store.create(a_spec())
    log(run, a_short_run())
    (run.path / "checkpoints").mkdir()
    (run.path / "checkpoints" / "last.pt").write_bytes(b"x")
    store.tag(run, ["good"])
    before = run.summary()
    gone = store.delete(run)
    assert gone is not None
    assert gone.id == run.id
    assert abs(gone.deleted - time.time()) < 60
    assert [left.id for left in store.runs()] == [other.id]
    assert [row.id for row in store.summaries()] == [other.id]
    assert Run(gone.path).name == "mine"  # what can be shown of it
    assert [each.id for each in store.trashed()] == [run.id]
    assert store.delete(run) is None  # already gone: nothing to complain of
    with pytest.raises(StoreError, match=f"in the trash: `lrtui runs restore {run.id}`"):
        store.get(run.id)
    back = store.restore(gone)
    after = back.summary()
    assert (after.id, after.name, after.tags, after.best_test_acc, after.state) == (
        before.id,
        "mine",
        ("good",),
        0.6,
        RunState.COMPLETED,
    )
    assert (back.path / "checkpoints" / "last.pt").read_bytes() == b"x"
    assert store.trashed() == []
    assert store.restore(gone).id == run.id  # somebody else had restored it: they agree


def test_namesakes_that_go_at_the_same_moment_are_both_kept(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(a_spec())
    monkeypatch.setattr("lrtui.runs.trash.time.time", lambda: 1.8e9)
    first = trash.discard(store.root, run.path)
    run.path.mkdir()
    (run.path / "spec.toml").write_text(a_spec(name="another").to_toml())
    second = trash.discard(store.root, run.path)
    assert second.deleted > first.deleted
    assert [Run(each.path).name for each in store.trashed()] == ["another", Run(first.path).name]


def test_a_log_goes_on_after_restoring_for_somebody_who_looks_on(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, a_short_run())
    following = run.follow()
    following.catch_up()
    gone = store.delete(run)
    assert gone is not None
    assert following.poll() == []
    assert following.follower.missing
    store.restore(gone)
    assert following.poll() == []
    assert not following.follower.missing
    assert following.history.done == 80


def test_what_can_not_be_restored_says_why(store: RunStore) -> None:
    run = store.create(a_spec())
    gone = store.delete(run)
    assert gone is not None
    run.path.mkdir()
    (run.path / "spec.toml").write_text("")
    with pytest.raises(StoreError, match="there is a run of that id again"):
        store.restore(gone)
    assert store.delete(store.get(run.id)) is not None
    latest = store.trashed()
    assert [each.id for each in latest] == [run.id] * 2
    assert latest[0].deleted > latest[1].deleted
    assert store.restore(run.id).spec_path.read_text() == ""  # the latest of that id
    assert store.empty_trash() == 1
    with pytest.raises(StoreError, match="`lrtui runs trash` lists what is there") as caught:
        store.restore("x\x1b[31m")
    assert str(caught.value).isprintable()
    store.delete(store.get(run.id), for_good=True)
    assert store.trashed() == []
    assert store.runs() == []
    with pytest.raises(StoreError, match="deleted for good"):
        store.restore(gone)
    assert [path.name for path in store.root.iterdir()] == [trash.FOLDER]


def test_a_beginning_of_an_id_restores_only_one(store: RunStore) -> None:
    runs = [store.create(a_spec()) for _ in range(2)]
    for run in runs:
        store.delete(run)
    with pytest.raises(StoreError, match="fits 2 runs"):
        store.restore(runs[0].id[:8])
    with pytest.raises(StoreError, match="no run ''"):
        store.restore("")
    assert store.restore(runs[0].id).id == runs[0].id
    assert store.restore(runs[1].id[:8]).id == runs[1].id


def test_the_trash_is_emptied_by_age_and_by_itself(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = store.create(a_spec()), store.create(a_spec())
    now = time.time()
    monkeypatch.setattr("lrtui.runs.trash.time.time", lambda: now - 31 * 86_400)
    store.delete(old)
    monkeypatch.undo()
    store.delete(new)
    # A name that somebody else put there isn't ours to restore or to remove.
    (store.root / trash.FOLDER / "notes").mkdir()
    assert store.empty_trash(older_than=40 * 86_400) == 0
    store.create(a_spec())
    assert [each.id for each in store.trashed()] == [new.id]
    assert store.empty_trash() == 1
    assert [path.name for path in (store.root / trash.FOLDER).iterdir()] == ["notes"]


def test_the_trash_is_the_users_alone_and_absent_until_needed(store: RunStore, tmp_path: Path) -> None:
    assert RunStore(tmp_path / "nowhere").trashed() == []
    assert RunStore(tmp_path / "nowhere").empty_trash() == 0
    run = store.create(a_spec())
    assert not (store.root / trash.FOLDER).exists()
    store.delete(run)
    assert (store.root / trash.FOLDER).stat().st_mode & 0o777 == 0o700


def test_two_who_restore_and_empty_at_once_lose_no_run_by_halves(store: RunStore) -> None:
    runs = [store.create(a_spec()) for _ in range(20)]
    gone = [each for run in runs if (each := store.delete(run)) is not None]
    failures: list[str] = []
    other = RunStore(store.root)
    begin = threading.Barrier(2)

    def restore(entries: list[Trashed]) -> None:
        begin.wait()
        for each in entries:
            try:
                store.restore(each)
            except StoreError as error:
                if "deleted for good" not in str(error):
                    failures.append(str(error))

    thread = threading.Thread(target=restore, args=(gone,))
    thread.start()
    begin.wait()
    removed = other.empty_trash()
    thread.join()
    back = store.runs()
    assert failures == []
    assert removed + len(back) == 20
    assert all(run.spec.epochs == 2 for run in back)  # whole
