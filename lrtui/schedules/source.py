"""What families use to say their closed form as plain Python, for the code that leaves this program.

Each family writes the body of one function of a local update `t`; this module gives them numbers, blends and
names. It computes no rates, and knows no library: those are in `dialects`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrtui.schedules.errors import ScheduleError, shorten
from lrtui.schedules.horizon import Horizon

if TYPE_CHECKING:
    from lrtui.schedules.core import Schedule

_LONGEST = 200_000
"""How many characters of code a schedule may come to: far past any schedule that a person reads."""


class NotRepresentable(ScheduleError):  # noqa: N818
    """A schedule that another dialect can't say exactly, and why: never answered by an approximation.

    Args:
        target: The dialect.
        reason: Why not, as it follows "because".
    """

    def __init__(self, target: str, reason: str) -> None:
        self.target = target
        self.reason = " ".join(reason.split())
        super().__init__(f"not representable in {target}: because {self.reason}")


def number(value: float) -> str:
    """Return the Python literal that reads back as exactly `value`; a float stays a float, with its point."""
    return repr(value if isinstance(value, int) else float(value))


def blend_code(start: float | str, end: float | str, weight: str) -> str:
    """Return the expression for `start` where `weight` is 1 and `end` where it is 0, both exactly.

    Args:
        start: A rate, or the name of a variable that has one.
        end: Likewise.
        weight: An expression in t; it is repeated unless one of the rates is 0, so make it short or a name.
    """
    weight = weight if weight.isidentifier() else f"({weight})"
    if start == end:
        return _said(start)
    if end == 0:
        return f"{_said(start)} * {weight}"
    if start == 0:
        return f"{_said(end)} * (1.0 - {weight})"
    return f"{_said(start)} * {weight} + {_said(end)} * (1.0 - {weight})"


def fade_code(shape: str, start: float | str, end: float | str, past: str, extent: float) -> str:
    """Return the lines of a passage from `start` to `end` as `fading.fade` has it; the last is a return.

    Args:
        shape: linear, cosine, sqrt, square or exponential.
        start: A rate, or the name of a variable that has one.
        end: Likewise.
        past: The name of a variable with the time that has passed, in 0..extent.
        extent: How long the passage is.
    """
    whole = number(extent)
    if shape == "exponential":
        if start == end:
            return f"return {_said(start)}"
        return f"z = {past} / {whole}\nreturn {_said(start)} ** (1.0 - z) * {_said(end)} ** z"
    left = f"({whole} - {past}) / {whole}"
    if shape == "cosine":
        left = f"math.sin(0.5 * math.pi * {left}) ** 2"
    elif shape == "sqrt":
        left = f"{left} / (1.0 + math.sqrt({past} / {whole}))  # 1 - sqrt(z)"
    elif shape == "square":
        left = f"{left} * (1.0 + {past} / {whole})  # 1 - z^2"
    return f"left = {left}\nreturn {blend_code(start, end, 'left')}"


def indented(lines: str) -> str:
    """Return lines one level deeper."""
    return "\n".join(f"    {line}" for line in lines.splitlines())


def _said(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


class Source:
    """The Python functions of a schedule and everything in it, written bottom up.

    Args:
        target: The dialect this is for, named when something can't be said.
    """

    def __init__(self, target: str = "pytorch") -> None:
        self.target = target
        self.functions: list[str] = []
        self._names: dict[tuple[Schedule, int], str] = {}
        self._taken = {"learning_rate", "make_scheduler", "math"}
        self._size = 0

    def define(self, schedule: Schedule, span: int, horizon: Horizon) -> str:
        """Write the function of `schedule` given `span` updates of time, and return its name.

        Raises:
            NotRepresentable: It isn't a function of the update alone, or comes to too much code.
        """
        known = self._names.get((schedule, span))
        if known is not None:
            return known
        body = schedule._source(self, span, horizon)
        own = schedule.length(horizon)
        name = self.function(
            schedule.family.name if schedule.family.role != "operator" else type(schedule).__name__.lower(),
            body,
            f"{shorten(str(schedule), 90)}: {span if own is None else own} updates",
        )
        self._names[schedule, span] = name
        return name

    def function(self, wish: str, body: str, comment: str) -> str:
        """Write a function of `t` with this body; return its name, which is `wish` if that is still free."""
        name, copies = wish, 1
        while name in self._taken:
            copies += 1
            name = f"{wish}_{copies}"
        self._taken.add(name)
        lines = "\n".join(f"    {line}" if line else "" for line in body.splitlines())
        text = f"def {name}(t):\n    # {comment}\n{lines}\n"
        self._size += len(text)
        if self._size > _LONGEST:
            raise NotRepresentable(self.target, "the schedule comes to more code than anyone can read")
        self.functions.append(text)
        return name

    def helper(self, name: str, text: str) -> None:
        """Write a function that several may call, unless it is there already; its name starts with `_`."""
        if name not in self._taken:
            self._taken.add(name)
            self.functions.append(text)

    def impossible(self, reason: str) -> NotRepresentable:
        """Return the error that says why something can't be said in this target."""
        return NotRepresentable(self.target, reason)
