"""What is about to be trained, as the screens share it: one draft, one horizon.

The draft holds the schedule's text as the person typed it, the last schedule that text made sense as, and why
it doesn't make sense now, if it doesn't. It knows nothing of widgets and starts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from lrtui.schedules import Horizon, Schedule, ScheduleError, check, drawable, parse, sample

if TYPE_CHECKING:
    from lrtui.runs.datasets import DataSource

DEFAULT_EXPRESSION = "warmup(1ep) >> cosine(0.5, final_lr=0.01)"
UNDO_DEPTH = 200
AT_ONCE = 200_000
"""Up to this many updates every rate is checked while typing; beyond it the preview's thread does it."""


@dataclass
class Draft:
    """The run a person is putting together.

    `expression` may be unfinished or wrong; `schedule` is always the last good one, and `error` says what is
    wrong with `expression`, or is None when the two agree. `untouched` is true as long as the schedule
    is one that came from the catalogue or the defaults: replacing it costs the person nothing.
    """

    expression: str = DEFAULT_EXPRESSION
    epochs: int = 10
    batch_size: int = 256
    optimizer: str = "sgd"
    model: str = "lenet"
    seed: int = 0
    device: str = "auto"
    data: str = "auto"
    name: str = ""
    accumulate: int = 1
    clip_norm: float | None = None
    label_smoothing: float = 0.0
    average: str = ""
    precision: str = "float32"
    compile: bool = False
    stop_on: tuple[str, ...] = ()
    threads: int | None = None
    processes: int = 1
    preset: str | None = None
    untouched: bool = True
    schedule: Schedule = field(init=False)
    error: ScheduleError | None = field(init=False, default=None)
    _source: tuple[str, DataSource] | None = field(init=False, default=None, repr=False)
    _burst: object = field(init=False, default=None, repr=False)
    _undo: list[str] = field(init=False, default_factory=list, repr=False)
    _redo: list[str] = field(init=False, default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """Parse the expression given; a wrong one leaves the default schedule drawn and the error said."""
        self.schedule = parse(DEFAULT_EXPRESSION)
        text = self.expression
        if text != DEFAULT_EXPRESSION:
            self.type(text)
            self._undo.clear()  # there was nothing before what the draft began with
            self._burst = None

    @property
    def source(self) -> DataSource:
        """The data that `data` stands for now (headers only are read; kept until `data` changes).

        Raises:
            DataError: the folder named is unusable.
        """
        from lrtui.runs.datasets import find_data

        if self._source is None or self._source[0] != self.data:
            self._source = (self.data, find_data(self.data))
        return self._source[1]

    def use_data(self, choice: str, source: DataSource) -> None:
        """Take data that was looked up elsewhere, in a thread, so that no header is read again here."""
        self.data, self._source = choice, (choice, source)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer updates in an epoch: the last, short one counts as one."""
        return ceil(self.source.train_examples / (self.batch_size * self.accumulate))

    def horizon(self) -> Horizon:
        """The horizon that the preview is drawn on and the run is trained on."""
        return Horizon.from_epochs(self.epochs, self.steps_per_epoch)

    def others(self) -> dict[str, Schedule]:
        """The schedules that the optimizer's momentum and weight decay follow, by those names.

        Without those that a wrong optimizer would have: the form in Train says what is wrong with it.
        """
        from lrtui.runs.optimizers import OptimizerError, optimizer, parse_optimizer

        found = {}
        try:
            spec = parse_optimizer(self.optimizer)
        except OptimizerError:
            return {}
        for option in optimizer(spec.name).options:
            value = spec.options[option.name]
            followed = value[0] if isinstance(value, tuple) else value
            if option.follows is not None and isinstance(followed, Schedule):
                found[option.follows] = followed
        return found

    def type(self, text: str) -> bool:
        """Take text as typed; return whether it is a schedule that fits the horizon."""
        self.expression = text
        try:
            schedule = parse(text)
            self._check(schedule)
        except ScheduleError as error:
            self.error = error
            return False
        self._settle(schedule, burst="typing")
        return True

    def put(
        self,
        schedule: Schedule,
        *,
        untouched: bool = False,
        preset: str | None = None,
        burst: object = None,
    ) -> None:
        """Take a schedule built by form or catalogue, as its canonical expression.

        Changes in a row with the same `burst` (keystrokes in one field) are undone together.

        Raises:
            ScheduleError: it doesn't fit the horizon; the draft is as it was.
        """
        self._check(schedule)
        self.expression = str(schedule)
        self._settle(schedule, burst="browsing" if untouched and self.untouched else burst)
        self.untouched = untouched
        self.preset = preset

    def recheck(self) -> None:
        """Look at the text again after the horizon has changed."""
        before = self.untouched, self.preset
        if self.type(self.expression):
            self.untouched, self.preset = before

    def _check(self, schedule: Schedule) -> None:
        horizon = self.horizon()
        schedule = drawable(schedule, horizon)
        if horizon.total <= AT_ONCE:
            check(schedule, horizon)
        else:
            sample(schedule, horizon, 1000)

    def _settle(self, schedule: Schedule, *, burst: object) -> None:
        """Make a checked schedule the last good one, and remember the one before for undo."""
        self.error = None
        if schedule == self.schedule:
            return
        if burst is None or burst != self._burst:
            self._undo.append(str(self.schedule))
        del self._undo[:-UNDO_DEPTH]
        self._burst = burst
        self._redo.clear()
        self.schedule = schedule
        self.untouched = False
        self.preset = None

    def undo(self) -> bool:
        """Go back to the schedule before; return whether there was one."""
        return self._travel(self._undo, self._redo)

    def redo(self) -> bool:
        """Take the last undo back; return whether there was one."""
        return self._travel(self._redo, self._undo)

    def _travel(self, source: list[str], target: list[str]) -> bool:
        if not source:
            return False
        self._burst = None
        target.append(str(self.schedule))
        self.schedule = parse(source.pop())
        self.expression = str(self.schedule)
        self.preset = None
        self.untouched = False
        try:
            self._check(self.schedule)
            self.error = None
        except ScheduleError as error:
            self.error = error
        return True
