"""Whether a schedule fits its horizon, in words and in the list of phases."""

from __future__ import annotations

import pytest

from lrtui.schedules import Horizon, parse
from lrtui.ui.fit import unfit
from lrtui.ui.outline import outline

TEN = Horizon.from_epochs(10, 40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cosine(0.1)", ""),
        ("0.1", ""),
        ("plateau(0.1)", ""),
        ("warmup(5ep) >> cosine(0.1)", ""),
        ("cosine(0.1, steps=400)", ""),
        ("cosine(0.1, steps=10)", "over after 10 updates (0.25 epochs), then holds 0"),
        ("cosine(0.1, steps=10000)", "needs 250 epochs, has 10: cut off"),
        ("cosine(0.1, steps=401)", "needs 10.03 epochs, has 10: cut off"),
        ("constant(0.1, steps=9ep) >> linear(0.1, steps=2ep)", "needs 11 epochs, has 10: cut off"),
        ("constant(1, steps=10ep) >> cosine(1)", "1 phase never reached"),
        ("constant(1, steps=11ep) >> linear(1, steps=3ep) >> 1", "needs 14 epochs, has 10: 2 phases"),
        ("cosine(1) >> cooldown(20%)", "nothing to cool down: the rate is 0 already"),
        ("constant(1, steps=9ep) >> cooldown(1ep, final_lr=1)", "nothing to cool down: the rate is 1"),
        ("warmup(1ep) >> cosine(1, final_lr=0.1) >> cooldown(20%)", ""),
        ("cosine(1) >> cooldown(20%, final_lr=0.1)", ""),
        ("cosine(1) >> cooldown(20%, shape=constant)", ""),
        ("cosine(1) >> cooldown(1)", ""),
        ("cosine(1, steps=9ep) >> cooldown(2ep)", "nothing to cool down"),
        ("warmup(1ep) >> plateau(0.1)", ""),
        ("warmup(11ep) >> plateau(0.1)", "needs 11 epochs, has 10: 1 phase never reached"),
        ("repeat(cosine(1, steps=2ep), cycles=3)", "over after 240 updates (6 epochs), then holds 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(text: str, words: str) -> None:
    schedule = parse(text)
    said = unfit(schedule, TEN)
    assert said.startswith(words) if words else not said


def test_lengths_less_than_an_epoch_apart_are_told_in_updates() -> None:
    wide = Horizon.from_epochs(10, 10_000)
    assert unfit(parse("cosine(0.1, steps=100001)"), wide) == "needs 100,001 updates, has 100,000: cut off"


def test_the_list_of_phases_tells_which_are_cut_or_not_reached() -> None:
    schedule = parse("constant(1, steps=9ep) >> linear(1, steps=3ep) >> cosine(1, steps=1ep) >> cosine(1)")
    notes = [row.note for row in outline(schedule, TEN)]
    assert notes == ["4 in turn", "9ep", "3ep, cut", "not reached", "not reached"]
    assert [row.note for row in outline(schedule)][2:] == ["3ep", "1ep", "rest"]
