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


def test_momentum_and_weight_decay_follow_schedules_of_their_own() -> None:
    momentum, decay = "linear(0.85, final_lr=0.95)", "cosine(0.01)"
    arguments = ("--steps", "100", "--momentum", momentum, "--weight-decay", decay)
    done = lrtui("code", "cosine(0.1)", *arguments)
    namespace: dict[str, Any] = {}
    exec(done.stdout, namespace)
    horizon = Horizon(100)
    for name, text in (("learning_rate", "cosine(0.1)"), ("momentum", momentum), ("weight_decay", decay)):
        said = [namespace[name](update) for update in range(100)]
        assert said == pytest.approx(parse(text).rates(horizon).tolist())


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
        (("0.1", "--momentum", "cosin(0.9)"), "--momentum: there is no schedule called 'cosin'"),
        (("0.1", "--momentum", "1.5"), "momentum: it must stay below 1"),
        (("0.1", "--weight-decay", "warmup(5)"), "weight_decay: warmup needs a phase after it"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = lrtui("code", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
