"""Looks at a run's figures after each epoch and says what is wrong, each thing once.

What is wrong when is `health`'s and `trends`' to say; telling it, and ending the run, is the engine's.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from lrtui.training import health, trends
from lrtui.training.health import Diagnosis

Figures = dict[str, float]


class Doctor:
    """The diagnoses of one run.

    Args:
        classes: number of classes, which says what guessing costs.
        clip_norm: to what gradients are shortened, None if they aren't.
        stop_on: kinds of diagnoses that end the run.

    Attributes:
        findings: all that was found so far, in order.
    """

    def __init__(
        self, classes: int, clip_norm: float | None = None, stop_on: Collection[str] = frozenset()
    ) -> None:
        self.findings: list[Diagnosis] = []
        self._classes = classes
        self._clip_norm = clip_norm
        self._stop_on = stop_on

    def diverged(self, losses: Sequence[float], first: int, rate: float) -> Diagnosis | None:
        """Whether the loss has left for good; see `health.diverged`."""
        finding = health.diverged(losses, first, rate, self._classes)
        if finding is not None:
            self.findings.append(finding)
        return finding

    def after_epoch(
        self, epochs: Sequence[Figures], losses: Sequence[float], norms: Sequence[float], fetching: float
    ) -> list[Diagnosis]:
        """What is found now and wasn't before.

        Args:
            epochs: the figures of all epochs so far, as their events have them.
            losses: mean loss of each update of the latest epoch.
            norms: norm of the gradient at each of them.
            fetching: seconds of that epoch that went into getting batches.
        """
        latest = epochs[-1]
        train, test, accuracies, rates = (
            [epoch[name] for epoch in epochs] for name in ("train_loss", "test_loss", "train_acc", "lr")
        )
        first = int(latest["step"]) + 1 - len(losses)
        candidates = (
            health.diverging(losses, train[:-1], latest["lr"], self._classes),
            health.stuck_at_chance(train, accuracies, rates, self._classes),
            trends.plateaued(train, rates, math.log(self._classes)),
            trends.overfitting(train, test),
            health.exploding_gradients(norms, first, self._clip_norm),
            health.data_starved(fetching, latest["seconds"]),
        )
        known = {finding.kind for finding in self.findings}
        new = [finding for finding in candidates if finding is not None and finding.kind not in known]
        self.findings += new
        return new

    def ends(self, findings: Sequence[Diagnosis]) -> Diagnosis | None:
        """The first finding that is to end the run, if there is one."""
        return next((finding for finding in findings if finding.kind in self._stop_on), None)

    def state(self) -> list[list[str]]:
        """What was found, as plain values; the evidence is in the log."""
        return [[finding.kind, finding.message] for finding in self.findings]

    def restore(self, state: list[list[str]]) -> None:
        """Go on from what `state` gave."""
        self.findings = [Diagnosis(kind, message) for kind, message in state]
