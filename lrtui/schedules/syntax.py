"""The syntax tree of an expression: what the grammar builds and the language reads.

Every node knows its place in the text, for messages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression, at characters `start` to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number with its unit: nothing, `ep` or `%`."""

    value: int | float
    unit: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare word."""

    text: str


@dataclass(frozen=True, slots=True)
class String(Node):
    """A quoted text, without its quotes; `written` still has its escapes."""

    text: str
    written: str

    def place(self, offset: int) -> int:
        """Return where the character at `offset` of the text stands in the expression."""
        index = 0
        for _ in range(offset):
            index += 2 if self.written[index : index + 1] == "\\" else 1
        return self.start + 1 + min(index, len(self.written))


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list in square brackets; several values in round ones are one, too."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """An argument of a call; `name` is None when it is positional."""

    name: Name | None
    value: Node


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """A name with arguments in brackets."""

    name: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Phases joined by `>>`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Term(Node):
    """Factors joined by `*`."""

    parts: tuple[Node, ...]
