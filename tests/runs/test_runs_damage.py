"""Whatever happens to the bytes of a run's files, looking at it never ends in a traceback."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_runs import START, a_short_run, a_spec
from hypothesis import given, settings
from hypothesis import strategies as st

from lrtui.cli.following import progress_line, sentence
from lrtui.runs.control import CommandReader
from lrtui.runs.events import Event, encode
from lrtui.runs.export import export
from lrtui.runs.index import FILE as INDEX
from lrtui.runs.labels import FILE as LABELS
from lrtui.runs.queue_marker import FILE as MARK
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunState, RunStore

EVENTS = [
    *a_short_run(),
    Event("command", START + 9, {"id": "a", "command": "pause", "by": "app", "step": 3}),
]
LOG = b"".join(encode(event) + b"\n" for event in EVENTS)
COMMANDS = b'{"id":"a","command":"stop","by":"app","time":1.0,"args":{}}\n' * 2


@st.composite
def damaged(draw: st.DrawFn, original: bytes) -> bytes:
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(("flip", "cut", "drop", "insert", "repeat", "number", "type"))):
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=20))
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 300))]
            case "number":
                data = bytearray(
                    data.replace(b"0.5", draw(st.sampled_from((b"1e999", b"-1e308", b"9" * 400, b"null"))), 3)
                )
            case "type":
                data = bytearray(
                    data.replace(b"10", draw(st.sampled_from((b"[]", b'"x"', b"{}", b"true", b"-0.0"))), 3)
                )
    return bytes(data)


@settings(max_examples=int(os.environ.get("LRTUI_DAMAGE_EXAMPLES", "150")))
@given(st.data())
def test_damaged_files_open(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damage")
    store = RunStore(folder / "runs")
    run = store.create(a_spec())
    run.events_path.write_bytes(data.draw(damaged(LOG)))
    run.spec_path.write_bytes(
        data.draw(damaged(run.spec_path.read_bytes()) | st.just(run.spec_path.read_bytes()))
    )
    run.commands_path.write_bytes(data.draw(damaged(COMMANDS)))
    run = Run(run.path)
    row = run.summary()
    history = run.history()
    assert isinstance(row.state, RunState)
    assert run.state(history) is run.state()
    assert all(
        text.isprintable() for text in (row.name, row.reason, row.schedule, row.data, row.device, row.model)
    )
    assert 0 <= row.progress <= 1
    assert 0 <= history.progress <= 1
    for metric in ("train_loss", "test_acc", "lr"):
        for x in ("step", "epoch", "seconds", "examples"):
            at, values = history.series(metric, x)
            assert at.size == values.size
    history.best()
    CommandReader(run.commands_path).poll()
    try:
        horizon = run.spec.horizon()
    except SpecError as error:
        problem = str(error)
    else:
        problem = ""
        assert horizon.total >= 1
    assert problem.isprintable()
    assert len(store.summaries()) == 1
    for format in ("csv", "json"):
        export([run], format, folder / f"out.{format}")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that others can look into, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_the_folder_of_somebody_else_is_no_reason_to_fall_over(shared: Path) -> None:
    store = RunStore(shared / "runs")
    run = store.create(a_spec())
    (store.root / "theirs").mkdir(mode=0o700)
    store.root.chmod(0o755)
    script = f"""
import sys
sys.path.insert(0, {os.fspath(Path(__file__).parents[2])!r})
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.control import send, ControlError
from lrtui.runs.datasets import find_data, DataError
import os
os.setgroups([]); os.setgid(65534); os.setuid(65534)
store = RunStore({os.fspath(store.root)!r})
row, = store.summaries()
assert row.id == {run.id!r} and "spec" in row.reason, row
for attempt in (lambda: store.check_writable(), lambda: store.delete(store.get(row.id))):
    try:
        attempt()
    except StoreError as error:
        print(error)
    else:
        raise SystemExit("allowed")
try:
    send(store.get(row.id), "stop", "app")
except ControlError as error:
    print(error)
try:
    find_data({os.fspath(store.root / "theirs" / "deeper")!r})
except DataError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd="/", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Permission denied") >= 3


WRONG = (
    None,
    True,
    [],
    {},
    {"a": 1},
    "x",
    "",
    -1,
    0,
    0.5,
    1e-320,
    1e308,
    -1e308,
    10**400,
    2**63,
    math.nan,
    math.inf,
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: str(value)[:12])
def test_any_field_may_hold_anything(wrong: object, store: RunStore) -> None:
    """Every field of every event in turn: the row, the history and what is printed come out all the same."""
    run = store.create(a_spec())
    run.lock_path.touch()
    for place, event in enumerate(EVENTS):
        for name in event.fields:
            events = list(EVENTS)
            events[place] = Event(event.kind, event.time, {**event.fields, name: wrong})
            run.events_path.write_bytes(b"".join(_encoded(each) for each in events))
            again = Run(run.path)
            row, history = again.summary(), again.history()
            assert 0 <= row.progress <= 1
            assert 0 <= history.progress <= 1
            assert all(sentence(each).isprintable() for each in history.commands)
            assert all(sentence(each).isprintable() for each in again.follow().follower.poll())
            assert progress_line(history, row.state).isprintable()
            assert progress_line(history, RunState.RUNNING).isprintable()


def _encoded(event: Event) -> bytes:
    whole = any(isinstance(value, int) and abs(value) >= 2**64 for value in event.fields.values())
    if not whole:
        return encode(event) + b"\n"
    return json.dumps({"event": event.kind, "time": event.time, **event.fields}).encode() + b"\n"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_in_a_files_place_is_not_waited_for(kind: str, store: RunStore) -> None:
    run = store.create(a_spec())
    run.events_path.write_bytes(LOG)
    run.lock_path.touch()
    names = ("spec.toml", "events.jsonl", "commands.jsonl", "worker.log", "lock", LABELS, MARK)
    for path in (*(run.path / name for name in names), store.root / INDEX):
        path.unlink(missing_ok=True)
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero")
    found: list[RunState] = []

    def look() -> None:
        again = RunStore(store.root)
        rows, seen = again.summaries(), again.get(run.id)
        seen.history()
        CommandReader(seen.commands_path).poll()
        assert (seen.passed_over, seen.last_words(), len(rows)) == ((), "", 1)
        found.append(rows[0].state)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(60)
    assert len(found) == 1
    assert not looking.is_alive()
