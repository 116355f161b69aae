"""`lrtui units` as a person calls it."""

from __future__ import annotations

import pytest
from commands import lrtui, strict_json


def test_it_calculates_updates() -> None:
    done = lrtui("units", "--examples", "60000", "--batch-size", "256", "--epochs", "10")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "updates                        2,350  <- calculated" in done.stdout
    assert "the last update of an epoch is kept: it has 96 examples" in done.stdout


def test_json() -> None:
    done = lrtui(
        *("units", "--examples", "60000", "--batch-size", "32", "--epochs", "3", "--updates", "700"),
        *("--find", "accumulation", "--drop-last", "--json"),
    )
    answer = strict_json(done.stdout)
    assert (answer["found"], answer["accumulation"], answer["last_batch"]) == ("accumulation", 9, "dropped")
    assert (answer["updates"], answer["updates_asked_for"]) == (624, 700)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give all but one: --examples and --batch-size and --epochs and --updates are missing"),
        (("--examples", "0"), "--examples 0: must be at least 1"),
        (
            ("--examples", "1", "--batch-size", "1", "--epochs", "1", "--updates", "1"),
            "everything is given: leave one out",
        ),
        (("--epochs", "1", "--find", "epochs"), "--epochs is to be found"),
        (
            ("--examples", "10", "--batch-size", "20", "--epochs", "1", "--drop-last"),
            "has no whole update of 20",
        ),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = lrtui("units", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.startswith("lrtui units: ")
    assert done.stderr.count("\n") == 1
