"""The operators of the algebra: `a >> b` (then) and `a * b` (product).

Phases of `>>` run each on its own clock, factors of `*` on a shared one.

Combinators that are written as calls (floor, repeat, …) are families like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Schedule, Updates
from lrtui.schedules.errors import ScheduleError, inside_message, shorten
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.registry import register
from lrtui.schedules.roles import MetricDriven, Transition
from lrtui.schedules.source import NotRepresentable, Source, number


@register(
    ">>",
    title="Then",
    summary="One phase after the other, each on its own clock.",
    formula="phase i at t - (lengths of the phases before it)",
    role="operator",
)
@dataclass(frozen=True)
class Sequence(Schedule):
    """Phases in time order; made by `sequence` and `>>`, which flatten.

    At most one phase may leave out its length, and takes what remains. A phase whose share is nothing is
    never reached. The last phase holds its last value.
    """

    parts: tuple[Schedule, ...]

    @property
    def parts_within(self) -> tuple[Schedule, ...]:
        """The phases."""
        return self.parts

    def __post_init__(self) -> None:
        self._set_depth(1 + max(part.depth for part in self.parts))
        for here, after in pairwise(self.parts):
            if _leads(here) == "in" and _leads(after) == "out":
                raise ScheduleError(
                    f"{here.family.name} can't be followed directly by {after.family.name}: "
                    "put a phase between them, such as constant(0.1)",
                    family=here.family.name,
                )
        for part in self.parts[:-1]:
            if part.metric_driven is not None:
                name = part.metric_driven.family.name
                raise ScheduleError(
                    f"{name} follows a metric and has no length: it can only be the last phase",
                    family=name,
                )
        open_parts = [part for part in self.parts if _is_open(part)]
        if len(open_parts) > 1:
            first, second = open_parts[0], open_parts[1]
            raise ScheduleError(
                f"only one phase can take what remains: give {shorten(str(first))} "
                f"or {shorten(str(second))} a length, with steps=",
                family=second.family.name,
                parameter="steps",
            )

    @property
    def phases(self) -> tuple[Schedule, ...]:
        """The phases in time order."""
        return self.parts

    @property
    def metric_driven(self) -> MetricDriven | None:
        """The last phase, if that follows a metric."""
        return self.parts[-1].metric_driven

    @property
    def missing(self) -> str | None:
        """What the first or last phase lacks: nothing comes before a sequence or after it."""
        if self.metric_driven is not None:
            return self.metric_driven.missing
        if _leads(self.parts[0]) == "out":
            return self.parts[0].missing
        if _leads(self.parts[-1]) == "in":
            return self.parts[-1].missing
        return None

    def length(self, horizon: Horizon) -> int | None:
        """Return the sum of the phases' lengths, or None if one of them is open."""
        total = 0
        for part in self.parts:
            own = part.length(horizon)
            if own is None:
                return None
            total += own
        return total

    def shares(self, span: int, horizon: Horizon) -> list[int]:
        """Return how many updates each phase gets out of `span`; an open one gets what the others leave."""
        own = [part.length(horizon) for part in self.parts]
        rest = max(span - sum(length for length in own if length is not None), 0)
        return [rest if length is None else length for length in own]

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        shares = self.shares(span, horizon)
        starts = [0, *accumulate(shares[:-1])]
        out = np.empty(t.shape, dtype=np.float64)
        flat, result = t.reshape(-1), out.reshape(-1)
        # Sorted updates (the usual case) are cut into slices, which is cheaper than a mask for each phase.
        ordered = bool((flat[1:] >= flat[:-1]).all())
        cuts = [*np.searchsorted(flat, starts).tolist(), flat.size] if ordered else []
        for index, start in enumerate(starts):
            if ordered:
                where: slice | np.ndarray = slice(cuts[index], cuts[index + 1])
            else:
                last = index + 1 == len(starts)
                where = flat >= start if last else (flat >= start) & (flat < starts[index + 1])
            local = flat[where] - start
            if local.size:
                result[where] = self._phase_at(index, local, shares, horizon)
        return out

    def _phase_at(self, index: int, t: Updates, shares: list[int], horizon: Horizon) -> Rates:
        part, share = self.parts[index], max(shares[index], 1)
        if not isinstance(part, Transition):
            return part._at(t, share, horizon)
        # A transition's neighbour never asks back: warmup >> cooldown is refused, and a warmup's start and a
        # cooldown's end are their own.
        other, end = self._neighbour(index, shares)
        edge = self._own_edge(other)
        if edge is None:
            edge = float(self._phase_at(other, np.full(1, end, dtype=np.int64), shares, horizon)[0])
        return part.ramp(np.minimum(t, share), share, edge)

    def _neighbour(self, index: int, shares: list[int]) -> tuple[int, int]:
        """Return the phase that a transition leads to or from, and the update of its clock at the join."""
        if _leads(self.parts[index]) == "in":
            return self._after(index, shares), 0
        return index - 1, max(shares[index - 1], 1)

    def _own_edge(self, index: int) -> float | None:
        """Return the far rate of a transition, without asking all those before it in a row of them."""
        part = self.parts[index]
        return part.own_edge if isinstance(part, Transition) else None

    def _after(self, index: int, shares: list[int]) -> int:
        """Return the phase that a warmup at `index` leads to: the next that has any time, if there is one."""
        after = index + 1
        while not shares[after] and after + 1 < len(shares) and _leads(self.parts[after + 1]) != "out":
            after += 1
        return after

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        shares = self.shares(span, horizon)
        starts = [0, *accumulate(shares)]
        corners = list(starts[1:])
        for part, start, share in zip(self.parts, starts, shares, strict=False):
            if start >= span or len(corners) > MANY_CORNERS:
                break
            corners += [start + corner for corner in part._corners(max(share, 1), horizon)]
        return corners

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        shares = self.shares(span, horizon)
        starts = [0, *accumulate(shares[:-1])]
        lines: list[str] = []
        for index, start in enumerate(starts):
            last = index + 1 == len(starts)
            if shares[index] == 0 and not last:
                continue  # never reached
            try:
                name = self._phase_source(index, shares, code, horizon)
            except NotRepresentable:
                raise
            except ScheduleError:
                if start < span or not lines:
                    raise
                # A phase that never begins: only past the end is it asked for, and it has no rate there.
                return "\n".join([*lines[:-2], lines[-1].strip()])
            call = f"{name}({f't - {start}' if start else 't'})"
            if last:
                lines.append(f"return {call}")
            else:
                lines += [f"if t < {start + shares[index]}:", f"    return {call}"]
        return "\n".join(lines)

    def _phase_source(self, index: int, shares: list[int], code: Source, horizon: Horizon) -> str:
        part, share = self.parts[index], max(shares[index], 1)
        if not isinstance(part, Transition):
            return code.define(part, share, horizon)
        name = part.family.name
        leads_in = part.leads == "in"
        ramp = part.ramp_code(share)
        if ramp is None:
            raise code.impossible(f"{name} has no closed form in plain Python")
        other, end = self._neighbour(index, shares)
        edge = self._own_edge(other)
        if edge is None:
            neighbour = f"{self._phase_source(other, shares, code, horizon)}({end})"
        else:
            neighbour = number(edge)
        side = "start of the next phase" if leads_in else "end of the phase before"
        body = f"neighbour = {neighbour}  # the rate at the {side}\nt = min(t, {share})\n{ramp}"
        return code.function(name, body, f"{part}: {share} updates")

    def __str__(self) -> str:
        return " >> ".join(str(part) for part in self.parts)


@register(
    "*",
    title="Product",
    summary="The product of schedules on a shared clock.",
    formula="a(t) * b(t)",
    role="operator",
)
@dataclass(frozen=True)
class Product(Schedule):
    """Schedules multiplied point by point; made by `product` and `*`, which flatten."""

    factors: tuple[Schedule, ...]

    @property
    def parts_within(self) -> tuple[Schedule, ...]:
        """The factors."""
        return self.factors

    def __post_init__(self) -> None:
        self._set_depth(1 + max(factor.depth for factor in self.factors))
        for factor in self.factors:
            if factor.metric_driven is not None:
                name = factor.metric_driven.family.name
                raise ScheduleError(inside_message(name), family=name)
            if factor.missing is not None:
                raise ScheduleError(factor.missing, family=factor.family.name)

    def length(self, horizon: Horizon) -> int | None:
        """Return the longest factor's length, or None if one is open."""
        longest = 0
        for factor in self.factors:
            own = factor.length(horizon)
            if own is None:
                return None
            longest = max(longest, own)
        return longest

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        result = self.factors[0]._at(t, span, horizon)
        for factor in self.factors[1:]:
            result = result * factor._at(t, span, horizon)
        return result

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [corner for factor in self.factors for corner in factor._corners(span, horizon)]

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        return "return " + " * ".join(f"{code.define(part, span, horizon)}(t)" for part in self.factors)

    def __str__(self) -> str:
        return " * ".join(f"({part})" if isinstance(part, Sequence) else str(part) for part in self.factors)


def sequence(*phases: Schedule) -> Schedule:
    """Return the phases one after the other; a single phase is returned as it is, sequences are flattened.

    Raises:
        ScheduleError: No phase at all, two phases without a length, or a warmup directly before a cooldown.
    """
    parts = _flat(phase.parts if isinstance(phase, Sequence) else (phase,) for phase in phases)
    if not parts:
        raise ScheduleError("a sequence needs at least one phase")
    return parts[0] if len(parts) == 1 else Sequence(parts)


def product(*factors: Schedule) -> Schedule:
    """Return the product of the factors; a single factor is returned as it is, products are flattened.

    Raises:
        ScheduleError: No factor at all, or one that lacks a neighbour.
    """
    parts = _flat(factor.factors if isinstance(factor, Product) else (factor,) for factor in factors)
    if not parts:
        raise ScheduleError("a product needs at least one factor")
    return parts[0] if len(parts) == 1 else Product(parts)


def _flat(groups: Iterable[tuple[Schedule, ...]]) -> tuple[Schedule, ...]:
    return tuple(part for group in groups for part in group)


def _leads(part: Schedule) -> str | None:
    return part.leads if isinstance(part, Transition) else None


# Whether a schedule is open doesn't depend on how long the training is, so any horizon will do to ask.
_ANY = Horizon(1, 1)


def _is_open(part: Schedule) -> bool:
    return part.length(_ANY) is None
