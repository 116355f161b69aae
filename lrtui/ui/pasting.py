"""What a person typed or pasted into the expression, if it is no schedule of ours: a saved name, a call.

It says how the call reads and what may surprise about it; whether to take it is the person's decision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lrtui.experiments.saved import SIGN
from lrtui.schedules import Schedule, ScheduleError, parse
from lrtui.schedules.dialects import ReadingError, read
from lrtui.schedules.dialects.reading import keras, optax, timm, torch, transformers
from lrtui.schedules.errors import nearest, shorten
from lrtui.ui.keys import key_for

LIBRARIES = {
    "torch": torch.READERS,
    "optax": optax.READERS,
    "keras": keras.READERS,
    "timm": timm.READERS,
    "transformers": transformers.READERS,
}
MOST = 20_000
"""Characters that are looked at while typing."""

_NAMES = re.compile(r"((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\s*\(")
_THEIRS = re.compile(r"[A-Z]|^get_|_schedule$")
"""What names look like in other libraries and not here."""
_ARGUMENTS = re.compile(r"\blr_scheduler_type\b")


@dataclass(frozen=True, slots=True)
class Offer:
    """A call of another library: the schedule it reads as, or None with the reason why it can't be one.

    `other` is the same call with what it counts taken as epochs rather than updates, or the other way round,
    where a library leaves that to whoever calls its `step()`.
    """

    what: str
    schedule: Schedule | None
    notes: tuple[str, ...] = ()
    reason: str = ""
    other: Offer | None = None
    counts: str = ""

    @property
    def words(self) -> str:
        """The offer, or the refusal, in one line."""
        return self.words_for("expression.tidy")

    def words_for(self, action: str) -> str:
        """The same where the key of another action takes it."""
        if self.schedule is None:
            return f"that is {self.what}: {self.reason}" if self.what else self.reason
        return f"that is {self.what}: {key_for(action)} reads it as {self.schedule}"

    def turned(self) -> Offer | None:
        """The call read in the other unit, from which it can be turned back; None if there is but one."""
        return None if self.other is None else replace(self.other, other=replace(self, other=None))


def saved_offer(text: str, saved: Mapping[str, str]) -> Offer | None:
    """What `@name` stands for among the saved ones; None if text is no name, or what it names is wrong."""
    name = text.strip()
    if not name.startswith(SIGN):
        return None
    name = name.removeprefix(SIGN)
    if name in saved:
        try:
            return Offer("a saved schedule", parse(saved[name]))
        except ScheduleError:
            return None
    near = nearest(name, saved)
    if near:
        hint = f"did you mean {SIGN}{near}?"
    else:
        hint = (
            "there are " + ", ".join(f"{SIGN}{each}" for each in list(saved)[:8]) if saved else "none is yet"
        )
    return Offer("", None, reason=f"no schedule is saved as {shorten(name) or 'that'}; {hint}")


def offer(text: str) -> Offer | None:
    """Look whether text holds a scheduler of another library; None if it doesn't (or not whole yet)."""
    what = known_call(text)
    if what is None:
        return _misspelt(text)
    updates = _offer(text, what, "updates")
    if updates is None or updates.schedule is None or not what.startswith(("torch'", "timm'")):
        return updates
    epochs = _offer(text, what, "epochs")
    if epochs is None or epochs.schedule is None or str(epochs.schedule) == str(updates.schedule):
        return updates
    # timm's calls count epochs unless they say otherwise.
    first, second = (epochs, updates) if any(map(_is_clock, updates.notes)) else (updates, epochs)
    return replace(first, other=second)


def _offer(text: str, what: str, clock: str) -> Offer | None:
    try:
        reading = read(text, clock=clock)
    except ReadingError as error:
        return Offer(what, None, reason=error.message)
    except ScheduleError:
        return None
    return Offer(what, reading.schedule, tuple(map(_note, reading.notes)), counts=clock)


def known_call(text: str) -> str | None:
    """The scheduler's call that a text holds, as `torch's StepLR`; the last one counts."""
    if len(text) > MOST:
        return None
    for name in reversed(_NAMES.findall(text)):
        *before, last = name.split(".")
        for called in (".".join([*before[-1:], last]), last):
            for library, readers in LIBRARIES.items():
                if called in readers:
                    return f"{library}'{'' if library.endswith('s') else 's'} {last}"
    return "transformers' arguments" if _ARGUMENTS.search(text) else None


def _misspelt(text: str) -> Offer | None:
    """A refusal that names the call which a text that looks like other libraries' nearly is."""
    for name in reversed(_NAMES.findall(text[:MOST])):
        last = name.rpartition(".")[2]
        if not _THEIRS.search(last):
            continue
        hint = nearest(last, (each for readers in LIBRARIES.values() for each in readers))
        if hint:
            return Offer("", None, reason=f"no library here has {shorten(last)}; did you mean {hint}?")
    return None


def _is_clock(note: str) -> bool:
    return "counts epochs unless" in note


def _note(note: str) -> str:
    """A note as it is true here: what is an option on the command line is done otherwise in the app."""
    note = note.replace("give it with --lr", "change it in the form")
    return note.replace("; --clock epochs for epochs", "")
