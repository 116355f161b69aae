"""Averages of the weights that a run may keep beside the weights themselves, written as calls.

`ema(decay=0.999)` follows the weights with an exponential average; `swa(start=75%)` is the plain mean of the
weights of a run's last part, taken in once an epoch. Both are evaluated beside the raw weights and never
change them. Keeping them is `training`'s work; this module knows no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lrtui.runs.text import printable
from lrtui.schedules import Horizon, Length, ScheduleError, parse_call

_LAST_QUARTER = Length(75, "percent")
_EPOCH = Length(1, "epochs")
WARMING = 10
"""How slowly an exponential average becomes one: see `Ema.weight`."""


class AverageError(ValueError):
    """A wrong average; the message is one line, `position` the place in the text where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Ema:
    """An exponential moving average of the weights, brought up to date at every update.

    Args:
        decay: the share of the average that an update leaves as it was, 0 or more and below 1.
    """

    name: ClassVar[str] = "ema"
    decay: float = 0.999

    def weight(self, made: int, total: int) -> float:
        """The share that the weights get after `made` updates (from 1): 1 - decay, and more at the start.

        Without that, a run of a few hundred updates would still average the random weights it began with:
        the decay is at most (1 + made) / (10 + made), as in TensorFlow's ExponentialMovingAverage with
        `num_updates`.
        """
        del total
        return 1.0 - min(self.decay, (1 + made) / (WARMING + made))

    def __str__(self) -> str:
        """The canonical text; parses to the same average."""
        return f"ema(decay={self.decay!r})"


@dataclass(frozen=True, slots=True)
class Swa:
    """The mean of the weights at the run's end and every so often before it, back to some update.

    Source: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018.

    Args:
        start: how many updates are made before the first weights may be taken in.
        every: how many lie between two weights that are taken in.
        first: `start` in updates, once it is known: see `on`.
        step: `every` in updates.
    """

    name: ClassVar[str] = "swa"
    start: Length = _LAST_QUARTER
    every: Length = _EPOCH
    first: int = 0
    step: int = 1

    def weight(self, made: int, total: int) -> float:
        """The share that the weights get after `made` of `total` updates (from 1): 0 when it isn't time."""
        if made < self.first or (total - made) % self.step:
            return 0.0
        earliest = self.first + (total - self.first) % self.step
        return 1.0 / ((made - earliest) // self.step + 1)

    def on(self, horizon: Horizon) -> Swa:
        """The same on a horizon, with its lengths in updates.

        Raises:
            AverageError: if it would begin when the run is over.
        """
        try:
            first, step = self.start.resolve(horizon), self.every.resolve(horizon)
        except ScheduleError as error:
            raise AverageError(f"swa: {error}") from error
        if step < 1:
            raise AverageError(f"every: {self.every} is less than one update")
        if first > horizon.total:
            raise AverageError(f"start: {self.start} is past the end of the run, {horizon.total:,} updates")
        return Swa(self.start, self.every, max(first, 1), step)

    def __str__(self) -> str:
        """The canonical text; parses to the same average."""
        every = "" if self.every == _EPOCH else f", every={self.every}"
        return f"swa(start={self.start}{every})"


def parse_average(text: str, horizon: Horizon | None = None) -> Ema | Swa | None:
    """The average that `text` names, such as `ema(decay=0.99)`, `swa(start=8ep)` or `swa`; None for no text.

    Args:
        text: a name or a call.
        horizon: the run's, for an average that is to be kept.

    Raises:
        AverageError: if there is no such average, or an option of it is wrong.
    """
    if not text.strip():
        return None
    try:
        call = parse_call(text, "ema(decay=0.999)")
    except ScheduleError as error:
        raise AverageError(str(error), error.position) from error
    options = {"ema": ("decay",), "swa": ("start", "every")}.get(call.name)
    if options is None:
        name = printable(call.name, 40)
        raise AverageError(f"no average is called {name!r}: there is ema(decay=0.999) and swa(start=75%)", 0)
    given = dict(zip(options, call.args, strict=False))
    if len(call.args) > len(options):
        raise AverageError(f"{call.name} takes {len(options)} at most: {', '.join(options)}")
    for option, value in call.kwargs.items():
        if option not in options:
            raise AverageError(
                f"{call.name} has no option {printable(option, 40)!r}: it has {', '.join(options)}"
            )
        if option in given:
            raise AverageError(f"{option}: given twice")
        given[option] = value
    if call.name == "ema":
        return Ema(_decay(given.get("decay", 0.999)))
    start, every = given.get("start", _LAST_QUARTER), given.get("every", _EPOCH)
    swa = Swa(_length("start", start), _length("every", every))
    return swa if horizon is None else swa.on(horizon)


def _decay(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise AverageError(f"decay: must be at least 0 and below 1, not {printable(str(value), 40)}")
    return float(value)


def _length(option: str, value: object) -> Length:
    try:
        return value if isinstance(value, Length) else Length.parse(str(value))
    except ScheduleError as error:
        raise AverageError(f"{option}: {error}") from error
