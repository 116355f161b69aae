"""The draft: one truth for text, schedule and horizon, with undo."""

from __future__ import annotations

import pytest

from lrtui.schedules import ScheduleError, parse
from lrtui.ui.nudge import doubled, limit, nudged_at
from lrtui.ui.state import Draft


def test_a_wrong_text_keeps_the_last_good_schedule() -> None:
    draft = Draft(data="embedded")
    assert draft.type("linear(0.3)")
    assert not draft.type("linear(0.3")
    assert draft.error is not None
    assert draft.expression == "linear(0.3"
    assert str(draft.schedule) == "linear(0.3)"


def test_undo_takes_a_burst_of_typing_back_at_once() -> None:
    draft = Draft(data="embedded", expression="cosine(1)")
    for text in ("linear(0.3)", "linear(0.32)", "linear(0.325)"):
        draft.type(text)
    draft.put(parse("constant(1)"))
    assert draft.undo()
    assert draft.expression == "linear(0.325)"
    assert draft.undo()
    assert draft.expression == "cosine(1)"
    assert draft.redo()
    assert draft.expression == "linear(0.325)"


def test_the_horizon_counts_the_short_batch() -> None:
    draft = Draft(data="embedded", epochs=3, batch_size=256)
    assert draft.steps_per_epoch == 40
    assert draft.horizon().total == 120


def test_browsing_leaves_one_step_of_undo() -> None:
    draft = Draft(data="embedded")
    first = draft.expression
    for text in ("cosine(1)", "linear(1)", "constant(1)"):
        draft.put(parse(text), untouched=True)
    draft.undo()
    assert draft.expression == first


def test_undo_brings_the_horizon_back_with_the_schedule() -> None:
    draft = Draft(data="embedded", expression="cosine(1)")
    draft.put(parse("linear(1)"), epochs=30)
    draft.batch_size = 128
    draft.recheck()
    assert draft.undo()
    assert (draft.expression, draft.epochs, draft.batch_size) == ("linear(1)", 30, 256)
    assert draft.undo()
    assert (draft.expression, draft.epochs) == ("cosine(1)", 10)
    assert not draft.undo()
    assert draft.redo()
    assert draft.redo()
    assert (draft.expression, draft.epochs, draft.batch_size) == ("linear(1)", 30, 128)


def test_a_horizon_that_the_schedule_does_not_fit_changes_nothing() -> None:
    draft = Draft(data="embedded", expression="cosine(1)")
    with pytest.raises(ScheduleError):
        draft.put(parse("warmup(5%)"), epochs=30)
    assert (draft.expression, draft.epochs) == ("cosine(1)", 10)
    assert not draft.undo()


def test_text_with_a_mistake_that_was_replaced_comes_back() -> None:
    draft = Draft(data="embedded", expression="cosine(1)")
    draft.type("warmup(5ep) >> cosine(0.5) >> linea")
    draft.put(parse("constant(1)"))
    assert draft.undo()
    assert draft.expression == "warmup(5ep) >> cosine(0.5) >> linea"
    assert draft.error is not None
    assert str(draft.schedule) == "cosine(1)"
    assert draft.redo()
    assert draft.error is None
    assert draft.undo()
    assert draft.undo()
    assert draft.expression == "cosine(1)"


def test_what_was_typed_and_taken_back_is_no_step() -> None:
    draft = Draft(data="embedded", expression="cosine(1)")
    draft.type("cosine(12)")
    draft.type("cosine(1)")
    assert not draft.undo()


def test_arrows_step_sensibly() -> None:
    def step(family: str, name: str, text: str, up: bool) -> str:
        return nudged_at(parse(family).family.parameter(name), text, len(text), up)[0]

    assert [step("cosine(1)", "lr", text, True) for text in ("0.1", "0.2", "0.5", "0.3", "0")] == [
        "0.2", "0.5", "1", "0.5", "1e-06"]  # fmt: skip
    assert [step("cosine(1)", "lr", text, False) for text in ("0.1", "0.3", "0")] == ["0.05", "0.2", "0"]
    assert step("exponential(1)", "gamma", "0.95", True) == "0.96"
    assert step(["warmup(5%)", "cosine(1)"][1], "steps", "100", False) == "90"
    assert step("cosine(1)", "steps", "5ep", True) == "6ep"
    assert step("cosine(1)", "steps", "5%", False) == "4%"
    assert step("cosine(1)", "lr", "nonsense", True) == "nonsense"
    assert step("one_cycle(1)", "final_div_factor", "10000", True) == "20000"
    assert step("one_cycle(1)", "final_div_factor", "10000", False) == "9000"
    assert step("cosine(1)", "steps", "", True) == "1ep"
    assert step("one_cycle(1)", "pct_final", "", True) == "0.5"
    assert step("exponential(1)", "final_lr", "", True) == "1e-06"
    assert [doubled(text, True) for text in ("256", "100", "x")] == ["512", "128", "x"]
    assert [doubled(text, False) for text in ("256", "100", "1")] == ["128", "64", "1"]


def test_arrows_step_the_value_of_a_list_that_the_cursor_is_at() -> None:
    milestones = parse("multistep(1)").family.parameter("milestones")
    assert nudged_at(milestones, "[5ep, 30ep]", 3, True) == ("[6ep, 30ep]", 4)
    assert nudged_at(milestones, "[5ep, 30ep]", 9, False) == ("[5ep, 29ep]", 10)
    assert nudged_at(milestones, "[5ep, 30ep]", 11, True) == ("[5ep, 31ep]", 10)
    assert nudged_at(milestones, "", 0, True) == ("", 0)


@pytest.mark.parametrize(
    ("family", "name", "text", "up", "words"),
    [
        ("one_cycle(1)", "pct_start", "1", True, "pct_start must be less than 1"),
        ("cosine(1)", "lr", "0", False, "that is the least"),
        ("cosine(1)", "steps", "", False, "left out; ↑ gives it a value"),
        ("formula('z')", "expression", "z", True, "type it: arrow keys step numbers"),
    ],
)
def test_an_arrow_key_that_changes_nothing_says_why(family, name, text, up, words) -> None:
    parameter = parse(family).family.parameter(name)
    assert nudged_at(parameter, text, len(text), up)[0] == text
    assert limit(parameter, text, up) == words
