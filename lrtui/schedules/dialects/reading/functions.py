"""Functions of one argument, as people give LambdaLR, told from their text as formulas. Nothing is executed.

A lambda, or a function of assignments, ifs and returns, over arithmetic and the functions that formulas know.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrtui.schedules.dialects.reading.calls import Lambda
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.formulas.grammar import LONGEST, read
from lrtui.schedules.formulas.tree import CONSTANTS, MANY, ONE, values
from lrtui.schedules.horizon import plain_number

# How tightly the parts of a formula bind, loosest first.
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(9)

_Piece = tuple[str, int]
"""A piece of a formula, and how tightly it binds."""

_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CALLED = {"power": "pow", "minimum": "min", "maximum": "max", "fabs": "abs"}
_MODULES = ("math", "np", "numpy", "torch", "jnp")
_MOST_STEPS = 2000
_SHORT = 40
VARIABLE = re.compile(r"\bt\b")
"""The update in a formula's text."""


class Untold(Exception):  # noqa: N818 -- it says what can't be told
    """A function that only running it could tell; the message names the piece."""


def formula(function: Lambda, base: float) -> str:
    """Return `base` times what a function of the update gives, as the text of a formula over t.

    Raises:
        Untold: It does what no formula says.
    """
    reader = _Reader(function.names)
    start: dict[str, _Piece] = {function.argument: ("t", _ATOM)}
    body = function.body
    text, binds = reader.expression(body, start) if isinstance(body, ast.expr) else reader.block(body, start)
    return f"{plain_number(base)} * {text if binds > _PRODUCT else f'({text})'}"


class _Reader:
    """Turns one function into a formula; `names` are the numbers that the code around it assigns."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._steps = 0

    def block(self, statements: Sequence[ast.stmt], known: dict[str, _Piece]) -> _Piece:
        """The value that a run of statements returns."""
        for index, statement in enumerate(statements):
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self.expression(value, known)
                case ast.If(test=test, body=body, orelse=otherwise):
                    rest = statements[index + 1 :]
                    condition = self.expression(test, known)[0]
                    yes, no = self.block([*body, *rest], known), self.block([*otherwise, *rest], known)
                    return self._made(f"where({condition}, {yes[0]}, {no[0]})")
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    known = {**known, name: self.expression(value, known)}
                case ast.Expr(value=ast.Constant()):
                    continue  # a docstring
                case _:
                    raise Untold(ast.unparse(statement))
        raise Untold("a way through it that returns nothing")

    def expression(self, node: ast.expr, known: Mapping[str, _Piece]) -> _Piece:
        """One expression."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Untold("so long a function")

        def inside(part: ast.expr, least: int) -> str:
            text, binds = self.expression(part, known)
            return text if binds >= least else f"({text})"

        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return _number(value)
            case ast.Name(id=name):
                return self._name(name, known)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in _MODULES:
                if name in CONSTANTS:
                    return name, _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._made(f"-{inside(operand, _SIGNED)}", _SIGNED)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand, known)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._made(f"not {inside(operand, _NOT)}", _NOT)
            case ast.BoolOp(op=operator, values=values):
                word, binds = ("or", _OR) if isinstance(operator, ast.Or) else ("and", _AND)
                return self._made(f" {word} ".join(inside(value, binds + 1) for value in values), binds)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._made(f"{inside(left, _ATOM)} ^ {inside(right, _SIGNED)}", _POWER)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return self._made(f"floor({inside(left, _PRODUCT)} / {inside(right, _SIGNED)})")
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return self._made(f"mod({inside(left, _OR)}, {inside(right, _OR)})")
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                sign, binds = _OPERATORS[type(operator)]
                return self._made(f"{inside(left, binds)} {sign} {inside(right, binds + 1)}", binds)
            case ast.Compare(left=left, ops=operators, comparators=others) if all(
                type(each) in _COMPARISONS for each in operators
            ):
                text = inside(left, _SUM)
                for each, other in zip(operators, others, strict=True):
                    text += f" {_COMPARISONS[type(each)]} {inside(other, _SUM)}"
                return self._made(text, _COMPARED)
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._made(f"where({inside(test, _OR)}, {inside(yes, _OR)}, {inside(no, _OR)})")
            case ast.Call(func=function, args=arguments, keywords=[]) if arguments:
                return self._call(
                    _called(function), [self.expression(each, known) for each in arguments], node
                )
        raise Untold(ast.unparse(node))

    def _name(self, name: str, known: Mapping[str, _Piece]) -> _Piece:
        if name in known:
            return known[name]
        value = self._names.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value)
        if name == "pi":
            return name, _ATOM
        raise Untold(name)

    def _call(self, name: str, arguments: list[_Piece], node: ast.expr) -> _Piece:
        texts = [text for text, _ in arguments]
        count = len(texts)
        if name == "float" and count == 1:
            return arguments[0]
        if name == "int" and count == 1:
            (text,) = texts
            # Towards zero; what has no minus sign in it isn't below it.
            return self._made(
                f"where({text} < 0, ceil({text}), floor({text}))" if "-" in text else f"floor({text})"
            )
        if name == "pow" and count == 2:
            return self._made(f"({texts[0]}) ^ ({texts[1]})", _POWER)
        if (name in ONE and count == 1) or (name in MANY and count > 1):
            return self._made(f"{name}({', '.join(texts)})")
        raise Untold(ast.unparse(node))

    def _made(self, text: str, binds: int = _ATOM) -> _Piece:
        if len(text) > LONGEST:
            raise Untold("so long a function")
        if binds > _COMPARED and len(text) <= _SHORT and not VARIABLE.search(text):
            # What is the same for every update and whole is said as its value: max(1, 130 - 20) as 110.
            with np.errstate(all="ignore"), contextlib.suppress(ScheduleError):
                value = float(values(read(text), {}))
                if value.is_integer() and abs(value) < 1e15:
                    return _number(value)
        return text, binds


def _number(value: float) -> _Piece:
    if not abs(value) < 1e300:
        raise Untold("a number as large as that")
    return plain_number(value), _ATOM if value >= 0 else _SIGNED


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=_), attr=name):
            if isinstance(function, ast.Name) or function.value.id in _MODULES:  # type: ignore[attr-defined]
                return _CALLED.get(name, name)
    return ""
