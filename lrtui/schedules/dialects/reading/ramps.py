"""Functions of one argument as schedules: lines, powers and staircases by their names, others as formulas."""

from __future__ import annotations

import ast

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.calls import Lambda
from lrtui.schedules.dialects.reading.context import Arguments, Context, constant, make, tidy
from lrtui.schedules.dialects.reading.functions import VARIABLE, Untold, formula
from lrtui.schedules.errors import shorten
from lrtui.schedules.horizon import Horizon, Length


def of_function(context: Context, call: Arguments, function: Lambda) -> Schedule:
    """Return the schedule of the optimizer's rate times a function of the update.

    Raises:
        ReadingError: Only running the function could tell.
    """
    base, body = context.base(), function.body
    if isinstance(body, ast.expr):
        if (line := _ramp(body, function.argument)) is not None:
            factor, updates = line
            return make("linear", lr=0.0, final_lr=tidy(base * factor), steps=context.length(updates))
        if (fall := _power(body, function.argument)) is not None:
            gamma, every = fall
            if every is None:
                unit = None if context.clock == "updates" else context.length(1)
                return make("exponential", lr=base, gamma=gamma, decay_steps=unit)
            return make("step", lr=base, step_size=context.length(every), gamma=gamma)
    try:
        text = formula(function, base)
    except (Untold, RecursionError) as error:
        what = shorten(str(error)) if isinstance(error, Untold) else "so deep a function"
        raise call.fail(f"its function would have to be run to tell what {what} gives") from None
    if not VARIABLE.search(text):
        return constant(make("formula", expression=text, steps=Length(1)).rates(Horizon(1))[0])
    if context.clock != "updates":
        raise call.fail("its function counts epochs, and a formula counts updates")
    return make("formula", expression=text)


def _power(body: ast.expr, name: str) -> tuple[float, int | None] | None:
    """Return (gamma, None) of `gamma ** t`, and (gamma, n) of `gamma ** (t // n)`; else None."""
    match body:
        case ast.BinOp(left=ast.Constant(value=int() | float() as gamma), op=ast.Pow(), right=exponent):
            match exponent:
                case ast.Name(id=variable) if variable == name and gamma > 0:
                    return float(gamma), None
                case ast.BinOp(
                    left=ast.Name(id=variable), op=ast.FloorDiv(), right=ast.Constant(value=int() as every)
                ) if variable == name and gamma > 0 and every > 0:
                    return float(gamma), every
    return None


def _ramp(body: ast.expr, name: str) -> tuple[float, int] | None:
    """Return (factor, N) of `t / N`, `min(t, N) / N`, `c * t / N` and `min(1, t / N)`; else None."""
    match body:
        case ast.Call(func=ast.Name(id="min"), args=[first, second]):
            for cap, rest in ((first, second), (second, first)):
                if isinstance(cap, ast.Constant) and cap.value == 1 and not isinstance(rest, ast.Call):
                    return _ramp(rest, name)
        case ast.BinOp(left=above, op=ast.Div(), right=ast.Constant(value=int() as updates)) if updates > 0:
            factor = 1.0
            if isinstance(above, ast.BinOp) and isinstance(above.op, ast.Mult):
                if not isinstance(above.left, ast.Constant) or not isinstance(above.left.value, int | float):
                    return None
                factor, above = float(above.left.value), above.right
            match above:
                case ast.Name(id=variable) if variable == name:
                    return factor, updates
                case ast.Call(
                    func=ast.Name(id="min"), args=[ast.Name(id=variable), ast.Constant(value=limit)]
                ) if variable == name and limit == updates:
                    return factor, updates
    return None
