"""A formula as plain Python that gives the same numbers without numpy.

Python raises where numpy goes on with inf or NaN. Where that can happen the code calls small functions that
go on, too (HELPERS); where every step stays finite it is written as it stands.
"""

from __future__ import annotations

from typing import Final

from lrtui.schedules.formulas.tree import (
    Call,
    Chain,
    Comparison,
    Logic,
    Negative,
    Node,
    Number,
    Power,
    Variable,
)

HELPERS: Final = {
    "_divide": (
        "def _divide(a, b):\n"
        "    if b:\n"
        "        return a / b\n"
        "    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)\n"
    ),
    "_power": (
        "def _power(a, b):\n"
        "    try:\n"
        "        return math.pow(a, b)\n"
        "    except OverflowError:\n"
        "        return -math.inf if a < 0 and b % 2 == 1 else math.inf\n"
        "    except ValueError:  # zero to a negative power, or a root of a negative number\n"
        "        return math.inf if a == 0 else math.nan\n"
    ),
    "_exp": "def _exp(x):\n    return math.inf if x > 709.782712893384 else math.exp(x)\n",
    "_log": ("def _log(log, x):\n    return log(x) if x > 0 else -math.inf if x == 0 else math.nan\n"),
    "_sqrt": "def _sqrt(x):\n    return math.sqrt(x) if x >= 0 else math.nan\n",
    "_wave": "def _wave(function, x):\n    return function(x) if math.isfinite(x) else math.nan\n",
    "_whole": "def _whole(function, x):\n    return float(function(x)) if math.isfinite(x) else x\n",
    "_mod": "def _mod(a, b):\n    return a % b if b and math.isfinite(a) else math.nan\n",
    "_pick": (
        "def _pick(choose, *values):\n"
        "    return math.nan if any(value != value for value in values) else choose(values)\n"
    ),
}
"""Functions that the code of a formula may call, by name, in full."""

_ATOM, _POWER, _SIGN, _SCALE, _SUM, _COMPARE, _NOT, _AND, _OR, _IF = range(10, 0, -1)


def code(node: Node, helpers: set[str] | None) -> str:
    """Return a formula as a Python expression over floats t, T and z.

    Args:
        node: The formula.
        helpers: Where to put the names of the helpers that the code calls; None writes it without any, which
            is right only if every step of it stays finite.
    """
    return _write(node, helpers)[0]


def _write(node: Node, helpers: set[str] | None) -> tuple[str, int]:
    """Return the code of a node and how tightly it binds."""

    def part(inner: Node, least: int) -> str:
        text, binds = _write(inner, helpers)
        return text if binds >= least else f"({text})"

    match node:
        case Number():
            return ({"pi": "math.pi", "e": "math.e"}.get(node.name) or repr(node.value)), _ATOM
        case Variable():
            return node.name, _ATOM
        case Negative():
            return f"-{part(node.part, _SIGN)}", _SIGN
        case Chain():
            return _chain(node, helpers)
        case Power():
            if helpers is not None:
                helpers.add("_power")
                return f"_power({part(node.base, _IF)}, {part(node.exponent, _IF)})", _ATOM
            return f"{part(node.base, _ATOM)} ** {part(node.exponent, _SIGN)}", _POWER
        case Call(name="where"):
            condition, yes, no = node.arguments
            return f"{part(yes, _OR)} if {part(condition, _OR)} else {part(no, _OR)}", _IF
        case Call():
            return _call(node, [part(argument, _IF) for argument in node.arguments], helpers), _ATOM
        case Comparison():
            words = [part(node.operands[0], _SUM)]
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                words += [operator, part(operand, _SUM)]
            return " ".join(words), _COMPARE
        case Logic(operator="not"):
            return f"not {part(node.operands[0], _NOT)}", _NOT
        case Logic():
            binds = _AND if node.operator == "and" else _OR
            return f" {node.operator} ".join(part(inner, binds + 1) for inner in node.operands), binds
    raise AssertionError(node)


def _chain(node: Chain, helpers: set[str] | None) -> tuple[str, int]:
    binds = _SUM if node.operators[0] in "+-" else _SCALE
    text, tight = _write(node.operands[0], helpers)
    text = text if tight >= binds else f"({text})"
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        right, tight = _write(operand, helpers)
        safe = isinstance(operand, Number) and operand.value != 0
        if operator == "/" and helpers is not None and not safe:
            helpers.add("_divide")
            text = f"_divide({text}, {right})"
        else:
            text = f"{text} {operator} {right if tight > binds else f'({right})'}"
    return text, binds


def _call(node: Call, arguments: list[str], helpers: set[str] | None) -> str:
    name, inside = node.name, ", ".join(arguments)
    function = name if name in ("abs", "min", "max") else f"math.{name}"
    if name in ("abs", "tanh"):
        return f"{function}({inside})"
    if helpers is None:
        if name in ("floor", "ceil"):
            return f"float({function}({inside}))"
        return f"(({arguments[0]}) % ({arguments[1]}))" if name == "mod" else f"{function}({inside})"
    shared = {
        **dict.fromkeys(("sin", "cos", "tan"), "_wave"),
        **dict.fromkeys(("log", "log10", "log2"), "_log"),
        **dict.fromkeys(("floor", "ceil"), "_whole"),
        **dict.fromkeys(("min", "max"), "_pick"),
    }
    if name in shared:  # a helper of several functions is told which
        helpers.add(shared[name])
        return f"{shared[name]}({function}, {inside})"
    helpers.add(f"_{name}")
    return f"_{name}({inside})"
