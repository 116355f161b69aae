from __future__ import annotations

import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, finished, log, report, started

from lrtui.runs import run as run_module
from lrtui.runs.events import Event, encode
from lrtui.runs.runs_dir import default_runs_dir
from lrtui.runs.store import Run, RunState, RunStore, StoreError
from lrtui.runs.text import printable


def test_where_runs_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_runs_dir().parts[-2:] == ("lrtui", "runs")
    monkeypatch.setenv("LRTUI_RUNS_DIR", "relative")
    assert default_runs_dir() == tmp_path / "relative"
    assert RunStore().root == tmp_path / "relative"


def test_a_new_run(store: RunStore) -> None:
    spec = a_spec(name="Größe 1")
    run = store.create(spec)
    assert re.fullmatch(r"\d{8}-\d{6}-gro\w*e-1-[a-z0-9]{4}", run.id)
    assert run.spec == spec
    assert Run(run.path).spec == spec
    assert abs(run.created - time.time()) < 5
    assert run.state() is RunState.STARTING
    assert [found.id for found in store.runs()] == [run.id]
    assert sorted(path.name for path in store.root.iterdir()) == [run.id]


def test_everything_is_the_users_alone(store: RunStore) -> None:
    old = os.umask(0)
    try:
        run = store.create(a_spec())
    finally:
        os.umask(old)
    for folder in (store.root, run.path):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in run.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "cosine"),
        ({"schedule": "warmup(1ep) >> linear(0.1, final_lr=0)"}, "linear"),
        ({"schedule": "floor(per_epoch(exponential(2, gamma=0.9)), 0.01)"}, "exponential"),
        ({"schedule": "0.3"}, "constant"),
        ({"preset": "factor"}, "factor"),
        ({"name": "学习率"}, "cosine"),
        ({"name": "../../etc/passwd"}, "etc-passwd"),
    ],
)
def test_the_word_in_an_id(store: RunStore, changes: dict[str, object], word: str) -> None:
    run = store.create(a_spec(**changes))
    assert run.id.split("-", 2)[2].rsplit("-", 1)[0] == word
    assert run.path.parent == store.root


def test_ids_never_collide(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("aaaa" + "aaaa" + "bbbb")
    monkeypatch.setattr(
        "lrtui.runs.making.time.gmtime", lambda: time.struct_time((2026, 11, 22, 21, 30, 45, 6, 326, 0))
    )
    monkeypatch.setattr("lrtui.runs.making.secrets.choice", lambda _: next(letters))
    assert store.create(a_spec()).id == "20261122-213045-cosine-aaaa"
    assert store.create(a_spec()).id == "20261122-213045-cosine-bbbb"
    assert len(list(store.root.iterdir())) == 2


def test_newest_first_even_within_a_second(store: RunStore) -> None:
    made = [store.create(a_spec()) for _ in range(6)]
    assert [run.id for run in store.runs()] == [run.id for run in reversed(made)]


def test_what_is_not_a_run_is_left_alone(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    (store.root / "notes.txt").write_text("mine")
    (store.root / "photos").mkdir()
    (store.root / ".hidden").mkdir()
    (store.root / "evil\x1b[31m").mkdir()
    (store.root / "evil\x1b[31m" / "spec.toml").write_text("schedule = 'constant(0.1)'")
    (store.root / "20261122-213045-link-aaaa").symlink_to(tmp_path)
    (store.root / "by-hand").mkdir()
    (store.root / "by-hand" / "spec.toml").write_text("schedule = 'constant(0.1)'")
    assert {found.id for found in store.runs()} == {run.id, "by-hand"}
    assert store.get("by-hand").name == "by-hand"
    assert len(store.summaries()) == 2


def test_an_absent_folder_holds_no_runs_and_a_file_is_an_error(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "absent").runs() == []
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        store = RunStore(root)
        for attempt in (store.check_writable, lambda store=store: store.create(a_spec())):
            with pytest.raises(StoreError) as caught:
                attempt()
            assert re.search(r"can't be written \(.+\): choose another with --runs-dir", str(caught.value))
            assert str(caught.value).isprintable()
    with pytest.raises(StoreError, match="can't be read"):
        RunStore(tmp_path / "file").runs()


def test_a_full_disk_leaves_no_half_made_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.check_writable()

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lrtui.runs.making.write_file", full)
    with pytest.raises(StoreError, match="No space left"):
        store.create(a_spec())
    assert list(store.root.iterdir()) == []


def test_getting_a_run_by_what_people_type(store: RunStore) -> None:
    one, two = store.create(a_spec(name="first")), store.create(a_spec(schedule="0.3"))
    assert store.get(one.id) is store.get(one.id)
    assert store.get(one.id[:-2]).id == one.id
    assert store.get(two.id.rsplit("-")[-1]).id == two.id
    assert store.get("first").id == one.id
    with pytest.raises(StoreError, match="fits 2 runs"):
        store.get("20")
    with pytest.raises(StoreError, match=f"did you mean {two.id}") as caught:
        store.get(two.id[:-1] + "_")
    assert str(caught.value).isprintable()
    with pytest.raises(StoreError, match="did you mean"):
        store.get("frst")


@pytest.mark.parametrize("key", ["", " ", "..", ".", "../x", "a/../b", "/etc", "x\0y", ".new-abc", "a/b"])
def test_ids_never_lead_out_of_the_folder(store: RunStore, key: str) -> None:
    store.create(a_spec())
    (store.root.parent / "x").mkdir()
    (store.root.parent / "x" / "spec.toml").write_text("schedule = 'constant(0.1)'")
    with pytest.raises(StoreError, match="is no run id"):
        store.get(key)


def test_the_end_of_an_id_is_its_last_part_whole(store: RunStore) -> None:
    run = store.create(a_spec())
    last = run.id.rpartition("-")[2]
    assert store.get(last).id == run.id
    with pytest.raises(StoreError, match=r"did you mean|lists them"):
        store.get(last[1:])


def test_an_unknown_run_in_an_empty_folder_and_with_escapes(store: RunStore) -> None:
    with pytest.raises(StoreError, match="there are none yet") as caught:
        store.get("a\x1b[31m")
    assert str(caught.value).isprintable()


def test_deleting(store: RunStore, tmp_path: Path) -> None:
    run, other = store.create(a_spec()), store.create(a_spec())
    (run.path / "checkpoints").mkdir()
    (run.path / "checkpoints" / "last.pt").write_bytes(b"x")
    store.delete(run)
    store.delete(run)  # already gone: nothing to complain of
    assert [left.id for left in store.runs()] == [other.id]
    assert {path.name for path in store.root.iterdir()} == {other.id, ".trash"}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (store.root / "20261122-213045-link-aaaa").symlink_to(elsewhere)
    for foreign in (
        elsewhere,
        store.root,
        store.root / ".." / "elsewhere",
        store.root / "20261122-213045-link-aaaa",
    ):
        with pytest.raises(StoreError, match="isn't a run"):
            store.delete(Run(foreign))
    assert elsewhere.is_dir()


def test_a_summary_of_a_finished_run(store: RunStore) -> None:
    run = store.create(a_spec(name="mine", preset="cosine", optimizer="sgd(0.9)"))
    log(run, a_short_run())
    run.lock_path.touch()
    row = run.summary()
    assert (row.id, row.name, row.state, row.preset) == (run.id, "mine", RunState.COMPLETED, "cosine")
    assert (row.best_test_acc, row.last_test_acc, row.last_epoch, row.epochs) == (0.6, 0.5, 2, 2)
    assert (row.schedule, row.optimizer) == ("cosine(0.5, final_lr=0.01)", "sgd(momentum=0.9)")
    assert row.data == "Fashion-MNIST, embedded subset (10,000/2,000)"
    assert (row.device, row.duration, row.progress, row.step, row.updates) == ("cpu", 8.5, 1.0, 79, 80)
    assert 0 <= row.age < 60
    assert row.skipped == 0


@pytest.mark.parametrize("outcome", ["completed", "stopped", "diverged", "failed"])
def test_the_ending_is_the_state(store: RunStore, outcome: str) -> None:
    run = store.create(a_spec())
    log(run, [started(), finished(START + 1, outcome, "because\x1b[31m")])
    assert run.state() == outcome
    assert run.state(run.history()) == outcome
    assert run.summary().reason == "because\\x1b[31m"
    assert run.state().ended
    assert run.state().words


def test_a_dead_run_without_an_ending_crashed(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, [started(), report(3, START + 7)])
    run.lock_path.touch()
    run.log_path.write_bytes(b"Traceback\n  x\nRuntimeError: out of \x1b[31mmemory\n\n")
    row = run.summary()
    assert row.state is RunState.CRASHED
    assert row.reason == "RuntimeError: out of \\x1b[31mmemory"
    assert row.duration == 7.0
    assert run.state(run.history()) is RunState.CRASHED


def test_a_run_that_was_never_launched_is_given_up_after_a_while(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(a_spec())
    assert run.state() is RunState.STARTING
    monkeypatch.setattr(run_module, "NEVER_STARTED_AFTER", -10.0)
    assert run.state() is RunState.CRASHED


def test_an_ending_written_after_the_history_was_read_counts(store: RunStore) -> None:
    run = store.create(a_spec())
    run.lock_path.touch()
    log(run, [started()])
    history = run.history()
    log(run, [finished(START + 1)])
    assert run.state(history) is RunState.COMPLETED


def test_a_summary_reads_on_and_a_replaced_log_anew(store: RunStore) -> None:
    run = store.create(a_spec())
    run.lock_path.touch()
    log(run, [started(), report(10, START + 1), epoch(1, START + 2, 0.6)])
    assert run.summary().step == 39
    log(run, [report(50, START + 3), epoch(2, START + 4, 0.7), finished(START + 5)])
    row = run.summary()
    assert (row.step, row.best_test_acc, row.state, row.duration) == (79, 0.7, RunState.COMPLETED, 5.0)
    run.events_path.write_bytes(encode(started()) + b"\n")
    row = run.summary()
    assert (row.step, row.best_test_acc, row.state) == (0, None, RunState.CRASHED)


@pytest.mark.parametrize(
    "damage", ["no spec", "bad spec", "binary spec", "no log", "bad log", "log is a folder", "gone"]
)
def test_whatever_is_wrong_with_a_folder_it_has_a_state_and_a_reason(store: RunStore, damage: str) -> None:
    run = store.create(a_spec())
    log(run, a_short_run())
    run.lock_path.touch()
    if damage == "no spec":
        run.spec_path.unlink()
    elif damage == "bad spec":
        run.spec_path.write_text("schedule = 3\x1b")
    elif damage == "binary spec":
        run.spec_path.write_bytes(b"\xff\xfe\x00")
    elif damage == "no log":
        run.events_path.unlink()
    elif damage == "bad log":
        run.events_path.write_bytes(b"rubbish\n[1]\n\xff\n{\n" + encode(started())[:-5])
    elif damage == "log is a folder":
        run.events_path.unlink()
        run.events_path.mkdir()
    else:
        store.delete(run)
    row = Run(run.path).summary()
    assert row.state in (RunState.COMPLETED if "spec" in damage else RunState.CRASHED,)
    assert row.skipped == (4 if damage == "bad log" else 0)
    assert ("spec" in row.reason) == ("spec" in damage or damage == "gone")
    assert row.reason.isprintable()
    assert row.name
    assert len(store.summaries()) == (0 if damage == "gone" else 1)
    assert Run(run.path).history().ending is None or "spec" in damage


def test_text_from_disk_is_shown_printable(store: RunStore) -> None:
    run = store.create(a_spec())
    text = run.spec_path.read_text().replace('name = ""', 'name = "\\u001b]0;evil\\u0007"')
    run.spec_path.write_text(text.replace("lenet", "le\\u001bnet"))
    data = {"label": "data\x1b[2J", "train": 1}
    log(
        run,
        [
            started(device="cpu\x07", data=data),
            Event("finished", START, {"outcome": "new\x1bkind", "reason": 3}),
        ],
    )
    row = Run(run.path).summary()
    for shown in (row.name, row.model, row.data, row.device, row.reason, row.schedule):
        assert shown == printable(shown)
    assert row.state is RunState.STOPPED  # an ending of a kind we don't know is an ending


def test_many_threads_may_ask_at_once(store: RunStore) -> None:
    runs = [store.create(a_spec()) for _ in range(5)]
    for run in runs:
        run.lock_path.touch()
        log(run, a_short_run())
    failures: list[object] = []

    def ask() -> None:
        for _ in range(10):
            rows = store.summaries()
            failures.extend(row for row in rows if row.best_test_acc != 0.6 or row.last_epoch != 2)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_what_killed_processes_left_behind_goes_after_a_day(store: RunStore) -> None:
    store.create(a_spec())
    names = [
        ".new-0123456789ab",
        ".deleted-0123456789ab",
        ".probe-01234567",
        ".new-fresh",
        ".deleted-ab",
        "mine",
    ]
    for name in names:
        (store.root / name).mkdir()
        (store.root / name / "spec.toml").write_text("x")
        os.utime(store.root / name, (1, 1))
    (store.root / ".new-ba9876543210").mkdir()
    (store.root / ".new-aaaaaaaaaaaa").symlink_to(store.root / "mine")
    store.create(a_spec())
    left = {path.name for path in store.root.iterdir() if not path.name[0].isdigit()}
    assert left == {".new-fresh", ".deleted-ab", "mine", ".new-ba9876543210", ".new-aaaaaaaaaaaa"}
