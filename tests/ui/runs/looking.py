"""What the tests of the Runs screen look at."""

from __future__ import annotations

from fake_runs import until
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.runs import RunsScreen
from lrtui.ui.widgets.overlay_chart import OverlayChart
from lrtui.ui.widgets.run_table import RunTable

SIGNS = {":": "colon", ">": "greater_than_sign", "<": "less_than_sign", "=": "equals_sign", ".": "full_stop",
         "-": "minus", " ": "space", "%": "percent_sign", "(": "left_parenthesis", ")": "right_parenthesis",
         ",": "comma", "/": "slash"}  # fmt: skip


def screen_of(app: LrtuiApp) -> RunsScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, RunsScreen)
    return screen


def table_of(app: LrtuiApp) -> RunTable:
    return screen_of(app).query_one(RunTable)


def chart_of(app: LrtuiApp) -> OverlayChart:
    return screen_of(app).query_one(OverlayChart)


def names(app: LrtuiApp) -> list[str]:
    return [run.name for run in table_of(app).rows]


def line(app: LrtuiApp, y: int) -> str:
    return table_of(app).render_line(y).text


def curves(app: LrtuiApp, x: float) -> dict[str, float]:
    return {name: value for name, value in chart_of(app).values_at(x) if name}


async def listed(app: LrtuiApp, count: int) -> None:
    await until(lambda: len(names(app)) == count, f"{count} runs in the list")


async def press_all(pilot: Pilot[None], text: str) -> None:
    """Type a text, key by key: a twentieth of a second each."""
    await pilot.press(*(SIGNS.get(char, char) for char in text))


async def write(pilot: Pilot[None], text: str) -> None:
    """Put a text into the field that has the focus, as pasting does."""
    field = pilot.app.focused
    assert isinstance(field, Input | TextArea)
    field.insert_text_at_cursor(text) if isinstance(field, Input) else field.insert(text)
    await pilot.pause()


def said(app: LrtuiApp) -> str:
    """All that was notified, a line each."""
    return "\n".join(str(note.message) for note in app._notifications)
