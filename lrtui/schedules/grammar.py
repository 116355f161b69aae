"""The grammar of expressions: text to a small syntax tree.

It knows brackets, names, numbers and operators, not which families exist: that is `language`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from lrtui.schedules.errors import ScheduleError, shorten
from lrtui.schedules.horizon import LENGTH_EXAMPLES
from lrtui.schedules.quoting import unescaped
from lrtui.schedules.syntax import Argument, Chain, Invocation, Items, Name, Node, Number, String, Term

if TYPE_CHECKING:
    from lark import Lark, Token
    from lark.exceptions import UnexpectedToken

LONGEST = 20_000
"""The longest expression, in characters."""

DEEPEST = 250
"""The deepest nesting of brackets; what they hold nests less deep still."""

GRAMMAR: Final = r"""
    start: chain
    ?chain: term (">>" term)*
    ?term: atom ("*" atom)*
    ?atom: call | name | number | "(" chain ")" -> group
    call: NAME "(" [argument ("," argument)* ","?] ")"
    ?argument: NAME "=" value -> keyword
             | value
    ?value: chain | list | string
    list: "[" [value ("," value)* ","?] "]"
        | "(" value ("," value)+ ","? ")"
    name: NAME
    number: NUMBER | "-" NUMBER -> negative
    string: STRING
    NAME: /[A-Za-z_][A-Za-z0-9_]*/
    NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?([A-Za-z_]\w*|%)?/
    STRING: /"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'/
    %ignore /\s+/
"""


_Children = list[Any]


class _Builder:
    """Builds nodes while the parser reduces, so that no tree is walked and nothing recurses."""

    def start(self, children: _Children) -> Node:
        return _node(children[0])

    def chain(self, children: _Children) -> Node:
        parts = _nodes(children)
        return Chain(parts[0].start, parts[-1].end, parts)

    def term(self, children: _Children) -> Node:
        parts = _nodes(children)
        return Term(parts[0].start, parts[-1].end, parts)

    def group(self, children: _Children) -> Node:
        return _node(children[1])

    def call(self, children: _Children) -> Node:
        name = _name(children[0])
        arguments = tuple(
            part if isinstance(part, Argument) else Argument(part.start, part.end, None, part)
            for part in _nodes(children[1:])
        )
        return Invocation(name.start, _end(children[-1]), name, arguments)

    def keyword(self, children: _Children) -> Node:
        name, value = _name(children[0]), _node(children[2])
        return Argument(name.start, value.end, name, value)

    def list(self, children: _Children) -> Node:
        return Items(_start(children[0]), _end(children[-1]), _nodes(children))

    def name(self, children: _Children) -> Node:
        return _name(children[0])

    def string(self, children: _Children) -> Node:
        token = children[0]
        written = str(token)[1:-1]
        return String(_start(token), _end(token), unescaped(written), written)

    def number(self, children: _Children) -> Node:
        return _number(children[0])

    def negative(self, children: _Children) -> Node:
        positive = _number(children[1])
        return Number(_start(children[0]), positive.end, -positive.value, positive.unit)


def _start(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def _end(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos


def _node(child: Any) -> Node:
    assert isinstance(child, Node)
    return child


def _nodes(children: list[Any]) -> tuple[Node, ...]:
    return tuple(child for child in children if isinstance(child, Node))


def _name(token: Token) -> Name:
    return Name(_start(token), _end(token), str(token))


_PARTS = re.compile(r"((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(.*)", re.DOTALL)


def _number(token: Token) -> Number:
    match = _PARTS.fullmatch(token)
    assert match is not None
    digits, unit = match.groups()
    if unit not in ("", "ep", "%"):
        raise ScheduleError(
            f"'{shorten(token)}' isn't a number or a length; lengths are {LENGTH_EXAMPLES}",
            position=_start(token),
            end=_end(token),
        )
    # Python refuses to read integers of thousands of digits, and a float says all that those can mean.
    value = int(digits) if digits.isdecimal() and len(digits) <= 18 else float(digits)
    return Number(_start(token), _end(token), value, unit)


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


def read(text: str) -> Node:
    """Return the syntax tree of an expression.

    Raises:
        ScheduleError: With the place, and what was expected there.
    """
    if not text.strip():
        raise ScheduleError("there is no expression; try cosine(0.1)", position=0, end=0)
    if len(text) > LONGEST:
        raise ScheduleError(
            f"an expression has at most {LONGEST:,} characters, and this one has {len(text):,}",
            position=LONGEST,
            end=len(text),
        )
    _check_depth(text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    try:
        return _node(_parser().parse(text))
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedCharacters as error:
        raise _stray(text, error.pos_in_stream or 0) from None
    except UnexpectedInput as error:  # pragma: no cover - lark has no other kinds today
        raise ScheduleError("this isn't an expression", position=error.pos_in_stream) from None


def _check_depth(text: str) -> None:
    if text.count("(") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for index, character in enumerate(text):
        if character in "([":
            depth += 1
            if depth > DEEPEST:
                raise ScheduleError(f"brackets nest at most {DEEPEST} deep", position=index, end=index + 1)
        elif character in ")]":
            depth -= 1


_WORDS = {
    "RPAR": ")",
    "RSQB": "]",
    "COMMA": ",",
    "LPAR": "(",
    "EQUAL": "=",
    "NAME": "a name",
    "NUMBER": "a number",
    "STAR": "*",
}


def _unexpected(text: str, error: UnexpectedToken) -> ScheduleError:
    token = error.token
    # `expected` also has what only a merged state of the table would take; `accepts` has been tried out.
    expected = set(error.accepts or error.expected)
    if token.type == "$END":
        opened = _unclosed(text)
        if opened is not None and expected & {"RPAR", "RSQB"}:
            closing = ")" if text[opened] == "(" else "]"
            message = (
                f"'{closing}' is missing: the '{text[opened]}' at character {opened + 1} is never closed"
            )
            return ScheduleError(message, position=len(text), end=len(text))
        end = len(text.rstrip())
        message = f"the expression stops too early: expected {_words(expected)}"
        return ScheduleError(message, position=end, end=end)
    said = f"'{shorten(token)}'"
    start, end = _start(token), _end(token)
    if token.type in ("RPAR", "RSQB") and not (expected & {"RPAR", "RSQB"}) and "$END" in expected:
        return ScheduleError(f"there is no bracket for {said} to close", position=start, end=end)
    return ScheduleError(f"expected {_words(expected)}, not {said}", position=start, end=end)


def _words(expected: set[str]) -> str:
    if "NUMBER" in expected:
        # Wherever a number may stand, a schedule may: listing brackets and signs would only hide that.
        return "a schedule or a value, such as cosine(0.1) or 0.1"
    words = [f"'{_WORDS[name]}'" for name in ("EQUAL", "RPAR", "RSQB", "COMMA", "LPAR") if name in expected]
    words += ["'>>'", "'*'"] if "STAR" in expected else []
    words += ["the end"] if "$END" in expected else []
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _stray(text: str, position: int) -> ScheduleError:
    character = text[position]
    hint = {
        "+": "; schedules are joined by >> and *",
        "-": "; schedules are joined by >> and *",
        ">": "; then is written >>",
        "'": "; a quoted text must end on the same line",
        '"': "; a quoted text must end on the same line",
    }.get(character, "")
    said = shorten(character) if character.isprintable() else f"U+{ord(character):04X}"
    return ScheduleError(
        f"'{said}' means nothing in an expression{hint}", position=position, end=position + 1
    )


def _unclosed(text: str) -> int | None:
    opened: list[int] = []
    quote, escaped = "", False
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not escaped else quote
            escaped = character == "\\" and not escaped
        elif character in "'\"":
            quote = character
        elif character in "([":
            opened.append(index)
        elif character in ")]" and opened:
            opened.pop()
    return opened[-1] if opened else None
