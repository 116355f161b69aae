"""The few functions of one argument that can be told from their text: straight lines up to a peak."""

from __future__ import annotations

import ast


def ramp(body: ast.expr, name: str) -> tuple[float, int] | None:
    """Return (factor, N) of `t / N`, `min(t, N) / N`, `c * t / N` and `min(1, t / N)`; else None."""
    match body:
        case ast.Call(func=ast.Name(id="min"), args=[first, second]):
            for cap, rest in ((first, second), (second, first)):
                if isinstance(cap, ast.Constant) and cap.value == 1 and not isinstance(rest, ast.Call):
                    return ramp(rest, name)
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
