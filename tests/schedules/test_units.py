"""The units calculator, by hand and by going round."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.schedules import Horizon, ScheduleError
from lrtui.schedules.units import solve


def test_epochs_to_updates_keeps_the_last_short_batch_unless_told() -> None:
    kept = solve(examples=60_000, batch_size=256, epochs=10)
    assert (kept.updates_per_epoch, kept.updates, kept.examples_left) == (235, 2350, 96)
    assert kept.rounding == "the last update of an epoch is kept: it has 96 examples"
    dropped = solve(examples=60_000, batch_size=256, epochs=10, keep_last=False)
    assert (dropped.updates_per_epoch, dropped.updates) == (234, 2340)
    assert dropped.rounding == "the last 96 examples of an epoch are dropped"
    assert solve(examples=512, batch_size=256, epochs=1).rounding.endswith("divide evenly into updates")


def test_accumulation_and_devices_divide_the_updates() -> None:
    units = solve(examples=1_281_167, batch_size=64, accumulation=4, devices=8, epochs=90)
    assert units.examples_per_update == 2048
    assert units.updates_per_epoch == 626
    assert units.updates == 56_340


def test_updates_to_epochs() -> None:
    units = solve(examples=60_000, batch_size=256, updates=2350)
    assert (units.found, units.epochs) == ("epochs", 10)
    assert solve(examples=1000, batch_size=100, updates=25).epochs == 2.5


def test_sizes_are_found_on_the_safe_side_and_say_when_they_miss() -> None:
    batch = solve(examples=60_000, epochs=10, updates=2350)
    assert (batch.batch_size, batch.updates, batch.asked) == (256, 2350, None)
    missed = solve(examples=1000, epochs=1, updates=300)
    assert (missed.batch_size, missed.updates, missed.asked) == (4, 250, 300)
    gathered = solve(examples=60_000, batch_size=32, accumulation=None, epochs=3, updates=705)
    assert (gathered.accumulation, gathered.updates) == (8, 705)
    parallel = solve(examples=60_000, batch_size=32, devices=None, epochs=3, updates=705)
    assert parallel.devices == 8
    needed = solve(batch_size=256, epochs=10, updates=2350)
    assert (needed.examples, needed.updates) == (234 * 256 + 1, 2350)
    whole = solve(batch_size=256, epochs=10, updates=2350, keep_last=False)
    assert whole.examples == 235 * 256


@given(
    st.integers(1, 10**6), st.integers(1, 4096), st.integers(1, 64), st.integers(1, 64), st.integers(1, 500)
)
def test_round_trip(examples: int, batch: int, accumulation: int, devices: int, epochs: int) -> None:
    there = solve(
        examples=examples, batch_size=batch, accumulation=accumulation, devices=devices, epochs=epochs
    )
    assert there.updates_per_epoch == math.ceil(examples / (batch * accumulation * devices))
    assert there.updates == Horizon.from_epochs(epochs, there.updates_per_epoch).total
    back = solve(
        examples=examples,
        batch_size=batch,
        accumulation=accumulation,
        devices=devices,
        updates=there.updates,
    )
    assert back.epochs == epochs
    sized = solve(
        examples=examples,
        batch_size=batch,
        accumulation=accumulation,
        devices=None,
        epochs=epochs,
        updates=there.updates,
    )
    assert sized.devices <= devices
    assert (sized.updates, sized.asked) == (there.updates, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "leave out one quantity only: examples and batch size and epochs and updates are unknown"),
        ({"examples": 1, "batch_size": 1, "epochs": 1, "updates": 1}, "leave out the quantity to calculate"),
        ({"examples": 0, "batch_size": 1, "epochs": 1}, "examples must be more than 0, not 0"),
        ({"examples": 10, "batch_size": 2.5, "epochs": 1}, "batch size must be a whole number, not 2.5"),
        ({"examples": 10, "batch_size": 1, "epochs": math.inf}, "epochs must be a number, not inf"),
        ({"examples": 10**16, "batch_size": 1, "epochs": 1}, "examples must be at most 1e15"),
        ({"examples": 10, "batch_size": 20, "epochs": 1, "keep_last": False}, "has no whole update of 20"),
    ],
)
def test_what_cannot_be_calculated_is_said_in_one_line(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        solve(**arguments)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
