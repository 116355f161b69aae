"""The Chart in an app: it sends what changed, waits its turn, walks its cursor and survives any size."""

from __future__ import annotations

import numpy as np
import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.widgets import Label, TabbedContent, TabPane

from lrtui.ui.plotting import Axis, Mark, Series
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.chart_paint import changed, header

X = np.arange(0, 1001, 10.0)
LINE = Series("loss", X, 2 - X / 1000)
AXES = (Axis(0, 1000, kind="count", label="updates"), Axis(0, 2))


class Spy(Chart):
    """A chart that remembers what it asked to have sent, and how often it drew."""

    def __init__(self, **settings: float) -> None:
        super().__init__(**settings)
        self.asked: list[tuple[Region, ...]] = []
        self.drawn = 0

    def refresh(self, *regions: Region, **how: bool) -> Spy:
        self.asked.append(regions)
        return super().refresh(*regions, **how)

    def _compose_rows(self) -> None:
        self.drawn += 1
        super()._compose_rows()


class Host(App[None]):
    """One chart, and what it posted."""

    def __init__(self, rate: float = 1000) -> None:
        super().__init__()
        self.chart = Spy(rate=rate)
        self.moves: list[float | None] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    @on(Chart.CursorMoved)
    def remember(self, event: Chart.CursorMoved) -> None:
        self.moves.append(event.x)


def text_of(chart: Chart) -> str:
    return "\n".join(chart.render_line(y).text for y in range(chart.size.height))


async def test_title_legend_and_curve_are_there() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([LINE], *AXES, [Mark(500, "half")], "Loss [b]of[/b] a run")
        await pilot.pause()
        picture = text_of(app.chart)
    assert "Loss [b]of[/b] a run" in picture.splitlines()[0]
    assert "─── loss" in picture.splitlines()[1]
    assert "half" in picture
    assert "updates" in picture.splitlines()[-1]


async def test_only_what_changed_is_sent() -> None:
    app = Host()
    async with app.run_test(size=(120, 40)) as pilot:
        app.chart.show([Series("loss", X[:50], LINE.y[:50])], *AXES)
        await pilot.pause()
        app.chart.asked.clear()
        app.chart.show([Series("loss", X[:51], LINE.y[:51])], *AXES)
        await pilot.pause()
        (regions,) = app.chart.asked
        assert 0 < sum(region.area for region in regions) <= 8
        app.chart.asked.clear()
        app.chart.show([Series("loss", X[:51], LINE.y[:51])], *AXES)
        await pilot.pause()
        assert app.chart.asked == []


async def test_what_was_sent_is_what_is_drawn() -> None:
    """Cell by cell updates end in the same picture as a chart that is drawn at once."""
    app, fresh = Host(), Host()
    async with app.run_test(size=(90, 30)) as pilot:
        for count in (2, 3, 20, 60, 101):
            app.chart.show(
                [Series("loss", X[:count], np.sin(X[:count] / 99) * count)], Axis(0, 1000), Axis(-101, 101)
            )
            await pilot.pause()
        app.chart.cursor = 500
        app.chart.cursor = None
        await pilot.pause()
        kept = text_of(app.chart)
        painted = [str(strip.text) for strip in app.screen._compositor.render_strips()]
    async with fresh.run_test(size=(90, 30)) as pilot:
        fresh.chart.show([Series("loss", X, np.sin(X / 99) * 101)], Axis(0, 1000), Axis(-101, 101))
        await pilot.pause()
        assert text_of(fresh.chart) == kept == "\n".join(painted)


async def test_many_requests_make_few_frames_and_the_last_one_counts() -> None:
    app = Host(rate=5)
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([LINE], *AXES)
        await pilot.pause()
        before = app.chart.drawn
        for count in range(1, 100):
            app.chart.show([Series("loss", X[:count], LINE.y[:count])], *AXES, title=f"frame {count}")
        assert app.chart.drawn - before <= 1
        await pilot.pause(0.5)
        assert app.chart.drawn - before <= 3
        assert "frame 99" in text_of(app.chart)


async def test_a_chart_nobody_sees_draws_nothing_until_it_is_seen() -> None:
    class Tabs(App[None]):
        def compose(self) -> ComposeResult:
            with TabbedContent():
                with TabPane("one", id="one"):
                    yield Label("one")
                with TabPane("two", id="two"):
                    yield Spy(rate=1000)

    app = Tabs()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(Spy)
        for count in (10, 20):
            chart.show([Series("loss", X[:count], LINE.y[:count])], *AXES, title="hidden")
            await pilot.pause()
        assert chart.drawn == 0
        app.query_one(TabbedContent).active = "two"
        await pilot.pause()
        await pilot.pause()
        assert chart.drawn >= 1
        assert "hidden" in text_of(chart)


async def test_the_cursor_walks_from_datum_to_datum() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([Series("loss", [0, 100, 900, 1000], [4, 3, 2, 1])], *AXES)
        app.chart.focus()
        await pilot.press("right", "right", "right", "left", "end", "home", "escape")
        await pilot.pause()
        assert app.moves == [0, 100, 900, 100, 1000, 0, None]
        assert app.chart.cursor is None


async def test_walking_right_and_left_over_dense_data_passes_every_column() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        x = np.arange(10_000)
        app.chart.show([Series("loss", x, x)], Axis(0, 9999), Axis())
        app.chart.focus()
        await pilot.press("home")
        await pilot.pause()
        seen = []
        for _ in range(60):
            seen.append(app.chart.frame.column_of(app.chart.cursor or 0))
            app.chart.action_move(1)
        assert sorted(set(seen)) == list(range(app.chart.frame.left, 60))
        assert app.chart.cursor == 9999
        for _ in range(60):
            app.chart.action_move(-1)
        assert app.chart.cursor == 0


async def test_the_legend_reads_the_values_at_the_cursor() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([LINE, Series("later", X[90:], X[90:], 1)], *AXES)
        await pilot.pause()
        app.chart.cursor = 250
        await pilot.pause()
        first = text_of(app.chart).splitlines()[0]
        assert "loss 1.75" in first
        assert "later –" in first
        assert app.chart.values_at(250)[0] == ("loss", 1.75)
        assert app.moves == []


async def test_a_click_puts_the_cursor_there_and_hovering_leaves_it() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([LINE], *AXES)
        await pilot.pause()
        await pilot.hover(Chart, offset=(40, 10))
        hovered = app.chart.cursor
        assert hovered is not None
        await pilot.click(Chart, offset=(60, 10))
        clicked = app.chart.cursor
        assert clicked is not None
        assert clicked > hovered
        assert app.chart.frame.column_of(clicked) in (59, 60, 61)
        await pilot.hover(Chart, offset=(20, 10))
        assert app.chart.cursor == clicked


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (5, 3), (19, 6), (20, 8), (200, 60)])
async def test_any_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(
            [LINE, Series("学習率", X, X, 1)], *AXES, title="a title that is long enough to be cut off"
        )
        await pilot.pause()
        await pilot.resize_terminal(*size)
        await pilot.pause()
        app.chart.cursor = 100
        app.chart.show([LINE], *AXES, title="another")
        await pilot.pause()
        assert all(app.chart.render_line(y).cell_length == size[0] for y in range(size[1]))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "another" in text_of(app.chart)


async def test_no_room_at_all() -> None:
    class Squeezed(App[None]):
        CSS = "Chart { height: 0; width: 0; }"

        def compose(self) -> ComposeResult:
            yield Vertical(Spy(rate=1000))

    app = Squeezed()
    async with app.run_test(size=(20, 5)) as pilot:
        chart = app.query_one(Spy)
        chart.show([LINE], *AXES, title="t")
        chart.cursor = 5
        await pilot.pause()
        chart.action_move(1)
        chart.action_edge(1)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_colours_follow_the_theme(theme: str) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show([LINE], *AXES)
        await pilot.pause()
        app.theme = theme
        await pilot.pause()
        styles = {segment.style for y in range(24) for segment in app.chart.render_line(y)}
        triplets = {style.color.name for style in styles if style and style.color}
        expected = {"textual-dark": "#56b4e9", "textual-light": "#0072b2", "ansi-dark": "bright_cyan"}[theme]
        assert expected in triplets
        if theme == "ansi-dark":
            assert not any(style and style.bgcolor and not style.bgcolor.is_default for style in styles)


def test_changes_next_to_each_other_are_one_stretch() -> None:
    old = ("a" * 50, bytes(50))
    new = ("a" * 10 + "b" + "aa" + "b" + "a" * 30 + "b" + "a" * 5, bytes(50))
    assert list(changed(old, new, 50)) == [(10, 14), (44, 45)]
    assert list(changed(old, (old[0], b"\1" + bytes(49)), 50)) == [(0, 1)]
    assert list(changed(old, old, 50)) == []


def test_title_and_legend_share_a_line_where_lines_are_few() -> None:
    named = [Series("loss", [], [])]
    assert len(header("t", [], named, 40, 20)) == 2
    assert [text for text, _ in header("t", ["unit"], named, 40, 10)] == ["t  unit  ─── loss"]
    assert header("t", [], named, 40, 3) == []
    assert [text for text, _ in header("", ["unit"], named, 40, 20)] == ["unit  ─── loss"]
    assert len(header("", ["unit"], [Series("x" * 30, [], [])], 40, 20)) == 2
    assert header("", [], [], 40, 20) == []
