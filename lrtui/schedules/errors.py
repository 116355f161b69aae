"""The one exception of the schedules package, and the wording its parts share.

It holds no rules of its own: whoever knows a rule raises the error.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ScheduleError(ValueError):
    """A schedule, a length, a parameter or an expression that can't be used, said in one line.

    Args:
        message: What is wrong and what to do about it, without the place.
        position: First character of the offending span in the expression, 0-based, if there is an expression.
        end: One past the last character of that span.
        parameter: The name of the parameter at fault, if it is one.
        family: The name of the family at fault, if it is one.
    """

    def __init__(
        self,
        message: str,
        *,
        position: int | None = None,
        end: int | None = None,
        parameter: str | None = None,
        family: str | None = None,
    ) -> None:
        self.message = " ".join(message.split())
        self.position = position
        self.end = end
        self.parameter = parameter
        self.family = family
        super().__init__(self.message)

    def __str__(self) -> str:
        if self.position is None:
            return self.message
        return f"{self.message} (at character {self.position + 1})"

    def located(self, position: int, end: int) -> ScheduleError:
        """Return this error with a place, keeping the place it already has."""
        if self.position is not None:
            return self
        return ScheduleError(
            self.message, position=position, end=end, parameter=self.parameter, family=self.family
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name` whatever its case, or None if none is close."""
    names = {one.lower(): one for one in known}
    matches = get_close_matches(name.lower()[:80], list(names), n=1, cutoff=0.6)
    return names[matches[0]] if matches else None


def shorten(text: str, width: int = 40) -> str:
    """Return `text` fit for a message: one line, printable, and cut in the middle when long."""
    clean = "".join(character if character.isprintable() else " " for character in text[: 4 * width])
    clean = " ".join(clean.split())
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def inside_message(name: str) -> str:
    """Return why a family that follows a metric can't be inside another schedule."""
    return (
        f"{name} follows a metric and can't be inside another schedule: it stands alone or "
        f"as the last phase, as in warmup(5ep) >> {name}(0.1)"
    )
