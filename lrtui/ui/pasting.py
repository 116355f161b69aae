"""What a person typed or pasted into the expression, if it is another library's call rather than ours.

It says how the call reads and what may surprise about it; whether to take it is the person's decision.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrtui.schedules import Schedule, ScheduleError
from lrtui.schedules.dialects import ReadingError, read
from lrtui.schedules.dialects.reading import keras, optax, timm, torch, transformers

LIBRARIES = {
    "torch": torch.READERS,
    "optax": optax.READERS,
    "keras": keras.READERS,
    "timm": timm.READERS,
    "transformers": transformers.READERS,
}
MOST = 20_000
"""Characters that are looked at while typing."""

_NAMES = re.compile(r"([A-Za-z_]\w*)\s*\(")
_ARGUMENTS = re.compile(r"\blr_scheduler_type\b")


@dataclass(frozen=True, slots=True)
class Offer:
    """A call of another library: the schedule it reads as, or None with the reason why it can't be one."""

    what: str
    schedule: Schedule | None
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def words(self) -> str:
        """The offer, or the refusal, in one line."""
        if self.schedule is None:
            return f"that is {self.what}: {self.reason}"
        return f"that is {self.what}: enter reads it as {self.schedule}"


def offer(text: str) -> Offer | None:
    """Look whether text holds a scheduler of another library; None if it doesn't (or not whole yet)."""
    what = known_call(text)
    if what is None:
        return None
    try:
        reading = read(text)
    except ReadingError as error:
        return Offer(what, None, reason=error.message)
    except ScheduleError:
        return None
    return Offer(what, reading.schedule, tuple(map(_note, reading.notes)))


def known_call(text: str) -> str | None:
    """The scheduler's call that a text holds, as `torch's StepLR`; the last one counts."""
    if len(text) > MOST:
        return None
    for name in reversed(_NAMES.findall(text)):
        for library, readers in LIBRARIES.items():
            if name in readers:
                return f"{library}'s {name}"
    return "transformers' arguments" if _ARGUMENTS.search(text) else None


def _note(note: str) -> str:
    """A note as it is true here: what is an option on the command line is done otherwise in the app."""
    note = note.replace("give it with --lr", "change it in the form")
    return note.replace("--clock epochs for epochs", "`lrtui read --clock epochs` reads epochs")
