"""The generated module for PyTorch gives, at every update, the rate that the preview draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from lrtui.schedules import Family, Horizon, Schedule, ScheduleError, catalogue, check, parse, sequence
from lrtui.schedules.dialects import NotRepresentable, generate
from tests.schedules.dialects.other_libraries import needs, run_program
from tests.schedules.schedule_strategies import EPOCH, HORIZONS, schedules, shapes

H = Horizon(210, EPOCH)
METRIC_DRIVEN = {"plateau", "greedy"}
"""Families that need to see a metric: no function of the update says them."""

EXAMPLES = [
    "warmup(5ep) >> cosine(0.5, final_lr=0.01)",
    "warmup(2%) >> constant(0.1, steps=78%) >> linear(0.1, final_lr=0)",
    "per_epoch(multistep(0.5, milestones=[5ep, 20ep], gamma=0.5))",
    "repeat(cosine(0.1, final_lr=0, steps=10ep), cycles=3, decay=0.5)",
    "repeat(linear(0.1), cycles=4, decay=0.9) * (warmup(20, start_lr=0.5) >> 1)",
    "floor(exponential(2.0, gamma=0.9), 0.01)",
    "cosine(0.1) * linear(1, final_lr=0.5)",
    "constant(0.3, steps=0.1%) >> 0.2 >> cooldown(10)",
    "multistep(0.1, milestones=[50, 20, 20, 0])",
    "constant(0)",
    "cosine(0.1, k=1e-12)",
]


def run(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(text, "generated", "exec"), namespace)
    return namespace


def assert_says(schedule: Schedule, horizon: Horizon, text: str) -> None:
    learning_rate = run(text)["learning_rate"]
    said = np.array([learning_rate(update) for update in range(horizon.total)])
    rates = schedule.rates(horizon)
    assert said == pytest.approx(rates, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_function_gives_the_preview(text: str) -> None:
    schedule = parse(text)
    assert_says(schedule, H, generate(schedule, H, "pytorch"))


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_every_family_says_itself(entry: Family) -> None:
    if entry.name in METRIC_DRIVEN:
        pytest.skip("its rate isn't a function of the update")
    schedule = {
        "transition": lambda: parse(f"constant(0.1, steps=50) >> {entry.name}(40) >> constant(0.2)"),
        "combinator": lambda: combined(entry),
        "shape": lambda: shaped(entry),
    }[entry.role]()
    assert_says(schedule, H, generate(schedule, H, "pytorch"))


def shaped(entry: Family) -> Schedule:
    return entry.make() if not any(p.required for p in entry.parameters) else parse(f"{entry.name}(0.1)")


def combined(entry: Family) -> Schedule:
    text = "warmup(30) >> cosine(0.1, final_lr=0.02, steps=60)"
    for arguments in (text, f"{text}, 2", f"{text}, 2ep"):
        try:
            schedule = parse(f"{entry.name}({arguments})")
            check(schedule, H)
        except ScheduleError:
            continue
        return schedule
    raise AssertionError(f"say how to call {entry.name}")


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(shapes() | schedules(), HORIZONS)
def test_whatever_can_be_drawn_can_be_said(schedule: Schedule, horizon: Horizon) -> None:
    try:
        schedule.rates(horizon)
    except ScheduleError:
        return
    try:
        text = generate(schedule, horizon, "pytorch")
    except NotRepresentable as refusal:
        assert any(name in str(schedule) for name in METRIC_DRIVEN), refusal  # noqa: PT017
        return
    assert_says(schedule, horizon, text)


@pytest.mark.parametrize("steps", ["", ", steps=1"])
def test_a_phase_that_never_begins_need_not_make_sense(steps: str) -> None:
    # 30% of a single update is no step's size: only past the end would anybody ask.
    schedule, horizon = parse(f"constant(0.1, steps=1) >> step(0.5, step_size=30%{steps})"), Horizon(1)
    text = generate(schedule, horizon, "pytorch")
    assert_says(schedule, horizon, text)
    assert run(text)["learning_rate"](5) == 0.1
    with pytest.raises(ScheduleError, match="less than one update"):
        generate(parse("step(0.5, step_size=30%)"), horizon, "pytorch")


def test_past_the_end_the_last_rate_holds_and_negative_updates_are_refused() -> None:
    learning_rate = run(generate(parse("cosine(0.1, final_lr=0.01)"), H, "pytorch"))["learning_rate"]
    assert learning_rate(10**9) == 0.01
    with pytest.raises(ValueError, match="-1 is negative"):
        learning_rate(-1)


def test_it_is_no_table_and_imports_nothing_but_math() -> None:
    horizon = Horizon(10**6, 1000)
    text = generate(parse("warmup(5ep) >> cosine(0.5, final_lr=0.01)"), horizon, "pytorch")
    assert len(text) < 3500
    assert [line for line in text.splitlines() if line.startswith(("import", "from"))] == ["import math"]
    learning_rate = run(text)["learning_rate"]
    assert learning_rate(5000) == 0.5
    assert math.isclose(learning_rate(502_500), 0.255, rel_tol=1e-12)


def test_too_much_code_is_refused() -> None:
    many = sequence(*(parse(f"cosine({index + 1}, steps=2)") for index in range(3000)))
    with pytest.raises(NotRepresentable, match=r"not representable in pytorch: because .* more code"):
        generate(many, Horizon(100), "pytorch")


def test_an_unknown_target_is_named_with_the_nearest() -> None:
    with pytest.raises(ScheduleError, match="there is no target 'pytorhc'; did you mean pytorch"):
        generate(parse("0.1"), H, "pytorhc")


def test_a_schedule_that_does_not_work_here_is_refused_before_any_code() -> None:
    with pytest.raises(ScheduleError, match="steps per epoch"):
        generate(parse("warmup(5ep) >> 0.1"), Horizon(100), "pytorch")


WORKER = r"""
import json, warnings
import torch

def main(cases):
    warnings.simplefilter("error")
    answer = []
    for text, total in cases:
        space = {}
        exec(text, space)
        def fresh():
            parameter = torch.nn.Parameter(torch.zeros(1))
            other = torch.nn.Parameter(torch.zeros(1))
            groups = [{"params": [parameter]}, {"params": [other], "lr": space["PEAK"] / 4}]
            return torch.optim.SGD(groups, lr=space["PEAK"])
        def follow(optimizer, scheduler, first, last):
            rates = []
            for _ in range(first, last):
                rates.append([group["lr"] for group in optimizer.param_groups])
                optimizer.step()
                scheduler.step()
            return rates
        optimizer = fresh()
        scheduler = space["make_scheduler"](optimizer)
        half = total // 2
        rates = follow(optimizer, scheduler, 0, half)
        saved = json.loads(json.dumps(scheduler.state_dict())), optimizer.state_dict()
        resumed = fresh()
        again = space["make_scheduler"](resumed)
        resumed.load_state_dict(saved[1])
        again.load_state_dict(saved[0])
        bare = fresh()
        anew = space["make_scheduler"](bare, last_update=half - 1)
        answer.append({
            "straight": rates + follow(optimizer, scheduler, half, total),
            "resumed": rates + follow(resumed, again, half, total),
            "anew": rates + follow(bare, anew, half, total),
        })
        wrong = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=space["PEAK"] * 3)
        try:
            space["make_scheduler"](wrong)
        except ValueError as error:
            answer[-1]["complaint"] = str(error)
    return answer
"""


def test_lambda_lr_sets_these_rates_and_resumes_exactly() -> None:
    needs("torch")
    schedules = [parse(text) for text in EXAMPLES]
    cases = [(generate(schedule, H, "pytorch"), H.total) for schedule in schedules]
    for schedule, answer in zip(schedules, run_program(WORKER, cases), strict=True):
        rates = schedule.rates(H)
        for way in ("straight", "resumed", "anew"):
            first, second = np.array(answer[way]).T
            assert first == pytest.approx(rates, rel=1e-12, abs=1e-15), (str(schedule), way)
            assert second == pytest.approx(rates / 4, rel=1e-12, abs=1e-15), (str(schedule), way)
        assert answer["complaint"].startswith("build the optimizer with lr=")


@pytest.mark.parametrize("name", ["log", "log2", "log10", "sqrt", "exp", "sin", "floor"])
def test_a_formulas_functions_are_said(name: str) -> None:
    schedule = parse(f'formula("1 + abs({name}(1.5 + z))")')
    assert_says(schedule, H, generate(schedule, H, "pytorch"))


def test_a_long_row_of_cooldowns_asks_only_its_neighbours() -> None:
    schedule = parse("cosine(1, steps=50)" + " >> cooldown(2, final_lr=0.5)" * 200)
    text = generate(schedule, H, "pytorch")  # it used to say every cooldown again in all those after it
    assert_says(schedule, H, text)
