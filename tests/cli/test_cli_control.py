"""What is done to runs on the command line; what can't be done is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from tests.cli.commands import lrtui
from tests.ui.fake_runs import finished, spec


@pytest.fixture
def run(runs_dir: Path) -> Run:
    """A run that has completed."""
    return finished(RunStore(runs_dir), spec("whole"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("finish",), 1, "can't finish: it has already ended"),
        (("cooldown", "--length", "2ep"), 1, "can't cooldown: it has already ended"),
        (("checkpoint",), 1, "can't checkpoint: it has already ended"),
        (("kill", "--yes"), 1, "doesn't run: it is completed"),
        (("kill",), 2, "nobody is there to ask; add --yes to kill"),
        (("resume",), 1, "give it more epochs"),
        (("resume", "--epochs", "1"), 2, "--epochs 1: must be more than the"),
        (("resume", "--lr", "cosin(1)"), 2, "--lr"),
        (("resume", "--epochs", "0"), 2, "--epochs"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    command, *more = words
    refused = lrtui("runs", command, run.id, *more)
    assert refused.returncode == code, refused.stderr
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert run.spec_path.read_text().count("epochs = 5") == 1


@pytest.mark.parametrize("more", [("--epochs", "3"), ("--lr", "0.1"), ("--seed", "1"), ("--average", "ema")])
def test_repeating_a_run_takes_it_as_it_was(run: Run, more: tuple[str, ...]) -> None:
    refused = lrtui("train", "--from", run.id, *more)
    assert refused.returncode == 2
    assert refused.stderr == f"lrtui train: --from repeats a run as it was: leave out {more[0]}\n"


def test_repeating_what_is_not_there(runs_dir: Path) -> None:
    refused = lrtui("train", "--from", "nothing")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
