"""The tree of a formula and its values over arrays of updates. It reads no text and writes no code.

Arithmetic is numpy's in float64: a division by zero or an overflow gives inf or NaN and goes on, so that the
branch of a `where` that isn't taken does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Watch = Callable[[Any], None]

VARIABLES: Final = {
    "t": "the update, counted from 0 at the phase's start",
    "T": "the phase's length in updates",
    "z": "t / T, from 0 to 1",
}
CONSTANTS: Final = {"pi": math.pi, "e": math.e}

ONE: Final[dict[str, Callable[[Any], Any]]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
}
"""Functions of one value."""

MANY: Final[dict[str, Callable[[Any, Any], Any]]] = {"min": np.minimum, "max": np.maximum}
"""Functions of two values or more. One that isn't a number makes the result none."""

FUNCTIONS: Final = (*ONE, *MANY, "mod", "where")

COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula, at characters `start` to `end`, that nests `depth` levels."""

    start: int
    end: int
    depth: int

    @property
    def truth(self) -> bool:
        """Whether this is true or false rather than a number."""
        return False

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number or a named constant; `name` is how it was written."""

    value: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """t, T or z."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """A value with its sign changed."""

    part: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The one value."""
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Values joined from left to right by operators of one rank: + and -, or * and /."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The operands."""
        return self.operands


@dataclass(frozen=True, slots=True)
class Power(Node):
    """A base with an exponent."""

    base: Node
    exponent: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """Base and exponent."""
        return (self.base, self.exponent)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of values; the first one of `where` is a truth."""

    name: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Values compared with their neighbours, as in `0.1 <= z < 0.5`."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]

    @property
    def truth(self) -> bool:
        """It is one."""
        return True

    @property
    def parts(self) -> tuple[Node, ...]:
        """The operands."""
        return self.operands


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """Truths joined by `and` or `or`, or one turned round by `not`."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def truth(self) -> bool:
        """It is one."""
        return True

    @property
    def parts(self) -> tuple[Node, ...]:
        """The operands."""
        return self.operands


def values(node: Node, names: Mapping[str, Any], watch: Watch | None = None) -> Any:
    """Return the values of a formula.

    Args:
        node: The formula.
        names: The values of t, T and z: float64 arrays of one shape, or float64 scalars.
        watch: Called with what every number in between comes to.

    Returns:
        A float64 array of that shape, or a scalar where nothing in the formula depends on the update.
    """

    def of(part: Node) -> Any:
        return values(part, names, watch)

    result: Any
    match node:
        case Number():
            return np.float64(node.value)
        case Variable():
            return names[node.name]
        case Negative():
            result = -of(node.part)
        case Chain():
            result = of(node.operands[0])
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                result = _ARITHMETIC[operator](result, of(operand))
                if watch is not None:
                    watch(result)
        case Power():
            result = np.power(of(node.base), of(node.exponent))
        case Call():
            result = _call(node.name, [of(argument) for argument in node.arguments])
        case Comparison():
            sides = [of(operand) for operand in node.operands]
            pairs = zip(node.operators, sides, sides[1:], strict=False)
            return np.logical_and.reduce(
                np.broadcast_arrays(*[COMPARE[operator](left, right) for operator, left, right in pairs])
            )
        case Logic():
            return _logic(node.operator, [of(operand) for operand in node.operands])
    if watch is not None:
        watch(result)
    return result


_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


def _call(name: str, arguments: list[Any]) -> Any:
    if name == "where":
        return np.where(*arguments)
    if name == "mod":
        return np.mod(*arguments)
    if name in ONE:
        return ONE[name](arguments[0])
    result = arguments[0]
    for argument in arguments[1:]:
        result = MANY[name](result, argument)
    return result


def _logic(operator: str, operands: list[Any]) -> Any:
    if operator == "not":
        return np.logical_not(operands[0])
    join = np.logical_and if operator == "and" else np.logical_or
    return join.reduce(np.broadcast_arrays(*operands))


def walk(node: Node) -> Iterator[Node]:
    """Yield a formula's every piece."""
    yield node
    for part in node.parts:
        yield from walk(part)


def is_constant(node: Node) -> bool:
    """Whether the value depends on nothing but the phase's length."""
    return all(not isinstance(part, Variable) or part.name == "T" for part in walk(node))
