"""`lrtui train --queue`, `--now`, `runs queue`, `stop` and `resume` where one run trains at a time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrtui.runs.store import RunState, RunStore
from tests.cli.commands import LRTUI, lrtui

sys.path.insert(0, str(Path(__file__).parent.parent / "runs"))
from helpers_runs import until
from helpers_standin import end_all, stand_in, starts

TRAIN = ("train", "--lr", "0.1", "--data", "embedded", "--device", "cpu")


@pytest.fixture
def store(tmp_path: Path, runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    stand_in(tmp_path / "site", monkeypatch)
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    store = RunStore(runs_dir)
    runs_dir.mkdir()
    yield store
    end_all(store)


def train(*options: str) -> subprocess.CompletedProcess[str]:
    done = lrtui(*TRAIN, *options)
    assert done.returncode == 0, done.stderr
    return done


def id_of(done: subprocess.CompletedProcess[str]) -> str:
    """The id that a command printed last."""
    return done.stdout.splitlines()[-1].split()[0]


def test_a_queue_of_commands(store: RunStore) -> None:
    first, second, third = (id_of(train("--queue", "--name", name)) for name in ("one", "two", "three"))
    assert until(lambda: store.get(first).state() is RunState.RUNNING)
    waits = train("--detach", "--name", "four")
    fourth = id_of(waits)
    assert "queued after 2 others: one run trains at a time" in waits.stderr

    shown = lrtui("runs", "queue", "--front", third)
    assert shown.stdout.splitlines()[0] == "1 run trains of 1 at a time; 3 runs wait"
    assert [line.split()[:2] for line in shown.stdout.splitlines()[2:]] == [
        ["1", third], ["2", second], ["3", fourth],
    ]  # fmt: skip
    rows = json.loads(lrtui("runs", "queue", "--json").stdout)
    assert [(row["place"], row["id"], row["name"]) for row in rows] == [
        (1, third, "three"), (2, second, "two"), (3, fourth, "four"),
    ]  # fmt: skip
    states = {row["id"]: row["state"] for row in json.loads(lrtui("runs", "--json").stdout)}
    assert states == {first: "running", second: "queued", third: "queued", fourth: "queued"}

    refused = lrtui("runs", "pause", second)
    assert refused.returncode == 1
    assert "it waits for its turn" in refused.stderr
    assert "taken out of the queue" in lrtui("runs", "stop", second).stdout
    assert store.get(second).state() is RunState.STOPPED
    assert "queued after 2 others" in lrtui("runs", "resume", second).stdout
    assert lrtui("runs", "queue", "--now", fourth).stdout.startswith(
        "2 runs train of 1 at a time; 2 runs wait"
    )
    assert lrtui("runs", "queue", "--now", fourth).returncode == 1
    (store.root / "end-all").touch()
    assert until(lambda: all(run.state() is RunState.COMPLETED for run in store.runs()))
    assert [each[0] for each in starts(store)] == [first, fourth, third, second]
    assert lrtui("runs", "queue").stdout == "no run trains of 1 at a time; no run waits\n"


def test_in_the_foreground_it_waits_and_says_so_and_ctrl_c_takes_it_out(store: RunStore) -> None:
    first = store.get(id_of(train("--queue")))
    command = [LRTUI, *TRAIN, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("queued: one run trains at a time")
        waiting.send_signal(signal.SIGINT)
        out, _ = waiting.communicate(timeout=60)
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["command", "finished"]
    assert waiting.returncode == 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        waiting.stderr.readline()
        (first.path / "end").touch()
        assert until(lambda: len(starts(store)) == 2)
        (store.root / "end-all").touch()
        out, _ = waiting.communicate(timeout=60)
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["started", "finished"]
    assert waiting.returncode == 0


def test_now_does_not_wait_and_contradicts_queue(store: RunStore) -> None:
    train("--queue")
    train("--now", "--detach")
    assert until(lambda: [str(run.state()) for run in store.runs()] == ["running", "running"])
    wrong = lrtui(*TRAIN, "--now", "--queue")
    assert wrong.returncode == 2
    assert "--queue and --now" in wrong.stderr


def test_a_wrong_setting_is_said_and_passed_over(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "many\x1b[31m")
    for done in (train("--queue"), lrtui("runs", "queue")):
        (line,) = [line for line in done.stderr.splitlines() if "LRTUI_SLOTS =" in line]
        assert "must be a whole number" in line
        assert line.isprintable()
