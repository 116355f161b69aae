"""Every target against every family: written, run by its library and read back, or refused and known to be.

A family that is added is tried with its example. It must be said by every target whose library its
declaration names; SAID keeps what is said today from being lost.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lrtui.schedules import Schedule, catalogue, family, parse, simulate, typical_trace
from lrtui.schedules.dialects import TARGETS, NotRepresentable, generate, read
from lrtui.schedules.pages import example
from tests.schedules.dialects.other_libraries import Case, needs, rates_of, run_program
from tests.schedules.dialects.said_examples import EPOCH, LIBRARY, H

MORE = {
    "cosine": ("cosine(0.1, k=2)", "cosine(0.1, exponent=2)", "cosine(0.1, half_cycles=3)"),
    "exponential": (
        "exponential(0.1, gamma=0.99)",
        "exponential(0.1, decay_steps=1ep, staircase=yes, final_lr=0.01)",
    ),
    "inverse_power": ("inverse_power(0.1, timescale=20)", "inverse_power(0.1, timescale=20, power=1)"),
    "piecewise": ("piecewise(0.1, interpolation=linear)", "piecewise(0.1, interpolation=cosine)"),
    "polynomial": ("polynomial(0.1, cycle=50)", "polynomial(0.1, final_lr=0.01, power=3)"),
    "sgdr": (
        "sgdr(0.1, first_cycle=30, growth=2)",
        "sgdr(0.1, first_cycle=30)",
        "sgdr(0.1, first_cycle=70, peak_decay=0.5)",
        "sgdr(0.1, first_cycle=30, steps=60)",
    ),
    "cyclic": ("cyclic(0.1, up=30, down=10, mode=triangular2)", "cyclic(0.1, up=30, mode=exp_range)"),
    "wsd": (
        "wsd(0.1, shape=cosine)",
        "wsd(0.1, shape=sqrt)",
        "wsd(0.1, shape=square)",
        "wsd(0.1, shape=exponential, final_lr=0.001)",
        "wsd(0.1, warmup=20, decay=50, start_lr=0.01, final_lr=0.01)",
    ),
    "one_cycle": (
        "one_cycle(0.1, convention=optax)",
        "one_cycle(0.1, convention=optax, legs=3, pct_final=0.9, anneal=linear)",
        "one_cycle(0.1, convention=fastai)",
        "one_cycle(0.1, convention=fastai, anneal=linear)",
        "one_cycle(0.1, legs=3)",
    ),
    "slanted_triangular": ("slanted_triangular(0.1, steps=100)", "slanted_triangular(0.1, cut_fraction=0.3)"),
    "warmup": (
        "warmup(20, shape=cosine) >> cosine(0.1)",
        "warmup(20, shape=constant, start_lr=0.01) >> cosine(0.1)",
        "warmup(20, shape=exponential, start_lr=0.01) >> cosine(0.1)",
        "warmup(20, first=1) >> cosine(0.1)",
        "warmup(20) >> exponential(0.1, gamma=0.99)",
    ),
    "cooldown": (
        "constant(0.1) >> cooldown(20, shape=cosine)",
        "constant(0.1) >> cooldown(20, shape=sqrt)",
        "constant(0.1) >> cooldown(20, shape=square)",
        "constant(0.1) >> cooldown(20, shape=exponential, final_lr=0.001)",
        "exponential(0.1, gamma=0.99) >> cooldown(20)",
    ),
    "floor": ("floor(exponential(0.1, gamma=0.9), 0.01)", "floor(cosine(0.1), 0.01)"),
    "ceiling": ("ceiling(cosine(0.1), 0.5)", "ceiling(cosine(0.1), 0.05)"),
    "every": (
        "every(exponential(0.1, decay_steps=10), 10)",
        "every(inverse_time(0.1, decay_steps=10), 10)",
        "every(cosine(0.1), 1ep)",
    ),
    "per_epoch": ("per_epoch(step(0.1, step_size=1ep))", "per_epoch(cosine(0.1, steps=30ep))"),
    "repeat": (
        "repeat(cosine(0.1), cycles=3)",
        "repeat(cosine(0.1, steps=50), cycles=3)",
        "repeat(cosine(0.1, final_lr=0.01), cycle=70, decay=0.5)",
        "repeat(linear(0.1), cycles=3)",
        "repeat(cosine(0.1), cycle=10, growth=2)",
    ),
    "offset": ("offset(linear(0.1), 20)", "offset(step(0.1, step_size=30), 60)"),
    "masked_warmup": (
        "masked_warmup(cosine(0.1), 20)",
        "masked_warmup(step(0.1, step_size=30), 20, start_lr=0.01)",
    ),
}
"""Ways to use a family beyond its example, since a library may know only some of them."""

EVERYWHERE = "constant linear polynomial cosine warmup sgdr floor ceiling repeat offset"
SAID = {
    "pytorch-native": f"{EVERYWHERE} exponential step multistep piecewise cooldown wsd flat_cosine per_epoch "
    "slanted_triangular one_cycle cyclic",
    "optax": f"{EVERYWHERE} exponential step multistep piecewise cooldown wsd flat_cosine per_epoch every "
    "slanted_triangular one_cycle",
    "keras": f"{EVERYWHERE} exponential step multistep piecewise inverse_power inverse_time per_epoch every",
    "transformers": f"{EVERYWHERE} inverse_power inverse_sqrt cooldown wsd flat_cosine",
    "timm": f"{EVERYWHERE} exponential step multistep cooldown wsd flat_cosine per_epoch tanh "
    "slanted_triangular one_cycle masked_warmup",
}
"""The families that a target can say; `pytorch` says them all."""

FOLLOWING = {
    "pytorch": set(),
    "pytorch-native": {"plateau"},
    "optax": set(),
    "keras": set(),
    "transformers": {"plateau", "greedy"},
    "timm": set(),
}
"""The families that follow a metric that a target can say."""


@cache
def variants(name: str) -> tuple[Schedule, ...]:
    shown = example(family(name))
    assert shown is not None
    return (shown, *(parse(text) for text in MORE.get(name, ())))


@cache
def written(target: str) -> tuple[dict[str, list[tuple[Schedule, str]]], dict[str, list[str]]]:
    said: dict[str, list[tuple[Schedule, str]]] = {}
    refused: dict[str, list[str]] = {}
    for entry in catalogue():
        for schedule in variants(entry.name):
            try:
                code = generate(schedule, H, target)
            except NotRepresentable as error:
                refused.setdefault(entry.name, []).append(str(error))
            else:
                said.setdefault(entry.name, []).append((schedule, code))
    return said, refused


def step_of(code: str) -> int:
    return EPOCH if f"once an epoch ({EPOCH}" in code.replace("\n# ", " ") else 1


@pytest.mark.parametrize("target", TARGETS)
def test_every_family_is_said_where_its_library_has_it(target: str) -> None:
    said, refused = written(target)
    rest = [entry for entry in catalogue() if entry.role != "metric"]
    assert said.keys() - {entry.name for entry in rest} == FOLLOWING[target]
    declared = {entry.name for entry in rest if target == "pytorch" or LIBRARY[target] in entry.dialects}
    lost = (declared | set(SAID.get(target, "").split())) - said.keys()
    assert not lost, {name: refused[name] for name in lost}
    for reason in (reason for reasons in refused.values() for reason in reasons):
        assert reason.startswith(f"not representable in {target}: because ")
        assert reason.isprintable()


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_said_runs_as_drawn(target: str) -> None:
    library = LIBRARY.get(target, "torch")
    needs(library)
    said = [pair for pairs in written(target)[0].values() for pair in pairs]
    said = [(schedule, code) for schedule, code in said if schedule.metric_driven is None]
    cases: list[Case] = [(library, code, H.total, step_of(code), None) for _, code in said]
    wrong = []
    for (schedule, _), answer in zip(said, rates_of(cases), strict=True):
        rates = schedule.rates(H)
        if isinstance(answer, str):
            wrong.append(f"{schedule}: {answer}")
            continue
        off = np.abs(np.array(answer) - rates)
        # keras keeps some of its numbers in float32 whatever it is told.
        if off.max() > (2e-6 if target == "keras" else 1e-9) * rates.max():
            wrong.append(f"{schedule}: off by {off.max()} at update {int(off.argmax())}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("target", LIBRARY)
def test_what_is_said_reads_back_equal(target: str) -> None:
    wrong = []
    for schedule, code in (pair for pairs in written(target)[0].values() for pair in pairs):
        again = read(code, clock="epochs" if step_of(code) > 1 else "updates").schedule
        if schedule.metric_driven is not None:
            same = again == schedule
        else:
            rates = schedule.rates(H)
            same = bool((np.abs(again.rates(H) - rates) <= 1e-12 * rates.max()).all())
        if not same:
            wrong.append(f"{schedule} reads back as {again}")
    assert not wrong, "\n".join(wrong)


FOLLOWER = r"""
import torch

def main(payload):
    metrics, answers = payload["metrics"], []
    for code in payload["codes"]:
        space = {}
        exec(code, space)
        base = space.get("BASE_LR") or space["arguments"]["learning_rate"]
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
        scheduler = space["make_scheduler"](optimizer)
        rates = []
        for metric in metrics:
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step(metric)
        answers.append(rates)
    return answers
"""


@pytest.mark.parametrize("target", ["pytorch-native", "transformers"])
def test_what_follows_a_metric_decides_as_simulated(target: str) -> None:
    needs(LIBRARY[target])
    texts = ["plateau(0.1, patience=2)", "plateau(0.2, mode=max, factor=0.5, patience=0, cooldown=3)"]
    if target == "transformers":
        texts += ["greedy(0.1, patience=2)", "greedy(0.1, window=3, patience=1, factor=0.5)"]
    metrics = [float(value) for value in typical_trace(80)]
    codes = [generate(parse(text), H, target) for text in texts]
    answers = run_program(FOLLOWER, {"metrics": metrics, "codes": codes})
    for text, answer in zip(texts, answers, strict=True):
        assert simulate(parse(text), metrics).tolist() == answer, text
