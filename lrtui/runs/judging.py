"""By which metric runs are judged: which way is better, what is a share, which one to begin with.

Pure functions of names, and the figures that lists show of a metric. Works out no figures (see `figures`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

MAIN = "test_acc"
"""What lrtui's own runs are judged by."""

UNJUDGED = frozenset({
    "lr", "learning_rate", "momentum", "weight_decay", "grad_norm", "update_ratio", "examples_per_sec",
    "seconds", "epoch_seconds", "cpu_load", "gpu_load", "memory", "device_memory", "step", "epoch", "time",
})  # fmt: skip
"""Numbers of a log that say nothing of how good a run is."""

_LOWER = frozenset({
    "losses", "error", "err", "perplexity", "ppl", "nll", "mse", "rmse", "mae", "wer", "cer", "fid", "bpc",
    "bpb", "ece", "brier", "regret",
})  # fmt: skip
_SHARES = frozenset({"acc", "accuracy", "top1", "top5"})
_HELD_OUT = ("test", "val", "valid", "validation", "eval", "dev")


class Judged(msgspec.Struct, frozen=True, array_like=True):
    """How good a run got by one metric: its best and its last value, and the mean along its epochs (area)."""

    best: float | None = None
    final: float | None = None
    area: float | None = None


def lower_is_better(metric: str) -> bool:
    """Whether less of a metric is better: of losses, errors, perplexities, by the words in its name."""
    return any(word in _LOWER or word.endswith("loss") for word in _words(metric))


def is_share(metric: str) -> bool:
    """Whether a metric is called as accuracies are: a share that lies in 0..1."""
    return not lower_is_better(metric) and any(word in _SHARES for word in _words(metric))


def can_judge(metric: str) -> bool:
    """Whether a metric says how good a run is; rates, speeds and loads don't."""
    return metric not in UNJUDGED


def main_metric(names: Collection[str]) -> str | None:
    """The one of some metrics to judge by unless another is asked for; None if none can.

    `test_acc` if it is there; else what was measured on held-out data before what was on the training's,
    accuracies before losses before others, and the first that was logged among those.
    """
    able = [name for name in names if can_judge(name)]
    return min(able, key=_rank, default=None)


def most_common(runs: Iterable[Collection[str]]) -> str:
    """The metric to judge a list of runs by: `test_acc` where any or none has it, else what most have."""
    counts: Counter[str] = Counter()
    for names in runs:
        counts.update(name for name in names if can_judge(name))
    if MAIN in counts or not counts:
        return MAIN
    most = max(counts.values())
    return main_metric([name for name, count in counts.items() if count == most]) or MAIN


def _rank(name: str) -> tuple[bool, bool, int]:
    words = _words(name)
    kind = 0 if is_share(name) else 1 if lower_is_better(name) else 2
    return name != MAIN, not any(word in _HELD_OUT for word in words), kind


def _words(metric: str) -> list[str]:
    return re.findall(r"[a-z]+\d*|\d+", metric.lower())
