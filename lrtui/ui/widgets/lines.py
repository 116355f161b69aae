"""A few lines of styled text that repaint only the cells that changed, and a line of choices made of it.

For text that changes while a run is watched: a Static would send its whole area again each time.
Takes plain strings with styles; markup is never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

Span = tuple[str, str]
"""Text and its style in rich's words (``"bold"``, ``"dim"``), with the theme's colours as ``"$accent"``."""

Line = Sequence[Span]


class Lines(Widget):
    """Lines of text, one terminal line each; what doesn't fit is cut, and `…` says so."""

    DEFAULT_CSS: ClassVar[str] = "Lines { height: auto; width: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[list[Span]] = []

    @property
    def text(self) -> str:
        """What the lines say, without styles."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; only cells that differ are sent."""
        new = [list(line) for line in lines]
        old, self._lines = self._lines, new
        if len(old) != len(new):
            self.refresh(layout=True)
            return
        for y, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                region = _difference(self._strip(before), self._strip(after), y)
                if region is not None:
                    self.refresh(region)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """One row a line."""
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        return self._strip(self._lines[y]).apply_style(self.visual_style.rich_style)

    def _strip(self, line: Line) -> Strip:
        strip = Strip([Segment(text, themed(self, style)) for text, style in line if text])
        width = self.size.width
        if strip.cell_length > width > 1:
            cut = strip.crop(0, width - 1)
            strip = Strip.join([cut, Strip([Segment("…", [*cut][-1].style)])])
        return strip.adjust_cell_length(width)


def plain_text(widget: Widget) -> bool:
    """Whether the app writes nothing but ASCII."""
    return bool(getattr(widget.app, "ascii_only", False))


def themed(widget: Widget, style: str) -> Style:
    """A style in rich's words, in which ``$name`` is a colour of the theme in force."""
    words = []
    for word in style.split():
        if word.startswith("$"):
            name = widget.app.theme_variables.get(word[1:], "ansi_default")
            words.append(Color.parse(name).rich_color.name)
        else:
            words.append(word)
    return Style.parse(" ".join(words))


def _difference(before: Strip, after: Strip, y: int) -> Region | None:
    """The smallest part of a line that holds every cell that differs, None if there is none."""
    old, new = _cells(before), _cells(after)
    differing = [x for x, (one, other) in enumerate(zip(old, new, strict=False)) if one != other]
    if not differing:
        return None
    return Region(differing[0], y, differing[-1] - differing[0] + 1, 1)


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    return [(char, segment.style) for segment in strip for char in _wide(segment)]


def _wide(segment: Segment) -> str:
    """The segment's text with one character a cell, so that places in it are columns."""
    text = segment.text
    return text if len(text) == segment.cell_length else text.ljust(segment.cell_length)


class ChoiceBar(Lines):
    """Groups of choices on one line, the chosen one of each marked; a click says which was clicked."""

    class Pressed(Message):
        """A group was clicked: ``group`` is its index, ``choice`` the index of the choice clicked."""

        def __init__(self, group: int, choice: int) -> None:
            super().__init__()
            self.group = group
            self.choice = choice

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, int, int]] = []

    def offer(self, groups: Sequence[tuple[str, Sequence[str], int]], note: str = "") -> None:
        """Show groups of (key, choices, index of the chosen one) and a dim note behind them."""
        line: list[Span] = []
        self._places = []
        at = 0
        for group, (key, choices, chosen) in enumerate(groups):
            lead = ("" if not line else "   ") + key + " "
            line.append((lead, "$footer-key-foreground"))
            at += len(lead)
            first = self._first(choices, chosen) if len(groups) == 1 else 0
            if first:
                line.append(("‹ ", "dim"))
                at += 2
            for choice, label in enumerate(choices[first:], first):
                line.append((f" {label} ", "reverse bold" if choice == chosen else "dim"))
                self._places.append((at, at + len(label) + 2, group, choice))
                at += len(label) + 2
        if note:
            line.append(("   " + note, "dim"))
        self.show([line])

    def _first(self, choices: Sequence[str], chosen: int) -> int:
        """The first choice to show, so that the chosen one of a single group is seen on a narrow screen."""
        room = (self.size.width or self.app.size.width) - 3
        first = 0
        while first < chosen and sum(len(label) + 2 for label in choices[first : chosen + 1]) > room:
            first += 1
        return first

    def on_click(self, event: events.Click) -> None:
        """Say which choice was clicked."""
        for left, right, group, choice in self._places:
            if left <= event.x < right:
                self.post_message(self.Pressed(group, choice))
                return
