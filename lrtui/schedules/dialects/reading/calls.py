"""Python text as data: calls, names and literals, with arithmetic on literals. Nothing is ever executed.

It knows no library. Whatever can't be told from the text alone becomes `Unknown`.
"""

from __future__ import annotations

import ast
import keyword
import math
import shlex
import warnings
from dataclasses import dataclass, field
from typing import Any

from lrtui.schedules.errors import ScheduleError, shorten

MOST_TEXT = 20_000
"""The longest text that is read, in characters."""

MOST_DEPTH = 60
"""How deep brackets and arithmetic may nest."""

_LARGEST = 1e300


class ReadingError(ScheduleError):
    """A text that can't be read as a schedule, said in one line."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that only running the code could tell, such as `model.parameters()`."""

    text: str


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function of one argument, unevaluated; `names` are those that the code around it assigns."""

    argument: str
    body: ast.expr | tuple[ast.stmt, ...]
    names: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the last part of its name, its arguments as data, and the part of the name before the last."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    owner: str = ""


@dataclass(slots=True)
class Text:
    """What a text says: every value in it in reading order, and the names it assigns."""

    values: list[Any] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


def read_text(text: str) -> Text:
    """Return the calls, dicts and numbers of a text: an expression, statements, or arguments alone.

    Arguments are Python's, as of TrainingArguments, or a command line's, which come as one dict.

    Raises:
        ReadingError: It is no Python, or too long or deep to look at.
    """
    if not text.strip():
        raise ReadingError("there is nothing to read; try CosineAnnealingLR(optimizer, T_max=100)")
    if len(text) > MOST_TEXT:
        raise ReadingError(f"a call has at most {MOST_TEXT:,} characters, and this has {len(text):,}")
    found = Text()
    try:
        for statement in _parsed(text.strip()):
            _statement(statement, found, 0)
    except (RecursionError, MemoryError):
        raise ReadingError("this nests too deep to read") from None
    return found


def _parsed(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes and the like, in somebody else's code
        try:
            return ast.parse(text).body
        except (SyntaxError, ValueError) as first:
            try:
                # keyword arguments alone, as of TrainingArguments
                return ast.parse(f"TrainingArguments(\n{text}\n)").body
            except (SyntaxError, ValueError):
                if flags := _flags(text):
                    return ast.parse(f"dict({flags})").body
                reason = getattr(first, "msg", None) or str(first)
                line = getattr(first, "lineno", None)
                where = f" in line {line}" if line and line > 1 else ""
                raise ReadingError(f"this is no Python{where}: {shorten(reason, 80)}") from None


def _flags(text: str) -> str:
    """Return a command line's `--name value` as keyword arguments; empty if it has none."""
    try:
        words = shlex.split(text)
    except ValueError:
        return ""
    found: dict[str, Any] = {}
    for index, word in enumerate(words):
        name, given, value = word.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        if not word.startswith("--") or not name.isidentifier() or keyword.iskeyword(name):
            continue
        if not given:
            after = words[index + 1 : index + 2]
            value = after[0] if after and not after[0].startswith("--") else "True"
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            found[name] = value
    return ", ".join(f"{name}={value!r}" for name, value in found.items())


def _statement(node: ast.stmt, found: Text, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise ReadingError("this nests too deep to read")
    if isinstance(node, ast.Assign | ast.AnnAssign):
        value = None if node.value is None else _value(node.value, found, 0)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                found.names[target.id] = value
        found.values.append(value)
    elif isinstance(node, ast.Expr | ast.Return):
        if node.value is not None:
            found.values.append(_value(node.value, found, 0))
    else:
        if isinstance(node, ast.FunctionDef) and len(node.args.args) == 1:
            found.names[node.name] = Lambda(node.args.args[0].arg, tuple(node.body), found.names)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                _statement(child, found, depth + 1)


def _value(node: ast.expr, found: Text, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise ReadingError("this nests too deep to read")
    deeper = depth + 1
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, int | float | str | bool) or value is None else Unknown("…")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _value(operand, found, deeper)
            if not _is_number(number):
                return Unknown("…")
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(_value(left, found, deeper), op, _value(right, found, deeper))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, found, deeper) for item in items]
        case ast.Dict(keys=keys, values=values):
            pairs: dict[Any, Any] = {}
            for key, item in zip(keys, values, strict=True):
                name = None if key is None else _value(key, found, deeper)
                if isinstance(name, str | int | float):
                    pairs[name] = _value(item, found, deeper)
            return pairs
        case ast.Call(func=function, args=args, keywords=keywords):
            name = _name(function)
            if name == "dict" and not args:
                return {word.arg: _value(word.value, found, deeper) for word in keywords if word.arg}
            if any(isinstance(arg, ast.Starred) for arg in args):
                raise ReadingError("arguments given with a star can't be read: write them out")
            words: dict[str, Any] = {}
            for word in keywords:
                value = _value(word.value, found, deeper)
                if word.arg is not None:
                    words[word.arg] = value
                elif isinstance(value, dict):
                    words.update({str(key): item for key, item in value.items()})
                else:
                    raise ReadingError("arguments given with two stars can't be read: write them out")
            owner = _name(function.value) if isinstance(function, ast.Attribute) else ""
            return Call(name, tuple(_value(arg, found, deeper) for arg in args), words, owner)
        case ast.Name(id=name):
            return found.names.get(name, Unknown(name))
        case ast.Attribute(attr=name):
            return Unknown(name)
        case ast.Subscript(value=container, slice=index):
            mapping, key = _value(container, found, deeper), _value(index, found, deeper)
            if isinstance(mapping, dict) and isinstance(key, str | int) and key in mapping:
                return mapping[key]
            return Unknown("…")
        case ast.Lambda(args=arguments, body=body) if len(arguments.args) == 1:
            return Lambda(arguments.args[0].arg, body, found.names)
    return Unknown("…")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _arithmetic(left: Any, op: ast.operator, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return Unknown("…")
    try:
        # Sizes are bounded before anything is computed: 10**10**10 must not be tried.
        if isinstance(op, ast.Pow):
            if left and abs(right) * abs(math.log2(abs(left))) > 1000:
                raise OverflowError
            result = left**right
        elif isinstance(op, ast.Mult):
            result = left * right
        elif isinstance(op, ast.Add):
            result = left + right
        elif isinstance(op, ast.Sub):
            result = left - right
        elif isinstance(op, ast.Div):
            result = left / right
        elif isinstance(op, ast.FloorDiv):
            result = left // right
        elif isinstance(op, ast.Mod):
            result = left % right
        else:
            return Unknown("…")
    except (ArithmeticError, ValueError):
        raise ReadingError("the arithmetic in this call has no finite answer") from None
    if isinstance(result, complex) or not abs(result) < _LARGEST:
        raise ReadingError("the arithmetic in this call has no finite answer")
    return result
