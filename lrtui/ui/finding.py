"""Finding entries of a list by what a person types of them: names first, other words next, near misses last.

It ranks; what the entries are and how they are shown is others' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

ALIKE = 0.75
"""How alike a name and a word have to be for a slip of the fingers."""
SHORTEST = 4
"""Letters of a word from which on slips are forgiven."""

_DIGITS = {"1": "one", "2": "two", "3": "three"}
_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")


@dataclass(frozen=True)
class Sought:
    """What an entry can be found by: its names and aliases, and words on it."""

    key: str
    names: tuple[str, ...]
    words: str = ""
    behind: float = 0.0
    """How far it stands behind another that fits as well."""

    @cached_property
    def _flat(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(plain(name) for name in self.names))

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(part for name in self.names for part in _parts(name))

    @cached_property
    def _plain(self) -> str:
        return " ".join(_parts(self.words))


def plain(text: str) -> str:
    """Text as names are compared: small letters alone, `1cycle` as `onecycle`."""
    return "".join(_parts(text))


def _parts(text: str) -> list[str]:
    return [_DIGITS.get(part, part) for part in _SPLIT.split(text.lower()) if part]


def found(text: str, entries: Iterable[Sought]) -> list[str]:
    """The keys of the entries that fit all words of a text, best first."""
    asked = [word for word in (plain(word) for word in text.split()) if word]
    joined = plain(text)
    if not asked:
        return [entry.key for entry in entries] if not text.strip() else []
    ranked: list[tuple[float, int, str]] = []
    for entry in entries:
        rank = _rank([joined], entry, slips=len(asked) == 1)  # `one cycle` is one name in two words
        apart = _rank(asked, entry)
        both = [each for each in (rank, apart) if each is not None]
        if both:
            ranked.append((min(both) + entry.behind, len(ranked), entry.key))
    return [key for _, _, key in sorted(ranked)]


def _rank(words: Sequence[str], entry: Sought, *, slips: bool = True) -> float | None:
    """How well words fit, 0 being best; None if one of them doesn't."""
    total = 0.0
    for word in words:
        rank = _word_rank(word, entry, slips)
        if rank is None:
            return None
        total += rank
    return total / len(words)


def _word_rank(word: str, entry: Sought, slips: bool) -> float | None:
    if word in entry._flat:
        return 0.0
    if any(name.startswith(word) for name in entry._flat):
        return 1.0
    if any(start.startswith(word) for start in entry._starts):
        return 2.0
    if any(word in name for name in entry._flat):
        return 3.0
    if word in entry._plain.split():
        return 4.0
    if f" {word}" in f" {entry._plain}":
        return 5.0
    if slips and len(word) >= SHORTEST and any(_alike(word, name) for name in (*entry._flat, *entry._starts)):
        return 7.0
    return None


def _alike(word: str, name: str) -> bool:
    matcher = SequenceMatcher(None, word, name, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
