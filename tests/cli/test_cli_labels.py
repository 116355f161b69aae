from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click

import lrtui


def runs(*words: str, stdin: str = "", code: int = 0) -> str:
    command = [sys.executable, "-m", "lrtui", "runs", *words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def test_labels_and_filter_end_to_end(runs_dir: Path) -> None:
    with lrtui.start(name="one", lr="cosine(0.1)", total_steps=1) as run:
        run.epoch(test_acc=0.9)
    with lrtui.start(name="two", lr="linear(0.1, final_lr=0)", total_steps=1):
        pass
    assert runs("rename", "one", "best of all") == f"{run.id}: best of all\n"
    assert runs("tag", "best of all", "old") == f"{run.id}: old\n"
    assert runs("tag", "best of all", "good", "-r", "old") == f"{run.id}: good\n"
    assert runs("tag", run.id) == f"{run.id}: good\n"
    assert runs("note", run.id, "watch", "the", "warmup") == "watch the warmup\n"
    assert runs("note", run.id, "-", stdin="a\x1b[2Jb\n") == "watch the warmup\na\\x1b[2Jb\n"
    shown = runs("show", run.id)
    for line in (
        "name      best of all",
        "tags      good",
        "note      watch the warmup",
        "note      a\\x1b[2Jb",
    ):
        assert line in shown
    found = runs("--filter", "schedule:cosine acc>0.89 tag:good")
    assert run.id in found
    assert "linear" not in found
    assert "none of the 2 runs" in runs("-f", "tag:bad")
    assert runs("note", run.id, "--clear") == ""
    assert "--filter: no field is called 'shedule': did you mean schedule" in runs("-f", "shedule:x", code=2)
    assert "one word" in runs("tag", run.id, "two words", code=1)
    assert "no run 'three'" in runs("rename", "three", "x", code=2)


def test_labels_for_scripts(runs_dir: Path) -> None:
    with lrtui.start(name="one", total_steps=1) as run:
        pass
    said = json.loads(runs("tag", "one", "good", "--json"))
    assert said == {"id": run.id, "name": "one", "tags": ["good"], "notes": ""}
    assert json.loads(runs("rename", run.id, "two", "--json"))["name"] == "two"
    assert json.loads(runs("note", run.id, "a\x1b[2Jb", "--json"))["notes"] == "a\\x1b[2Jb"
    assert json.loads(runs("rm", run.id, "--yes", "--json")) == [{"id": run.id, "trashed": True}]
    assert json.loads(runs("restore", run.id, "--json")) == [{"id": run.id, "state": "stopped"}]
    assert json.loads(runs("empty-trash", "--yes", "--json")) == {"deleted": 0}


def test_every_command_of_runs_prints_json() -> None:
    from lrtui.cli.runs import runs as group

    assert isinstance(group, click.Group)
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert any("--json" in option.opts for option in command.params), name
