"""Legends: names as long as there is room for, then shortened, then counted."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.ui.plotting import Axis, Series, legend_lines
from lrtui.ui.plotting.legend import SHORTEST, ascii_pen, beginnings, columns_of, readings, shortened, table

X = np.arange(10.0)
PERCENT = Axis(kind="percent")


def text_of(lines: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_names_stand_in_full_where_they_fit() -> None:
    series = [Series("loss", X, X), Series("", X, X, 1), Series("accuracy", X, X, 2)]
    assert text_of(legend_lines(series, 40, 1)) == ["─── loss  ─×─ accuracy"]
    assert text_of(legend_lines(series, 15, 2)) == ["─── loss", "─×─ accuracy"]
    assert legend_lines([Series("", X, X)], 40, 2) == []


def test_a_beginning_that_all_share_goes_first() -> None:
    series = [Series(f"run-2026-11-{k:02}-cosine", X, X, k) for k in range(4)]
    (line,) = text_of(legend_lines(series, 58, 1))
    assert line == "─── …00-cosi…  ─○─ …01-cosi…  ─×─ …02-cosi…  ─◆─ …03-cosi…"


def test_what_tells_long_names_apart_is_kept_whole_beside_short_ones() -> None:
    names = [f"warmup(1ep) >> cosine(0.5, final_lr={value})" for value in ("0.01", "0.1", "0.2")]
    series = [Series(name, X, X, k) for k, name in enumerate(names)] + [Series("lr(t)", X, X, 4)]
    (line,) = text_of(legend_lines(series, 90, 1))
    assert line == "─── …final_lr=0.01)  ─○─ …final_lr=0.1)  ─×─ …final_lr=0.2)  ─+─ lr(t)"
    assert beginnings(names[:1]) == ()
    assert beginnings(["warm-0.15", "warm-0.1"]) == (len("warm-"),)


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        (30, "warmup(1ep) >> cosine(0.15)"),
        (20, "…cosine(0.15)"),
        (13, "…cosine(0.15)"),
        (10, "…0.15)"),
        (5, "…0.1…"),
    ],
)
def test_as_much_of_a_name_is_kept_as_there_is_room_for(columns: int, name: str) -> None:
    names = [f"warmup(1ep) >> cosine({rate})" for rate in ("0.15", "0.1", "0.2")]
    assert shortened(names[0], columns, beginnings(names)) == name


def test_what_is_left_out_is_counted() -> None:
    series = [Series(f"{k} is a long name", X, X, k) for k in range(20)]
    lines = text_of(legend_lines(series, 40, 2))
    assert len(lines) == 2
    shown = sum(line.count("─") > 0 and line.count("  ") + 1 for line in lines) - 1
    assert lines[-1].endswith(f"+{20 - shown} more")


@pytest.mark.parametrize("width", [1, 5, 12, 30, 79, 200])
@pytest.mark.parametrize("count", [1, 2, 12, 60])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_cursor_changes_no_number_of_lines(width: int, count: int, ascii_only: bool) -> None:
    series = [
        Series("学習率 " * (k % 3) + f"run {k}" * (k % 5), X, X, k, low=X - 1, high=X + 1)
        for k in range(count)
    ]
    for most in (1, 2, 4):
        bare = legend_lines(series, width, most, ascii_only=ascii_only)
        read = legend_lines(series, width, most, 3.0, PERCENT, ascii_only=ascii_only)
        assert len(bare) == len(read) <= most
        if width >= 30:
            assert all(columns_of(line) <= width for line in text_of(bare) + text_of(read))
        if ascii_only:
            assert "".join(text_of(bare) + text_of(read)).isascii()


def test_a_band_is_read_with_its_ends_where_there_is_room() -> None:
    banded = Series("mean", X, X / 10, low=X / 10 - 0.05, high=X / 10 + 0.05)
    assert readings(banded, 5) == (0.5, 0.45, 0.55)
    assert text_of(legend_lines([banded], 60, 1, 5.0, PERCENT)) == ["─── mean 50% (45%..55%)"]
    assert text_of(legend_lines([banded], 15, 1, 5.0, PERCENT)) == ["─── mean 50%"]
    gap = Series("mean", X, X, low=np.full(10, np.nan), high=X)
    assert text_of(legend_lines([gap], 60, 1, 5.0)) == ["─── mean 5 (–..5)"]
    assert text_of(legend_lines([banded], 60, 1, 99.0)) == ["─── mean –"]


def test_a_name_is_not_cut_to_nothing() -> None:
    series = [Series("abcdefghijklmnop", X, X), Series("qrstuvwxyzabcdef", X, X, 1)]
    assert text_of(legend_lines(series, 22, 1)) == ["─── abcde…  ─○─ qrstu…"]
    assert text_of(legend_lines(series, 21, 1)) == ["─── abcde…  +1 more"]
    assert len("abcde…") == SHORTEST


def test_numbers_are_the_last_ones_or_those_at_the_cursor() -> None:
    series = [Series("a", X, X), Series("学習率", X, X, 1)]
    assert text_of(table(series[:1], Axis(), 10, 3)) == ["a        9"]
    assert text_of(table(series[:1], Axis(), 10, 3, cursor=4.0)) == ["a        4"]
    assert "".join(text_of(table(series, Axis(), 10, 3, ascii_only=True))).isascii()


def test_faint_lines_differ_from_others_in_ascii_too() -> None:
    assert ascii_pen(Series("a", X, X, faint=True)) != ascii_pen(Series("a", X, X))
    assert ascii_pen(Series("a", X, X, marker="%")) == "%"


def test_faint_series_come_last_and_names_that_differ_at_their_ends_keep_them() -> None:
    names = ["lenet-cosine-1", "lenet-cosine-2", "resnet-cosine-1", "resnet-cosine-2"]
    x = np.arange(3.0)
    series = [Series(name, x, x, place, faint=place != 2) for place, name in enumerate(names)]
    (line,) = legend_lines(series, 60, 1)
    text = "".join(part for part, _ in line)
    assert text.index("res") < text.index("len"), "what isn't faint is the first"
    shown = [part for part, key in line if key == "label"]
    assert len(set(shown)) == len(names)
    assert {name[-1] for name in shown} == {"1", "2"}
    assert columns_of(text) <= 60


def test_a_legend_takes_more_lines_rather_than_a_few_letters_of_its_names() -> None:
    names = ["cosine(0.1)", "cosine(0.2)", "linear(0.3)", "one_cycle(0.5)", "polynomial(0.6)", "lr(t)"]
    series = [Series(name, [0, 1], [0, 1], number) for number, name in enumerate(names)]
    assert len(legend_lines(series, 44, 2)) == 2
    lines = legend_lines(series, 44, 2, at_most=4)
    assert len(lines) == 3
    assert [text for line in lines for text, key in line if key == "label"] == names
    assert len(legend_lines(series, 200, 2, at_most=4)) == 1
