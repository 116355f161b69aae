"""`lrtui read` as a person calls it."""

from __future__ import annotations

import pytest
from commands import lrtui, strict_json

from lrtui.schedules import Horizon, parse


def test_the_expression_goes_to_stdout_and_the_notes_to_stderr() -> None:
    done = lrtui("read", "CosineAnnealingWarmRestarts(opt, T_0=10, T_mult=2, eta_min=1e-5)")
    assert done.returncode == 0
    assert done.stdout == "sgdr(0.1, final_lr=1e-05, first_cycle=10, growth=2)\n"
    assert done.stderr == "note: the call doesn't say the optimizer's lr: taken as 0.1; give it with --lr\n"


def test_lr_and_clock() -> None:
    done = lrtui("read", "StepLR(opt, 30)", "--lr", "0.4", "--clock", "epochs")
    assert (done.stdout, done.stderr) == ("per_epoch(step(0.4, step_size=30ep))\n", "")


def test_json() -> None:
    answer = strict_json(lrtui("read", "CosineAnnealingLR(opt, 10)", "--lr", "1", "--json").stdout)
    assert answer["expression"] == "cosine(1, steps=10)"
    assert "rises again after T_max" in answer["notes"][0]


def test_a_momentum_that_moves_is_read_too() -> None:
    done = lrtui("read", "OneCycleLR(opt, 0.1, 100)", "--json")
    answer = strict_json(done.stdout)
    assert answer["expression"] == "one_cycle(0.1, steps=100)"
    assert parse(answer["momentum"])([0, 29], Horizon(100)) == pytest.approx([0.95, 0.85])
    code = lrtui(
        *("code", answer["expression"], "--momentum", answer["momentum"], "--steps", "100"),
        *("--target", "pytorch-native"),
    )
    assert "cycle_momentum=True, base_momentum=0.85, max_momentum=0.95" in code.stdout


def test_generated_code_can_be_piped_in() -> None:
    code = lrtui(
        "code", "warmup(50) >> cosine(0.3, steps=50)", "--steps", "100", "--target", "pytorch-native"
    )
    done = lrtui("read", "-", stdin=code.stdout)
    assert done.stdout == "warmup(50) >> cosine(0.3, steps=50)\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("CosineAnealingLR(opt, 10)",), 1, "did you mean CosineAnnealingLR?"),
        (("10**10**10",), 1, "no finite answer"),
        (("(" * 5000,), 1, "this is no Python"),
        (("StepLR(opt, 3)", "--lr", "-1"), 2, "--lr -1: must be more than 0"),
        (("StepLR(opt, 3)", "--clock", "days"), 2, "must be one of updates, epochs"),
        ((), 2, "CALL is missing"),
    ],
)
def test_what_cannot_be_read_is_one_line(arguments: tuple[str, ...], status: int, said: str) -> None:
    done = lrtui("read", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
