"""What a training run's own numbers say about its health, in plain words.

Pure functions of losses and accuracies that were already read back: they touch no tensor, stop nothing and
write nothing.  Each returns a `Diagnosis` or None; the engine decides what to do with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: Between which multiples of ln(classes) a loss is guessing.  The lower bound is close: whatever learns
#: is soon below it, however slowly (a warmup); a dead network is held just above by its last bias's noise.
CHANCE_BAND = (0.999, 1.02)

#: For how many epochs in a row, so that a slow start isn't taken for a dead network.
CHANCE_EPOCHS = 2

#: A finite loss this many times that of guessing won't come back: the weights are gone.
EXPLODED = 100.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding: its kind (a stable word), a sentence for people, and the numbers it rests on."""

    kind: str
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)


def diverged(losses: Sequence[float], first: int, rate: float, classes: int) -> Diagnosis | None:
    """Whether the training loss has left for good: not finite, or huge at the end of the stretch looked at.

    Args:
        losses: mean loss of each update of the stretch, in order; at least one.
        first: index of the stretch's first update.
        rate: learning rate in force at its last update.
        classes: number of classes, which says what a guess costs: ln(classes).
    """
    bad = next((place for place, loss in enumerate(losses) if not math.isfinite(loss)), None)
    if bad is not None:
        what = "nan" if math.isnan(losses[bad]) else "inf"
        message = f"The loss is not finite ({what}) since update {first + bad:,}."
    elif losses[-1] > EXPLODED * math.log(classes):
        bad, what = len(losses) - 1, f"{losses[-1]:.4g}"
        message = f"The loss has exploded to {what}, where guessing costs {math.log(classes):.3f}."
    else:
        return None
    message += f" The learning rate, {rate:.4g}, is too high: try a tenth of it, or a warmup in front."
    return Diagnosis("diverged", message, {"step": first + bad, "train_loss": what, "lr": rate})


def stuck_at_chance(
    losses: Sequence[float], accuracies: Sequence[float], rates: Sequence[float], classes: int
) -> Diagnosis | None:
    """Whether the last epochs did no better than guessing: loss at ln(classes), accuracy near 1/classes.

    Args:
        losses: mean training loss of each epoch so far.
        accuracies: training accuracy of each epoch so far, 0..1.
        rates: learning rate at the end of each epoch so far.
        classes: number of classes.
    """
    chance = math.log(classes)
    last = list(zip(losses, accuracies, strict=True))[-CHANCE_EPOCHS:]
    if len(last) < CHANCE_EPOCHS:
        return None
    low, high = (chance * bound for bound in CHANCE_BAND)
    if not all(low <= loss <= high and accuracy <= 1.5 / classes for loss, accuracy in last):
        return None
    message = (
        f"The network is only guessing: for {CHANCE_EPOCHS} epochs now its loss sits at {last[-1][0]:.3f}, "
        f"which is ln({classes}), and one answer in {classes} is right. A rate too high early on switches "
        "the units off for good; one far too low never leaves the start. Try another rate, or a warmup."
    )
    evidence = {
        "epochs": CHANCE_EPOCHS,
        "train_loss": [loss for loss, _ in last],
        "train_acc": [accuracy for _, accuracy in last],
        "chance_loss": chance,
        "lr": rates[-1],
    }
    return Diagnosis("stuck_at_chance", message, evidence)
