"""Following a run where no bar can be drawn, and what the lines say of a script's own metrics."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import lrtui
from lrtui.cli import following
from lrtui.cli.following import Following, progress_line
from lrtui.cli.runs import show
from lrtui.runs.events import Event, EventWriter
from lrtui.runs.history import History
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.runs.summary import RunState
from tests.cli.commands import LRTUI
from tests.end_to_end.terminal import Terminal


def test_a_pipe_is_told_now_and_then_how_far_the_run_is(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(following, "LINE_SECONDS", 0.15)
    run = lrtui.start(name="mine", lr="cosine(0.1)", total_steps=40)

    def train() -> None:
        for _step, _ in run.rates():
            run.log(train_loss=0.5)
            time.sleep(0.05)
        run.epoch(val_bleu=31.5)
        run.finish()

    script = threading.Thread(target=train)
    script.start()
    assert Following(run.run, as_json=False).until_end() is RunState.COMPLETED
    script.join()
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if "% " in line and "[" in line]
    assert len(told) > 3
    assert len(set(told)) == len(told)
    assert "loss 0.5" in told[-1]
    assert lines[-1].startswith("epoch 1")
    assert "val_bleu 31.5" in lines[-1]
    assert "test" not in lines[-1]
    assert not any("\r" in line or "\x1b" in line for line in lines)


def test_how_far_a_download_is_stands_in_the_bar_until_training_begins() -> None:
    history = History()
    history.feed([Event("download", 1.0, {"received": 12_345_678, "total": 30_878_665})])
    assert progress_line(history, RunState.STARTING).endswith("  0%  12 of 31 MB downloaded")
    history.feed([Event("started", 2.0, {"updates": 40})])
    assert "MB" not in progress_line(history, RunState.RUNNING)
    history.feed([Event("download", 3.0, {"received": "much"})])  # a log may say anything
    assert progress_line(history, RunState.RUNNING)


def test_a_dumb_terminal_gets_lines_alone(runs_dir: Path) -> None:
    with lrtui.start(name="mine", lr="0.1", total_steps=2) as run:
        for _ in run.rates():
            run.log(train_loss=1.0)
    with Terminal([LRTUI, "runs", "watch", run.id], {"TERM": "dumb"}) as terminal:
        terminal.wait_for("completed")
        assert terminal.wait_exit() == 0
        assert b"\x1b" not in terminal.sent


def test_a_crashed_run_is_shown_with_its_last_sign_of_life(runs_dir: Path) -> None:
    run = RunStore(runs_dir).create(make_spec(schedule="0.1", data="embedded"))
    with EventWriter(run.events_path) as log:
        log.append(Event("started", 1.7e9, {"updates": 400, "steps_per_epoch": 40}))
        log.append(Event("report", 1.7e9 + 60, {"step": 3, "epoch": 0.1}))
    run.lock_path.touch()
    shown = CliRunner().invoke(show, [run.id, "--runs-dir", str(runs_dir)]).output
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1.7e9 + 60))
    assert f"last sign of life {at}\n" in shown
    assert "crashed" in shown
    run.events_path.write_bytes(b"")
    assert (
        "last sign of life never\n" in CliRunner().invoke(show, [run.id, "--runs-dir", str(runs_dir)]).output
    )
