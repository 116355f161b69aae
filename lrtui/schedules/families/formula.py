"""The family for what the others can't say: any formula over the update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Shape, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.formulas.code import HELPERS, code
from lrtui.schedules.formulas.grammar import read
from lrtui.schedules.formulas.tree import Call, Comparison, Node, Variable, is_constant, values, walk
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import steps, text
from lrtui.schedules.registry import register
from lrtui.schedules.source import Source

_LOOKED_AT = 1 << 17
"""Up to so many updates are looked at to see whether every step of the formula stays finite."""

_STEPPED = {"floor", "ceil", "mod"}
_WAVES = {"sin", "cos", "tan"}


@register(
    "formula",
    title="Formula",
    summary="Any formula over t (the update), T (the phase's length) and z = t/T.",
    formula="with + - * / ^, comparisons, and or not, and sin cos tan tanh exp log log10 log2 sqrt abs min "
    "max floor ceil mod where(condition, a, b); pi and e",
    references=("lrtui",),
    aliases=("custom",),
    order=190,
)
@dataclass(frozen=True)
class Formula(Shape):
    """The value of a formula, read by a grammar of its own and never evaluated as Python.

    A formula that is negative or not finite at some update is refused there, when its rates are asked for.
    Past the end the value at t = T holds.
    """

    expression: str = text("0.1 * (1 - z)", "The formula; t counts updates from 0, z goes from 0 to 1.")
    steps: Length | None = steps()

    def _check_together(self) -> None:
        try:
            read(self.expression)
        except ScheduleError as error:
            error.parameter, error.family = "expression", "formula"
            raise
        # Line breaks and indents are for typing; the canonical text is one line.
        object.__setattr__(self, "expression", " ".join(self.expression.split()))

    @property
    def _tree(self) -> Node:
        return read(self.expression)

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        rates = values(self._tree, _names(t, extent))
        return rates if np.shape(rates) == t.shape else np.full(t.shape, rates)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        extent = self._extent(span, horizon)
        corners: list[int] = []
        for node in walk(self._tree):
            if isinstance(node, Comparison):
                turns = _turns(node, extent)
                if turns is None:
                    return [0] * (MANY_CORNERS + 1)  # whoever samples looks at every update
                corners += turns
            elif isinstance(node, Call) and (node.name in _STEPPED or _swings(node, extent)):
                return [0] * (MANY_CORNERS + 1)
        return corners

    def _source(self, code_: Source, span: int, horizon: Horizon) -> str:
        extent = self._extent(span, horizon)
        helpers: set[str] | None = None if _stays_finite(self._tree, extent) else set()
        result = code(self._tree, helpers)
        for name in sorted(helpers or ()):
            code_.helper(name, HELPERS[name])
        used = {node.name for node in walk(self._tree) if isinstance(node, Variable)}
        lines = [f"t = float(min(t, {extent}))"] if used & {"t", "z"} else []
        lines += [f"T = {float(extent)!r}"] if "T" in used else []
        lines += [f"z = t / {float(extent)!r}"] if "z" in used else []
        return "\n".join([*lines, f"return {result}"])


def _names(t: Updates, extent: int) -> dict[str, Any]:
    place = t.astype(np.float64)
    return {"t": place, "T": np.float64(extent), "z": place / extent}


def _stays_finite(tree: Node, extent: int) -> bool:
    if extent > _LOOKED_AT:
        return False
    finite = True

    def watch(result: Any) -> None:
        nonlocal finite
        finite = finite and bool(np.isfinite(result).all())

    with np.errstate(all="ignore"):
        values(tree, _names(np.arange(extent + 1, dtype=np.int64), extent), watch)
    return finite


def _turns(node: Comparison, extent: int) -> list[int] | None:
    """Return the updates at which a comparison of t or z with constants turns; None if it is another sort."""
    turns = []
    for operand in node.operands:
        if isinstance(operand, Variable) and operand.name in ("t", "z"):
            continue
        if not is_constant(operand):
            return None
        value = float(values(operand, {"T": np.float64(extent)}))
        scales = {extent if v.name == "z" else 1 for v in node.operands if isinstance(v, Variable)}
        for scale in scales:
            if abs(value * scale) <= 10 * extent:
                turns += [int(value * scale), int(value * scale) + 1]
    return turns


def _swings(node: Call, extent: int) -> bool:
    """Whether a wave goes up and down so often that even samples could miss its peaks."""
    if node.name not in _WAVES:
        return False
    places = np.linspace(0, extent, 257).astype(np.int64)
    with np.errstate(all="ignore"):
        phase = values(node.arguments[0], _names(places, extent))
    return not float(np.ptp(phase)) < 100.0
