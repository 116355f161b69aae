"""The grammar of formulas: text to a tree, with errors that know their place. It computes nothing."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from lrtui.schedules.errors import ScheduleError, nearest, shorten
from lrtui.schedules.formulas.tree import (
    CONSTANTS,
    FUNCTIONS,
    ONE,
    VARIABLES,
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

if TYPE_CHECKING:
    from lark import Lark, Token

LONGEST = 2000
"""The longest formula, in characters."""

DEEPEST = 40
"""How deep operations nest: sums and products of any length are one level."""

GRAMMAR: Final = r"""
    start: either
    ?either: both ("or" both)*
    ?both: negated ("and" negated)*
    ?negated: "not" negated -> logical_not
            | comparison
    ?comparison: sum (COMPARE sum)*
    ?sum: product (SIGN product)*
    ?product: signed (SCALE signed)*
    ?signed: SIGN signed -> sign
           | power
    ?power: atom (RAISE signed)?
    ?atom: NUMBER -> number
         | NAME -> name
         | NAME "(" [either ("," either)* ","?] ")" -> call
         | "(" either ")" -> group
    COMPARE: "<=" | ">=" | "==" | "!=" | "<" | ">"
    SIGN: "+" | "-"
    RAISE.2: "**" | "^"
    SCALE: "*" | "/"
    NAME: /[A-Za-z_][A-Za-z0-9_]*/
    NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?([A-Za-z_]\w*|%)?/
    %ignore /\s+/
"""

_KNOWN: Final = (*VARIABLES, *CONSTANTS)
_PLAIN: Final = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@lru_cache(maxsize=256)
def read(text: str) -> Node:
    """Return the tree of a formula.

    Raises:
        ScheduleError: With the place in the formula, and what was expected there.
    """
    if not text.strip():
        raise ScheduleError("there is no formula; try 0.1 * (1 - z)", position=0, end=0)
    if len(text) > LONGEST:
        raise ScheduleError(
            f"a formula has at most {LONGEST:,} characters, and this one has {len(text):,}",
            position=LONGEST,
            end=len(text),
        )
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        tree = _parser().parse(text)
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedCharacters as error:
        raise _stray(text, error.pos_in_stream or 0) from None
    assert isinstance(tree, Node)
    return _number(tree)


@cache
def _parser() -> Lark:
    from lark import Lark  # importing it costs more than numpy, and not everybody parses

    return Lark(
        GRAMMAR,
        parser="lalr",
        lexer="basic",
        transformer=_Builder(),
        maybe_placeholders=False,
        keep_all_tokens=True,
    )


class _Builder:
    """Builds the tree while the parser reduces, so that nothing recurses over what isn't checked yet."""

    def start(self, children: list[Any]) -> Node:
        return _node(children[0])

    def group(self, children: list[Any]) -> Node:
        return _node(children[1])

    def either(self, children: list[Any]) -> Node:
        return self._logic("or", children)

    def both(self, children: list[Any]) -> Node:
        return self._logic("and", children)

    def logical_not(self, children: list[Any]) -> Node:
        part = _truth(_node(children[1]), "not")
        return Logic(children[0].start_pos, part.end, _above(part), "not", (part,))

    def _logic(self, operator: str, children: list[Any]) -> Node:
        parts = tuple(_truth(part, operator) for part in children[::2])
        return Logic(parts[0].start, parts[-1].end, _above(*parts), operator, parts)

    def comparison(self, children: list[Any]) -> Node:
        parts = tuple(_number(part) for part in children[::2])
        operators = tuple(str(token) for token in children[1::2])
        return Comparison(parts[0].start, parts[-1].end, _above(*parts), operators, parts)

    def sum(self, children: list[Any]) -> Node:
        parts = tuple(_number(part) for part in children[::2])
        operators = tuple(str(token) for token in children[1::2])
        return Chain(parts[0].start, parts[-1].end, _above(*parts), operators, parts)

    product = sum

    def sign(self, children: list[Any]) -> Node:
        part = _number(_node(children[1]))
        if children[0] == "+":
            return part
        return Negative(children[0].start_pos, part.end, _above(part), part)

    def power(self, children: list[Any]) -> Node:
        base, exponent = _number(children[0]), _number(children[2])
        return Power(base.start, exponent.end, _above(base, exponent), base, exponent)

    def number(self, children: list[Any]) -> Node:
        token = children[0]
        start, end = token.start_pos, token.end_pos
        if _PLAIN.fullmatch(token) is None:
            raise ScheduleError(
                f"'{shorten(token)}' isn't a number; formulas count time in updates (t, T) or as a part (z)",
                position=start,
                end=end,
            )
        return Number(start, end, 1, float(token))

    def name(self, children: list[Any]) -> Node:
        token = children[0]
        name, start, end = str(token), token.start_pos, token.end_pos
        if name in CONSTANTS:
            return Number(start, end, 1, CONSTANTS[name], name)
        if name in VARIABLES:
            return Variable(start, end, 1, name)
        if name in FUNCTIONS:
            raise ScheduleError(f"{name} needs its brackets: {name}(…)", position=start, end=end)
        raise _unknown(token, _KNOWN, "a formula knows " + ", ".join(_KNOWN))

    def call(self, children: list[Any]) -> Node:
        token = children[0]
        name, start, end = str(token), token.start_pos, children[-1].end_pos
        arguments = tuple(child for child in children if isinstance(child, Node))
        if name not in FUNCTIONS:
            if name in _KNOWN:
                raise ScheduleError(f"{name} is no function", position=start, end=token.end_pos)
            raise _unknown(token, FUNCTIONS, "the functions are " + ", ".join(FUNCTIONS))
        wanted = 3 if name == "where" else 2 if name == "mod" else 1 if name in ONE else None
        if len(arguments) < 2 if wanted is None else len(arguments) != wanted:
            takes = "at least 2 values" if wanted is None else f"{wanted} value{'s' if wanted > 1 else ''}"
            example = ": where(t < 100, 0.1, 0.01)" if name == "where" else ""
            raise ScheduleError(
                f"{name} takes {takes}, not {len(arguments)}{example}", position=start, end=end
            )
        if name == "where":
            arguments = (_truth(arguments[0], name), *map(_number, arguments[1:]))
        else:
            arguments = tuple(map(_number, arguments))
        return Call(start, end, _above(*arguments), name, arguments)


def _node(child: Any) -> Node:
    assert isinstance(child, Node)
    return child


def _above(*parts: Node) -> int:
    depth = 1 + max(part.depth for part in parts)
    if depth > DEEPEST:
        raise ScheduleError(
            f"a formula nests at most {DEEPEST} deep", position=parts[0].start, end=parts[-1].end
        )
    return depth


def _number(node: Node) -> Node:
    if node.truth:
        raise ScheduleError(
            "expected a number, and this is a condition; where(condition, a, b) makes one of it",
            position=node.start,
            end=node.end,
        )
    return node


def _truth(node: Node, user: str) -> Node:
    if not node.truth:
        raise ScheduleError(
            f"{user} takes a condition such as t < 100, not a number", position=node.start, end=node.end
        )
    return node


def _unknown(token: Token, known: tuple[str, ...], there_are: str) -> ScheduleError:
    hint = nearest(str(token), known)
    more = f"did you mean {hint}?" if hint else there_are
    return ScheduleError(
        f"there is no '{shorten(token)}' in formulas; {more}", position=token.start_pos, end=token.end_pos
    )


def _unexpected(text: str, error: Any) -> ScheduleError:
    token = error.token
    expected = set(error.accepts or error.expected)
    wanted = "a number, t, T, z or a function" if "NUMBER" in expected else "an operator"
    if "RPAR" in expected and "NUMBER" not in expected:
        wanted += " or ')'"
    if token.type == "$END":
        end = len(text.rstrip())
        return ScheduleError(f"the formula stops too early: expected {wanted}", position=end, end=end)
    if token.type == "RPAR" and "NUMBER" not in expected:
        return ScheduleError(
            "there is no '(' for this ')' to close", position=token.start_pos, end=token.end_pos
        )
    return ScheduleError(
        f"expected {wanted}, not '{shorten(token)}'", position=token.start_pos, end=token.end_pos
    )


def _stray(text: str, position: int) -> ScheduleError:
    character = text[position]
    hint = {
        "=": "; equality is written ==",
        "!": "; inequality is written !=",
        "%": "; the remainder is mod(a, b)",
        "?": "; a choice is where(condition, a, b)",
    }.get(character, "")
    said = character if character.isprintable() else f"U+{ord(character):04X}"
    return ScheduleError(f"'{said}' means nothing in a formula{hint}", position=position, end=position + 1)
