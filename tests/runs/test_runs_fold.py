"""Seeds of one experiment in one row: what it says of them, and what stays apart."""

from __future__ import annotations

from typing import Any

import pytest

from lrtui.runs.figures import Rise
from lrtui.runs.fold import Folded, fold, members, to_target
from lrtui.runs.summary import RunState, RunSummary


def row(number: int, experiment: str, **changes: Any) -> RunSummary:
    fields = {
        "id": f"run-{number}", "name": f"cosine-seed{number}", "state": RunState.COMPLETED, "reason": "",
        "schedule": "cosine(0.1)", "preset": None, "model": "lenet", "optimizer": "sgd", "seed": number,
        "data": "", "device": "cpu", "best_test_acc": 0.8 + number / 100, "last_test_acc": 0.8,
        "area": 0.5, "last_epoch": 10, "epochs": 10, "step": 1, "updates": 400, "progress": 1.0,
        "created": float(number), "duration": 10.0 * number, "age": 1.0, "skipped": 0,
        "rises": (Rise(0.5, number, 40, 3.0), Rise(0.8, number + 1, 80, 6.0)), "experiment": experiment,
        "tags": ("good", f"t{number}"),
    }  # fmt: skip
    return RunSummary(**{**fields, **changes})


def test_seeds_become_one_row_where_the_first_stood() -> None:
    runs = [row(5, "a"), row(4, "b"), row(3, "a"), row(2, ""), row(1, "")]
    folded, *others = fold(runs)
    assert [each.id for each in others] == ["run-4", "run-2", "run-1"]
    assert isinstance(folded, Folded)
    assert members(folded) == (runs[0], runs[2])
    assert folded.best_test_acc == pytest.approx(0.84)
    assert folded.best is not None
    assert (folded.best.low, folded.best.high) == (runs[2].best_test_acc, runs[0].best_test_acc)
    assert (folded.name, folded.tags, folded.seed, folded.created) == ("cosine", ("good",), None, 5.0)
    assert folded.duration == 40.0
    assert to_target(folded, 0.5) == (4.0, 3.0)
    assert to_target(folded, 0.9) is None
    assert members(others[0]) == (others[0],)


def test_what_goes_on_shows_and_unknown_figures_stay_unknown() -> None:
    runs = [
        row(2, "a", best_test_acc=None, rises=()),
        row(1, "a", state=RunState.RUNNING, best_test_acc=None),
    ]
    (folded,) = fold(runs)
    assert isinstance(folded, Folded)
    assert (folded.state, folded.best_test_acc, folded.best) == (RunState.RUNNING, None, None)
    assert to_target(folded, 0.5) is None


def test_a_row_with_runs_in_the_queue_tells_of_what_trains_and_how_long_that_took() -> None:
    queued = row(3, "a", state=RunState.QUEUED, duration=0.0, best_test_acc=None)
    (folded,) = fold([queued, row(2, "a", state=RunState.RUNNING), row(1, "a")])
    assert isinstance(folded, Folded)
    assert (folded.state, folded.duration) == (RunState.RUNNING, 15.0)
    (folded,) = fold([queued, row(2, "a", state=RunState.STARTING, best_test_acc=None), row(1, "a")])
    assert folded.state is RunState.STARTING
    (folded,) = fold([queued, row(4, "a", state=RunState.QUEUED, duration=0.0)])
    assert (folded.state, folded.duration) == (RunState.QUEUED, 0.0)


@pytest.mark.parametrize(
    ("names", "name"),
    [(("x", "x"), "x"), (("ab-1", "ab-12"), "ab"), (("s1", "s2"), "s1"), (("one", "two"), "one")],
)
def test_the_name_is_what_names_have_in_common(names: tuple[str, str], name: str) -> None:
    (folded,) = fold([row(2, "a", name=names[0]), row(1, "a", name=names[1])])
    assert folded.name == name
