"""Base classes of families that need more than an update and a horizon: a neighbour, or a metric.

A sequence gives a transition its neighbour; `following` runs what follows a metric.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lrtui.schedules.core import Rates, Schedule, Updates
from lrtui.schedules.horizon import Horizon, Length


class MetricDriven(Schedule):
    """A family that decides after each epoch, from that epoch's metric: nobody knows its rates ahead.

    It stands alone or as the last phase of a sequence. `following` runs it over metrics.
    """

    lr: float

    def length(self, horizon: Horizon) -> int | None:  # noqa: ARG002
        """Return None: it takes what remains."""
        return None

    @property
    def metric_driven(self) -> MetricDriven | None:
        """Itself."""
        return self

    @property
    def missing(self) -> str | None:
        """The metrics, without which there are no rates."""
        name = self.family.name
        return (
            f"{name} follows a metric, so its rates aren't known ahead: draw it on a trace of metrics, with "
            "simulate() or lrtui preview EXPR --trace typical"
        )

    def begin(self) -> dict[str, Any]:
        """Return the state before the first metric: plain values, `lr` among them."""
        raise NotImplementedError

    def observe(self, state: dict[str, Any], metric: float) -> dict[str, Any]:
        """Return the state after an epoch whose metric is `metric`; the old one stays as it is."""
        raise NotImplementedError


class Transition(Schedule):
    """A phase that leads to or from its neighbour's rate: warmup and cooldown."""

    steps: Length
    leads: ClassVar[str]
    """`in`: rises to the start of the phase after it; `out`: falls from the end of the one before."""

    def length(self, horizon: Horizon) -> int | None:
        """Return `steps` in updates."""
        return self.steps.resolve(horizon)

    @property
    def own_edge(self) -> float | None:
        """The rate at the end away from the neighbour, if that is a parameter and not computed."""
        return None

    @property
    def missing(self) -> str | None:
        """The neighbour this phase needs; a sequence provides it."""
        side = "after" if self.leads == "in" else "before"
        example = f"{self} >> cosine(0.1)" if self.leads == "in" else f"constant(0.1) >> {self}"
        return f"{self.family.name} needs a phase {side} it, such as {example}"

    def ramp(self, t: Updates, extent: int, neighbour: float) -> Rates:
        """Return the rates at updates `t` in 0..extent, given the neighbour's rate at the join."""
        raise NotImplementedError

    def ramp_code(self, extent: int) -> str | None:  # noqa: ARG002
        """Return what `ramp` computes as lines of plain Python; they see `t`, `neighbour` and `math`."""
        return None
