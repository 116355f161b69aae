"""What the tests of the Runs screen look at."""

from __future__ import annotations

from fake_runs import until
from textual.pilot import Pilot

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


async def write(pilot: Pilot[None], text: str) -> None:
    """Type a text, key by key."""
    await pilot.press(*(SIGNS.get(char, char) for char in text))


def said(app: LrtuiApp) -> str:
    """All that was notified, a line each."""
    return "\n".join(str(note.message) for note in app._notifications)
