"""Runs that differ in their seeds alone, as one row with the means of their figures. Reads no files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

import msgspec

from lrtui.runs.compare import Spread, spread
from lrtui.runs.figures import reached
from lrtui.runs.judging import MAIN, Judged
from lrtui.runs.summary import RunState, RunSummary

PREFIX = "seeds:"
"""What a folded row's id begins with; no run's does, for a colon can't stand in one."""


_LIVELIEST = (RunState.RUNNING, RunState.STARTING, RunState.PAUSED, RunState.QUEUED)
"""What a row says of runs that go on, the first that one of them is in."""


class Folded(RunSummary, frozen=True, kw_only=True):
    """Several seeds of one experiment in one row: figures are means, the rest is the newest run's.

    Attributes:
        members: the runs, in the order of the list.
        metric: what they are judged by.
        best: the spread of their best values of it.
        final: of their last ones.
    """

    members: tuple[RunSummary, ...]
    metric: str = MAIN
    best: Spread | None
    final: Spread | None


def fold(runs: Sequence[RunSummary], metric: str = MAIN) -> list[RunSummary]:
    """The list with every two and more runs of one experiment in one row, where the first of them stood.

    Of other metrics than the one to judge by and the test accuracy, such a row knows nothing.
    """
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        groups.setdefault(run.experiment or run.id, []).append(run)
    return [_folded(group, metric) if len(group) > 1 else group[0] for group in groups.values()]


def members(row: RunSummary) -> tuple[RunSummary, ...]:
    """The runs of a row: itself, or those that are folded in it."""
    return row.members if isinstance(row, Folded) else (row,)


def to_target(row: RunSummary, target: float) -> tuple[float, float] | None:
    """Epochs and seconds until an accuracy was reached; of seeds the means, None if any never did.

    The target is exact in thousandths (see `figures.rises`).
    """
    found = [reached(run.rises, target) for run in members(row)]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return sum(each.epoch for each in known) / len(known), sum(each.seconds for each in known) / len(known)


def _folded(group: Sequence[RunSummary], metric: str) -> Folded:
    newest = max(group, key=lambda run: (run.created, run.id))
    best, final, area = _spreads(group, metric)
    means = _means(best, final, area)
    tested = means if metric == MAIN else _means(*_spreads(group, MAIN))
    changed = {
        "id": PREFIX + newest.experiment,
        "name": _name([run.name for run in group]),
        "best_test_acc": tested.best,
        "last_test_acc": tested.final,
        "area": tested.area,
        "figures": {metric: means},
        "last_epoch": min(run.last_epoch for run in group),
        # Those that wait for their turn have taken no time yet, and say nothing of how long one takes.
        "duration": sum(run.duration for run in group) / max(sum(run.duration > 0 for run in group), 1),
        "state": next(
            (state for state in _LIVELIEST if any(run.state is state for run in group)), newest.state
        ),
        "seed": None,
        "rises": (),
        "tags": _common(run.tags for run in group),
        "notes": "",
    }
    return Folded(
        **{**msgspec.structs.asdict(newest), **changed},
        members=tuple(group),
        metric=metric,
        best=best,
        final=final,
    )


def _spreads(group: Sequence[RunSummary], metric: str) -> tuple[Spread | None, ...]:
    """Of the runs' best and last values and of their areas."""
    judged = [run.judged(metric) for run in group]
    return tuple(spread(getattr(each, figure) for each in judged) for figure in ("best", "final", "area"))


def _means(*spreads: Spread | None) -> Judged:
    return Judged(*(None if each is None else each.mean for each in spreads))


def _name(names: Sequence[str]) -> str:
    """What the names have in common at their beginning, else the first."""
    if len(set(names)) == 1:
        return names[0]
    letters = takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False))
    common = re.sub(r"[-_ .]*(seed|s)?[-_ .\d]*$", "", "".join(each[0] for each in letters))
    return common or names[0]


def _common(tags: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    first, *others = tags
    return tuple(tag for tag in first if all(tag in other for other in others))
