"""Which runs to show: `schedule:cosine acc>0.89 tag:good -state:crashed`.

A filter is a pure function of a run's summary. Terms stand beside one another and all must hold; a minus in
front of one turns it round. It reads no files and sorts nothing.

    schedule:cosine     text that a field has somewhere in it; "quotes" keep blanks together
    tag:good            a tag, whole
    state:running       a state, or the beginning of one
    acc>0.89  age<2d    a number: < <= > >= = !=, with % or a unit of time (s, m, h, d) where it makes sense
    val_loss<0.4        the best value of a metric that any of the runs logged
    cosine              a word anywhere in id, name, schedule, tags or notes
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches

from lrtui.runs.judging import is_share
from lrtui.runs.summary import RunState, RunSummary
from lrtui.runs.text import printable

Filter = Callable[[RunSummary], bool]

_TEXTS: dict[str, Callable[[RunSummary], str]] = {
    "id": lambda run: run.id,
    "name": lambda run: run.name,
    "schedule": lambda run: run.schedule,
    "preset": lambda run: run.preset or "",
    "model": lambda run: run.model,
    "optimizer": lambda run: run.optimizer,
    "data": lambda run: run.data,
    "device": lambda run: run.device,
    "reason": lambda run: run.reason,
    "note": lambda run: run.notes,
}
_NUMBERS: dict[str, Callable[[RunSummary], float | None]] = {
    "acc": lambda run: run.best_test_acc,
    "last": lambda run: run.last_test_acc,
    "area": lambda run: run.area,
    "epoch": lambda run: run.last_epoch,
    "epochs": lambda run: run.epochs,
    "step": lambda run: run.done,
    "updates": lambda run: run.updates,
    "progress": lambda run: run.progress,
    "seed": lambda run: run.seed,
    "duration": lambda run: run.duration,
    "age": lambda run: run.age,
}
_TIMES = ("duration", "age")
_SHARES = ("acc", "last", "area", "progress")
_ALIASES = {
    "best": "acc",
    "accuracy": "acc",
    "tags": "tag",
    "notes": "note",
    "took": "duration",
    "final": "last",
}
_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

FIELDS = (*_TEXTS, "tag", "state", *_NUMBERS)
"""All fields by name, those of text first."""

_TERM = re.compile(
    r"(?P<minus>-?)(?:(?P<field>[A-Za-z_][\w./]*)(?P<sign>:|<=|>=|!=|=|<|>))?(?P<value>\"[^\"]*\"|[^\s\"]*)"
)


class FilterError(ValueError):
    """A filter that can't be understood; the message is one line.

    Attributes:
        position: where in the text.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def parse_filter(text: str, metrics: Collection[str] = ()) -> Filter:
    """The filter of an expression; an empty one lets every run pass.

    Args:
        text: the expression.
        metrics: names of metrics that may stand in it besides the fields, as runs logged them.

    Raises:
        FilterError: one line naming the term that is wrong and what would be right.
    """
    terms: list[Filter] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TERM.match(text, place)
        end = match.end() if match else place
        if match is None or end == place or (end < len(text) and not text[end].isspace()):
            shown = printable(text[place:].split()[0], 60)
            raise FilterError(f"{shown!r} can't be understood: a quote must end, and terms are apart", place)
        terms.append(_term(match, metrics))
        place = end
    return lambda run: all(term(run) for term in terms)


def unfinished(text: str, metrics: Collection[str] = ()) -> bool:
    """Whether the text ends in what may become the name of a field: `sch`, on the way to `schedule:cosine`.

    A list that is filtered while somebody types would otherwise be empty for as long as that takes.
    """
    last = text.split(" ")[-1].removeprefix("-").lower()
    names = (*FIELDS, *_ALIASES, *map(str.lower, metrics))
    return bool(last) and any(name.startswith(last) for name in names)


def _term(match: re.Match[str], metrics: Collection[str]) -> Filter:
    sign, place = match["sign"], match.start()
    value = match["value"].strip('"')
    shown = printable(match[0], 60)
    if not value:
        raise FilterError(f"{shown!r} lacks what to look for", place)
    if sign is None:
        term = _word(value)
    else:
        field = match["field"].lower()
        field = _ALIASES.get(field, field)
        if field not in FIELDS and match["field"] in metrics:
            term = _measured(match["field"], "=" if sign == ":" else sign, value, shown, place)
        elif field not in FIELDS:
            near = get_close_matches(field, [*FIELDS, *_ALIASES, *metrics], n=1)
            hint = f"did you mean {printable(near[0], 40)}?" if near else f"fields are {', '.join(FIELDS)}"
            raise FilterError(f"no field is called {printable(match['field'], 40)!r}: {hint}", place)
        elif field in _NUMBERS:
            term = _comparison(field, "=" if sign == ":" else sign, value, shown, place)
        elif sign in (":", "=", "!="):
            term = _match(field, value, shown, place)
            if sign == "!=":
                term = _not(term)
        else:
            raise FilterError(
                f"{shown!r}: {field} is text, and isn't more or less: write {field}:{value}", place
            )
    return _not(term) if match["minus"] else term


def _not(term: Filter) -> Filter:
    return lambda run: not term(run)


def _word(value: str) -> Filter:
    wanted = value.casefold()
    return lambda run: any(
        wanted in text.casefold() for text in (run.id, run.name, run.schedule, run.notes, *run.tags)
    )


def _match(field: str, value: str, shown: str, place: int) -> Filter:
    wanted = value.casefold()
    if field == "tag":
        return lambda run: any(tag.casefold() == wanted for tag in run.tags)
    if field == "state":
        states = {state for state in RunState if state.value.startswith(wanted)}
        if not states:
            known = ", ".join(state.value for state in RunState)
            raise FilterError(f"{shown!r}: no state is called so; states are {known}", place)
        return lambda run: run.state in states
    text = _TEXTS[field]
    return lambda run: wanted in text(run).casefold()


def _measured(metric: str, sign: str, value: str, shown: str, place: int) -> Filter:
    """The best value of a metric, compared."""
    return _compared(lambda run: run.judged(metric).best, metric, sign, value, shown, place, is_share(metric))


def _comparison(field: str, sign: str, value: str, shown: str, place: int) -> Filter:
    return _compared(_NUMBERS[field], field, sign, value, shown, place, field in _SHARES)


def _compared(
    known: Callable[[RunSummary], float | None],
    field: str,
    sign: str,
    value: str,
    shown: str,
    place: int,
    share: bool,
) -> Filter:
    match = re.fullmatch(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([smhd%]?)", value)
    unit = match[2] if match else ""
    if match is None or (unit == "%" and not share) or (unit in _UNITS and field not in _TIMES):
        example = "2h" if field in _TIMES else "0.89" if share else "10"
        raise FilterError(
            f"{shown!r}: {field} is compared with a number, such as {field}{sign}{example}", place
        )
    number = float(match[1]) * (0.01 if unit == "%" else _UNITS.get(unit, 1.0))
    compare = _COMPARE[sign]

    def holds(run: RunSummary) -> bool:
        found = known(run)
        # Of what isn't known, nothing holds: neither more, nor less, nor another.
        return found is not None and math.isfinite(found) and bool(compare(found, number))

    return holds
