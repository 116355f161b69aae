"""`lrtui code` as a person calls it."""

from __future__ import annotations

from typing import Any

import pytest
from commands import lrtui

from lrtui.schedules import Horizon, parse


def test_the_printed_module_gives_the_rates() -> None:
    expression = "warmup(1ep) >> cosine(0.5)"
    done = lrtui("code", expression, "--epochs", "3", "--steps-per-epoch", "10")
    assert done.returncode == 0
    namespace: dict[str, Any] = {}
    exec(done.stdout, namespace)
    rates = parse(expression).rates(Horizon(30, 10))
    assert [namespace["learning_rate"](update) for update in range(30)] == pytest.approx(rates.tolist())


def test_what_a_library_cannot_say_is_one_line_and_code_1() -> None:
    done = lrtui("code", "cosine(0.1) * linear(1)", "--steps", "100", "--target", "keras")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lrtui code: not representable in keras: because ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cosin(0.1)",), "did you mean cosine?"),
        (("0.1", "--target", "jax"), "there is no target 'jax'"),
        (("0.1", "--steps", "5", "--epochs", "1"), "give one of them"),
        (("warmup(5ep) >> 1", "--steps", "5"), "5ep is in epochs"),
        ((), "EXPR is missing"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = lrtui("code", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
