"""What the numbers of a training run say about its health at one moment, in plain words.

Pure functions of figures that were already read back: they touch no tensor, stop nothing and write nothing.
Each returns a `Diagnosis` or None; `doctor` decides what to do with it.  What shows over several epochs only
is in `trends`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

#: Between which multiples of ln(classes) a loss is guessing.  The lower bound is close: whatever learns
#: is soon below it, however slowly (a warmup); a dead network is held just above by its last bias's noise.
CHANCE_BAND = (0.999, 1.02)

#: For how many epochs in a row, so that a slow start isn't taken for a dead network.
CHANCE_EPOCHS = 2

#: Between "the loss rises" and "the weights are gone": times that of guessing, and times the lowest so far.
DIVERGING = (1.5, 2.0)

#: A gradient this many times the usual one of its epoch has exploded.  The usual one counts as no shorter
#: than so much: where training begins on a plain, gradients are tiny, and leaving it isn't an explosion.
EXPLODING = 100.0
LEAST_USUAL = 0.5

#: Updates that say what the usual gradient is.
ENOUGH_UPDATES = 20

#: Share of the training time spent on getting batches from which the data are what training waits for.
STARVED = 0.4

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


def diverging(
    losses: Sequence[float], earlier: Sequence[float], rate: float, classes: int
) -> Diagnosis | None:
    """Whether the loss is on its way out: well above guessing, and above what it was.

    Args:
        losses: mean loss of each update of an epoch, in order; at least one.
        earlier: mean training loss of each epoch before it.
        rate: learning rate in force at its last update.
        classes: number of classes.
    """
    recent = fmean(losses[-max(1, len(losses) // 4) :])
    lowest = min([losses[0], *earlier])
    chance = math.log(classes)
    if not (math.isfinite(recent) and recent > DIVERGING[0] * chance and recent > DIVERGING[1] * lowest):
        return None
    message = (
        f"The loss is running away: it has come to {recent:.4g} from {lowest:.4g}, and guessing costs "
        f"{chance:.3f}. The learning rate, {rate:.4g}, is too high: lower it now to a tenth, or start again "
        "with a warmup in front."
    )
    return Diagnosis("diverging", message, {"train_loss": recent, "lowest": lowest, "lr": rate})


def exploding_gradients(norms: Sequence[float], first: int, clip_norm: float | None) -> Diagnosis | None:
    """Whether single gradients of an epoch are far longer than the others, and nothing shortens them.

    Args:
        norms: the gradient's norm at each update of the epoch, before clipping.
        first: index of its first update.
        clip_norm: to what gradients are shortened, None if they aren't.
    """
    if clip_norm is not None or len(norms) < ENOUGH_UPDATES or not all(map(math.isfinite, norms)):
        return None  # what isn't finite is divergence
    usual, largest = median(norms), max(norms)
    if largest <= EXPLODING * max(usual, LEAST_USUAL):
        return None
    where = first + norms.index(largest)
    limit = float(f"{5 * max(usual, LEAST_USUAL):.1g}")
    message = (
        f"The gradient explodes now and then: its norm was {largest:.4g} at update {where:,}, where "
        f"{usual:.4g} is usual. Shorten such gradients (clip_norm {limit:g}), or lower the rate there."
    )
    return Diagnosis("exploding_gradients", message, {"step": where, "grad_norm": largest, "usual": usual})


def data_starved(fetching: float, seconds: float) -> Diagnosis | None:
    """Whether training mostly waits for its data.

    Args:
        fetching: seconds of an epoch that went into getting batches ready.
        seconds: all its seconds of training.
    """
    share = fetching / seconds if seconds > 0 else 0.0
    if share < STARVED:
        return None
    message = (
        f"Training waits for its data: {share:.0%} of the epoch's time went into getting batches ready. Put "
        "the data on a faster disk or into memory, or end what else keeps the machine busy."
    )
    return Diagnosis("data_starved", message, {"share": share, "seconds": seconds})
