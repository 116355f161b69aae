"""A long text is shown on rows while it is edited, and moved through by rows."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input

from lrtui.ui.widgets.wrapped_input import MOST_ROWS, WrappedInput

LONG = "".join(chr(ord("a") + number % 26) for number in range(95))


class Lone(App[None]):
    CSS = "WrappedInput { width: 40; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield WrappedInput(self._text, compact=True, select_on_focus=False)
        yield Input("other", id="other")


def rows(field: WrappedInput) -> list[str]:
    return [field.render_line(y).text for y in range(field.size.height)]


async def test_all_of_a_long_text_is_seen_while_the_cursor_is_in_it() -> None:
    app = Lone(LONG)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        assert "".join(rows(field)).rstrip() == LONG
        assert len(rows(field)) == 3
        await pilot.press("tab")
        await pilot.pause()
        assert app.focused is not field
        assert rows(field) == [LONG[:39] + "…"]
        app.ascii_only = True  # type: ignore[attr-defined]
        assert rows(field) == [LONG[:39] + "~"]


async def test_the_cursor_moves_by_rows_and_letters_go_where_it_is() -> None:
    app = Lone(LONG)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        field.cursor_position = 85
        assert field.move_row(-1)
        assert field.cursor_position == 45
        await pilot.press("X")
        assert field.value == LONG[:45] + "X" + LONG[45:]
        assert field.cursor_screen_offset == (field.content_region.x + 6, field.content_region.y + 1)
        assert field.move_row(-1)
        assert not field.move_row(-1)
        field.cursor_position = 70
        assert field.move_row(1)
        assert field.cursor_position == len(field.value)  # the last row is shorter
        assert not field.move_row(1)


async def test_a_row_more_is_laid_out_when_it_is_needed() -> None:
    app = Lone("a" * 39)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        assert field.size.height == 1
        await pilot.press("b")
        await pilot.pause()
        assert field.size.height == 2  # for the cursor
        await pilot.press("backspace")
        await pilot.pause()
        assert field.size.height == 1


async def test_a_click_puts_the_cursor_into_its_row() -> None:
    app = Lone(LONG)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        await pilot.click(WrappedInput, offset=(5, 2))
        inside = field.content_region.x - field.region.x
        assert field.cursor_position == 80 + 5 - inside


@pytest.mark.parametrize("length", [39, 40, 41, 400, 5000])
async def test_of_a_text_too_long_the_rows_around_the_cursor_are_shown(length: int) -> None:
    text = (LONG * 60)[:length]
    app = Lone(text)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        assert field.size.height <= MOST_ROWS
        assert "".join(rows(field)).rstrip().endswith(text[-30:])
        field.cursor_position = 0
        assert "".join(rows(field)).startswith(text[:30])
        assert field.scroll_offset.x == 0


async def test_wide_letters_are_not_cut_in_two() -> None:
    app = Lone("学習率" * 20)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        field = app.query_one(WrappedInput)
        assert all(field.render_line(y).cell_length == 40 for y in range(field.size.height))
        field.cursor_position = 30
        assert field.move_row(-1)
        assert field.cursor_position == 10
