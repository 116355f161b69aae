"""Wrong input is answered in one line on stderr that names the thing, with exit code 2."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.commands import lrtui

TRAIN = ("train", "--data", "embedded", "--lr")

WRONG = {
    "an unknown family": (("preview", "cosin(0.1)"), ["cosin", "cosine"]),
    "a missing bracket": (("preview", "cosine(0.1"), ["')'", "character 11"]),
    "a negative rate": (("preview", "cosine(-0.1)"), ["lr", "-0.1"]),
    "a negative rate to train with": ((*TRAIN[:-1], "--lr=-0.1"), ["--lr", "-0.1"]),
    "a negative milestone": ((*TRAIN, "multistep(0.1, milestones=[-3])"), ["milestones", "-3"]),
    "zero epochs": ((*TRAIN, "0.1", "--epochs", "0"), ["--epochs 0", "at least 1"]),
    "epochs that are no number": ((*TRAIN, "0.1", "--epochs", "ten"), ["--epochs ten", "whole number"]),
    "a batch larger than the data": (
        (*TRAIN, "0.1", "--batch-size", "10001"),
        ["--batch-size 10001", "10,000"],
    ),
    "an unknown device": ((*TRAIN, "0.1", "--device", "tpu"), ["--device tpu", "cuda"]),
    "an unknown model": ((*TRAIN, "0.1", "--model", "resnet"), ["--model resnet", "lenet"]),
    "an unknown optimizer": ((*TRAIN, "0.1", "--optimizer", "sdg"), ["--optimizer", "sdg"]),
    "a missing folder": (
        ("train", "--lr", "0.1", "--data", "/nonexistent"),
        ["--data", "/nonexistent"],
    ),
    "a runs folder that can't be written": ((*TRAIN, "0.1", "--runs-dir", "/dev/null/runs"), ["--runs-dir"]),
    "an unreadable runs folder": (("runs", "--runs-dir", "/dev/null/runs"), ["/dev/null/runs", "--runs-dir"]),
    "a preset that doesn't exist": (("train", "--preset", "cosinus"), ["cosinus", "'cosine'"]),
    "a preset to draw that doesn't exist": (("preview", "--preset", "x"), ["--preset", "warmup-cosine"]),
    "two schedules": ((*TRAIN, "0.1", "--preset", "cosine"), ["--lr", "--preset"]),
    "no schedule": (("train",), ["--lr", "--preset"]),
    "nothing to draw": (("preview",), ["cosine(0.5)", "--preset"]),
    "two lengths": (("preview", "0.1", "--steps", "5", "--epochs", "5"), ["--steps", "--epochs"]),
    "an unknown format": (("preview", "0.1", "--format", "png"), ["--format png", "csv"]),
    "an unknown option": (("preview", "0.1", "--epoch", "5"), ["--epoch", "--epochs"]),
    "an unknown command": (("trian",), ["trian", "'train'"]),
    "an unknown command of runs": (("runs", "sotp", "x"), ["sotp", "'stop'"]),
    "an unknown schedule to explain": (("schedules", "cosin"), ["cosin", "cosine"]),
    "a run that doesn't exist": (("runs", "show", "nothing"), ["nothing"]),
    "an argument left out": (("export",), ["ID"]),
    "the app without a terminal": ((), ["terminal", "--help"]),
}


@pytest.mark.parametrize(("arguments", "named"), WRONG.values(), ids=WRONG.keys())
def test_wrong_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...], named: list[str]) -> None:
    done = lrtui(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("lrtui"), done.stderr
    if arguments and arguments[0] != "trian":
        assert done.stderr.startswith(f"lrtui {arguments[0]}"), done.stderr
    for name in named:
        assert name in done.stderr


def test_nothing_is_left_behind_by_a_run_that_was_refused(runs_dir: Path) -> None:
    assert lrtui(*TRAIN, "0.1", "--device", "tpu").returncode == 2
    assert not runs_dir.exists()


def test_a_truncated_file_of_the_users_is_named(tmp_path: Path) -> None:
    header = bytes([0, 0, 8, 3]) + (60000).to_bytes(4, "big") + (28).to_bytes(4, "big") * 2
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte.gz").write_bytes(gzip.compress(header)[:20])
    done = lrtui("train", "--lr", "0.1", "--data", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "ubyte.gz" in done.stderr


def test_control_characters_in_an_argument_are_not_obeyed() -> None:
    done = lrtui("runs", "show", "\x1b[2Jx\u202e")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_a_terminal_that_wont_do_is_refused_with_the_remedy() -> None:
    from tests.end_to_end.terminal import LRTUI, Terminal

    with Terminal([LRTUI], {"TERM": "dumb"}) as terminal:
        assert "TERM" in terminal.wait_for("lrtui: the app")
        assert terminal.wait_exit() == 2
        terminal.assert_clean()
