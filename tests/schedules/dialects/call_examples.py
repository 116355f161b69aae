"""Calls of each library as people write them: chosen ones, and drawn ones for the edges."""

from __future__ import annotations

import random

LR = 0.2
TOTAL = 130

FUNCTION = '''
import math
from torch.optim.lr_scheduler import LambdaLR
total_steps = 130
warmup_steps = 20

def factor(current_step):
    """Linear warmup, then cosine."""
    if current_step < warmup_steps:
        return float(current_step) / float(max(1, warmup_steps))
    elif current_step > 120:
        return 1e-3
    progress = (current_step - warmup_steps) / max(1, total_steps - warmup_steps)
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * 2.0 * 0.5 * progress)))

def make_scheduler(optimizer):
    return LambdaLR(optimizer, lr_lambda=factor)
'''

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
        "LambdaLR(opt, lambda epoch: 0.95 ** epoch)",
        "LambdaLR(opt, [lambda epoch: 0.5 ** (epoch // 30)])",
        "LambdaLR(opt, lambda step: 0.25)",
        "LambdaLR(opt, lambda t: 0.5 * (1 + math.cos(math.pi * t / 130)))",
        "LambdaLR(opt, lambda t: (t + 1) / 20 if t < 20 else max(0.1, (130 - t) / (130 - 20)))",
        "LambdaLR(opt, lambda t: min((t + 1) ** -0.5, (t + 1) * 20 ** -1.5))",
        "LambdaLR(opt, lambda t: "
        "1 - -0.5 * np.sqrt(t % 7) if not (t < 9 or 20 <= t <= 30) else int(t / 4) / 9)",
        "LambdaLR(opt, lambda t: 2 ** -(t // 40) - (0.1 - (0.05 - 0.01)))",
        FUNCTION,
        "SequentialLR(opt, [LambdaLR(opt, lambda t: (1 + t) ** 0.5 / 9), ExponentialLR(opt, 0.9)], [40])",
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
