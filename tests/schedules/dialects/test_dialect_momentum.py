"""Momentum and weight decay in other libraries: moved as drawn, read back, resumed exactly, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.schedules import Horizon, ScheduleError, parse
from lrtui.schedules.dialects import NotRepresentable, generate, read
from tests.schedules.dialects.other_libraries import needs, run_program
from tests.schedules.dialects.said_examples import EPOCH

H = Horizon(84, EPOCH)
RATE = parse("warmup(1ep) >> cosine(0.1)")
MOMENTUM = parse("one_cycle(0.85, div_factor=0.8947368421052632, final_div_factor=1)")
DECAY = parse("cosine(0.02, final_lr=0.01)")

FOLLOWER = r"""
import json
import torch

def values(group):
    momentum = group["betas"][0] if "betas" in group else group["momentum"]
    return [group["lr"], momentum, group["weight_decay"]]

def main(payload):
    answers = []
    for case in payload:
        space = {}
        if "call" in case:
            import torch.optim.lr_scheduler as lrs
            space["make_scheduler"] = lambda o: eval(case["call"], {**vars(lrs), "opt": o})
        else:
            exec(case["code"], space)
        lr = space.get("PEAK", space.get("BASE_LR", 0.1))
        def fresh():
            groups = [{"params": [torch.nn.Parameter(torch.zeros(1))]},
                      {"params": [torch.nn.Parameter(torch.zeros(1))], "weight_decay": 0.0}]
            words = {"momentum": 0.5} if case["optimizer"] == "SGD" else {}
            return getattr(torch.optim, case["optimizer"])(groups, lr=lr, weight_decay=0.3, **words)
        optimizer = fresh()
        scheduler = space["make_scheduler"](optimizer)
        rows, half, total = [], case["updates"] // 2, case["updates"]
        for update in range(total):
            if update == half and case.get("resume"):
                saved = json.loads(json.dumps(scheduler.state_dict())), optimizer.state_dict()
                optimizer = fresh()
                scheduler = space["make_scheduler"](optimizer)
                optimizer.load_state_dict(saved[1])
                scheduler.load_state_dict(saved[0])
            rows.append([values(group) for group in optimizer.param_groups])
            optimizer.step()
            if update + 1 < total:
                scheduler.step()
        answers.append(rows)
    return answers
"""


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
def test_torch_moves_all_three_and_resumes(optimizer: str) -> None:
    needs("torch")
    code = generate(RATE, H, "pytorch", momentum=MOMENTUM, weight_decay=DECAY)
    case = {"code": code, "optimizer": optimizer, "updates": H.total, "resume": True}
    rows = np.array(run_program(FOLLOWER, [case])[0])
    for place, schedule in enumerate((RATE, MOMENTUM, DECAY)):
        np.testing.assert_allclose(rows[:, 0, place], schedule.rates(H), rtol=1e-12, atol=1e-15)
    assert (rows[:, 1, 2] == 0).all()  # a group without weight decay stays without


NATIVE = [
    "OneCycleLR(opt, max_lr=0.3, total_steps=84)",
    "OneCycleLR(opt, 0.3, 84, pct_start=0.4, anneal_strategy='linear', three_phase=True, max_momentum=0.9)",
    "CyclicLR(opt, base_lr=0.01, max_lr=0.1, step_size_up=20)",
    "CyclicLR(opt, 0.01, 0.1, 20, 10, 'triangular2', base_momentum=0.5)",
    "CyclicLR(opt, 0.01, 0.1, 20, mode='exp_range', gamma=0.99)",
]


@pytest.mark.parametrize("call", NATIVE)
def test_torchs_own_momentum_is_read_written_and_read_back(call: str) -> None:
    needs("torch")
    reading = read(call, lr=0.1)
    assert reading.momentum is not None
    assert parse(str(reading.momentum)) == reading.momentum
    code = generate(reading.schedule, H, "pytorch-native", momentum=reading.momentum)
    again = read(code)
    assert (again.schedule.rates(H), again.momentum.rates(H)) == (  # type: ignore[union-attr]
        pytest.approx(reading.schedule.rates(H), rel=1e-12),
        pytest.approx(reading.momentum.rates(H), rel=1e-12),
    )
    cases = [
        {"call": call, "optimizer": "SGD", "updates": H.total},
        {"code": code, "optimizer": "AdamW", "updates": H.total},
    ]
    for rows in run_program(FOLLOWER, cases):
        table = np.array(rows)
        np.testing.assert_allclose(table[:, 0, 0], reading.schedule.rates(H), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(table[:, 0, 1], reading.momentum.rates(H), rtol=1e-9)


def test_without_a_moving_momentum_nothing_is_said_of_it() -> None:
    assert read("OneCycleLR(opt, 0.1, 100, cycle_momentum=False)").momentum is None
    assert read("StepLR(opt, 10)").momentum is None
    assert str(read("CyclicLR(opt, 0.01, 0.1, 20)", clock="epochs").momentum).startswith("per_epoch(cyclic(")


def test_optax_gets_a_function_for_each() -> None:
    pytest.importorskip("optax")
    code = generate(RATE, H, "optax", momentum=parse("linear(0.85, final_lr=0.95)"), weight_decay=DECAY)
    space: dict[str, object] = {}
    exec(code, space)
    for name, schedule in (
        ("schedule", RATE),
        ("momentum", parse("linear(0.85, final_lr=0.95)")),
        ("weight_decay", DECAY),
    ):
        said = [float(space[name](update)) for update in range(0, H.total, 7)]  # type: ignore[operator]
        assert said == pytest.approx(schedule.rates(H)[::7].tolist(), rel=2e-6, abs=1e-8)
    reading = read(code)
    assert reading.schedule.rates(H) == pytest.approx(RATE.rates(H))
    assert str(reading.momentum) == "linear(0.85, final_lr=0.95, steps=84)"


@pytest.mark.parametrize(
    ("target", "others", "reason"),
    [
        ("keras", {"momentum": "0.9"}, "move the learning rate alone, not momentum"),
        ("timm", {"momentum": "0.9", "weight_decay": "0.1"}, "not momentum and weight decay"),
        ("transformers", {"weight_decay": "0.1"}, "not weight decay"),
        ("pytorch-native", {"weight_decay": "0.1"}, "its classes move no weight decay"),
        ("pytorch-native", {"momentum": "0.9"}, "only OneCycleLR and CyclicLR move the momentum"),
        ("optax", {"momentum": "rex(0.9)"}, "nothing like rex"),
    ],
)
def test_what_cannot_be_moved_is_refused(target: str, others: dict[str, str], reason: str) -> None:
    with pytest.raises(NotRepresentable, match=reason):
        generate(parse("cosine(0.1)"), H, target, **{name: parse(text) for name, text in others.items()})


@pytest.mark.parametrize(
    "momentum",
    [
        "one_cycle(0.85, div_factor=0.9, final_div_factor=2)",
        "one_cycle(0.85, div_factor=0.9, final_div_factor=1, pct_start=0.2)",
        "one_cycle(0.85, div_factor=0.9, final_div_factor=1, steps=50)",
        "cosine(0.9)",
    ],
)
def test_another_curve_than_the_rates_is_refused(momentum: str) -> None:
    with pytest.raises(NotRepresentable, match="along its own curve the other way up"):
        generate(parse("one_cycle(0.1)"), H, "pytorch-native", momentum=parse(momentum))


def test_a_momentum_of_one_or_more_is_refused() -> None:
    with pytest.raises(ScheduleError, match="momentum: it must stay below 1"):
        generate(RATE, H, "pytorch", momentum=parse("linear(0.9, final_lr=1)") * 1.2)
    with pytest.raises(ScheduleError, match="weight_decay: plateau follows a metric"):
        generate(RATE, H, "pytorch", weight_decay=parse("plateau(0.1)"))
