"""Code generated for each library, run by that library, gives the preview at every update."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from lrtui.schedules import Horizon, parse
from lrtui.schedules.dialects import NotRepresentable, generate
from tests.schedules.dialects.other_libraries import Case, rates_of

EPOCH = 7
H = Horizon(210, EPOCH)

SAID = {
    "pytorch-native": [
        "0.1",
        "constant(0)",
        "warmup(5ep) >> cosine(0.5, final_lr=0.01)",
        "warmup(5ep, start_lr=0.1) >> cosine(0.5, final_lr=0.01)",
        "warmup(1) >> cosine(0.1)",
        "warmup(0) >> cosine(0.1)",
        "cosine(0.1, steps=50)",
        "cosine(0.1, steps=1)",
        "cosine(0.1, final_lr=0.3)",
        "cosine(0.1, steps=50) >> 0.05",
        "linear(0.1, final_lr=0.01)",
        "linear(0.1, steps=20)",
        "linear(0, final_lr=0.1, steps=20)",
        "linear(0.01, final_lr=0.1, steps=1)",
        "polynomial(0.1)",
        "polynomial(0.1, power=0.5, steps=100)",
        "exponential(0.1, gamma=1)",
        "exponential(0.1, gamma=1.01)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep, steps=50)",
        "exponential(0.1, gamma=0.9, steps=20) >> cooldown(20)",
        "step(0.1, step_size=20)",
        "step(0.1, step_size=20, steps=50)",
        "step(0.1, step_size=20, steps=60)",
        "multistep(0.1, milestones=[40, 20, 20, 0])",
        "multistep(0.1, milestones=[40, 20, 90], steps=50)",
        "multistep(0.1, milestones=[])",
        "warmup(10) >> multistep(0.1, milestones=[40, 20, 20])",
        "per_epoch(cosine(0.1, steps=20ep))",
        "per_epoch(warmup(5ep) >> cosine(0.1))",
        "per_epoch(exponential(0.1, gamma=0.9, decay_steps=1ep))",
        "per_epoch(multistep(0.5, milestones=[5ep, 20ep], gamma=0.5))",
        "sgdr(0.1, first_cycle=10, growth=2, final_lr=0.001)",
        "sgdr(0.1, first_cycle=1, growth=3)",
        "sgdr(0.1, first_cycle=10, growth=3, steps=40)",
        "repeat(cosine(0.1, steps=30))",
        "warmup(10) >> repeat(cosine(0.1, steps=30))",
        "cyclic(0.1, up=10)",
        "cyclic(0.1, up=10, down=5, mode=triangular2)",
        "cyclic(0.1, up=10, mode=exp_range, gamma=0.99)",
        "one_cycle(0.1)",
        "one_cycle(0.1, legs=3, anneal=linear)",
        "wsd(0.1)",
        "wsd(0.1, shape=cosine)",
        "piecewise(0.1)",
        "piecewise(0.1, interpolation=linear)",
        "linear(1, final_lr=0.5) * exponential(0.1, gamma=0.99)",
        "floor(cosine(0.1), 0)",
        "0.1 >> cooldown(20%)",
        "warmup(2%) >> constant(0.1, steps=78%) >> linear(0.1, final_lr=0)",
        "constant(0.1, steps=50) >> 0",
    ],
    "optax": [
        "0.1",
        "constant(0)",
        "warmup(5ep) >> cosine(0.5, final_lr=0.01)",
        "cosine(0.1, steps=50) >> cosine(0.05, steps=1) >> 0.3",
        "linear(0, final_lr=0.1)",
        "polynomial(0.1, final_lr=0.01, power=3)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep, steps=50)",
        "floor(exponential(2.0, gamma=0.9), 0.01)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep, staircase=yes, final_lr=0.01)",
        "exponential(0.1, gamma=1.1, final_lr=0.5)",
        "cosine(0.1, final_lr=0.01, exponent=2)",
        "step(0.1, step_size=20, gamma=0.5)",
        "multistep(0.1, milestones=[40, 20, 20, 0])",
        "multistep(0.1, milestones=[40, 20, 90], steps=50)",
        "exponential(0.1, gamma=0.9, steps=20) >> cooldown(20)",
        "cosine(0.1, final_lr=0.05, steps=50) >> cooldown(20, final_lr=0.2, shape=cosine)",
        "wsd(0.1, shape=cosine, start_lr=0.01)",
        "piecewise(0.1, interpolation=cosine)",
        "repeat(cosine(0.1, final_lr=0.01, steps=50), cycles=3, decay=0.5)",
        "sgdr(0.1, first_cycle=10, growth=2, peak_decay=0.5, final_lr=0.001)",
        "sgdr(0.1, first_cycle=50, cycles=2)",
        "flat_cosine(0.1, flat=0.5)",
    ],
    "keras": [
        "0.1",
        "constant(0.1, steps=50) >> constant(0.2, steps=50) >> 0.05",
        "multistep(0.1, milestones=[40, 20, 20, 0], gamma=0.5)",
        "warmup(5ep) >> cosine(0.5, final_lr=0.01)",
        "cosine(0.1, final_lr=0.01, steps=50)",
        "linear(0.1, final_lr=0.01, steps=50)",
        "linear(0, final_lr=0.1)",
        "polynomial(0.1, final_lr=0.01, power=3)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep)",
        "exponential(0.1, gamma=0.9, decay_steps=1ep, staircase=yes)",
        "step(0.1, step_size=20, gamma=0.5)",
        "step(0.1, step_size=20, gamma=0.5, steps=50) >> 0.5",
        "inverse_time(0.1, decay_steps=20, decay_rate=0.5)",
        "inverse_time(0.1, decay_steps=20, staircase=yes)",
        "inverse_power(0.1, timescale=20, power=1)",
        "sgdr(0.1, first_cycle=30, final_lr=0.01)",
        "sgdr(0.1, first_cycle=30, peak_decay=0.5, final_lr=0.01, decays=swing)",
    ],
    "transformers": [
        "0.1",
        "warmup(20) >> 0.1",
        "linear(0.1)",
        "warmup(10%) >> linear(5e-5)",
        "warmup(10%) >> linear(5e-5, final_lr=1e-6)",
        "warmup(500) >> cosine(5e-5)",
        "warmup(50) >> cosine(5e-5)",
        "warmup(50) >> cosine(5e-5, final_lr=1e-6)",
        "warmup(50) >> polynomial(0.1, final_lr=0.01, power=2)",
        "inverse_sqrt(0.1, warmup=20)",
        "inverse_sqrt(0.1, warmup=20, timescale=50)",
        "linear(0, final_lr=0.1, steps=30)",
        "warmup(20) >> inverse_power(0.1, timescale=20)",
        "repeat(cosine(0.1), cycles=3)",
        "warmup(10) >> sgdr(0.1, first_cycle=50)",
        "wsd(0.1, warmup=20, decay=50)",
        "wsd(0.1, warmup=20, decay=50, shape=cosine)",
        "wsd(0.1, warmup=0, decay=50, shape=cosine, final_lr=0.01)",
        "warmup(2%) >> constant(0.1, steps=78%) >> linear(0.1, final_lr=0)",
    ],
    "timm": [
        "0.1",
        "warmup(20) >> 0.1",
        "cosine(0.1, final_lr=0.01)",
        "cosine(0.1, final_lr=0.01, steps=50)",
        "cosine(0.1, k=2)",
        "warmup(20, start_lr=0.01) >> cosine(0.1)",
        "warmup(20) >> linear(0.1, final_lr=0.02)",
        "polynomial(0.1, power=0.5, steps=100)",
        "warmup(20) >> step(0.1, step_size=30)",
        "multistep(0.1, milestones=[40, 20, 20, 0])",
        "warmup(20) >> multistep(0.1, milestones=[40, 20, 20], gamma=0.5)",
        "exponential(0.1, gamma=0.99)",
        "tanh(0.1, final_lr=0.001)",
        "sgdr(0.1, first_cycle=30, peak_decay=0.5, final_lr=0.01)",
        "sgdr(0.1, first_cycle=30, cycles=2, final_lr=0.01)",
        "wsd(0.1, warmup=20, decay=50, shape=cosine, final_lr=0.01)",
        "0.1 >> cooldown(20%)",
    ],
}

REFUSED = [
    ("pytorch-native", "polynomial(0.1, final_lr=0.01)", "PolynomialLR always ends at 0"),
    ("pytorch-native", "sgdr(0.1, first_cycle=10, growth=1.5)", "T_mult must be a whole number"),
    ("pytorch-native", "sgdr(0.1, first_cycle=10, peak_decay=0.5)", "always returns to the same peak"),
    ("pytorch-native", "cosine(0.1) * linear(1)", "plain factors"),
    ("pytorch-native", "inverse_power(0.1)", "nothing like inverse_power"),
    ("pytorch-native", "floor(exponential(0.1, gamma=0.9), 0.01)", "nothing like floor"),
    ("pytorch-native", "cosine(0.1, steps=20) >> cosine(0.05)", "these phases start at 0.1 and 0.05"),
    ("pytorch-native", "exponential(0.1, gamma=1.01, steps=9) >> 0.2", "can't rise above the optimizer's lr"),
    ("pytorch-native", "per_epoch(cosine(0.1, steps=20))", "20 isn't a whole number of epochs"),
    ("pytorch-native", "one_cycle(0.1, convention=optax)", "torch's own idea"),
    ("pytorch-native", "one_cycle(0.1, steps=100)", "can't be followed"),
    ("pytorch-native", "warmup(10) >> cyclic(0.1)", "nothing like cyclic"),
    ("pytorch-native", "cosine(0.1, half_cycles=2)", "nothing like half_cycles=2"),
    ("pytorch-native", "exponential(0.1, final_lr=0.01)", "nothing like final_lr=0.01"),
    ("pytorch-native", "warmup(10, shape=sqrt) >> cosine(0.1)", "nothing like warmup"),
    ("pytorch-native", "warmup(10, first=1) >> cosine(0.1)", "nothing like warmup"),
    ("pytorch-native", "repeat(cosine(0.1), cycle=10, growth=2)", "only equal cosines repeat"),
    ("optax", "per_epoch(cosine(0.1))", "no way to hold a rate for a whole epoch"),
    ("optax", "inverse_power(0.1)", "nothing like inverse_power"),
    ("optax", "repeat(cosine(0.1, steps=1))", "nothing like repeat"),
    ("optax", "cosine(0.1) * linear(1)", "nothing like \\*"),
    ("keras", "cosine(0.1, steps=50) >> cosine(0.05)", "no way to put schedules one after the other"),
    ("keras", "exponential(0.1, steps=50)", "goes on past steps"),
    ("keras", "sgdr(0.1, first_cycle=10, growth=2)", "by a logarithm"),
    ("keras", "sgdr(0.1, first_cycle=10, peak_decay=0.5, final_lr=0.01)", "not the peak"),
    ("transformers", "warmup(10, start_lr=0.01) >> cosine(0.1)", "warmups start at 0"),
    ("transformers", "cosine(0.1, steps=50)", "end exactly where the training ends"),
    ("transformers", "multistep(0.1)", "nothing like multistep"),
    ("transformers", "wsd(0.1, warmup=20, final_lr=0.01)", "warmup starts at the floor"),
    ("transformers", "inverse_power(0.1, steps=50)", "goes on past steps"),
    ("keras", "inverse_power(0.1, steps=50, power=1)", "goes on past steps"),
    ("timm", "cosine(0.1, steps=50) >> 0.1", "one shape after the warmup"),
    ("timm", "sgdr(0.1, first_cycle=10, growth=3)", "by a logarithm"),
    ("timm", "exponential(0.1, decay_steps=1ep)", "falls in stairs"),
    ("timm", "inverse_power(0.1)", "nothing like inverse_power"),
]

NEEDS = {
    "pytorch-native": ("torch",),
    "optax": ("optax",),
    "keras": ("keras", "jax"),
    "transformers": ("transformers",),
    "timm": ("timm",),
}


def cases(target: str) -> list[Case]:
    library = "torch" if target == "pytorch-native" else target
    found: list[Case] = []
    for expression in SAID[target]:
        code = generate(parse(expression), H, target)
        every = EPOCH if "once an epoch (7" in code else 1
        found.append((library, code, H.total, every, None))
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
    if any(importlib.util.find_spec(name) is None for name in NEEDS[target]):
        pytest.skip(f"{target} isn't installed")
    assert_same(target, rates_of(cases(target)), 1e-9)


@pytest.mark.parametrize("target", ["optax", "keras"])
def test_in_its_own_float32_the_library_stays_near(target: str) -> None:
    if any(importlib.util.find_spec(name) is None for name in NEEDS[target]):
        pytest.skip(f"{target} isn't installed")
    assert_same(target, rates_of(cases(target), float64=False), 2e-6)


@pytest.mark.parametrize(("target", "expression", "reason"), REFUSED)
def test_what_cannot_be_said_is_refused_with_the_reason(target: str, expression: str, reason: str) -> None:
    with pytest.raises(NotRepresentable, match=reason) as caught:
        generate(parse(expression), H, target)
    assert str(caught.value).startswith(f"not representable in {target}: because ")
    assert "\n" not in str(caught.value)
