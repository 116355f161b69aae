"""A chart's own keys and mouse: cursor, zoom, pan, detail and filling the screen."""

from __future__ import annotations

import numpy as np
import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Footer, Label

from lrtui.ui.plotting import Axis, Series
from lrtui.ui.widgets.chart import Chart

X = np.arange(0, 1001.0)
LINE = Series("loss", X, 2 - X / 1000)
AXES = (Axis(0, 1000, kind="count", label="updates"), Axis(0, 2))


class Host(App[None]):
    """One chart under a label, and what it posted."""

    def __init__(self) -> None:
        super().__init__()
        self.chart = Chart(rate=1000)
        self.windows: list[tuple[float, float] | None] = []
        self.escaped = 0

    BINDINGS = [("escape", "escape", "esc")]

    def compose(self) -> ComposeResult:
        yield Label("above")
        yield self.chart
        yield Footer()

    def action_escape(self) -> None:
        self.escaped += 1

    @on(Chart.Window)
    def remember(self, event: Chart.Window) -> None:
        assert event.control is self.chart
        self.windows.append(event.ends)


async def shown(app: Host, pilot: Pilot[None]) -> Chart:
    app.chart.show([LINE], *AXES)
    app.chart.focus()
    await pilot.pause()
    return app.chart


def width(chart: Chart) -> float:
    assert chart.window is not None
    return chart.window[1] - chart.window[0]


async def test_plus_looks_closer_around_the_cursor_and_0_shows_it_all() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        chart.cursor = 800
        at = chart.frame.column_of(800)
        for key, times in (("plus", 2), ("=", 4), ("+", 8)):
            await pilot.press(key)
            assert width(chart) == pytest.approx(1000 / times)
            assert chart.frame.column_of(800) == at
        for key in ("minus", "underscore"):
            await pilot.press(key)
        assert width(chart) == pytest.approx(500)
        await pilot.press("0")
        assert chart.window is None
        assert chart.frame.x.low == 0
        assert chart.frame.x.high == 1000
        await pilot.pause(0.3)
        assert app.windows[-1] is None


async def test_without_a_cursor_the_middle_stays_and_minus_ends_at_everything() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.press("minus")
        assert chart.window is None
        await pilot.press("plus")
        assert chart.window == pytest.approx((250, 750))
        await pilot.press("minus")
        assert chart.window is None


async def test_there_is_an_end_to_looking_closer() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.press(*["plus"] * 40)
        assert 0 < width(chart) == pytest.approx(1e-3)
        assert chart.frame.x.low < chart.frame.x.high


async def test_shift_moves_a_zoomed_view_and_stops_at_the_ends() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.press("shift+right")
        assert chart.window is None
        await pilot.press("plus", "shift+right")
        assert chart.window == pytest.approx((375, 875))
        await pilot.press(*["shift+right"] * 4)
        assert chart.window == pytest.approx((500, 1000))
        await pilot.press(*["shift+left"] * 9)
        assert chart.window == pytest.approx((0, 500))


async def test_many_keys_make_few_messages_and_the_last_window_counts() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        for _ in range(5):
            chart.action_zoom(2)
        for _ in range(20):
            chart.action_pan(1)
        await pilot.pause(0.3)
        assert 1 <= len(app.windows) <= 3
        assert app.windows[-1] == chart.window


async def test_y_fits_what_is_seen_inside_the_ends_it_is_known_to_have() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show([Series("acc", X, np.where(X < 500, 0.2, 0.99 + X * 1e-5))], Axis(0, 1000), Axis(0, 1))
        chart.focus()
        await pilot.pause()
        assert (chart.frame.y.low, chart.frame.y.high) == (0, 1)
        chart.window = (600, 900)
        assert chart.frame.y.low > 0.9
        assert chart.frame.y.high <= 1
        assert app.windows == []
        chart.window = None
        assert (chart.frame.y.low, chart.frame.y.high) == (0, 1)


async def test_the_cursor_takes_the_view_along() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        chart.window = (0, 100)
        await pilot.press("end")
        assert chart.cursor == 1000
        assert chart.window == pytest.approx((900, 1000))
        await pilot.press("home")
        assert chart.cursor == 0
        assert chart.window == pytest.approx((0, 100))
        seen = []
        for _ in range(300):
            chart.action_move(1)
            assert chart.cursor is not None
            assert chart.frame.column_of(chart.cursor) is not None
            seen.append(chart.cursor)
        assert seen == sorted(set(seen))
        assert width(chart) == pytest.approx(100)


async def test_a_live_line_keeps_a_zoomed_view_still() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        open_end = Axis(0, None, kind="seconds")
        chart.show([Series("loss", X[:100], X[:100])], open_end)
        await pilot.pause()
        chart.window = (20, 40)
        before = (chart.frame.x, chart.frame.y)
        for count in (101, 300, 1001):
            chart.show([Series("loss", X[:count], X[:count])], open_end)
            await pilot.pause()
            assert (chart.frame.x, chart.frame.y) == before
        chart.focus()
        await pilot.press("0")
        assert chart.frame.x.high >= 1000


async def test_detail_takes_the_place_of_what_is_there_and_the_live_end_goes_on() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        coarse = np.arange(0, 1001, 100.0)
        chart.show([Series("loss", coarse, coarse)], *AXES)
        await pilot.pause()
        chart.detail([Series("loss", [1], [1])], 0)  # nothing is zoomed: too late
        assert chart.values_at(1) == [("loss", 0)]
        chart.window = (200, 400)
        fine = np.arange(199, 352.0)
        chart.detail([Series("loss", fine, -fine), Series("another", fine, fine)], 200)
        assert chart.values_at(251) == [("loss", -251)]
        assert chart.values_at(420) == [("loss", 400)]
        chart.show([Series("loss", coarse, coarse + 1)], *AXES)
        assert chart.values_at(251) == [("loss", -251)]
        assert chart.values_at(100) == [("loss", 101)]
        chart.focus()
        await pilot.press("0")
        assert chart.values_at(251) == [("loss", 301)]


async def test_detail_of_another_metric_goes_and_new_detail_is_asked_for() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show([LINE], *AXES, title="Loss")
        await pilot.pause()
        chart.window = (200, 400)
        chart.detail([Series("loss", [250, 250.5, 251], [7, 7, 7])], 200)
        assert chart.values_at(250.5) == [("loss", 7)]
        chart.show([LINE], *AXES, title="Accuracy")
        assert chart.values_at(251) == [("loss", 2 - 0.251)]
        await pilot.pause(0.3)
        assert app.windows == [chart.window] != [None]
        chart.detail([Series("loss", [250, 250.5, 251], [7, 7, 7])], 200)
        chart.window = None
        assert chart.values_at(251) == [("loss", 2 - 0.251)]


async def test_another_x_axis_ends_the_zoom_and_says_so() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.press("plus")
        chart.show([LINE], Axis(0, 1000, log=True), AXES[1])
        await pilot.pause(0.3)
        assert chart.window is None
        assert app.windows[-1] is None
        chart.window = (10, 100)
        assert chart.frame.x.log
        assert chart.window == pytest.approx((10, 100))


async def test_escape_takes_the_cursor_away_and_then_belongs_to_others() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.press("right", "escape")
        assert chart.cursor is None
        assert app.escaped == 0
        await pilot.press("escape")
        assert app.escaped == 1


async def test_f_fills_the_screen_and_goes_back() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        small = chart.size
        await pilot.press("f")
        await pilot.pause()
        assert app.screen.maximized is chart
        assert chart.size.height > small.height
        await pilot.press("f")
        await pilot.pause()
        assert app.screen.maximized is None
        assert chart.size == small


async def test_the_keys_stand_in_the_footer() -> None:
    app = Host()
    async with app.run_test(size=(120, 24)) as pilot:
        await shown(app, pilot)
        keys = {each.id: each for _, each, enabled, _ in app.screen.active_bindings.values() if enabled}
        assert {"chart.zoom-in", "chart.zoom-out", "chart.whole", "chart.fill"} <= {
            name for name, each in keys.items() if each.show
        }
        assert all(each.tooltip for name, each in keys.items() if name and name.startswith("chart."))


async def test_the_wheel_zooms_around_the_pointer_and_dragging_moves_along() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        column = chart.frame.left + 3 * chart.frame.columns // 4

        def mouse(kind: type[events.MouseEvent], x: int, button: int = 0) -> None:
            chart.post_message(kind(chart, x, 5, 0, 0, button, False, False, False, x, 6))

        under = chart.frame.x_at(column)
        mouse(events.MouseScrollDown, column)
        await pilot.pause()
        assert chart.window is None
        mouse(events.MouseScrollUp, column)
        await pilot.pause()
        assert width(chart) == pytest.approx(1000 / 1.5)
        assert chart.frame.x_at(column) == pytest.approx(under)
        mouse(events.MouseDown, column, 1)
        mouse(events.MouseMove, column - 10, 1)
        await pilot.pause()
        mouse(events.MouseUp, column - 10, 1)
        await pilot.pause()
        moved = 10 / chart.frame.columns * width(chart)
        assert chart.frame.x_at(column - 10) == pytest.approx(under, abs=moved / 2)
        assert chart.frame.x_at(column) > under


async def test_a_double_click_fills_the_screen_and_one_click_is_a_cursor() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await shown(app, pilot)
        await pilot.click(chart, offset=(40, 8))
        assert chart.cursor is not None
        await pilot.click(chart, offset=(40, 8), times=2)
        await pilot.pause()
        assert app.screen.maximized is chart


async def test_axes_are_stronger_while_keys_act_on_the_chart() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show([LINE], *AXES)
        app.set_focus(None)
        await pilot.pause()

        def axis_styles() -> set[object]:
            rows = (chart.render_line(y) for y in range(chart.size.height))
            return {segment.style for row in rows for segment in row if "┤" in segment.text}

        quiet = axis_styles()
        chart.focus()
        await pilot.pause()
        strong = axis_styles()
        assert strong
        assert not strong & quiet
        app.set_focus(None)
        await pilot.pause()
        assert axis_styles() == quiet


async def test_keys_without_any_data_do_no_harm() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.focus()
        await pilot.press("left", "right", "home", "end", "plus", "shift+left", "minus", "0", "ctrl+left")
        app.chart.show([Series("nothing", [np.nan], [np.nan])])
        await pilot.press("left", "right", "home", "end", "plus", "shift+left", "minus", "0")
        assert app.chart.cursor is None
        await pilot.resize_terminal(10, 5)
        app.chart.show([LINE], *AXES)
        await pilot.press("right", "right", "plus", "shift+right")
        assert app.chart.cursor is not None


async def test_the_app_says_whether_only_ascii_is_shown() -> None:
    class Plain(Host):
        ascii_only = True

    app = Plain()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show([Series("Verlust …", X, X, 1, low=X, high=X + 9), LINE], *AXES, title="Größe")
        chart.focus()
        await pilot.press("plus", "right", "right")
        text = "".join(chart.render_line(y).text for y in range(chart.size.height))
        assert text.isascii()
        assert "Verlust ~" in text
