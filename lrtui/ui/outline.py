"""A schedule as a tree of rows that a person can point at: phases, combinators, factors.

A path says where a part is: at each level the index among the phases of a sequence, the factors of a product
or the schedules a combinator works on. Nothing here changes a schedule (see `rearrange`) or draws anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lrtui.schedules import Horizon, Kind, Product, Schedule, Sequence, product, sequence

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the outline; `start` and `share` are updates, None for parts inside others."""

    path: Path
    schedule: Schedule
    depth: int
    label: str
    note: str
    start: int | None = None
    share: int | None = None


def inner_names(schedule: Schedule) -> list[str]:
    """The parameters of a combinator that are schedules."""
    return [p.name for p in schedule.family.parameters if p.kind is Kind.SCHEDULE]


def children(schedule: Schedule) -> tuple[Schedule, ...]:
    """The parts directly inside a schedule, in the order paths count them."""
    if isinstance(schedule, Sequence):
        return schedule.parts
    if isinstance(schedule, Product):
        return schedule.factors
    return tuple(getattr(schedule, name) for name in inner_names(schedule))


def part_at(schedule: Schedule, path: Path) -> Schedule:
    """The part at a path.

    Raises:
        IndexError: there is no such part.
    """
    for index in path:
        schedule = children(schedule)[index]
    return schedule


def first_leaf(schedule: Schedule) -> Schedule:
    """The first part that isn't made of others, past a warmup or cooldown if there is anything else."""
    leaves = list(_leaves(schedule))
    return next((leaf for leaf in leaves if leaf.family.role == "shape"), leaves[0])


def main_path(schedule: Schedule) -> Path:
    """The path of the part a person most likely wants to edit: the first shape, or what follows a metric."""
    rows = outline(schedule)
    return next((row.path for row in rows if row.schedule.family.role in ("shape", "metric")), rows[0].path)


def _leaves(schedule: Schedule) -> Iterator[Schedule]:
    inside = children(schedule)
    if not inside:
        yield schedule
    for part in inside:
        yield from _leaves(part)


def nearest_path(schedule: Schedule, path: Path) -> Path:
    """The path itself where it leads to a part that has a row, else the nearest one that does."""
    known = [row.path for row in outline(schedule)]
    if path in known:
        return path
    for length in range(len(path), -1, -1):
        same = [other for other in known if other[:length] == path[:length]]
        if same:
            return min(same, key=lambda other: (abs(len(other) - len(path)), _distance(other, path)))
    return known[0]


def _distance(one: Path, other: Path) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=False))


def with_part(schedule: Schedule, path: Path, new: Schedule) -> Schedule:
    """The schedule with the part at `path` replaced; sequences and products flatten as the operators do.

    Raises:
        ScheduleError: the result is not a schedule (two open phases, a warmup inside a floor, …).
    """
    if not path:
        return new
    index, rest = path[0], path[1:]
    changed = with_part(children(schedule)[index], rest, new)
    if isinstance(schedule, Sequence):
        return sequence(*schedule.parts[:index], changed, *schedule.parts[index + 1 :])
    if isinstance(schedule, Product):
        return product(*schedule.factors[:index], changed, *schedule.factors[index + 1 :])
    return schedule.replace(**{inner_names(schedule)[index]: changed})


def outline(schedule: Schedule, horizon: Horizon | None = None) -> list[Row]:
    """The rows of a schedule from the outside in, phases in time order.

    A sequence inside a combinator has no row of its own (its phases stand under the combinator); at the top
    or in a product it has one, so that the whole can be wrapped. With a horizon, phases of the outermost
    sequence know when they start and how long they last.
    """
    rows: list[Row] = []
    _collect(rows, schedule, (), 0, horizon)
    return rows


def _collect(rows: list[Row], schedule: Schedule, path: Path, depth: int, horizon: Horizon | None) -> None:
    if isinstance(schedule, Sequence):
        total = None if horizon is None or path else horizon.total
        rows.append(Row(path, schedule, depth, "all phases", f"{len(schedule.parts)} in turn", 0, total))
        _collect_phases(rows, schedule, path, depth + 1, horizon)
        return
    rows.append(_row(schedule, path, depth, None, 0, horizon.total if horizon and not path else None))
    _collect_inside(rows, schedule, path, depth, horizon)


def _collect_phases(
    rows: list[Row], whole: Sequence, path: Path, depth: int, horizon: Horizon | None
) -> None:
    shares: list[int | None] = [None] * len(whole.parts)
    if horizon is not None and not path:
        shares = list(whole.shares(horizon.total, horizon))
    start = 0
    for index, (part, share) in enumerate(zip(whole.parts, shares, strict=True)):
        here = (*path, index)
        row = _row(part, here, depth, index + 1, start if share is not None else None, share)
        if horizon is not None and share is not None:
            row = replace(row, note=_reached(row.note, start, share, horizon.total))
        rows.append(row)
        start += share or 0
        _collect_inside(rows, part, here, depth, horizon)


def _reached(note: str, start: int, share: int, total: int) -> str:
    """What a phase's length says, unless the horizon ends before the phase begins, or while it lasts."""
    if start >= total or not share:
        return "not reached"
    return f"{note}, cut" if start + share > total else note


def _collect_inside(
    rows: list[Row], schedule: Schedule, path: Path, depth: int, horizon: Horizon | None
) -> None:
    for index, child in enumerate(children(schedule)):
        here = (*path, index)
        if isinstance(child, Sequence) and not isinstance(schedule, Product):
            _collect_phases(rows, child, here, depth + 1, horizon)
        else:
            _collect(rows, child, here, depth + 1, horizon)


def _row(
    schedule: Schedule,
    path: Path,
    depth: int,
    number: int | None,
    start: int | None,
    share: int | None,
) -> Row:
    name = "× product" if isinstance(schedule, Product) else schedule.family.name
    label = name if number is None else f"{number} {name}"
    return Row(path, schedule, depth, label, _note(schedule, in_sequence=number is not None), start, share)


def _note(schedule: Schedule, *, in_sequence: bool) -> str:
    """What tells this row from its neighbours in a word: its length, or a combinator's own value."""
    if isinstance(schedule, Product):
        return ""
    own = [p for p in schedule.family.parameters if p.kind is not Kind.SCHEDULE]
    if len(own) < len(schedule.family.parameters):
        said = [(p, getattr(schedule, p.name)) for p in own if getattr(schedule, p.name) is not None]
        return " ".join(
            f"{value}×" if p.kind is Kind.COUNT else p.format(value)
            for p, value in said
            if p.required or value != p.default or p.kind is Kind.RATE
        )
    steps = getattr(schedule, "steps", None)
    if steps is not None:
        return str(steps)
    return "rest" if in_sequence else ""
