"""Rearranging parts never leaves something that isn't a schedule, and refuses in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.schedules import Horizon, Schedule, ScheduleError, catalogue, check, drawable, family, parse
from lrtui.ui import rearrange
from lrtui.ui.outline import nearest_path, outline, part_at, with_part
from lrtui.ui.shapes import family_shape

HORIZON = Horizon(400, 40)
EXAMPLES = (
    "cosine(0.5)",
    "warmup(1ep) >> cosine(0.5, final_lr=0.01)",
    "warmup(5ep) >> floor(per_epoch(exponential(2, gamma=0.9)), minimum=0.01) >> cooldown(10%)",
    "cosine(0.1) * (warmup(3) >> linear(1))",
    "repeat(warmup(10) >> cosine(0.1, steps=100))",
    "constant(0.1, steps=50%) >> linear(0.1) * cosine(1)",
    "repeat(cosine(0.1), cycles=3, decay=0.5)",
)


def say(change: rearrange.Change) -> str:
    return str(change[0])


def test_rows_follow_time_and_nesting() -> None:
    rows = outline(parse(EXAMPLES[2]), HORIZON)
    assert [(row.label, row.depth, row.start, row.share) for row in rows] == [
        ("all phases", 0, 0, 400),
        ("1 warmup", 1, 0, 200),
        ("2 floor", 1, 200, 160),
        ("per_epoch", 2, 0, None),
        ("exponential", 3, 0, None),
        ("3 cooldown", 1, 360, 40),
    ]


def test_the_open_phase_gets_half_when_another_is_added_after_it() -> None:
    first = rearrange.add(parse("cosine(0.5)"), (), family("linear").make(), HORIZON, after=True)
    assert say(first) == "cosine(0.5, steps=50%) >> linear(0.1)"
    second = rearrange.add(*first, family("constant").make(), HORIZON, after=True)
    assert say(second) == "cosine(0.5, steps=50%) >> linear(0.1, steps=25%) >> constant(0.1)"
    assert second[1] == (2,)


def test_a_phase_added_before_an_open_one_gets_the_half() -> None:
    new = family("linear").make()
    assert say(rearrange.add(parse("cosine(0.5)"), (), new, HORIZON, after=False)) == (
        "linear(0.1, steps=50%) >> cosine(0.5)"
    )


def test_what_is_open_inside_combinators_is_closed_there() -> None:
    new = family("constant").make()
    assert say(rearrange.add(parse("floor(cosine(0.5), minimum=0.1)"), (), new, HORIZON, after=True)) == (
        "floor(cosine(0.5, steps=50%), minimum=0.1) >> constant(0.1)"
    )
    change = rearrange.add(parse("repeat(cosine(0.5), cycles=5)"), (), new, HORIZON, after=True)
    assert change[0].phases[0].length(HORIZON) == 200


def test_deleting_the_open_phase_opens_the_last_one() -> None:
    assert say(rearrange.delete(parse("constant(0.1, steps=50%) >> linear(0.1)"), (1,))) == "constant(0.1)"


def test_changing_the_family_keeps_what_carries_over() -> None:
    change = rearrange.change_family(parse("linear(0.3, final_lr=0.02, steps=5ep)"), (), family("cosine"))
    assert say(change) == "cosine(0.3, final_lr=0.02, steps=5ep)"


def test_combinators_wrap_and_transitions_stand_beside() -> None:
    cosine = parse("cosine(0.5)")
    assert say(rearrange.change_family(cosine, (), family("floor"))) == "floor(cosine(0.5), minimum=0.05)"
    assert say(rearrange.change_family(cosine, (), family("warmup"))) == "warmup(5%) >> cosine(0.5)"
    assert say(rearrange.change_family(cosine, (), family("cooldown"))) == "cosine(0.5) >> cooldown(20%)"


def test_unwrap_undoes_wrap() -> None:
    for name in ("floor", "per_epoch", "repeat", "*"):
        wrapped, path = rearrange.wrap(parse("warmup(5%) >> cosine(0.5)"), (1,), name)
        assert say(rearrange.unwrap(wrapped, path)) == "warmup(5%) >> cosine(0.5)"


def test_warmup_is_put_in_front_once() -> None:
    once, path = rearrange.warmup_first(parse("cosine(0.5)"))
    assert (str(once), path) == ("warmup(5%) >> cosine(0.5)", (0,))
    assert rearrange.warmup_first(once) == (once, (0,))


@pytest.mark.parametrize(
    ("text", "path", "act", "words"),
    [
        ("cosine(1)", (), lambda s, p: rearrange.delete(s, p), "choose another in the catalogue"),
        ("floor(cosine(1))", (0,), lambda s, p: rearrange.delete(s, p), "unwrap"),
        ("cosine(1)", (), lambda s, p: rearrange.move(s, p, 1), "only a phase among phases"),
        ("warmup(5%) >> cosine(1)", (1,), lambda s, p: rearrange.move(s, p, 1), "last already"),
        ("warmup(5%) >> cosine(1)", (0,), lambda s, p: rearrange.wrap(s, p, "floor"), "can't stand inside"),
        ("cosine(1)", (), lambda s, p: rearrange.unwrap(s, p), "nothing is wrapped"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(text, path, act, words) -> None:
    with pytest.raises(ScheduleError, match=words) as caught:
        act(parse(text), path)
    assert "\n" not in str(caught.value)


ACTS = ("add after", "add before", "delete", "earlier", "later", "duplicate", "unwrap", "floor", "per_epoch",
        "repeat", "*", "family")  # fmt: skip
FAMILIES = ("constant", "cosine", "multistep", "warmup", "cooldown", "floor", "repeat")


def act_on(schedule: Schedule, path: tuple[int, ...], act: str, name: str) -> rearrange.Change:
    kind = family(name)
    match act:
        case "add after" | "add before" if kind.role != "combinator":
            return rearrange.add(schedule, path, rearrange.new_part(kind), HORIZON, after=act == "add after")
        case "family" | "add after" | "add before":
            return rearrange.change_family(schedule, path, kind)
        case "delete":
            return rearrange.delete(schedule, path)
        case "earlier" | "later":
            return rearrange.move(schedule, path, -1 if act == "earlier" else 1)
        case "duplicate":
            return rearrange.duplicate(schedule, path, HORIZON)
        case "unwrap":
            return rearrange.unwrap(schedule, path)
    return rearrange.wrap(schedule, path, act)


@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(FAMILIES), st.integers(0, 20)), max_size=8),
)
def test_any_course_of_changes_stays_a_schedule(text: str, acts: list[tuple[str, str, int]]) -> None:
    schedule = parse(text)
    refusals: list[str] = []
    for act, name, where in acts:
        rows = outline(schedule, HORIZON)
        path = rows[where % len(rows)].path
        try:
            changed, selected = act_on(schedule, path, act, name)
            check(changed, HORIZON)
        except ScheduleError as error:
            refusals.append(str(error))
            continue
        schedule = changed
        assert parse(str(schedule)) == schedule
        assert part_at(schedule, nearest_path(schedule, selected)) is not None
    assert all(refusal and "\n" not in refusal for refusal in refusals)


@given(st.sampled_from(EXAMPLES))
def test_every_row_can_be_replaced_by_itself(text: str) -> None:
    schedule = parse(text)
    for row in outline(schedule):
        assert part_at(schedule, row.path) == row.schedule
        assert with_part(schedule, row.path, row.schedule) == schedule


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.name)
def test_every_family_can_be_taken_from_the_catalogue(kind) -> None:
    schedule, path = rearrange.change_family(parse("cosine(0.5)"), (), kind)
    check(drawable(schedule, HORIZON), HORIZON)
    assert any(row.schedule.family is kind for row in outline(schedule))
    assert path in [row.path for row in outline(schedule)]
    assert len(family_shape(kind)) == 8
