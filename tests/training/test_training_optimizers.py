"""Each optimizer trains, follows its schedules at every update, and SGLD adds the noise of the paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from test_training_engine import make, plain

from lrtui.runs.optimizers import OPTIMIZERS, parse_optimizer
from lrtui.training.optimizers import SGLD, build


@pytest.mark.parametrize("name", [each.name for each in OPTIMIZERS])
def test_each_optimizer_learns_the_training_set_and_repeats_to_the_bit(name: str) -> None:
    rate = {"sgd": 0.05, "sgld": 0.05, "adagrad": 0.01}.get(name, 0.001)
    optimizer = "sgld(temperature=0.001)" if name == "sgld" else name
    logs = []
    for _ in range(2):
        engine, witness = make(f"constant({rate})", optimizer=optimizer, epochs=12)
        assert engine.run() == "completed"
        logs.append(plain(witness.of("epoch")))
    assert logs[0] == logs[1]
    assert logs[0][-1]["train_loss"] < logs[0][0]["train_loss"]


@pytest.mark.parametrize(
    ("optimizer", "read"),
    [
        ("sgd(momentum=linear(0.85, final_lr=0.95), nesterov=true)", lambda group: group["momentum"]),
        ("rmsprop(momentum=cosine(0.9))", lambda group: group["momentum"]),
        ("adam(betas=(linear(0.85, final_lr=0.95), 0.99))", lambda group: group["betas"][0]),
        ("adamw(weight_decay=linear(0.1))", lambda group: group["weight_decay"]),
        ("sgld(weight_decay=linear(0.1))", lambda group: group["weight_decay"]),
    ],
)
def test_what_follows_a_schedule_is_in_force_at_its_own_update(optimizer: str, read: Any) -> None:
    engine, witness = make("constant(0.001)", optimizer=optimizer)
    ((name, values),) = [each for each in engine.pace.followed.items() if len(set(each[1])) > 1]
    used: list[float] = []
    inner = engine.optimizer.step

    def step(*args: Any, **kwargs: Any) -> Any:
        used.append(read(engine.optimizer.param_groups[0]))
        return inner(*args, **kwargs)

    engine.optimizer.step = step  # type: ignore[method-assign]
    assert engine.run() == "completed"
    assert used == values.tolist()
    assert len(set(used)) > 5
    assert [report[name] for report in witness.of("report")] == used
    assert [epoch[name] for epoch in witness.of("epoch")] == [used[6], used[13]]
    if name == "momentum" and "betas" in engine.optimizer.param_groups[0]:
        assert engine.optimizer.param_groups[0]["betas"][1] == 0.99


def test_a_constant_schedule_is_the_plain_number() -> None:
    logs = []
    for momentum in ("0.9", "constant(0.9)"):
        engine, witness = make("cosine(0.05)", optimizer=f"sgd(momentum={momentum})")
        engine.run()
        logs.append([each["train_loss"] for each in witness.of("report")])
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    ("optimizer", "momentum"),
    [("sgd", None), ("sgd(momentum=0.9)", 0.9), ("adam", 0.9), ("adamw(betas=(0.8, 0.99))", 0.8),
     ("rmsprop(momentum=0.5)", 0.5), ("sgld", None)],
)  # fmt: skip
def test_a_momentum_is_told_whether_or_not_it_follows_a_schedule(
    optimizer: str, momentum: float | None
) -> None:
    engine, witness = make("constant(0.001)", optimizer=optimizer, epochs=1)
    engine.run()
    assert engine.optimizer.param_groups[0].get("betas", (momentum,))[0] == momentum
    for event in (*witness.of("report"), *witness.of("epoch")):
        assert event.get("momentum") == momentum
        assert "weight_decay" not in event


def test_the_options_reach_torch() -> None:
    weights = [torch.zeros(3, requires_grad=True)]
    made = build(parse_optimizer("adamw(weight_decay=0.05, betas=(0.8, 0.95), eps=0.1)"), weights, 0.1, 10)
    assert isinstance(made, torch.optim.AdamW)
    group = made.param_groups[0]
    assert (group["weight_decay"], group["betas"], group["eps"]) == (0.05, (0.8, 0.95), 0.1)


def test_sgld_is_sgd_with_noise_of_the_variance_the_paper_gives_it() -> None:
    torch.manual_seed(0)
    start, gradient = torch.randn(200_000), torch.randn(200_000)
    for temperature in (0.0, 1.0, 2.0):
        weights = start.clone().requires_grad_()
        weights.grad = gradient.clone()
        SGLD([weights], lr=0.1, examples=50, weight_decay=0.5, temperature=temperature).step()
        noise = weights.detach() - (start - 0.1 * (gradient + 0.5 * start))
        assert abs(float(noise.mean())) < 1e-3
        assert math.isclose(float(noise.var()), 2 * 0.1 / 50 * temperature, rel_tol=0.02, abs_tol=1e-12)


def test_sgld_samples_the_posterior_of_a_gaussian() -> None:
    """With N examples of a unit Gaussian's mean, the posterior's variance is 1 / N."""
    torch.manual_seed(0)
    examples, chains = 20, 4_000
    weights = torch.zeros(chains, requires_grad=True)
    sampler = SGLD([weights], lr=0.05, examples=examples)
    for _ in range(200):
        weights.grad = weights.detach() - 3.0  # the mean loss's gradient, data of mean 3
        sampler.step()
    assert np.isclose(float(weights.detach().mean()), 3.0, atol=0.02)
    # The step of 0.05 leaves the discretisation's own share, 1 / (1 - lr / 2).
    assert np.isclose(float(weights.detach().var()), 1 / examples / (1 - 0.025), rtol=0.1)


@pytest.mark.parametrize(
    ("schedule", "metric", "settings"),
    [
        ("plateau(0.05, factor=0.5, patience=0, threshold=0.05)", "test_loss", {"mode": "min"}),
        ("plateau(0.05, factor=0.5, patience=0, threshold=0.05, mode=max)", "test_acc", {"mode": "max"}),
    ],
)
def test_a_plateau_decides_on_the_epochs_as_torch_does(
    schedule: str, metric: str, settings: dict[str, Any]
) -> None:
    engine, witness = make(schedule, epochs=6)
    assert engine.run() == "completed"
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.05)
    torchs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=0, threshold=0.05, **settings
    )
    for epoch in witness.of("epoch"):
        assert epoch["lr"] == optimizer.param_groups[0]["lr"]
        torchs.step(epoch[metric])
    assert len({epoch["lr"] for epoch in witness.of("epoch")}) > 1


def test_a_plateau_behind_a_warmup_follows_the_warmup_first() -> None:
    engine, witness = make("warmup(5) >> plateau(0.05, factor=0.5, patience=0, threshold=0.9)", epochs=4)
    engine.run()
    rates = [report["lr"] for report in witness.of("report")]
    assert np.allclose(rates[:6], [0, 0.01, 0.02, 0.03, 0.04, 0.05])
    assert rates[-1] < 0.05
