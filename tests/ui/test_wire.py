"""Writing only the difference leaves the terminal as if everything had been written."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from lrtui.ui.wire import SparingApp, _pieces
from lrtui.ui.wire_cells import Memory

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


SIZE = Size(WIDTH, HEIGHT)


def sent(memory: Memory, update: LayoutUpdate | ChopsUpdate, size: Size = SIZE) -> str:
    return memory.difference(_pieces(update), size, ColorSystem.TRUECOLOR)


def one_line(text: str, style: Style | None = None, y: int = 0) -> LayoutUpdate:
    return LayoutUpdate([[strip([(text, style)], WIDTH)]], Region(0, y, WIDTH, 1))


def seen(char: pyte.screens.Char) -> object:
    """What a person sees of a cell: of a blank, neither its colour nor whether it is bold."""
    if char.data == " " and not (char.underscore or char.reverse or char.strikethrough):
        return char.bg
    return char


def screen_of(sequences: list[str]) -> list[list[object]]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    screen.reset_mode(pyte.modes.DECAWM)  # as Textual has it
    stream = pyte.Stream(screen)
    for text in sequences:
        stream.feed(text.replace("\n", "\r\n"))
    return [[seen(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


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


@given(st.lists(st.tuples(updates(), st.sampled_from(["", "", "others", "forget"])), min_size=1, max_size=5))
def test_the_screen_is_the_same_as_if_all_had_been_sent(sequence) -> None:
    first = LayoutUpdate(
        [[strip([("start", None)], WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT)
    )
    memory = Memory()
    spared = []
    for update, then in ((first, ""), *sequence):
        spared.append(sent(memory, update))
        if then == "others":  # who write in the terminal's own colours, and move its cursor
            spared.append(memory.plain() + "\x1b[2;3H")
        elif then == "forget":
            memory.forget()
    whole = [update.render_segments(CONSOLE) for update in (first, *(update for update, _ in sequence))]
    assert screen_of(spared) == screen_of(whole)


def test_nothing_is_sent_when_nothing_changed() -> None:
    memory = Memory()
    update = one_line("same", Style.parse("red"), y=1)
    assert sent(memory, update)
    assert sent(memory, update) == ""
    memory.forget()
    assert sent(memory, update)


def test_one_cell_costs_its_place_its_colour_and_itself() -> None:
    memory = Memory()
    sent(memory, one_line("aaaaaaaa"))
    changed = strip([("aaaa", None), ("b", Style.parse("#0072B2")), ("aaa", None)], WIDTH)
    update = LayoutUpdate([[changed]], Region(0, 0, WIDTH, 1))
    assert sent(memory, update) == "\x1b[5G\x1b[38;2;0;114;178mb"


def test_the_pen_and_the_cursor_are_kept_from_update_to_update() -> None:
    memory, blue = Memory(), Style.parse("#0072B2")
    sent(memory, one_line("", blue))
    assert sent(memory, one_line("a", blue)).endswith("\x1b[38;2;0;114;178ma")
    assert sent(memory, one_line("ab", blue)) == "b"
    assert sent(memory, one_line("axxb", blue)) == "\bxxb"
    assert memory.plain() == "\x1b[0m"
    assert memory.plain() == ""
    assert sent(memory, one_line("axxby", blue)) == "\x1b[1;5H\x1b[38;2;0;114;178my"


def test_cells_of_one_colour_are_written_together() -> None:
    memory = Memory()
    red, blue = Style.parse("#D55E00"), Style.parse("#0072B2")
    blank = LayoutUpdate([[strip([], WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    sent(memory, blank)
    lines = [[strip([("r", red), ("b", blue)], WIDTH)] for _ in range(HEIGHT)]
    text = sent(memory, LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT)))
    assert text.count("213;94;0") == text.count("0;114;178") == 1


def test_blanks_take_any_colour() -> None:
    memory, red = Memory(), Style.parse("#D55E00")
    sent(memory, one_line("abc", red))
    assert sent(memory, one_line("a  ", Style.parse("#0072B2"))).count("m") == 1
    assert sent(memory, one_line("a", Style.parse("#0072B2"))) == ""


def test_unchanged_cells_are_jumped_over_when_that_is_shorter() -> None:
    memory = Memory()
    sent(memory, one_line("abcdefghi"))
    assert sent(memory, one_line("XbXdefghX")) == "\x1b[1HXbX\x1b[9GX"
    sent(memory, one_line("⣿⣿⣿⣿"))
    assert sent(memory, one_line("⠿⣿⣿⠿")) == "\x1b[1H⠿\x1b[4G⠿"


def test_no_way_is_reckoned_from_a_character_that_some_terminals_show_wider() -> None:
    memory = Memory()
    sent(memory, one_line(""))
    assert sent(memory, one_line("○")) == "\x1b[1H○"
    assert sent(memory, one_line("○x")) == "\x1b[2Gx"
    assert sent(memory, one_line("○xy")) == "y"


def test_only_ascii_when_that_is_asked_for() -> None:
    memory = Memory(ascii_only=True)
    text = sent(memory, one_line("│学─⣿é▄…x"))
    assert text.isascii()
    assert text.rstrip().endswith("|??-:e=~x")


def test_another_size_is_sent_whole() -> None:
    memory = Memory()
    update = one_line("text")
    sent(memory, update)
    assert "text" in sent(memory, update, Size(WIDTH, HEIGHT + 1))


def test_textual_still_has_the_parts_this_stands_on() -> None:
    assert callable(SparingApp.__mro__[1]._display)
    assert {"strips", "region"} <= set(LayoutUpdate([], Region()).__dict__)
    assert {"chops", "spans", "chop_ends"} <= set(ChopsUpdate([], [(0, 0, 0)], []).__dict__)


@pytest.mark.parametrize("style", ["bold red on blue", "link https://example.org", "reverse"])
def test_a_style_is_switched_off_before_others_write(style: str) -> None:
    memory = Memory()
    text = sent(memory, one_line("text", Style.parse(style))) + memory.plain()
    assert text.endswith("\x1b[0m")
    assert text.count("\x1b]8;;") == (2 if "link" in style else 0)
