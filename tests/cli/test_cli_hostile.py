"""A run folder whose every text is meant for the terminal: nothing of it is obeyed, whatever shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lrtui.cli.command import lrtui
from lrtui.runs.events import Event, encode
from lrtui.runs.run import Run
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore

EVIL = "\x1b]0;title\x07\x9b2J\x7f\u202eevil\u2066\nline\r"


def obeyed(text: str) -> set[str]:
    """What a terminal, or the reader's eye, would be led by."""
    return {one for one in text if one != "\n" and not one.isprintable() and one.encode() != b" "}


def hostile(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{key: hostile(item) for key, item in value.items()}, EVIL: 0.5}
    return value if isinstance(value, int | float) else EVIL + str(value)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = RunStore(tmp_path / "runs").create(make_spec(schedule="cosine(0.1)", data="embedded", epochs=1))
    spec = run.spec_path.read_text()
    run.spec_path.write_text(spec.replace('name = ""', f"name = {json.dumps(EVIL)}"))
    (run.path / "labels.json").write_text(json.dumps({"name": EVIL, "notes": EVIL, "tags": [EVIL, "good"]}))
    (run.path / "worker.log").write_text(EVIL)
    events = [
        ("started", {"device": "cpu", "versions": {}, "data": {"label": "d", "path": "p"}, "updates": 4}),
        ("data", {"message": "found"}),
        ("report", {"step": 0, "epoch": 0.1, "lr": 0.1, "train_loss": 2.0}),
        ("command", {"id": "c", "command": "pause", "by": "me", "step": 1, "message": "m"}),
        ("diagnosis", {"kind": "k", "message": "m", "evidence": {}}),
        ("epoch", {"step": 3, "epoch": 1, "lr": 0.1, "test_acc": 0.5}),
        ("checkpoint", {"step": 4, "path": "p"}),
        ("finished", {"outcome": "completed", "reason": "all done"}),
    ]
    lines = []
    for second, (kind, fields) in enumerate(events):
        fields = hostile(fields) | ({"outcome": "completed"} if kind == "finished" else {})
        lines.append(encode(Event(kind, 1e9 + second, fields)))
    lines.append(encode(Event(EVIL, 1e9, {"message": EVIL})))
    run.events_path.write_bytes(b"\n".join(lines) + b"\n")
    run.lock_path.touch()
    return run


@pytest.mark.parametrize(
    "command",
    [
        "runs",
        "runs --json",
        "runs show ID",
        "runs show ID --json",
        "runs watch ID",
        "runs watch ID --json",
        "runs compare ID OTHER",
        "runs compare ID OTHER --json",
        "runs note ID",
        "runs tag ID",
        "export ID --format csv -o out.csv",
        "export ID --format json -o out.json",
        "export ID --format html -o out.html",
        "export ID --format markdown -o out.md",
        "export ID --format svg -o out.svg",
    ],
)
def test_nothing_that_a_run_holds_is_obeyed(
    command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRTUI_RUNS_DIR", str(run.path.parent))
    other = RunStore(run.path.parent).create(make_spec(schedule="0.1", data="embedded"))
    words = {"ID": run.id, "OTHER": other.id}
    done = CliRunner().invoke(lrtui, [words.get(word, word) for word in command.split()])
    assert done.exit_code == 0, done.output
    assert not obeyed(done.output)
    for path in tmp_path.glob("out.*"):
        assert not obeyed(path.read_text()), path


def test_json_reads_back_as_it_was_logged(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRTUI_RUNS_DIR", str(run.path.parent))
    done = CliRunner().invoke(lrtui, ["runs", "watch", run.id, "--json"])
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        json.loads(line) for line in run.events_path.read_text().split("\n")[:-1]
    ]
