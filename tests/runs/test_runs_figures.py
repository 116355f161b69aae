"""The figures of a list and those of a comparison are the same, whatever the log says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers_runs import START, a_spec, epoch, finished, log, started
from hypothesis import example, given
from hypothesis import strategies as st

from lrtui.runs.compare import measure
from lrtui.runs.events import Event
from lrtui.runs.figures import accuracy_target, figures, reached, rises, target_of
from lrtui.runs.store import RunStore

shares = st.floats(0, 1) | st.just(math.nan) | st.integers(0, 1000).map(lambda grains: grains / 1000)


@given(st.lists(shares, max_size=30), st.integers(1, 1000))
@example([0.8996, 0.9], 900)  # the first is nearly there, and isn't
def test_rises_know_when_any_target_in_thousandths_was_reached(values: list[float], grains: int) -> None:
    count = len(values)
    axes = [np.arange(count) + 1.0, np.array(values), np.arange(count) * 40.0 + 39, np.arange(count) * 3.0]
    target = grains / 1000
    found = rises(*axes)
    assert [each.value for each in found] == sorted({each.value for each in found})
    whole, first = figures(*axes, target=target), reached(found, target)
    assert (whole.target_epoch, whole.target_step, whole.target_seconds) == (
        (None, None, None) if first is None else (first.epoch, first.updates, first.seconds)
    )


def test_rises_are_few_however_many_epochs() -> None:
    count = 100_000
    axis = np.arange(count, dtype=float)
    found = rises(axis, np.linspace(0, 1, count), axis, axis)
    assert len(found) == 1001
    assert found[0].updates == 1


def test_the_row_of_a_run_says_what_the_comparison_says(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, [
        started(), epoch(1, START + 1, 0.5), epoch(2, START + 2, 0.9), epoch(3, START + 3, 0.6),
        # Taken up at the end of the first epoch: what came after is logged again.
        Event("resumed", START + 10, {"step": 40, "epochs": 1, "updates": 400}),
        epoch(2, START + 12, 0.7), epoch(3, START + 13, 0.65), finished(START + 14),
    ])  # fmt: skip
    for listed in (store.summaries()[0], RunStore(store.root).summaries()[0]):
        whole = measure(run.history(), "test_acc", 0.6)
        assert (listed.best_test_acc, listed.last_test_acc) == (0.7, 0.65) == (whole.best, whole.final)
        assert listed.area == whole.area
        first = reached(listed.rises, 0.6)
        assert first is not None
        assert (first.epoch, first.updates, first.seconds) == (
            whole.target_epoch, whole.target_step, whole.target_seconds,
        )  # fmt: skip


@pytest.mark.parametrize(("text", "target"), [("0.85", 0.85), ("85%", 0.85), (" 87.5 % ", 0.875), ("1", 1.0)])
def test_targets_as_people_write_them(text: str, target: float) -> None:
    assert accuracy_target(text) == target == target_of(text)


@pytest.mark.parametrize("text", ["", "much", "nan", "inf%", "0", "85", "-1", "0.85123"])
def test_no_targets(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as|three decimals"):
        accuracy_target(text)
