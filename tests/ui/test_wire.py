"""Writing only the difference leaves the terminal as if everything had been written."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from lrtui.ui.wire import Memory, SparingApp

WIDTH, HEIGHT = 16, 4
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = st.sampled_from(
    [None]
    + [
        Style.parse(text)
        for text in (
            "red",
            "bold #56B4E9",
            "#E69F00 on #101418",
            "on #101418",
            "reverse",
            "dim underline",
            "none",
        )
    ]
)
TEXT = st.text(st.sampled_from("ab  xy│⣀⠤学é"), max_size=8)
LINES = st.lists(st.tuples(TEXT, STYLES), max_size=4)


def strip(parts: list[tuple[str, Style | None]], width: int) -> Strip:
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(width, None)


def screen_of(sequences: list[str]) -> list[list[pyte.screens.Char]]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for text in sequences:
        stream.feed(text.replace("\n", "\r\n"))
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@st.composite
def updates(draw: st.DrawFn) -> LayoutUpdate | ChopsUpdate:
    if draw(st.booleans()):
        strips = [[strip(draw(LINES), WIDTH)] for _ in range(HEIGHT)]
        return LayoutUpdate(strips, Region(0, 0, WIDTH, HEIGHT))
    cut = draw(st.integers(1, WIDTH - 1))
    chops = [{0: strip(draw(LINES), cut), cut: strip(draw(LINES), WIDTH - cut)} for _ in range(HEIGHT)]
    # Whole pieces: Textual itself cuts wide characters and leftovers differently in the middle of one.
    spans = [(y, *draw(st.sampled_from([(0, cut), (cut, WIDTH), (0, WIDTH)]))) for y in range(HEIGHT)]
    chosen = draw(st.sets(st.integers(0, HEIGHT - 1), min_size=1))
    return ChopsUpdate(chops, [span for span in spans if span[0] in chosen], [[cut, WIDTH]] * HEIGHT)


@given(st.lists(updates(), min_size=1, max_size=5))
def test_the_screen_is_the_same_as_if_all_had_been_sent(sequence) -> None:
    first = LayoutUpdate(
        [[strip([("start", None)], WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT)
    )
    memory, size = Memory(), Size(WIDTH, HEIGHT)
    spared = [memory.difference(update, size, CONSOLE) for update in (first, *sequence)]
    whole = [update.render_segments(CONSOLE) for update in (first, *sequence)]
    assert screen_of(spared) == screen_of(whole)


def test_nothing_is_sent_when_nothing_changed() -> None:
    memory, size = Memory(), Size(WIDTH, HEIGHT)
    update = LayoutUpdate([[strip([("same", Style.parse("red"))], WIDTH)]], Region(0, 1, WIDTH, 1))
    assert memory.difference(update, size, CONSOLE)
    assert memory.difference(update, size, CONSOLE) == ""
    memory.forget()
    assert memory.difference(update, size, CONSOLE)


def test_one_cell_costs_its_place_its_colour_and_itself() -> None:
    memory, size = Memory(), Size(WIDTH, HEIGHT)
    region = Region(0, 0, WIDTH, 1)
    memory.difference(LayoutUpdate([[strip([("aaaaaaaa", None)], WIDTH)]], region), size, CONSOLE)
    changed = strip([("aaaa", None), ("b", Style.parse("#0072B2")), ("aaa", None)], WIDTH)
    assert (
        memory.difference(LayoutUpdate([[changed]], region), size, CONSOLE)
        == "\x1b[1;5H\x1b[38;2;0;114;178mb\x1b[0m"
    )


def test_another_size_is_sent_whole() -> None:
    memory = Memory()
    update = LayoutUpdate([[strip([("text", None)], WIDTH)]], Region(0, 0, WIDTH, 1))
    memory.difference(update, Size(WIDTH, HEIGHT), CONSOLE)
    assert "text" in memory.difference(update, Size(WIDTH, HEIGHT + 1), CONSOLE)


def test_textual_still_has_the_parts_this_stands_on() -> None:
    assert callable(SparingApp.__mro__[1]._display)
    assert {"strips", "region"} <= set(LayoutUpdate([], Region()).__dict__)
    assert {"chops", "spans", "chop_ends"} <= set(ChopsUpdate([], [(0, 0, 0)], []).__dict__)


@pytest.mark.parametrize("style", ["bold red on blue", "link https://example.org", "reverse"])
def test_a_style_is_switched_off_at_the_end(style: str) -> None:
    memory = Memory()
    update = LayoutUpdate([[strip([("text", Style.parse(style))], 4)]], Region(0, 0, 4, 1))
    text = memory.difference(update, Size(WIDTH, HEIGHT), CONSOLE)
    assert text.endswith("\x1b[0m")
    assert text.count("\x1b]8;;") in (0, 2)
