"""What schedules cost: a million updates against stepping torch's scheduler, and a preview of 2,000 points.

    python -m tests.benchmarks.schedules [NAME ...]

For each family: milliseconds for 1,000,000 updates, the time torch's corresponding scheduler would take to
step as often (estimated from 20,000 steps; LambdaLR where torch has none), ours as a part of theirs, and
milliseconds for a preview. All in CPU time, so that other work on the machine hardly matters.
The aims are 1/100 and 1 ms; a line that misses one ends in `!`.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Callable
from typing import Any

from lrtui.schedules import Horizon, Schedule, catalogue, drawable, parse, sample

UPDATES = 10**6
STEPS = 20_000
HORIZON = Horizon(UPDATES, 1000)
PART = 1 / 100
PREVIEW = 1e-3

EXPRESSIONS = {
    "warmup": "warmup(10%) >> constant(0.1)",
    "cooldown": "constant(0.1) >> cooldown(20%)",
    "floor": "floor(cosine(0.1), 0.01)",
    "ceiling": "ceiling(cosine(0.1), 0.05)",
    "per_epoch": "per_epoch(cosine(0.1))",
    "every": "every(cosine(0.1), 1000)",
    "offset": "offset(cosine(0.1), 1000)",
    "repeat": "repeat(cosine(0.1), cycle=1000, growth=2, decay=0.9)",
    "masked_warmup": "masked_warmup(cosine(0.1), 10%)",
    "exponential": "exponential(0.1, gamma=0.99999)",
    "sgdr": "sgdr(0.1, first_cycle=1000, growth=2, peak_decay=0.9)",
    "multistep": "multistep(0.1, milestones=[30%, 60%, 90%])",
    "formula": 'formula("0.1 * (1 + cos(pi * z)) / 2")',
}
"""How to call a family, where its bare name with the defaults won't do or says little."""

MORE = {
    "sgdr, equal cycles": "sgdr(0.1, first_cycle=1000)",
    "repeat, equal cycles": "repeat(cosine(0.1), cycles=100, decay=0.9)",
    "warmup >> cosine": "warmup(5ep) >> cosine(0.5, final_lr=0.01)",
    "formula with a condition": 'formula("where(t < 1000, 0.1 * t / 1000, 0.1 * (t / 1000) ^ -0.5)")',
}


def torch_makers() -> dict[str, Callable[[Any], Any]]:
    """torch's own scheduler for each family that it has one for."""
    from torch.optim import lr_scheduler as lrs

    def joined(optimizer: Any) -> Any:
        parts = [lrs.LinearLR(optimizer, 0.01, total_iters=1000), lrs.CosineAnnealingLR(optimizer, UPDATES)]
        return lrs.SequentialLR(optimizer, parts, [1000])

    return {
        "constant": lambda o: lrs.ConstantLR(o, 1.0, UPDATES),
        "linear": lambda o: lrs.LinearLR(o, 1.0, 0.01, UPDATES),
        "polynomial": lambda o: lrs.PolynomialLR(o, UPDATES, 2.0),
        "cosine": lambda o: lrs.CosineAnnealingLR(o, UPDATES),
        "exponential": lambda o: lrs.ExponentialLR(o, 0.99999),
        "step": lambda o: lrs.StepLR(o, 1000),
        "multistep": lambda o: lrs.MultiStepLR(o, [300_000, 600_000, 900_000]),
        "sgdr": lambda o: lrs.CosineAnnealingWarmRestarts(o, 1000, 2),
        "cyclic": lambda o: lrs.CyclicLR(o, 0.001, 0.1, 100_000),
        "one_cycle": lambda o: lrs.OneCycleLR(o, 0.1, UPDATES),
        "plateau": lambda o: lrs.ReduceLROnPlateau(o),
        "warmup": joined,
        "cooldown": joined,
    }


def torch_seconds(make: Callable[[Any], Any] | None) -> float:
    """How long torch takes for UPDATES steps, from STEPS of them."""
    import torch
    from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = (
        make(optimizer)
        if make
        else LambdaLR(optimizer, lambda t: 0.5 * (1 + math.cos(math.pi * t / UPDATES)))
    )
    optimizer.step()
    arguments = (1.0,) if isinstance(scheduler, ReduceLROnPlateau) else ()
    started = time.process_time()
    for _ in range(STEPS):
        scheduler.step(*arguments)
    return (time.process_time() - started) * UPDATES / STEPS


def seconds(task: Callable[[], object], least: float = 0.15) -> float:
    """The best of several goes: what it costs when the machine does nothing else."""
    best, spent, goes = math.inf, 0.0, 0
    while goes < 3 or spent < least:
        started = time.process_time()
        task()
        took = time.process_time() - started
        best, spent, goes = min(best, took), spent + took, goes + 1
    return best


def measure(schedule: Schedule) -> tuple[float, float]:
    """Seconds for all rates, and for a preview."""
    schedule = drawable(schedule, HORIZON)
    return seconds(lambda: schedule.rates(HORIZON)), seconds(lambda: sample(schedule, HORIZON))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="families; all by default")
    names = parser.parse_args().names
    warnings.simplefilter("ignore")
    makers = torch_makers()
    generic = torch_seconds(None)
    texts = {entry.name: EXPRESSIONS.get(entry.name, f"{entry.name}()") for entry in catalogue()} | MORE
    print(f"{'family':26}{'1e6 updates':>12}{'torch':>10}{'part':>9}{'preview':>12}")
    missed = 0
    for name, text in texts.items():
        if names and name not in names:
            continue
        rates, preview = measure(parse(text))
        theirs = torch_seconds(makers[name]) if name in makers else generic
        slow = rates > PART * theirs or preview > PREVIEW
        missed += slow
        print(
            f"{name:26}{1e3 * rates:9.1f} ms{theirs:8.2f} s"
            f"{f'1/{theirs / rates:.0f}':>9}{1e3 * preview:9.3f} ms" + ("  !" if slow else ""),
            flush=True,
        )
    print(f"{missed} of {len(texts) if not names else len(names)} miss 1/100 of torch or a preview of 1 ms")


if __name__ == "__main__":
    main()
