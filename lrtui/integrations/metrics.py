"""Names of metrics as other libraries have them, in lrtui's words, so that the app draws them.

Pure functions of names and values; no library is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "loss": "train_loss",
    "acc": "train_acc",
    "accuracy": "train_acc",
    "train_accuracy": "train_acc",
    "val_loss": "test_loss",
    "eval_loss": "test_loss",
    "val_acc": "test_acc",
    "val_accuracy": "test_acc",
    "eval_acc": "test_acc",
    "eval_accuracy": "test_acc",
    "learning_rate": "lr",
}


def in_our_words(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics that are single numbers, named as lrtui names them; unknown names stay.

    A name of ours that is there already isn't overwritten by another word for it.
    """
    numbers = {str(name): value for name, value in metrics.items() if _is_number(value)}
    renamed: dict[str, Any] = {}
    for name, value in numbers.items():
        word = _WORDS.get(name.replace("/", "_"), name)
        if word == name or word not in numbers:
            renamed[word] = value
    for name in ("event", "time", "nonfinite", "seconds", "step", "epoch"):
        if name in renamed:
            renamed[f"{name}_"] = renamed.pop(name)
    return renamed


def _is_number(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return True
    shape = getattr(value, "shape", None)
    return hasattr(value, "item") and shape is not None and all(side == 1 for side in shape)
