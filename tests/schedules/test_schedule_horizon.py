from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.schedules import Horizon, Length, ScheduleError


@pytest.mark.parametrize(
    ("text", "total", "expected"),
    [
        ("500", 100, 500),
        ("5ep", 100, 35),
        ("2.5ep", 100, 18),  # 17.5: halves go up
        ("10%", 100, 10),
        ("12.5%", 100, 13),
        ("0.5%", 99, 0),
        ("0", 100, 0),
        ("1e3", 100, 1000),
        (" 5 ep ", 100, 35),
        ("29%", 100, 29),  # 0.29 * 100 is 28.999999999999996 in floating point
        ("1.15ep", 1000, 8),
    ],
)
def test_lengths_resolve_exactly(text: str, total: int, expected: int) -> None:
    assert Length.parse(text).resolve(Horizon(total, 7)) == expected


@given(st.integers(1, 10**8), st.integers(0, 20_000))
def test_percent_rounds_half_up_with_exact_arithmetic(total: int, hundredths: int) -> None:
    resolved = Length(hundredths / 100, "percent").resolve(Horizon(total))
    assert resolved == math.floor(Fraction(hundredths, 10_000) * total + Fraction(1, 2))


def test_epochs_need_to_know_their_length() -> None:
    with pytest.raises(ScheduleError, match="5ep is in epochs: say how many updates an epoch has"):
        Length(5, "epochs").resolve(Horizon(100))


@pytest.mark.parametrize("text", ["", "ep", "5 updates", "-", "nan", "inf", "5eps", "1_000", "0x10", "5%%"])
def test_what_is_no_length_is_said_with_examples(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"a length is 500 \(updates\), 5ep \(epochs\) or 10%"):
        Length.parse(text)


@pytest.mark.parametrize("text", ["-1", "-5ep", "2.5", "1e300", "1e13ep"])
def test_lengths_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Length.parse(text)


@given(st.one_of(st.integers(0, 10**12), st.floats(0, 1e6)), st.sampled_from(["epochs", "percent"]))
def test_a_length_prints_as_it_reads(value: float, unit: str) -> None:
    length = Length(value, unit)  # type: ignore[arg-type]
    assert Length.parse(str(length)) == length
    assert hash(Length.parse(str(length))) == hash(length)


def test_lengths_of_the_same_amount_are_equal_and_print_alike() -> None:
    assert Length(5.0, "epochs") == Length(5, "epochs")
    assert str(Length(5.0, "epochs")) == "5ep"
    assert str(Length(10.5, "percent")) == "10.5%"


@pytest.mark.parametrize("total", [0, -1, 1.5, "5", True, None, 10**9])
def test_a_horizon_counts_whole_updates(total: object) -> None:
    with pytest.raises(ScheduleError):
        Horizon(total)  # type: ignore[arg-type]


def test_a_horizon_from_epochs() -> None:
    horizon = Horizon.from_epochs(20, 235)
    assert (horizon.total, horizon.steps_per_epoch, horizon.epochs) == (4700, 235, 20.0)
    assert Horizon.from_epochs(0.001, 10).total == 1
    assert Horizon.from_epochs(2.5, 7).total == 18
    assert Horizon(10).epochs is None
    for epochs in (0, -1, math.nan, math.inf, "3"):
        with pytest.raises(ScheduleError, match="epochs must be"):
            Horizon.from_epochs(epochs, 10)  # type: ignore[arg-type]
