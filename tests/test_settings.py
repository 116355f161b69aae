"""Settings: where each comes from, what wins, and that a wrong one costs only itself."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from lrtui.runs.runs_dir import default_runs_dir
from lrtui.settings import MOST_SLOTS, SETTINGS, Settings, ascii_only, load, says_utf8, settings_path
from tests.cli.commands import lrtui


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LRTUI_STANDBY")  # as all tests have it


def write(text: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_set_is_every_default() -> None:
    found = load()
    for name, setting in SETTINGS.items():
        if name != "runs_dir":  # the tests' own folders name it in the environment
            assert getattr(found, name) == setting.default == getattr(Settings(), name)
            assert found.origin(name) == "default"
    assert found.complaints == ()


def test_the_file_the_environment_and_the_command_line_in_this_order(monkeypatch: pytest.MonkeyPatch) -> None:
    write('theme = "light"\nslots = 3\nmouse = false\nstandby = false\nascii = true')
    monkeypatch.setenv("LRTUI_THEME", "ansi-dark")
    monkeypatch.setenv("LRTUI_SLOTS", "4")
    monkeypatch.setenv("LRTUI_ASCII", "auto")
    found = load({"theme": "dark", "mouse": None})
    assert (found.theme, found.origin("theme")) == ("dark", "--theme")
    assert (found.slots, found.origin("slots")) == (4, "LRTUI_SLOTS")
    assert (found.ascii, found.origin("ascii")) == (None, "LRTUI_ASCII")
    assert (found.mouse, found.origin("mouse")) == (False, "settings.toml")
    assert not found.standby
    assert found.complaints == ()


@pytest.mark.parametrize(
    ("line", "right", "words"),
    [
        ('theme = "drak"', "", "theme = 'drak': must be auto, dark, light"),
        ("theme = 3", "", "theme = 3: must be"),
        ("mouse = 1", "", "mouse = 1: must be true or false"),
        ("slots = 0", "", f"slots = 0: must be a whole number from 1 to {MOST_SLOTS}"),
        ("slots = true", "", "slots = True: must be"),
        ('runs_dir = "runs"', "", "runs_dir = 'runs': must begin with / or ~"),
        ("keys = 3", "", "keys = 3: must be a table"),
        ('keys = {"train.start" = 3}', "", "keys: train.start must be a key"),
        ("slotz = 3", "", "no setting 'slotz'; did you mean 'slots'?"),
        ('"a\\u001b[31m" = 3', "", "no setting 'a\\\\x1b[31m'"),
    ],
)
def test_a_wrong_one_is_said_in_one_line_and_costs_only_itself(line: str, right: str, words: str) -> None:
    write(f"standby = false\n{line}\n")
    found = load()
    (complaint,) = found.complaints
    assert words in complaint
    assert str(settings_path()) in complaint
    assert complaint.isprintable()
    assert not found.standby
    assert (found.theme, found.mouse, found.slots, dict(found.keys)) == (None, True, None, {})


@pytest.mark.parametrize(
    "damage",
    ["[keys\n", "\x00", "x = " + "[" * 100_000, "#" * 300_000],
    ids=["torn", "nul", "deep", "large"],
)
def test_a_file_that_is_none_is_said_and_everything_is_default(damage: str) -> None:
    write(damage)
    (complaint,) = load().complaints
    assert complaint.isprintable()
    assert "correct it or move it away" in complaint


def test_a_folder_and_a_pipe_in_its_place_are_said(tmp_path: Path) -> None:
    path = settings_path()
    path.mkdir(parents=True)
    assert "can't be read" in load().complaints[0]
    path.rmdir()
    os.mkfifo(path)
    assert len(load().complaints) <= 1  # and it doesn't wait


def test_a_wrong_variable_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    write("slots = 2")
    monkeypatch.setenv("LRTUI_SLOTS", "many")
    found = load()
    assert found.slots == 2
    assert found.complaints == (
        f"LRTUI_SLOTS = many: must be a whole number from 1 to {MOST_SLOTS}, or auto; it is passed over",
    )


def test_keys_are_a_table_by_ids_with_dots_quoted_or_not() -> None:
    write('[keys]\n"explore.pin" = ["ctrl+p", ","]\ntrain.start = "f6"\n')
    assert dict(load().keys) == {"explore.pin": "ctrl+p,comma", "train.start": "f6"}


def test_runs_live_where_the_file_says_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(f'runs_dir = "{tmp_path}/elsewhere"')
    assert default_runs_dir() == Path(os.environ["LRTUI_RUNS_DIR"])
    monkeypatch.delenv("LRTUI_RUNS_DIR")
    assert default_runs_dir() == tmp_path / "elsewhere"
    write("runs_dir = 3")
    assert default_runs_dir().parts[-2:] == ("lrtui", "runs")


@pytest.mark.parametrize(
    ("environment", "utf8"),
    [
        ({}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_CTYPE": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # as Python itself sets it
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, True),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "en_US.utf8", "LANG": "C"}, True),
        ({"LANG": "de_DE.ISO-8859-1@euro"}, False),
        ({"LANG": "en_US"}, True),
    ],
)
def test_ascii_goes_by_the_locale(
    environment: dict[str, str], utf8: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert says_utf8() == utf8
    assert ascii_only(Settings()) == (not utf8)
    assert ascii_only(Settings(ascii=True))
    assert not ascii_only(Settings(ascii=False))


def test_the_command_shows_them_as_a_file_that_can_be_used() -> None:
    write('mouse = false\n[keys]\n"train.start" = "ctrl+s"')
    shown = lrtui("settings", environment={"LRTUI_SLOTS": "2"})
    assert shown.returncode == 0, shown.stderr
    assert "From: settings.toml.\nmouse = false" in shown.stdout
    assert "From: LRTUI_SLOTS.\nslots = 2" in shown.stdout
    write(shown.stdout)
    found = load()
    assert found.complaints == ()
    assert (found.mouse, found.slots, dict(found.keys)) == (False, 2, {"train.start": "ctrl+s"})


def test_the_command_lists_every_key_as_a_file_that_can_be_used() -> None:
    write('[keys]\n"train.start" = "ctrl+s"')
    shown = lrtui("settings", "--keys")
    assert shown.returncode == 0, shown.stderr
    assert '\n"train.start" = "ctrl+s"\n' in shown.stdout
    assert '# Put a warmup in front of it all\n# "explore.warmup" = "w"\n' in shown.stdout
    assert '\n# "run.stop" = "S"\n' in shown.stdout
    every = re.sub(r'^# (?=")', "", shown.stdout, flags=re.MULTILINE)
    write(every)
    assert load().complaints == ()
    assert len(load().keys) > 100
    assert lrtui("settings").stderr == ""  # the usual keys, all chosen by hand, are no fault


def test_the_command_says_what_is_wrong_line_by_line() -> None:
    write('mouse = 3\n[keys]\n"train.strat" = "f6"\n"train.start" = "ctlr+s"')
    shown = lrtui("settings", "--json")
    assert shown.returncode == 1
    said = json.loads(shown.stdout)
    assert said["settings"]["mouse"] == {"value": True, "from": "default"}
    wrong = shown.stderr.splitlines()
    assert [line.removeprefix("lrtui settings: ") for line in wrong] == said["complaints"]
    assert len(wrong) == 3
    assert "did you mean 'train.start'?" in wrong[1]
    assert "'ctlr+s' is no key" in wrong[2]
