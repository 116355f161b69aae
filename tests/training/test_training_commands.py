"""A live worker obeys, answers each command and goes on where it stood."""

from __future__ import annotations

import time
from pathlib import Path

from quick_runs import Start, a_run, count, ending, events, wait

from lrtui.runs.control import send
from lrtui.runs.run import RunState


def test_a_worker_that_compiles_answers_meanwhile(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, compile=True)
    start(run, COMPILING=2)
    send(run, "pause", by="test")
    wait(lambda: run.state() is RunState.PAUSED, "the pause")
    send(run, "resume", by="test")
    wait(lambda: count(run, "command") == 2, "the answer")
    assert count(run, "started") == 0
    assert ending(run)[0] is RunState.COMPLETED
    assert run.history().done == 12


def test_pause_resume_an_unknown_command_and_stop_are_each_answered(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=10_000)
    start(run)
    wait(lambda: count(run, "report") > 0, "the first report")
    send(run, "pause", by="test")
    wait(lambda: run.state() is RunState.PAUSED, "the pause")
    time.sleep(0.3)
    before = len(events(run))
    time.sleep(0.6)
    assert len(events(run)) == before, "it trains on while paused"
    send(run, "dance", by="test")
    wait(lambda: count(run, "command") == 2, "the answer")
    send(run, "resume", by="test")
    wait(lambda: run.state() is RunState.RUNNING, "the resumption")
    reports = count(run, "report")
    wait(lambda: count(run, "report") >= reports + 2, "more reports")
    identity = send(run, "stop", by="test")
    assert ending(run) == (RunState.STOPPED, "stopped by test")
    log = events(run)
    answers = [event.fields for event in log if event.kind == "command"]
    assert [answer["command"] for answer in answers] == ["pause", "dance", "resume", "stop"]
    assert [answer["accepted"] for answer in answers] == [True, False, True, True]
    assert "'dance' is no command of this worker; it knows" in answers[1]["message"]
    assert answers[0]["step"] == answers[2]["step"]
    assert answers[3]["id"] == identity
    last = [event for event in log if event.kind in ("report", "epoch")][-1]
    assert last.fields["step"] == log[-1].fields["step"] - 1, "the last updates weren't reported"
