"""The draft: one truth for text, schedule and horizon, with undo."""

from __future__ import annotations

from lrtui.schedules import parse
from lrtui.ui.nudge import nudged
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


def test_arrows_step_sensibly() -> None:
    def step(family: str, name: str, text: str, up: bool) -> str:
        return nudged(parse(family).family.parameter(name), text, up)

    assert [step("cosine(1)", "lr", text, True) for text in ("0.1", "0.2", "0.5", "0.3", "0")] == [
        "0.2", "0.5", "1", "0.5", "1e-06"]  # fmt: skip
    assert [step("cosine(1)", "lr", text, False) for text in ("0.1", "0.3", "0")] == ["0.05", "0.2", "0"]
    assert step("exponential(1)", "gamma", "0.95", True) == "0.96"
    assert step(["warmup(5%)", "cosine(1)"][1], "steps", "100", False) == "90"
    assert step("cosine(1)", "steps", "5ep", True) == "6ep"
    assert step("cosine(1)", "steps", "5%", False) == "4%"
    assert step("cosine(1)", "lr", "nonsense", True) == "nonsense"
