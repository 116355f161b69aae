"""The command palette, with every run by name or id (it opens in Train) and every saved schedule by name."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.content import Content
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.events import Click, Mount

from lrtui.runs.judging import MAIN, main_metric
from lrtui.runs.store import StoreError
from lrtui.ui import words
from lrtui.ui.messages import ShowRun, UseSchedule
from lrtui.ui.off_loop import off_loop
from lrtui.ui.screens.dialog import ClosesItself
from lrtui.ui.widgets.overlaid import short

if TYPE_CHECKING:
    from lrtui.runs.store import RunSummary
    from lrtui.ui.app import LrtuiApp

NEWEST = 5
"""Runs that are listed before anything is typed."""

MOST = 50
"""Runs that are listed at most; who wants more types more."""

PATIENCE = 0.5
"""Seconds that a search waits for the list of runs; the next letter asks again."""


class Palette(ClosesItself, CommandPalette):
    """Textual's palette, without its errors: on paging through no list yet, and on being closed at once.

    And without its magnifying glass, which many terminals have no glyph for.
    """

    DEFAULT_CSS = """
    Palette SearchIcon { color: $accent; text-style: bold; }
    """

    def on_mount(self, event: Mount) -> None:
        """Mark the field with a character that every terminal has; search for nothing when closed already."""
        if self in self.app.screen_stack:
            self.query_one(SearchIcon).icon = ">"
        else:
            # Textual would look for the screen that lies below.
            event.prevent_default()

    def on_click(self, event: Click) -> None:
        """A click that hits nothing, where the screen was larger a moment ago, is none."""
        try:
            self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            event.prevent_default()

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError, IndexError, NoMatches):
            super()._action_command_list(action)

    def _action_cursor_down(self) -> None:
        with contextlib.suppress(NoMatches):
            super()._action_cursor_down()

    # A search may still be running, in a worker, when the palette and its list are on their way out.

    def _gather_commands(self, search_value: str) -> Any:
        return super()._gather_commands(search_value) if self in self.app.screen_stack else None

    def _watch__list_visible(self) -> None:
        with contextlib.suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with contextlib.suppress(NoMatches):
            await super()._watch__show_busy()


class RunCommands(Provider):
    """The runs folder is read in a thread when the palette is opened; other commands hardly wait for it."""

    _reading: asyncio.Task[tuple[RunSummary, ...]] | None = None

    async def startup(self) -> None:
        """Begin to read the list of runs."""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> tuple[RunSummary, ...]:
        """The list; one that can't be read is empty here, and the Runs screen says why."""
        store = cast("LrtuiApp", self.app).store
        try:
            return tuple(await off_loop(store.summaries))
        except (StoreError, OSError):
            return ()

    async def _rows(self) -> tuple[RunSummary, ...]:
        """What has been read, or nothing yet: the palette shows no command before all have been asked."""
        if self._reading is None:
            return ()
        done, _ = await asyncio.wait({self._reading}, timeout=PATIENCE)
        return self._reading.result() if done else ()

    async def discover(self) -> Hits:
        """The newest runs."""
        for row in (await self._rows())[:NEWEST]:
            yield DiscoveryHit(_prompt(Content(_title(row)), row), partial(self._open, row.id), _title(row))

    async def search(self, query: str) -> Hits:
        """The runs whose name or id has the text in it, then those that have its letters in this order."""
        matcher, wanted, found = self.matcher(query), query.casefold(), 0
        # Textual's matcher takes long to find nothing: it is shown only what has the letters.
        letters = re.compile(".*".join(map(re.escape, wanted.replace(" ", ""))))
        titles = [(_title(row), row) for row in await self._rows()]
        whole = [wanted in title.casefold() for title, _ in titles]
        for stands in (True, False):
            for count, (title, row) in enumerate(titles):
                if count % 100 == 99:
                    await asyncio.sleep(0)  # keys come first
                if whole[count] is not stands or not letters.search(title.casefold()):
                    continue
                score = matcher.match(title)
                if score > 0:
                    yield Hit(score, _prompt(_marked(title, wanted), row), partial(self._open, row.id), title)
                    found += 1
                if found == MOST:
                    return

    def _open(self, run_id: str) -> None:
        self.screen.post_message(ShowRun(run_id))


class SavedCommands(Provider):
    """The schedules a person has saved; the file is read in a thread when the palette is opened."""

    _reading: asyncio.Task[Mapping[str, str]] | None = None

    async def startup(self) -> None:
        """Begin to read."""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> Mapping[str, str]:
        """Expressions by name; what is wrong with the file is said in its own panel."""
        from lrtui.experiments.saved import saved

        return (await off_loop(saved)).expressions

    async def _all(self) -> Mapping[str, str]:
        if self._reading is None:
            return {}
        done, _ = await asyncio.wait({self._reading}, timeout=PATIENCE)
        return self._reading.result() if done else {}

    async def discover(self) -> Hits:
        """All of them."""
        for name, text in (await self._all()).items():
            title = f"Saved {words.elide(name, 60)}"
            yield DiscoveryHit(_below(Content(title), text), partial(self._use, text), title)

    async def search(self, query: str) -> Hits:
        """Those whose name has the text in it, or nearly."""
        matcher, wanted = self.matcher(query), query.casefold()
        for name, text in (await self._all()).items():
            title = f"Saved {words.elide(name, 60)}"
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, _below(_marked(title, wanted), text), partial(self._use, text), title)

    def _use(self, text: str) -> None:
        self.screen.post_message(UseSchedule(text))


def _below(title: Content, text: str) -> Content:
    """A title and a dim line below it. Names and expressions are a person's: no markup."""
    return Content("\n").join([title, Content.styled(words.elide(text, 100), "dim not bold")])


def _title(row: RunSummary) -> str:
    return f"Run {words.elide(row.name, 40)} ({row.id})" if row.name else f"Run {row.id}"


def _marked(title: str, wanted: str) -> Content:
    """The title with the text that was looked for underlined (Textual's own marking would read markup)."""
    start = title.casefold().find(wanted)
    content = Content(title)
    return content if start < 0 else content.stylize("underline", start, start + len(wanted))


def _prompt(title: Content, row: RunSummary) -> Content:
    """Title and, below it, what became of the run."""
    metric = main_metric(row.figures)
    best = ""
    if metric is not None:
        what = "accuracy" if metric == MAIN else short(metric)
        best = f", best {what} {words.judged(row.judged(metric).best, metric)}"
    return _below(title, f"{row.state}{best}: {row.schedule}")
