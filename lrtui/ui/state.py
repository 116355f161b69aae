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


@dataclass(frozen=True, slots=True)
class Moment:
    """What undo goes back to: the text as it stood, the last good schedule then, and the horizon."""

    expression: str
    schedule: Schedule
    preset: str | None
    epochs: int
    batch_size: int


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
    _undo: list[Moment] = field(init=False, default_factory=list, repr=False)
    _redo: list[Moment] = field(init=False, default_factory=list, repr=False)
    _was: Moment = field(init=False, repr=False)
    """How things stood after the last change."""

    def __post_init__(self) -> None:
        """Parse the expression given; a wrong one leaves the default schedule drawn and the error said."""
        self.schedule = parse(DEFAULT_EXPRESSION)
        self.begin_here()
        if self.expression != DEFAULT_EXPRESSION:
            self._read(self.expression)

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

    def type(self, text: str, *, burst: object = "typing") -> bool:
        """Take text as typed; return whether it is a schedule that fits the horizon.

        Changes in a row with the same `burst` are undone together; None is a step of its own.
        """
        if text != self.expression or self.horizon_changed():
            self._begin(burst)
        return self._read(text)

    def put(
        self,
        schedule: Schedule,
        *,
        epochs: int | None = None,
        untouched: bool = False,
        preset: str | None = None,
        burst: object = None,
    ) -> None:
        """Take a schedule built by form or catalogue, as its canonical expression, and the epochs with it.

        Changes in a row with the same `burst` (keystrokes in one field) are undone together. Text that was no
        schedule is replaced, and comes back with undo.

        Raises:
            ScheduleError: it doesn't fit the horizon; the draft is as it was.
        """
        before, self.epochs = self.epochs, self.epochs if epochs is None else epochs
        try:
            self._check(schedule)
        except ScheduleError:
            self.epochs = before
            raise
        text = str(schedule)
        if text != self.expression or self.horizon_changed():
            self._begin("browsing" if untouched and self.untouched else burst)
        self.expression, self.schedule, self.error = text, schedule, None
        self.untouched = untouched
        self.preset = preset
        self._was = self._moment()

    def tidy(self) -> None:
        """Write the expression canonically; what is typed from here on is undone for itself."""
        if self.error is None:
            self.expression = str(self.schedule)
            self._burst = None
            self._was = self._moment()

    def recheck(self) -> None:
        """Look at the text again after the horizon has changed, which is undone like any change."""
        if self.horizon_changed():
            self._begin("horizon")
        self._read(self.expression)

    def _read(self, text: str) -> bool:
        """Make the text the expression, and the schedule it says the present one, if it says one."""
        self.expression = text
        try:
            schedule = parse(text)
            self._check(schedule)
        except ScheduleError as error:
            self.error = error
        else:
            self.error = None
            if schedule != self.schedule:
                self.schedule, self.untouched, self.preset = schedule, False, None
        self._was = self._moment()
        return self.error is None

    def _check(self, schedule: Schedule) -> None:
        horizon = self.horizon()
        schedule = drawable(schedule, horizon)
        if horizon.total <= AT_ONCE:
            check(schedule, horizon)
        else:
            sample(schedule, horizon, 1000)

    # Undo

    def begin_here(self) -> None:
        """Forget what was before: undo goes back to this."""
        self._undo.clear()
        self._redo.clear()
        self._burst, self._was = None, self._moment()

    def _moment(self) -> Moment:
        return Moment(self.expression, self.schedule, self.preset, self.epochs, self.batch_size)

    def horizon_changed(self) -> bool:
        """Whether epochs or batch size were set since the last change, so that the text wants a `recheck`."""
        return (self.epochs, self.batch_size) != (self._was.epochs, self._was.batch_size)

    def _begin(self, burst: object) -> None:
        """Remember what is there before it changes, once in a burst."""
        if burst is None or burst != self._burst:
            self._undo.append(self._was)
        del self._undo[:-UNDO_DEPTH]
        self._burst = burst
        self._redo.clear()

    def undo(self) -> bool:
        """Go back to text and horizon as they were before; return whether there is such a step."""
        return self._travel(self._undo, self._redo)

    def redo(self) -> bool:
        """Take the last undo back; return whether there was one."""
        return self._travel(self._redo, self._undo)

    def _travel(self, source: list[Moment], target: list[Moment]) -> bool:
        now = self._moment()
        while source and source[-1] == now:
            source.pop()  # what was typed came to nothing
        if not source:
            return False
        target.append(now)
        self._burst = None
        moment = source.pop()
        self.epochs, self.batch_size = moment.epochs, moment.batch_size
        self.schedule = moment.schedule
        self._read(moment.expression)
        self.preset, self.untouched = moment.preset, False
        return True
