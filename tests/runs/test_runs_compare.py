from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from helpers_runs import START, a_spec, epoch, finished, log, report, started
from hypothesis import given
from hypothesis import strategies as st

import lrtui
from lrtui.runs import compare
from lrtui.runs.history import History
from lrtui.runs.own_spec import own_spec
from lrtui.runs.store import Run, RunStore


def a_history(*accuracies: Any, loss: float = 1.0) -> History:
    history = History()
    history.feed(
        [
            started(),
            *[
                epoch(place + 1, START + 10 * (place + 1), value, test_loss=loss)
                for place, value in enumerate(accuracies)
            ],
        ]
    )
    return history


def test_best_final_area_and_time_to_target() -> None:
    figures = compare.measure(a_history(0.2, 0.6, 0.9, 0.8), target=0.6)
    assert (figures.best, figures.best_epoch, figures.final) == (0.9, 3.0, 0.8)
    assert figures.area == pytest.approx((0.4 + 0.75 + 0.85) / 3)
    assert (figures.target_epoch, figures.target_step, figures.target_seconds) == (2.0, 80, 20.0)
    figures = compare.measure(a_history(0.2, None, math.nan, 0.3), target=0.9)
    assert (figures.best, figures.final, figures.target_epoch) == (0.3, 0.3, None)
    assert figures.area == pytest.approx(0.25)
    assert compare.measure(a_history(None), target=0.5) == compare.Figures(target=0.5)
    assert compare.measure(History()) == compare.Figures()
    assert compare.measure(a_history(0.4)).area == 0.4


def test_of_a_loss_the_least_is_best_and_reports_do_where_epochs_lack_it() -> None:
    history = History()
    losses = [3.0, 1.0, 2.0]
    history.feed([started(), *[report(10 * i, START + i, extra_loss=loss) for i, loss in enumerate(losses)]])
    figures = compare.measure(history, "extra_loss", target=1.5)
    assert (figures.best, figures.final, figures.best_epoch) == (1.0, 2.0, 0.25)
    assert (figures.target_step, figures.target_seconds) == (11, 1.0)


def test_only_what_differs() -> None:
    specs = [
        a_spec(seed=1, name="a"),
        a_spec(seed=1, name="b", schedule="0.1"),
        a_spec(seed=2, name="c"),
        None,
    ]
    found = {each.field: each.values for each in compare.differences(specs[:3])}
    assert found == {
        "schedule": ("cosine(0.5, final_lr=0.01)", "constant(0.1)", "cosine(0.5, final_lr=0.01)"),
        "seed": ("1", "1", "2"),
    }
    assert compare.differences([a_spec(), a_spec(name="other")]) == []
    # One that can't be read makes no field differ that is the same in all others.
    assert {each.field: each.values[3] for each in compare.differences(specs)} == {"schedule": "", "seed": ""}
    assert {each.values[1] for each in compare.differences([specs[0], None])} == {""}
    own = [
        own_spec(hyper={"clip": 1.0, "on": True, "x\x1b": 1}),
        own_spec(hyper={"clip": 2.0, "betas": [0.9, 1]}),
    ]
    assert {each.field: each.values for each in compare.differences(own)} == {
        "clip": ("1.0", "2.0"), "on": ("yes", ""), "betas": ("", "[0.9, 1]"), "x\\x1b": ("1", ""),
    }  # fmt: skip


def test_seeds_of_the_same_spec_belong_together() -> None:
    specs = [
        a_spec(seed=1),
        a_spec(epochs=3),
        a_spec(seed=2, name="x"),
        None,
        None,
        a_spec(seed=3, device="cpu"),
    ]
    assert compare.same_but_for_seed(specs) == [[0, 2, 5], [1], [3], [4]]
    own = [own_spec(hyper={"seed": seed, "clip": clip}) for seed, clip in ((1, 1), (2, 1), (2, 2))]
    assert compare.same_but_for_seed(own) == [[0, 1], [2]]
    found = compare.spread([0.8, 0.9, None, math.nan, 1.0])
    assert found is not None
    assert (found.count, found.low, found.high) == (3, 0.8, 1.0)
    assert (found.mean, found.deviation) == (pytest.approx(0.9), pytest.approx(0.1))
    assert compare.spread([0.5]) == compare.Spread(1, 0.5, 0.0, 0.5, 0.5)
    assert compare.spread([None]) is None
    assert compare.spread([1e308, -1e308, 1e308]) is None


def test_the_mean_of_curves_over_the_stretch_all_cover() -> None:
    one = (np.array([0.0, 2.0, 4.0]), np.array([0.0, 2.0, 4.0]))
    two = (np.array([1.0, 2.0, 3.0, 9.0]), np.array([3.0, math.nan, 5.0, 5.0]))
    x, mean, low, high = compare.mean_curve([one, two])
    assert x.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert low.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert high.tolist() == [3.0, 4.0, 5.0, 5.0]
    assert mean.tolist() == [2.0, 3.0, 4.0, 4.5]
    assert compare.mean_curve([one, (np.array([9.0]), np.array([1.0]))])[0].size == 0
    assert compare.mean_curve([one, (np.array([1.0]), np.array([math.nan]))])[0].size == 0
    assert compare.mean_curve([])[0].size == 0


numbers = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf]), max_size=50)


@given(numbers, st.floats(0, 0.999))
def test_smoothing_stays_between_what_was_seen_and_keeps_gaps(values: list[float], weight: float) -> None:
    array = np.array(values)
    smoothed = compare.smooth("train_loss", array, weight)
    finite = np.isfinite(array)
    assert np.array_equal(smoothed[~finite], array[~finite], equal_nan=True)
    if finite.any():
        assert smoothed[finite][0] == pytest.approx(array[finite][0])
        assert (smoothed[finite] <= array[finite].max() + 1e-6).all()
        assert (smoothed[finite] >= array[finite].min() - 1e-6).all()


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=200),
    st.sampled_from([0.01, 0.1, 0.6, 0.9, 0.99]),
)
def test_smoothing_in_blocks_is_smoothing_one_by_one(values: list[float], weight: float) -> None:
    total = share = 0.0
    expected = []
    for value in values:
        if not math.isnan(value):
            total = weight * total + (1 - weight) * value
            share = weight * share + (1 - weight)
            value = total / share
        expected.append(value)
    found = compare.smooth("train_loss", np.array(values), weight)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_a_million_values_are_smoothed() -> None:
    found = compare.smooth("train_loss", np.ones(1_000_000), 0.6)
    assert abs(found - 1).max() < 1e-9


def test_smoothing_is_the_corrected_average_and_never_of_the_rate() -> None:
    values = np.array([1.0, 3.0, 2.0])
    expected = [1.0, (0.5 * 1 + 3) / 1.5, (0.25 * 1 + 0.5 * 3 + 2) / 1.75]
    assert compare.smooth("train_loss", values, 0.5).tolist() == pytest.approx(expected)
    assert compare.smooth("lr", values, 0.9) is values
    assert compare.smooth("train_loss", values, 0) is values
    for wrong in (-0.1, 1.0, math.nan):
        with pytest.raises(ValueError, match="smoothing must be at least 0 and below 1"):
            compare.smooth("train_loss", values, wrong)


def made(store: RunStore, best: float, **changes: Any) -> Run:
    run = store.create(a_spec(**changes))
    log(run, [started(), epoch(1, START + 1, best), epoch(2, START + 2, best - 0.1), finished(START + 3)])
    return run


def test_runs_side_by_side_even_damaged_ones(store: RunStore) -> None:
    runs = [made(store, 0.8, seed=1), made(store, 0.9, seed=2), made(store, 0.7, schedule="0.1")]
    found = compare.compare(runs, target=0.75)
    assert [run.figures.best for run in found.runs] == [0.8, 0.9, 0.7]
    assert [each.field for each in found.differences] == ["schedule", "seed"]
    (seeds,) = found.seeds
    assert seeds.ids == (runs[0].id, runs[1].id)
    assert seeds.best is not None
    assert seeds.best.mean == pytest.approx(0.85)
    json.dumps(msgspec.to_builtins(found), allow_nan=False)
    (runs[0].path / "spec.toml").write_bytes(b"\xff")
    runs[1].events_path.write_bytes(
        b'{"event":"epoch","time":1,"epoch":1e999,"test_acc":1e308}\n{"event":"epoch"}\n'
    )
    (runs[2].events_path).unlink()
    again = compare.compare([Run(run.path) for run in runs], target=0.75)
    json.dumps(msgspec.to_builtins(again), allow_nan=False)
    assert again.runs[2].figures.best is None


def test_own_runs_compare_too(store: RunStore) -> None:
    runs = []
    for seed in (1, 2):
        with lrtui.start(lr=0.1, total_steps=2, runs_dir=store.root, seed=seed) as run:
            for step, _ in run.rates():
                run.log(train_loss=1 / (step + seed))
        runs.append(run.run)
    found = compare.compare(runs, "train_loss")
    assert [each.figures.final for each in found.runs] == [0.5, pytest.approx(1 / 3)]
    assert len(found.seeds) == 1
