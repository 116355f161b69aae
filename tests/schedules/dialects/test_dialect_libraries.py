"""Code generated for each library, run by that library, gives the preview at every update."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.schedules import Horizon, parse
from lrtui.schedules.dialects import NotRepresentable, generate
from tests.schedules.dialects.other_libraries import Case, needs, rates_of
from tests.schedules.dialects.said_examples import EPOCH, LIBRARY, REFUSED, SAID, H


def cases(target: str) -> list[Case]:
    found: list[Case] = []
    for expression in SAID[target]:
        code = generate(parse(expression), H, target)
        every = EPOCH if "once an epoch (7" in code.replace("\n# ", " ") else 1
        found.append((LIBRARY[target], code, H.total, every, None))
    return found


def assert_same(target: str, answers: list[object], tolerance: float) -> None:
    """Compare with the preview, relative to the peak: near an end at 0 their cosines cancel."""
    wrong = []
    for expression, answer in zip(SAID[target], answers, strict=True):
        rates = parse(expression).rates(H)
        if isinstance(answer, str):
            wrong.append(f"{expression}: {answer}")
            continue
        off = np.abs(np.array(answer) - rates)
        allowed = tolerance * (rates.max() or 1.0)
        if not (off <= allowed).all():
            wrong.append(f"{expression}: off by {off.max()} at update {int(off.argmax())}")
    assert not wrong, "\n".join(wrong)


# Not keras: it keeps some of its numbers in float32 even when told to use float64.
@pytest.mark.parametrize("target", [target for target in SAID if target != "keras"])
def test_the_library_gives_the_preview(target: str) -> None:
    needs(LIBRARY[target])
    assert_same(target, rates_of(cases(target)), 1e-9)


@pytest.mark.parametrize("target", ["optax", "keras"])
def test_in_its_own_float32_the_library_stays_near(target: str) -> None:
    needs(LIBRARY[target])
    assert_same(target, rates_of(cases(target), float64=False), 2e-6)


@pytest.mark.parametrize(("target", "expression", "reason"), REFUSED)
def test_what_cannot_be_said_is_refused_with_the_reason(target: str, expression: str, reason: str) -> None:
    with pytest.raises(NotRepresentable, match=reason) as caught:
        generate(parse(expression), H, target)
    assert str(caught.value).startswith(f"not representable in {target}: because ")
    assert "\n" not in str(caught.value)


def test_a_staircase_too_long_for_keras_is_refused_and_not_cut_short() -> None:
    with pytest.raises(NotRepresentable, match="one of several phases it comes to 4,999 boundaries"):
        generate(parse("step(0.1, step_size=1, gamma=0.999, steps=5000) >> 0.5"), Horizon(6000), "keras")
