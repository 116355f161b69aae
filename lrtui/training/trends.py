"""What the figures of several epochs say about a training run's health, in plain words.

Pure functions like those of `health`.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrtui.training.health import Diagnosis

#: Epochs that must bring nothing before a run counts as plateaued, and what is nothing: a part of the loss.
PLATEAU_EPOCHS = 5
PLATEAU_GAIN = 0.01

#: A training loss this low has nowhere to go, and a rate below this part of its peak was lowered already.
SOLVED = 0.02
LOWERED = 0.1

#: How many epochs the test loss must lie above its best, by which part of it, while the training loss falls
#: by which part, and to which part of the test loss: the noise of a healthy run stays well within.
OVERFITTING_EPOCHS = 4
OVERFITTING_RISE = 0.1
OVERFITTING_FALL = 0.1
OVERFITTING_GAP = 0.5


def plateaued(losses: Sequence[float], rates: Sequence[float], chance: float) -> Diagnosis | None:
    """Whether the training loss has stopped falling while the rate is still high.

    Args:
        losses: mean training loss of each epoch so far.
        rates: learning rate at the end of each epoch so far.
        chance: what guessing costs: a run that sits there has another illness.
    """
    before, recent = losses[:-PLATEAU_EPOCHS], losses[-PLATEAU_EPOCHS:]
    if not before:
        return None
    lowest, peak = min(before), max(rates)
    if min(recent) < (1 - PLATEAU_GAIN) * lowest or lowest < SOLVED or rates[-1] < LOWERED * peak:
        return None
    if min(recent) > 0.99 * chance:
        return None
    message = (
        f"Training has come to a plateau: its loss was {lowest:.4f} {PLATEAU_EPOCHS} epochs ago and has been "
        f"no lower than {min(recent):.4f} since, at a learning rate of {rates[-1]:.4g}. Lower the rate now "
        "(start a cooldown, or choose a schedule that decays), or stop here."
    )
    evidence = {
        "epochs": PLATEAU_EPOCHS,
        "lowest_before": lowest,
        "lowest_since": min(recent),
        "lr": rates[-1],
    }
    return Diagnosis("plateaued", message, evidence)


def overfitting(train: Sequence[float], test: Sequence[float]) -> Diagnosis | None:
    """Whether the test loss has been rising for some epochs while the training loss falls.

    Args:
        train: mean training loss of each epoch so far.
        test: test loss of each epoch so far.
    """
    best = min(range(len(test)), key=test.__getitem__)
    since = test[best + 1 :]
    if len(since) < OVERFITTING_EPOCHS:
        return None
    risen, fallen = min(since[-OVERFITTING_EPOCHS:]), train[-1]
    if risen < (1 + OVERFITTING_RISE) * test[best] or fallen > (1 - OVERFITTING_FALL) * train[best]:
        return None
    if fallen > OVERFITTING_GAP * risen:
        return None
    message = (
        f"The network is learning its examples by heart: the test loss has risen from {test[best]:.4f} in "
        f"epoch {best + 1} to {test[-1]:.4f}, while the training loss has fallen from {train[best]:.4f} to "
        f"{train[-1]:.4f}. Use more data, weight decay or label smoothing, or take the best checkpoint."
    )
    evidence = {
        "best_epoch": best + 1,
        "best_test_loss": test[best],
        "test_loss": test[-1],
        "train_loss": train[-1],
    }
    return Diagnosis("overfitting", message, evidence)
