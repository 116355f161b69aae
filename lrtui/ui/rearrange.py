"""What a person can do to the parts of a schedule: add, delete, move, duplicate, wrap, unwrap, change family.

Every function takes a schedule and a path and returns the new schedule with the path to select next. None of
them leaves a schedule that can't be understood: an open phase that would meet another open one is given a
share of the time, and what can't be done is refused with a ScheduleError in one line.
"""

from __future__ import annotations

from contextlib import suppress

from lrtui.schedules import (
    Family,
    Horizon,
    Kind,
    Length,
    Product,
    Schedule,
    ScheduleError,
    Sequence,
    family,
    product,
    sequence,
    summarise,
)
from lrtui.ui.keys import key_for
from lrtui.ui.outline import Path, children, inner_names, part_at, with_part

Change = tuple[Schedule, Path]


def is_open(schedule: Schedule) -> bool:
    """Whether a schedule takes the time that remains; that doesn't depend on the horizon."""
    return schedule.length(Horizon(1, 1)) is None


def with_length(schedule: Schedule, length: Length) -> Schedule:
    """An open schedule made to last about `length`, by closing what is open in it; others as they are."""
    if not is_open(schedule):
        return schedule
    if isinstance(schedule, Sequence):
        return sequence(*(with_length(part, length) for part in schedule.parts))
    if isinstance(schedule, Product):
        return product(*(with_length(part, length) for part in schedule.factors))
    names = inner_names(schedule)
    if not names:
        return schedule.replace(steps=length)
    child = getattr(schedule, names[0])
    if schedule.family.name == "repeat":
        if schedule.values["cycles"] is None:
            return schedule.replace(cycles=2)
        cycle = Length(max(1, length.value // schedule.values["cycles"]), length.unit)
        return schedule.replace(**{names[0]: with_length(child, cycle)})
    return schedule.replace(**{names[0]: with_length(child, length)})


def opened(schedule: Schedule) -> Schedule:
    """The schedule taking what remains, if it is a shape or a wrapped one; others as they are."""
    if "steps" in schedule.values and schedule.family.role == "shape":
        return schedule.replace(steps=None)
    if schedule.family.name in ("floor", "per_epoch"):
        return schedule.replace(schedule=opened(schedule.values["schedule"]))
    return schedule


def new_part(kind: Family, like: Schedule | None = None) -> Schedule:
    """A schedule of a family with its defaults, keeping what `like` has too (rates, length, gamma)."""
    slow = {
        p.name: Length(1, "epochs")
        for p in kind.parameters
        if p.kind is Kind.LENGTH and p.default == Length(1, "updates")
    }  # what happens every update by default would be over before it can be seen
    plain = kind.make(**slow)
    if like is None or like.family.role == "operator":
        return plain
    for parameter in kind.parameters:
        theirs = next((p for p in like.family.parameters if p.name == parameter.name), None)
        if theirs is not None and theirs.kind is parameter.kind:
            with suppress(ScheduleError):  # what this family refuses (a rate of 0, say) stays at its default
                plain = plain.replace(**{parameter.name: like.values[parameter.name]})
    return plain


def change_family(schedule: Schedule, path: Path, kind: Family) -> Change:
    """Make the part at `path` another family's; a combinator wraps it, warmup and cooldown go beside it."""
    part = part_at(schedule, path)
    if kind.role == "combinator":
        return wrap(schedule, path, kind.name)
    if kind.role == "transition":
        leads_in = getattr(kind.make, "leads", "in") == "in"
        return add(schedule, path, kind.make(), Horizon(100, 10), after=not leads_in)
    return with_part(schedule, path, new_part(kind, part)), path


def add(schedule: Schedule, path: Path, new: Schedule, horizon: Horizon, *, after: bool) -> Change:
    """Put a phase after or before the part at `path`, in the sequence that part is in.

    When both the new phase and another one would take what remains, the time that the other one had is halved
    between them: the earlier of the two gets a length.
    """
    home, index = _in_sequence(schedule, path)
    parts = list(_phases(part_at(schedule, home)))
    place = (len(parts) if after else 0) if index is None else index + after
    if is_open(new):
        rivals = [i for i, part in enumerate(parts) if is_open(part)]
        if rivals:
            half = _half(parts, rivals[0], horizon)
            if rivals[0] < place:
                parts[rivals[0]] = with_length(parts[rivals[0]], half)
            else:
                new = with_length(new, half)
    parts.insert(place, new)
    return _rebuilt(schedule, home, parts, place)


def warmup_first(schedule: Schedule) -> Change:
    """Put a warmup in front of everything, or select the one that is there."""
    first = _phases(schedule)[0]
    if first.family.name == "warmup":
        return schedule, (0,)
    return sequence(family("warmup").make(), schedule), (0,)


def duplicate(schedule: Schedule, path: Path, horizon: Horizon) -> Change:
    """Put a copy after the part at `path`."""
    return add(schedule, path, part_at(schedule, path), horizon, after=True)


def delete(schedule: Schedule, path: Path) -> Change:
    """Take out a phase or factor; where an open phase goes, the last one takes what remains instead."""
    if not path:
        raise ScheduleError("this is the whole schedule: choose another in the catalogue instead")
    home, index = path[:-1], path[-1]
    parent = part_at(schedule, home)
    if isinstance(parent, Product):
        factors = [factor for i, factor in enumerate(parent.factors) if i != index]
        changed = with_part(schedule, home, product(*factors))
        return changed, home if len(factors) == 1 else (*home, min(index, len(factors) - 1))
    if not isinstance(parent, Sequence):
        unwrap = key_for("phase.unwrap")
        raise ScheduleError(f"{parent.family.name} needs a schedule inside: unwrap it instead ({unwrap})")
    parts = [part for i, part in enumerate(parent.parts) if i != index]
    if is_open(parent.parts[index]) and not any(map(is_open, parts)):
        parts[-1] = opened(parts[-1])
    return _rebuilt(schedule, home, parts, min(index, len(parts) - 1))


def move(schedule: Schedule, path: Path, by: int) -> Change:
    """Exchange a phase or factor with its neighbour, `by` -1 earlier or +1 later."""
    parent = part_at(schedule, path[:-1]) if path else None
    if parent is None or not isinstance(parent, Sequence | Product):
        raise ScheduleError("only a phase among phases can be moved")
    parts, index = list(children(parent)), path[-1]
    other = index + by
    if not 0 <= other < len(parts):
        raise ScheduleError("it is the first already" if by < 0 else "it is the last already")
    parts[index], parts[other] = parts[other], parts[index]
    whole = sequence(*parts) if isinstance(parent, Sequence) else product(*parts)
    return with_part(schedule, path[:-1], whole), (*path[:-1], other)


def wrap(schedule: Schedule, path: Path, name: str) -> Change:
    """Put a combinator around the part at `path`, or multiply it (`*`), with values that show."""
    part = part_at(schedule, path)
    if part.missing is not None:
        raise ScheduleError(f"{part.family.name} can't stand inside another schedule; wrap its neighbour")
    if name == "*":
        factor = family("linear").make(lr=1.0, final_lr=0.1)  # type: ignore[call-arg]
        changed = with_part(schedule, path, product(part, factor))
        return changed, path
    values: dict[str, object] = {}
    if name == "floor":
        values["minimum"] = _tenth_of_peak(part)
    elif name == "repeat":
        values["cycles"] = 3
        if not path:
            part = opened(part)  # several cycles within the horizon, rather than one and a cut
    kind = family(name)
    inner = kind.parameters[0].name
    return with_part(schedule, path, kind.make(**{inner: part}, **values)), path


def unwrap(schedule: Schedule, path: Path) -> Change:
    """Take away the combinator at `path` or the one around it; of a product the first factor stays."""
    for here in (path, path[:-1], path[:-2]):
        part = part_at(schedule, here)
        if isinstance(part, Product) or inner_names(part):
            return with_part(schedule, here, children(part)[0]), here
    raise ScheduleError("nothing is wrapped around this phase")


def _phases(schedule: Schedule) -> tuple[Schedule, ...]:
    return schedule.phases


def _in_sequence(schedule: Schedule, path: Path) -> tuple[Path, int | None]:
    """Where the sequence is that a neighbour of `path` joins, and the index in it; None: beside the whole."""
    part = part_at(schedule, path)
    if isinstance(part, Sequence):
        return path, None
    if path and isinstance(part_at(schedule, path[:-1]), Sequence):
        return path[:-1], path[-1]
    return path, 0


def _rebuilt(schedule: Schedule, home: Path, parts: list[Schedule], index: int) -> Change:
    changed = with_part(schedule, home, sequence(*parts))
    return changed, home if len(parts) == 1 else (*home, index)


def _half(parts: list[Schedule], index: int, horizon: Horizon) -> Length:
    """Half of the time that the open phase `index` has, as a share of the horizon that reads well."""
    others = sum(part.length(horizon) or 0 for i, part in enumerate(parts) if i != index)
    updates = max(horizon.total - others, 0) / 2
    percent = round(100 * updates / horizon.total)
    return Length(percent, "percent") if percent >= 1 else Length(max(1, round(updates)), "updates")


def _tenth_of_peak(part: Schedule) -> float:
    """A floor that can be seen: about a tenth of the peak, to one digit."""
    peak = summarise(part, Horizon(1000, 100)).peak
    return float(f"{peak / 10:.0e}") if peak > 0 else 0.01
