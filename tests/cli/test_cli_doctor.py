"""The doctor: what it looks at, what it says of what is missing, and that it changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lrtui.cli import checks, terminal_checks
from lrtui.cli.checks import Finding
from lrtui.cli.command import lrtui as command
from lrtui.settings import settings_path
from tests.cli.commands import lrtui
from tests.end_to_end.terminal import LRTUI, Terminal

LOOKED_AT = ["versions", "settings", "memory", "terminal", "size", "colours", "encoding", "multiplexer",
             "clipboard", "runs", "data", "machine", "devices"]  # fmt: skip


def survey(**told: Any) -> Any:
    """What the process that asks PyTorch answers."""

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        assert command[-1] == "lrtui.training.survey"
        return subprocess.CompletedProcess(command, told.get("code", 0), told["out"], told.get("err", b""))

    return run


def test_it_looks_at_everything_and_is_content_on_this_machine(runs_dir: Path) -> None:
    done = lrtui("doctor", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert told["healthy"]
    assert [each["check"] for each in told["checks"]] == LOOKED_AT
    found = {each["check"]: each["found"] for each in told["checks"]}
    assert "lrtui " in found["versions"]
    assert str(runs_dir) in found["runs"]
    assert "cpu (CPU, " in found["devices"]
    assert not runs_dir.exists(), "it makes nothing"


def test_a_disk_that_hangs_and_a_check_that_fails_hold_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()

    def fails() -> Finding:
        raise KeyError("odd")

    monkeypatch.setattr(checks, "PATIENCE", 0.2)
    monkeypatch.setattr(checks, "runs_folder", lambda _: hangs.wait(60))
    monkeypatch.setattr(checks, "machine", fails)
    monkeypatch.setattr(checks, "devices", lambda: Finding("devices", "good", "as good as any"))
    found = {finding.what: finding for finding in checks.every_check(None)}
    hangs.set()
    assert list(found) == LOOKED_AT
    assert (found["runs"].state, found["runs"].found) == ("wrong", "no answer within 0 s")
    assert "ls" in found["runs"].remedy
    assert found["machine"].found == "looking at it failed: KeyError: 'odd'"
    assert found["data"].state in ("good", "note")


def test_it_says_what_is_wrong_with_what_to_do_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text('mouse = "perhaps"\n[keys]\n"explore.pinn" = "f7"')
    (tmp_path / "file").touch()
    monkeypatch.setattr(checks, "devices", lambda: Finding("devices", "good", "as good as any"))
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(command, ["--runs-dir", str(tmp_path / "file" / "runs"), "doctor"])
    assert done.exit_code == 1
    text = " ".join(done.stdout.split())
    assert "!! settings" in text
    assert "mouse = 'perhaps': must be true or false" in text
    assert "did you mean 'explore.pin'?" in text
    assert "!! runs" in text
    assert "-> choose another with --runs-dir" in text
    assert done.stdout.splitlines()[-1].startswith("2 wrong")


def test_in_a_terminal_it_fits() -> None:
    with Terminal(
        [LRTUI, "doctor"], {"TERM": "tmux", "COLORTERM": "", "TMUX": "x"}, columns=60, rows=50
    ) as terminal:
        screen = terminal.wait_for("as they should be")
        assert "60x50" in screen
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
    assert "set -g default-terminal" in " ".join(screen.split())


def test_without_pytorch_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name.startswith("torch") else found(name))
    finding = checks.devices()
    assert finding.state == "wrong"
    assert "torch and torchvision not installed: schedules work, training doesn't" in finding.found
    assert "pip install torch torchvision" in finding.remedy


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"out": b"", "err": b"x\nImportError: libcuda\x1b[31m is broken", "code": 1},
            "libcuda\\x1b[31m is broken",
        ),
        ({"out": b"", "code": -6}, "exit code -6"),
        ({"out": b"[]"}, "PyTorch fails"),
    ],
)
def test_a_pytorch_that_fails_is_said_in_its_own_last_words(
    told: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks.subprocess, "run", survey(**told))
    finding = checks.devices()
    assert finding.state == "wrong"
    assert words in finding.found
    assert finding.found.isprintable()


def test_a_pytorch_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TORCH_PATIENCE", 0.05)
    finding = checks.devices()
    assert finding.state == "wrong"
    assert "didn't answer" in finding.found


def test_gpus_are_named_with_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = [{"name": "cuda:0", "what": "H100", "free": 70_000_000_000, "memory": 80_000_000_000}]
    out = json.dumps({"torch": "2.9", "cuda": "13", "devices": devices, "auto": "cuda:0"}).encode()
    monkeypatch.setattr(checks.subprocess, "run", survey(out=out))
    assert checks.devices() == Finding(
        "devices", "good", "PyTorch 2.9: cuda:0 (H100, 70.0 GB of 80.0 GB free); auto takes cuda:0"
    )


def test_a_gpu_that_pytorch_does_not_see_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    out = json.dumps({"torch": "2.9", "devices": [{"name": "cpu", "what": "CPU"}], "auto": "cpu"}).encode()
    monkeypatch.setattr(checks.subprocess, "run", survey(out=out))
    monkeypatch.setattr(checks, "_has_gpu", lambda: True)
    assert checks.devices().state == "note"


def test_little_room_is_a_note_and_none_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 500 << 20

    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: Usage)
    assert checks.runs_folder(tmp_path).state == "note"
    Usage.free = 1 << 20
    assert checks.runs_folder(tmp_path).state == "wrong"


def test_a_shared_file_system_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.runs.life.trusted", lambda _: False)
    finding = checks.runs_folder(tmp_path)
    assert finding.state == "note"
    assert "locks prove nothing" in finding.found


@pytest.mark.parametrize(
    ("environment", "state", "words"),
    [
        ({"COLORTERM": "truecolor"}, "good", "16 million"),
        ({"TERM": "xterm-256color"}, "good", "256;"),
        ({"TERM": "linux"}, "note", "16 (by TERM)"),
        ({"NO_COLOR": "1"}, "good", "none, as NO_COLOR says"),
    ],
)
def test_colours(
    environment: dict[str, str], state: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    finding = terminal_checks.colours()
    assert (finding.state, words in finding.found) == (state, True)


@pytest.mark.parametrize(
    ("environment", "said", "words"),
    [
        ({"TMUX": "x"}, "off", "set-clipboard on"),
        ({"TMUX": "x"}, "external", "set-clipboard on"),
        ({"TMUX": "x"}, "on", ""),
        ({"STY": "x"}, "", "use tmux"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "", "holding shift"),
        ({"VTE_VERSION": "7200"}, "", "holding shift"),
        ({}, "", ""),
    ],
)
def test_the_clipboard(
    environment: dict[str, str], said: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY", "TERM_PROGRAM", "VTE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(terminal_checks, "_ask", lambda *_: said)
    finding = terminal_checks.clipboard()
    assert words in finding.remedy
    assert (finding.state == "note") == bool(words)


def test_an_ascii_locale_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert terminal_checks.encoding().state == "note"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert terminal_checks.encoding().state == "good"


def test_it_loads_no_torch_itself() -> None:
    code = (
        "import sys\nfrom lrtui.cli import checks, main\nchecks.TORCH_PATIENCE = 0.01\n"
        "try:\n    main(['doctor'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('torch', 'torchvision', 'textual') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.splitlines()[-1] == "[]"
