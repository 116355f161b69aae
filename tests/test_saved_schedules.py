"""Schedules saved under names: the file, its damages, and the command line."""

from __future__ import annotations

import json
import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrtui.cli.command import lrtui
from lrtui.experiments.saved import SavedError, forget, named, save, saved
from lrtui.schedules import ScheduleError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LRTUI_CONFIG_DIR", str(tmp_path))
    return tmp_path / "schedules.toml"


def test_what_is_saved_comes_back_and_goes(path: Path) -> None:
    assert saved(path).expressions == {}
    save("mine", "warmup(5ep) >> cosine(0.5)", path=path)
    save("@my.other-one_2", 'formula("0.1 * (1 - z)")', path=path)
    assert dict(saved(path).expressions) == {
        "mine": "warmup(5ep) >> cosine(0.5)",
        "my.other-one_2": 'formula("0.1 * (1 - z)")',
    }
    assert tomllib.loads(path.read_text()) == dict(saved(path).expressions)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert forget("@mine", path) == "warmup(5ep) >> cosine(0.5)"
    assert list(saved(path).expressions) == ["my.other-one_2"]


def test_a_taken_name_is_replaced_only_when_told(path: Path) -> None:
    save("mine", "cosine(0.5)", path=path)
    with pytest.raises(SavedError, match="taken"):
        save("mine", "cosine(0.1)", path=path)
    assert saved(path).expressions["mine"] == "cosine(0.5)"
    save("mine", "cosine(0.1)", overwrite=True, path=path)
    assert saved(path).expressions["mine"] == "cosine(0.1)"


@pytest.mark.parametrize("name", ["", "@", "../x", "a b", "-x", "x" * 41, "a\nb", "ä"])
def test_names_that_cannot_be(path: Path, name: str) -> None:
    with pytest.raises(SavedError, match="can't be a name"):
        save(name, "cosine(0.5)", path=path)
    assert not path.exists()


def test_what_is_no_schedule_is_not_saved(path: Path) -> None:
    with pytest.raises(ScheduleError):
        save("mine", "cosin(0.5)", path=path)
    assert not path.exists()


@pytest.mark.parametrize("damage", [b"mine = ", b"\xff\xfe", b"[" * 5000, b"\0" * 100])
def test_a_damaged_file_is_put_aside_and_never_lost(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    assert saved(path).expressions == {}
    assert "correct it" in saved(path).complaints[0]
    aside = save("mine", "cosine(0.5)", path=path)
    assert aside is not None
    assert aside.read_bytes() == damage
    assert dict(saved(path).expressions) == {"mine": "cosine(0.5)"}
    path.write_bytes(damage)
    second = save("mine", "cosine(0.5)", path=path)
    assert second not in (None, aside)


def test_lines_that_are_no_schedules_stay_where_they_are(path: Path) -> None:
    path.write_text('good = "cosine(0.5)"\nnumber = 3\n"a b" = "cosine(1)"\n[table]\nx = 1\n')
    assert dict(saved(path).expressions) == {"good": "cosine(0.5)"}
    assert len(saved(path).complaints) == 3
    save("new", "linear(0.1)", path=path)
    assert tomllib.loads(path.read_text()) == {
        "good": "cosine(0.5)", "number": 3, "a b": "cosine(1)", "table": {"x": 1}, "new": "linear(0.1)",
    }  # fmt: skip


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("")
    path.symlink_to(real)
    save("mine", "cosine(0.5)", path=path)
    assert path.is_symlink()
    assert "mine" in real.read_text()


def test_two_who_save_at_once_lose_nothing(path: Path) -> None:
    def keep(who: int) -> None:
        for number in range(8):
            save(f"s{who}-{number}", f"cosine(0.{who + 1})", path=path)

    threads = [threading.Thread(target=keep, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved(path).expressions) == 32
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".schedules.toml.")] == [
        ".schedules.toml.lock"
    ]


def test_a_pipe_or_a_folder_in_its_place_is_complained_about(path: Path) -> None:
    os.mkfifo(path)
    assert saved(path).expressions == {}
    path.unlink()
    path.mkdir()
    assert "can't be read" in saved(path).complaints[0]
    with pytest.raises(OSError, match="directory"):
        save("mine", "cosine(0.5)", path=path)


def test_a_name_stands_for_its_expression(path: Path) -> None:
    save("mine", "cosine(0.5)", path=path)
    assert named("@mine", path) == "cosine(0.5)"
    assert named("cosine(1)", path) == "cosine(1)"
    with pytest.raises(SavedError, match="did you mean @mine"):
        named("@mien", path)


def run(*words: str) -> Result:
    return CliRunner().invoke(lrtui, words)


def test_the_command_line_saves_lists_uses_and_deletes(path: Path) -> None:
    assert run("schedules", "--save", "mine", "cosine(0.5)").exit_code == 0
    assert run("schedules", "--saved").output == "@mine  cosine(0.5)\n"
    assert json.loads(run("schedules", "--saved", "--json").output) == {"mine": "cosine(0.5)"}
    ours = run("preview", "@mine", "--steps", "20", "--format", "csv")
    assert ours.output == run("preview", "cosine(0.5)", "--steps", "20", "--format", "csv").output
    code = run("code", "@mine", "--steps", "20")
    assert code.exit_code == 0
    assert "cosine(0.5)" in code.output
    assert run("schedules", "--save", "mine", "cosine(0.1)", "--replace").exit_code == 0
    assert "cosine(0.1)" in run("schedules", "--forget", "mine").output
    assert saved(path).expressions == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schedules", "--save", "mine", "cosin(1)"], "did you mean cosine"),
        (["schedules", "--save", "a b", "cosine(1)"], "can't be a name"),
        (["schedules", "--forget", "x"], "none is saved yet"),
        (["schedules", "cosine", "--saved"], "one at a time"),
        (["schedules", "--replace"], "goes with --save"),
        (["preview", "@x"], "no schedule is saved as 'x'"),
        (["code", "cosine(0.1)", "--momentum", "@x", "--epochs", "2"], "no schedule is saved as 'x'"),
        (["train", "--lr", "@x"], "no schedule is saved as 'x'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(path: Path, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert not path.exists()
