"""Calls of other libraries, read as data, give at every update the rates the library itself gives."""

from __future__ import annotations

import importlib.util
import random
import time

import numpy as np
import pytest

from lrtui.schedules import Horizon, parse
from lrtui.schedules.dialects import NotRepresentable, ReadingError, generate, read
from tests.schedules.dialects.other_libraries import rates_of
from tests.schedules.dialects.test_dialect_libraries import EPOCH, NEEDS, SAID, H

LR = 0.2
TOTAL = 130
LIBRARIES = {"torch": "pytorch-native", "optax": "optax", "keras": "keras", "timm": "timm"}
LIBRARIES["transformers"] = "transformers"

CALLS = {
    "torch": [
        "ConstantLR(opt)",
        "ConstantLR(opt, factor=0.5, total_iters=0)",
        "ConstantLR(opt, 1.0, 10)",
        "LinearLR(opt)",
        "LinearLR(opt, start_factor=1.0, end_factor=0.0, total_iters=50)",
        "LinearLR(opt, start_factor=0.1, total_iters=0)",
        "ExponentialLR(opt, 0.95)",
        "ExponentialLR(opt, gamma=1.0)",
        "StepLR(opt, 30)",
        "StepLR(opt, step_size=1, gamma=0.99)",
        "MultiStepLR(opt, [30, 80])",
        "MultiStepLR(opt, milestones=[40, 20, 20], gamma=0.5)",
        "MultiStepLR(opt, milestones=[0], gamma=0.5)",
        "PolynomialLR(opt)",
        "PolynomialLR(opt, total_iters=100, power=2.5)",
        "PolynomialLR(opt, total_iters=0)",
        "CosineAnnealingLR(opt, T_max=130)",
        "CosineAnnealingLR(opt, 129, eta_min=1e-3)",
        "CosineAnnealingWarmRestarts(opt, T_0=10)",
        "CosineAnnealingWarmRestarts(opt, T_0=1, T_mult=3, eta_min=0.01)",
        "CosineAnnealingWarmRestarts(opt, 7, 2)",
        "CyclicLR(opt, base_lr=0.01, max_lr=0.1, step_size_up=20)",
        "CyclicLR(opt, 0.01, 0.1, 20, 10, 'triangular2', cycle_momentum=False)",
        "CyclicLR(opt, 0.01, 0.1, 20, mode='exp_range', gamma=0.99)",
        "OneCycleLR(opt, max_lr=0.3, total_steps=130)",
        "OneCycleLR(opt, 0.3, epochs=13, steps_per_epoch=10, anneal_strategy='linear', three_phase=True)",
        "OneCycleLR(opt, max_lr=0.3, total_steps=130, pct_start=0.0, div_factor=10)",
        "LambdaLR(opt, lambda step: min(step, 50) / 50)",
        "LambdaLR(opt, lambda t: 0.5 * t / 130)",
        "LambdaLR(opt, lr_lambda=lambda t: min(1.0, t / 60))",
        "SWALR(opt, swa_lr=0.05, anneal_epochs=140)",
        "SWALR(opt, swa_lr=0.05, anneal_epochs=50, anneal_strategy='linear')",
        "SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=5), CosineAnnealingLR(opt, 125)], [5])",
        "SequentialLR(opt, schedulers=[LinearLR(opt, 0.1, total_iters=20), ExponentialLR(opt, 0.99)], "
        "milestones=[5])",
        "SequentialLR(opt, [CosineAnnealingLR(opt, 20), StepLR(opt, 30)], [50])",
        "SequentialLR(opt, [CosineAnnealingLR(opt, 50), StepLR(opt, 30)], [20])",
        "SequentialLR(opt, [ConstantLR(opt, 0.5, 5), MultiStepLR(opt, [10, 50])], [30])",
        "SequentialLR(opt, [ConstantLR(opt, 0.5, 50), CosineAnnealingWarmRestarts(opt, 20)], [30])",
        "SequentialLR(opt, [LambdaLR(opt, lambda t: t / 10), CosineAnnealingLR(opt, 120, 1e-3)], [10])",
        "SequentialLR(opt, [ExponentialLR(opt, 0.9), StepLR(opt, 30), PolynomialLR(opt, 40)], [20, 90])",
        "ChainedScheduler([LinearLR(opt, 0.1, total_iters=20), ExponentialLR(opt, 0.99)])",
        "ChainedScheduler([ConstantLR(opt, 0.5, 20), CosineAnnealingLR(opt, 140)], optimizer=opt)",
    ],
    "optax": [
        "constant_schedule(0.1)",
        "linear_schedule(0.0, 0.1, 50)",
        "linear_schedule(0.3, 0.1, transition_steps=50, transition_begin=20)",
        "linear_schedule(0.3, 0.1, 0)",
        "polynomial_schedule(init_value=0.3, end_value=0.1, power=2, transition_steps=50)",
        "polynomial_schedule(0.3, 0.1, 3, 50, 10)",
        "exponential_decay(0.1, 10, 0.9)",
        "exponential_decay(0.1, 10, 0.9, staircase=True, end_value=0.05)",
        "exponential_decay(0.1, 10, 0.9, transition_begin=30)",
        "exponential_decay(0.1, 10, 1.1, end_value=0.3)",
        "exponential_decay(0.1, 10, 0)",
        "cosine_decay_schedule(0.1, 100)",
        "cosine_decay_schedule(0.1, 100, alpha=0.1, exponent=2.0)",
        "piecewise_constant_schedule(0.1, {30: 0.5, 60: 0.5})",
        "piecewise_interpolate_schedule('linear', 0.1, {30: 0.5, 60: 2})",
        "piecewise_interpolate_schedule('cosine', 0.1, {30: 3.0, 60: 0.1})",
        "linear_onecycle_schedule(120, 0.3)",
        "cosine_onecycle_schedule(120, 0.3, pct_start=0.2, div_factor=10)",
        "warmup_constant_schedule(0.0, 0.1, 20)",
        "warmup_cosine_decay_schedule(0.0, 0.1, 20, 120)",
        "warmup_cosine_decay_schedule(0.01, 0.1, 0, 100, end_value=0.02, exponent=0.5)",
        "warmup_exponential_decay_schedule(0.0, 0.1, 20, 10, 0.9)",
        "warmup_exponential_decay_schedule(0.0, 0.1, 20, 10, 0.9, 15, True, 0.01)",
        "sgdr_schedule([dict(init_value=0.0, peak_value=0.1, warmup_steps=10, decay_steps=50), "
        "{'init_value': 0.0, 'peak_value': 0.05, 'warmup_steps': 5, 'decay_steps': 60}])",
        "join_schedules([linear_schedule(0.0, 0.1, 10), constant_schedule(0.1)], [10])",
        "join_schedules([linear_schedule(0.0, 0.1, 10), cosine_decay_schedule(0.1, 20)], boundaries=[30])",
        "join_schedules([cosine_decay_schedule(0.1, 50), exponential_decay(0.3, 1, 0.9), "
        "constant_schedule(0.2)], [20, 60])",
    ],
    "keras": [
        "ExponentialDecay(0.1, decay_steps=20, decay_rate=0.9)",
        "ExponentialDecay(0.1, 20, 0.9, staircase=True)",
        "PiecewiseConstantDecay(boundaries=[20, 50], values=[0.1, 0.3, 0.01])",
        "PolynomialDecay(0.1, 100)",
        "PolynomialDecay(0.1, 100, end_learning_rate=0.01, power=2.0)",
        "PolynomialDecay(0.1, 30, power=0.5, cycle=True)",
        "InverseTimeDecay(0.1, 20, 0.5)",
        "InverseTimeDecay(0.1, 20, 0.5, staircase=True)",
        "CosineDecay(0.1, 100, alpha=0.1)",
        "CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=20)",
        "CosineDecayRestarts(0.1, 30, t_mul=1.0, alpha=0.1)",
        "CosineDecayRestarts(0.1, 20, t_mul=1.5, m_mul=0.7, alpha=0.1)",
    ],
    "timm": [
        "CosineLRScheduler(opt, t_initial=100, t_in_epochs=False)",
        "CosineLRScheduler(opt, t_initial=100, lr_min=1e-3, warmup_t=10, warmup_lr_init=1e-4)",
        "CosineLRScheduler(opt, 100, 1e-3, warmup_t=10, warmup_prefix=True)",
        "CosineLRScheduler(opt, t_initial=20, cycle_limit=3, cycle_decay=0.5, lr_min=1e-3)",
        "CosineLRScheduler(opt, t_initial=10, cycle_mul=2, cycle_limit=3)",
        "CosineLRScheduler(opt, t_initial=100, k_decay=1.5)",
        "PolyLRScheduler(opt, t_initial=100)",
        "PolyLRScheduler(opt, t_initial=100, power=1, lr_min=0.01, warmup_t=5)",
        "StepLRScheduler(opt, decay_t=30, decay_rate=0.5, warmup_t=10)",
        "StepLRScheduler(opt, decay_t=30)",
        "MultiStepLRScheduler(opt, decay_t=[30, 60, 60], decay_rate=0.5)",
        "MultiStepLRScheduler(opt, [30, 60], 0.1, warmup_t=10, warmup_prefix=False)",
        "WSDLRScheduler(opt, t_initial=100, decay_t=20, warmup_t=10, lr_min=1e-3)",
        "WSDLRScheduler(opt, 100, 20, decay_fn='cosine', warmup_t=10, warmup_lr_init=0.05)",
        "WSDLRScheduler(opt, 100, 20, decay_fn='power', decay_power=2.0)",
        "WSDLRScheduler(opt, 100, 100, decay_fn='linear')",
    ],
    "transformers": [
        "get_constant_schedule(opt)",
        "get_constant_schedule_with_warmup(opt, 20)",
        "get_linear_schedule_with_warmup(opt, 20, 130)",
        "get_linear_schedule_with_warmup(opt, num_warmup_steps=0, num_training_steps=100)",
        "get_cosine_schedule_with_warmup(opt, 20, 130)",
        "get_cosine_schedule_with_warmup(opt, 20, 130, num_cycles=1.5)",
        "get_cosine_with_hard_restarts_schedule_with_warmup(opt, 10, 130, num_cycles=4)",
        "get_cosine_with_hard_restarts_schedule_with_warmup(opt, 10, 100)",
        "get_polynomial_decay_schedule_with_warmup(opt, 20, 120)",
        "get_polynomial_decay_schedule_with_warmup(opt, 20, 120, lr_end=0.01, power=2)",
        "get_inverse_sqrt_schedule(opt, 20)",
        "get_inverse_sqrt_schedule(opt, 20, timescale=50)",
        "get_inverse_sqrt_schedule(opt, 0)",
        "get_cosine_with_min_lr_schedule_with_warmup(opt, 20, 130, min_lr=0.01)",
        "get_cosine_with_min_lr_schedule_with_warmup(opt, 20, 130, min_lr_rate=0.1)",
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(opt, 20, 130, min_lr=0.01)",
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(opt, 20, 130, min_lr_rate=0.1, "
        "warmup_lr_rate=0.3)",
        "get_wsd_schedule(opt, 20, 30, num_training_steps=120)",
        "get_wsd_schedule(opt, 20, 30, num_stable_steps=50, decay_type='linear', min_lr_ratio=0.1)",
        "get_wsd_schedule(opt, 20, 30, num_stable_steps=50, decay_type='1-sqrt', warmup_type='cosine')",
        "get_scheduler('linear', opt, 10, 130)",
        "get_scheduler(name='cosine', optimizer=opt, num_warmup_steps=10, num_training_steps=130)",
        "get_scheduler('cosine_with_min_lr', opt, 10, 130, scheduler_specific_kwargs={'min_lr': 0.01})",
        "get_scheduler('constant', opt)",
    ],
}

# Edge by edge on purpose, since generated ones seldom meet them: lengths of 1, no decay, many repeats.
_random = random.Random(20261122)


def _drawn() -> dict[str, list[str]]:
    pick, ints = _random.choice, _random.randint

    def real(low: float, high: float) -> float:
        return round(_random.uniform(low, high), pick([2, 3, 6]))

    calls: dict[str, list[str]] = {name: [] for name in CALLS}
    for _ in range(12):
        size = pick([1, 2, ints(3, 200)])
        marks = [ints(0, 140) for _ in range(ints(0, 6))]
        calls["torch"] += [
            f"LinearLR(opt, {real(0.01, 1)}, {real(0, 1)}, {size})",
            f"ConstantLR(opt, {real(0.01, 1)}, {size})",
            f"PolynomialLR(opt, {size}, {real(0.2, 4)})",
            f"StepLR(opt, {size}, {pick([1.0, real(0.1, 1)])})",
            f"MultiStepLR(opt, {marks}, {pick([1.0, real(0.1, 1)])})",
            f"CosineAnnealingLR(opt, {ints(130, 400)}, {pick([0.0, real(0, 0.1)])})",
            f"CosineAnnealingWarmRestarts(opt, {size}, {ints(1, 4)}, {real(0, 0.1)})",
            f"CyclicLR(opt, {real(0.01, 0.1)}, {real(0.1, 1)}, {size}, {ints(1, 50)})",
            f"OneCycleLR(opt, {real(0.1, 1)}, {ints(130, 300)}, pct_start={real(0.05, 0.45)}, "
            f"three_phase={pick([True, False])}, anneal_strategy='{pick(['cos', 'linear'])}')",
            f"SequentialLR(opt, [LinearLR(opt, {real(0.01, 1)}, total_iters={size}), "
            f"CosineAnnealingLR(opt, {ints(10, 60)}), StepLR(opt, {ints(1, 50)})], "
            f"[{ints(1, 40)}, {ints(41, 120)}])",
        ]
        calls["optax"] += [
            f"polynomial_schedule({real(0, 1)}, {real(0, 1)}, {real(0.2, 4)}, {size}, {ints(0, 50)})",
            f"exponential_decay({real(0.1, 1)}, {size}, {real(0.3, 1)}, {ints(0, 50)}, "
            f"{pick([True, False])})",
            f"cosine_decay_schedule({real(0.1, 1)}, {size}, {real(0, 1)}, {real(0.5, 3)})",
            f"warmup_cosine_decay_schedule({real(0, 0.1)}, {real(0.1, 1)}, {ints(0, 50)}, "
            f"{ints(51, 150)}, 0.01)",
        ]
        calls["timm"] += [
            f"CosineLRScheduler(opt, {size}, {real(0, 0.1)}, warmup_t={ints(0, 30)}, "
            f"warmup_prefix={pick([True, False])}, warmup_lr_init={real(0, 0.1)})",
            f"MultiStepLRScheduler(opt, {sorted(mark + 2 for mark in marks)}, {real(0.1, 1)}, {ints(0, 30)})",
            f"WSDLRScheduler(opt, {100 + size}, {ints(1, 90)}, {real(0, 0.1)}, warmup_t={ints(0, 30)})",
        ]
        calls["transformers"] += [
            f"get_cosine_schedule_with_warmup(opt, {ints(0, 50)}, 130, {pick([0.5, 1, real(0.2, 3)])})",
            f"get_polynomial_decay_schedule_with_warmup(opt, {ints(0, 50)}, {ints(60, 200)}, 1e-3, "
            f"{real(1, 3)})",
            f"get_inverse_sqrt_schedule(opt, {ints(1, 60)}, {ints(1, 200)})",
        ]
    return calls


DRAWN = _drawn()


def needs(library: str) -> None:
    if any(importlib.util.find_spec(name) is None for name in NEEDS[LIBRARIES[library]]):
        pytest.skip(f"{library} isn't installed")


@pytest.mark.parametrize("library", CALLS)
def test_what_is_read_has_the_librarys_rates(library: str) -> None:
    needs(library)
    calls = CALLS[library] + DRAWN[library]
    answers = rates_of([(library, call, TOTAL, 1, LR) for call in calls])
    tolerance = 2e-6 if library == "keras" else 1e-9
    horizon, wrong = Horizon(TOTAL), []
    for call, answer in zip(calls, answers, strict=True):
        try:
            schedule = read(call, lr=LR).schedule
        except ReadingError as error:
            wrong.append(f"{call}: {error}")
            continue
        if isinstance(answer, str):
            wrong.append(f"{call}: {answer}")
            continue
        off = np.abs(np.array(answer) - schedule.rates(horizon))
        if not (off <= tolerance * max(answer)).all():
            wrong.append(f"{call}: {schedule} is off by {off.max()} at update {int(off.argmax())}")
        assert parse(str(schedule)) == schedule
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("target", SAID)
def test_generated_code_reads_back_as_an_equal_schedule(target: str) -> None:
    unread = []
    for expression in SAID[target]:
        schedule = parse(expression)
        code = generate(schedule, H, target)
        epochs = "once an epoch (7" in code
        horizon = Horizon(H.total, EPOCH)
        try:
            again = read(code, clock="epochs" if epochs else "updates").schedule
            off = np.abs(again.rates(horizon) - schedule.rates(horizon)).max()
        except ValueError as error:
            unread.append(f"{expression}: {error}")
            continue
        if off > 1e-12 * schedule.rates(horizon).max():
            unread.append(f"{expression}: {again} is off by {off}")
    assert not unread, "\n".join(unread)


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "pytorch-native"),
        ("warmup(20, start_lr=0.01) >> cosine(0.5, final_lr=0.01, steps=190)", "pytorch-native"),
        ("multistep(0.1, milestones=[20, 40, 40], gamma=0.5)", "pytorch-native"),
        ("per_epoch(cosine(0.1, steps=30ep))", "pytorch-native"),
        ("sgdr(0.1, final_lr=0.001, first_cycle=10, growth=2)", "pytorch-native"),
        ("one_cycle(0.1, legs=3, anneal=linear, steps=210)", "pytorch-native"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "optax"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "keras"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "transformers"),
        ("warmup(20) >> constant(0.1, steps=150) >> linear(0.1, steps=40)", "transformers"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "timm"),
    ],
)
def test_plain_schedules_read_back_as_they_were_written(expression: str, target: str) -> None:
    schedule = parse(expression)
    code = generate(schedule, H, target)
    assert read(code, clock="epochs" if "once an epoch (7" in code else "updates").schedule == schedule


@pytest.mark.parametrize(
    ("call", "note"),
    [
        ("CosineAnnealingLR(opt, 10)", "rises again after T_max"),
        ("CosineAnnealingLR(opt, 10)", "taken as 0.1; give it with --lr"),
        ("OneCycleLR(opt, 0.1, 100)", "also moves the momentum"),
        ("LinearLR(opt, 0.1, total_iters=0)", "stays at start_factor for ever"),
        ("optax.cosine_decay_schedule(0.1, 100, 0.1)", "alpha is a fraction"),
        ("optax.warmup_cosine_decay_schedule(0, 0.1, 10, 100)", "decay_steps includes the warmup"),
        ("optax.linear_schedule(0, 1, 0)", "mean a constant"),
        ("PiecewiseConstantDecay([5], [1, 2])", "one update after a boundary"),
        ("CosineDecay(0, 10, 0, warmup_target=1, warmup_steps=2)", "doesn't include the warmup"),
        ("CosineLRScheduler(opt, 10, warmup_t=2)", "the rate drops there"),
        ("CosineLRScheduler(opt, 10)", "timm counts epochs"),
        ("MultiStepLRScheduler(opt, [5])", "one early"),
        ("get_inverse_sqrt_schedule(opt, 0)", "timescale of 10,000"),
        ("lr_scheduler_type='cosine', warmup_steps=0.1", "a fraction of the training"),
    ],
)
def test_surprises_are_named(call: str, note: str) -> None:
    assert any(note in said for said in read(call).notes)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("lr_scheduler_type='cosine', warmup_steps=50, learning_rate=5e-5", "warmup(50) >> cosine(5e-05)"),
        (
            "TrainingArguments('out', learning_rate=1e-4, max_steps=1000, warmup_ratio=0.1)",
            "warmup(100) >> linear(0.0001, steps=900)",
        ),
        (
            "TrainingArguments(output_dir=d, warmup_ratio=0.06, lr_scheduler_type=SchedulerType.COSINE)",
            "warmup(6%) >> cosine(5e-05)",
        ),
        (
            "opt = torch.optim.AdamW(model.parameters(), lr=3e-4)\n"
            "warm = LinearLR(opt, 1 / 3, total_iters=10)\n"
            "main = CosineAnnealingLR(opt, T_max=100 - 10)\n"
            "sched = SequentialLR(opt, [warm, main], milestones=[10])\n"
            "for epoch in range(100):\n    sched.step()",
            "warmup(10, start_lr=0.0001) >> cosine(0.0003, steps=90)",
        ),
        ("StepLR(torch.optim.SGD(p, lr=0.4), 2 * 15)", "step(0.4, step_size=30)"),
        ("StepLR(step_size=30, optimizer=opt)", "step(0.1, step_size=30)"),
        ("StepLR(30)", "step(0.1, step_size=30)"),
        ("0.05", "constant(0.05)"),
    ],
)
def test_snippets_as_people_paste_them(text: str, expression: str) -> None:
    assert str(read(text).schedule) == expression


def test_a_clock_of_epochs_holds_the_rate_for_an_epoch() -> None:
    assert str(read("StepLR(opt, 30)", clock="epochs").schedule) == "per_epoch(step(0.1, step_size=30ep))"
    assert (
        str(read("ExponentialLR(opt, 0.9)", clock="epochs").schedule)
        == "per_epoch(exponential(0.1, gamma=0.9, decay_steps=1ep))"
    )


BAD = [
    ("", "there is nothing to read"),
    ("CosineAnealingLR(opt, 10)", "did you mean CosineAnnealingLR?"),
    ("StepLR(opt, 30, gama=0.1)", "StepLR has no argument 'gama'; did you mean gamma?"),
    ("StepLR(opt)", "StepLR needs step_size"),
    ("StepLR(opt, 30, 0.1, 5, 6)", "takes at most 4 arguments"),
    ("StepLR(opt, n)", "step_size must be a number written out, not 'n'"),
    ("StepLR(opt, 0)", "step_size must be at least 1"),
    ("StepLR(opt, 2.5)", "step_size must be a whole number"),
    ("StepLR(opt, 10**10**10)", "no finite answer"),
    ("StepLR(opt, 10**400)", "no finite answer"),
    ("StepLR(opt, 1e999)", "must be finite"),
    ("StepLR(opt, " + "9" * 400 + ")", "must be finite"),
    ("StepLR(opt, 1/0)", "no finite answer"),
    ("StepLR(opt, '30')", "step_size must be a number written out, not '30'"),
    ("StepLR(*args)", "with a star"),
    ("StepLR(**kwargs)", "two stars"),
    ("ReduceLROnPlateau(opt, mode='up')", "mode must be one of min, max"),
    ("MultiplicativeLR(opt, lambda t: 0.9)", "would have to be run"),
    ("LambdaLR(opt, lambda t: t ** 2)", "would have to be run"),
    ("SequentialLR(opt, [StepLR(opt, 1)], [5])", "one milestone less"),
    ("SequentialLR(opt, [StepLR(opt, 1), OneCycleLR(opt, 1, 10)], [5])", "overwrites the optimizer's lr"),
    ("SequentialLR(opt, [PolynomialLR(opt, 9, 2), StepLR(opt, 1)], [5])", "handed over before its end"),
    ("ChainedScheduler([CosineAnnealingLR(opt, 9, 0.1), StepLR(opt, 1)])", "no product"),
    ("CyclicLR(opt, 0.1, 1, scale_fn=f)", "scale_fn is a function"),
    ("get_scheduler('cosin', opt, 1, 10)", "did you mean cosine?"),
    ("get_linear_schedule_with_warmup(opt, 10, 10)", "as long as the whole training"),
    ("print('hello')", "there is no scheduler's call"),
    ("this is no python", "this is no Python"),
    ("(" * 500, "this is no Python"),
    ("-" * 9000 + "1", "too deep"),
    ("1+" * 9000 + "1", "too deep"),
    ("[" * 90 + "]" * 90, "too deep"),
    ("9" * 5000, "this is no Python"),
    ("StepLR(opt, 30)" + " " * 30_000 + "#", "at most 20,000 characters"),
    ("StepLR(opt,\0 30)", "this is no Python"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_cannot_be_read_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_metric_driven_schedulers_are_read_and_written() -> None:
    text = "ReduceLROnPlateau(opt, 'max', factor=0.5, patience=3, min_lr=1e-4)"
    reading = read(text, lr=0.2, clock="epochs")
    assert reading.schedule == parse("plateau(0.2, mode=max, factor=0.5, patience=3, min_lr=1e-4)")
    assert "once an epoch" in reading.notes[0]
    assert read(generate(reading.schedule, H, "pytorch-native")).schedule == reading.schedule
    kwargs = (
        "lr_scheduler_type='reduce_lr_on_plateau', lr_scheduler_kwargs={'patience': 3}, learning_rate=0.1"
    )
    assert read(kwargs).schedule == parse("plateau(0.1, patience=3)")
    assert read("GreedyLR(opt, smooth=True)", lr=0.1).schedule == parse("greedy(0.1, window=50)")
    for expression, target in (("greedy(0.1)", "pytorch-native"), ("warmup(5) >> plateau(0.1)", "pytorch")):
        with pytest.raises(NotRepresentable, match=f"not representable in {target}: because"):
            generate(parse(expression), H, target)


def test_nothing_is_executed(tmp_path: object) -> None:
    marker = f"{tmp_path}/ran"
    for text in (
        f"StepLR(open({marker!r}, 'w'), 30)",
        f"__import__('pathlib').Path({marker!r}).touch()\nStepLR(opt, 30)",
        f"LambdaLR(opt, lambda t: open({marker!r}, 'w'))",
    ):
        try:
            read(text)
        except ReadingError:
            continue
    from pathlib import Path

    assert not Path(marker).exists()


def mutate(text: str, rng: random.Random) -> str:
    characters = list(text)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(characters) + 1)
        action = rng.randrange(5)
        if action == 0 and characters:
            del characters[min(place, len(characters) - 1)]
        elif action == 1:
            characters.insert(place, rng.choice("()[]{},=.*-+/0159e'\"\\\n\t:;#@λ\0 lambda"))
        elif action == 2:
            piece = characters[place : place + rng.randint(1, 30)]
            characters[place:place] = piece * rng.randint(1, 4)
        elif action == 3:
            characters[place:place] = rng.choice(
                ["-1", "1e400", "10**9", "**", "None", "True", "[]", "{}", "nan", "1j", "0x", "lambda t: t"]
            )
        else:
            other = rng.randrange(len(characters) + 1)
            characters[place:place], characters[other:other] = characters[other : other + 9], []
    return "".join(characters)


def test_mutated_calls_give_a_schedule_or_one_line() -> None:
    rng = random.Random(7)
    corpus = [call for calls in CALLS.values() for call in calls]
    corpus += [generate(parse(SAID[target][4]), H, target) for target in SAID]
    said: list[str] = []
    for _ in range(4000):
        text = mutate(rng.choice(corpus), rng)
        begun = time.perf_counter()
        try:
            schedule = read(text, clock=rng.choice(["updates", "epochs"])).schedule
            assert parse(str(schedule)) == schedule
            for target in SAID:
                try:
                    generate(schedule, Horizon(20, 3), target)
                except (NotRepresentable, ValueError) as error:
                    said.append(str(error))
        except ReadingError as error:
            said.append(str(error))
        assert time.perf_counter() - begun < 1, text
    assert not any("\n" in line or len(line) > 400 for line in said)
