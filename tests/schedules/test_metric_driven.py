"""Schedules that follow a metric: where they may stand, their drawings, and going on from a saved state."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schedule_strategies import made

from lrtui.schedules import (
    Decider,
    Horizon,
    Schedule,
    ScheduleError,
    catalogue,
    check,
    decider,
    parse,
    read_trace,
    sample,
    sequence,
    simulate,
    simulated,
    summarise,
    typical_trace,
)

METRIC = [entry for entry in catalogue() if entry.role == "metric"]
metric_driven = st.one_of([made(entry) for entry in METRIC])
metrics = st.lists(st.floats(-3, 3) | st.sampled_from([math.nan, math.inf, -math.inf, 1.0]), max_size=60)


def test_the_families_are_there() -> None:
    assert [entry.name for entry in METRIC] == ["plateau", "greedy"]


@pytest.mark.parametrize("text", ["plateau(0.1)", "greedy()", "warmup(5) >> plateau(0.1)"])
def test_its_rates_are_not_known_ahead(text: str) -> None:
    for ask in (lambda s, h: s.rates(h), lambda s, h: s(3, h), check, summarise, sample):
        with pytest.raises(ScheduleError, match=r"follows a metric.*draw it on a trace.*--trace typical"):
            ask(parse(text), Horizon(100, 10))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plateau(0.1) >> cosine(0.1)", "it can only be the last phase"),
        ("plateau(0.1) >> cooldown(10)", "it can only be the last phase"),
        ("cosine(0.1) >> plateau(0.1)", "only one phase can take what remains"),
        ("plateau(0.1) * cosine(0.1)", "can't be inside another schedule"),
        ("floor(plateau(0.1), 0.01)", "can't be inside another schedule"),
        ("repeat(warmup(5) >> plateau(0.1), cycles=3)", "can't be inside another schedule"),
        ("plateau(0.1, factor=1)", "factor must be less than 1"),
        ("plateau(0.1, mode=best)", "mode must be one of min, max"),
        ("greedy(0.1, min_lr=1, max_lr=0.1)", "max_lr must be at least min_lr"),
    ],
)
def test_where_it_may_stand(text: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said) as caught:
        parse(text)
    assert caught.value.position is not None


@given(metric_driven)
def test_canonical_text_reads_back(schedule: Schedule) -> None:
    assert parse(str(schedule)) == schedule


def test_plateau_by_hand() -> None:
    # The first is better than nothing; then patience 1 lets one pass and cuts after the second in a row.
    trace = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5]
    assert simulate(parse("plateau(1, factor=0.5, patience=1)"), trace).tolist() == [
        1,
        1,
        1,
        0.5,
        0.5,
        0.5,
        0.25,
    ]


def test_phases_in_front_have_their_own_time_and_metrics() -> None:
    horizon = Horizon(60, 10)
    text = "warmup(25) >> plateau(1, factor=0.5, patience=0)"
    rates = simulate(parse(text), [9.0, 9.0, 1.0, 1.0, 1.0, 1.0], horizon)
    assert rates[:25] == pytest.approx(np.arange(25) / 25)
    # The epochs of the warmup aren't shown to it: its best is the third epoch's.
    assert rates[25:40].tolist() == [1.0] * 15
    assert rates[40:].tolist() == [0.5] * 10 + [0.25] * 10
    with pytest.raises(ScheduleError, match="steps per epoch"):
        simulate(parse(text), [1.0])


@settings(max_examples=60, deadline=None)
@given(metric_driven, metrics, st.integers(1, 7), st.integers(0, 30))
def test_a_drawing_is_what_a_training_does(
    schedule: Schedule, trace: list[float], steps_per_epoch: int, warmup: int
) -> None:
    horizon = Horizon((len(trace) + 1) * steps_per_epoch, steps_per_epoch)
    schedule = sequence(parse(f"warmup({warmup}) >> 1").phases[0], schedule) if warmup else schedule
    drawn = simulated(schedule, trace, horizon)
    assert str(drawn) == str(schedule)
    training = decider(schedule, horizon)
    steps = np.arange(steps_per_epoch)
    stepped = [training.rates(steps)]
    for epoch, metric in enumerate(trace, 1):
        training.observe(metric)
        if epoch % 3 == 0:  # a resumed training goes on as if nothing had been
            training = Decider.from_state(schedule, horizon, training.state())
        stepped.append(training.rates(epoch * steps_per_epoch + steps))
    assert np.array_equal(drawn.rates(horizon), np.concatenate(stepped))
    assert np.array_equal(simulate(schedule, trace, horizon), drawn.rates(horizon))
    updates, rates = sample(drawn, horizon, 20)
    assert np.array_equal(rates, drawn.rates(horizon)[updates])
    if not warmup:
        assert np.array_equal(
            simulate(schedule, trace), drawn.rates(horizon)[:-steps_per_epoch:steps_per_epoch]
        )


def test_a_state_is_plain_values_and_knows_its_schedule() -> None:
    schedule = parse("greedy(0.1, window=3)")
    training = decider(schedule)
    for metric in (3.0, 2.0, math.nan, 1.0):
        training.observe(metric)
    again = Decider.from_state(schedule, None, json.loads(json.dumps(training.state())))
    assert json.dumps(again.state()) == json.dumps(training.state())
    saved = training.state()
    training.observe(0.0)
    assert json.dumps(saved) == json.dumps(again.state())
    with pytest.raises(ScheduleError, match="the saved state is of greedy"):
        Decider.from_state(parse("plateau(0.1)"), None, saved)
    with pytest.raises(ScheduleError, match="isn't complete"):
        Decider.from_state(schedule, None, {"schedule": str(schedule), "decided": {}})


def test_others_are_drawn_as_they_are_and_decide_nothing() -> None:
    cosine = parse("cosine(0.1)")
    assert simulated(cosine, [], Horizon(10)) is cosine
    with pytest.raises(ScheduleError, match="follows no metric"):
        decider(cosine)


def test_the_horizon_must_fit_the_trace() -> None:
    with pytest.raises(ScheduleError, match="the trace has 3 epochs, and the training 10"):
        simulate(parse("plateau(0.1)"), [1.0] * 3, Horizon(100, 10))
    with pytest.raises(ScheduleError, match="say how many updates an epoch has"):
        simulate(parse("plateau(0.1)"), [1.0] * 3, Horizon(100))


def test_the_typical_trace_makes_a_default_plateau_act() -> None:
    for mode in ("min", "max"):
        trace = typical_trace(50, mode=mode)
        assert np.array_equal(trace, typical_trace(50, mode=mode))
        assert not np.array_equal(trace, typical_trace(50, seed=1, mode=mode))
        rates = simulate(parse(f"plateau(0.1, mode={mode})"), trace)
        assert (rates[0], 0 < rates[-1] < 0.1) == (0.1, True)


@pytest.mark.parametrize(
    ("text", "column", "values"),
    [
        ("1\n2\n\n3\n", None, [1, 2, 3]),
        ("1,0.5\n2,0.25\n", None, [0.5, 0.25]),
        ("epoch,lr,val_loss,note\n1,0.1,3,a\n2,0.1,2,b\n", None, [3, 2]),
        ("epoch,quality\n1,3\n2,\n3,nan\n", None, [3, math.nan]),
        ("epoch,val_loss,acc\n1,3,0.5\n", "acc", [0.5]),
        ("event,epoch,train_loss,test_loss\nreport,0.5,9,\nepoch,1,8,7\nepoch,2,6,5\n", None, [7, 5]),
    ],
)
def test_a_trace_out_of_csv(text: str, column: str | None, values: list[float]) -> None:
    assert np.array_equal(read_trace(text, column), values, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", None, "the trace is empty"),
        ("loss\n", None, "the trace has no values"),
        ("loss\n1\nx\n", None, "line 3 of the trace: 'x' isn't a number"),
        ("val_loss\n1\n", "vall_loss", "no column 'vall_loss'; did you mean val_loss?"),
        ("1\n", "loss", "no header"),
        ("name\nx\n", None, "no column of numbers"),
    ],
)
def test_a_trace_that_is_none(text: str, column: str | None, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        read_trace(text, column)
