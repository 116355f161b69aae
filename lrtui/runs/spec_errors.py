"""What a wrong spec says: one line about one field."""

from __future__ import annotations

from lrtui.runs.text import printable
from lrtui.schedules import ScheduleError


class SpecError(ValueError):
    """A spec that can't be run or read.

    Attributes:
        message: what is wrong and what to do, one line without the field's name.
        field: the field of `RunSpec` it is about, None for the document as a whole.
        value: what the field was given.
        position: of an error in the schedule's or the optimizer's text: where, else None.
        end: the end of that place, else None.
    """

    def __init__(
        self,
        message: str,
        field: str | None = None,
        value: object = None,
        position: int | None = None,
        end: int | None = None,
    ) -> None:
        self.message = message
        self.field = field
        self.value = value
        self.position = position
        self.end = end
        silent = field in (None, "schedule", "lr", "data") or value is None
        shown = "" if silent else f" {printable(str(value), 60)}"
        super().__init__(f"{field}{shown}: {message}" if field else message)


def wrong_schedule(error: ScheduleError, text: str, field: str = "schedule") -> SpecError:
    """What is wrong with a schedule's text, as an error of a spec; the place in the text is kept."""
    return SpecError(str(error), field, text, error.position, error.end)
