"""The threads that read run folders for screens: they end with the app, and say nothing after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec, until

from lrtui.runs.store import RunStore
from lrtui.ui.following import RunsFollower, RunsLister


class Ended:
    """A screen whose app has ended."""

    def post_message(self, message: object) -> bool:
        raise RuntimeError("Event loop is closed")


async def test_those_that_outlive_the_app_end_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = RunStore(tmp_path / "runs")
    run = finished(store, spec("over"))
    app = app_at("explore", store.root)
    async with app.run_test() as pilot:
        await pilot.pause()
        follower, lister = RunsFollower(store, app.screen, 0.01), RunsLister(store, app.screen, 0.01)
        follower.follow((run.id,), ())
        for poller in (follower, lister):
            poller.start()
        await until(lambda: lister._last is not None, "it has listed")
        for poller in (follower, lister):
            poller._target = Ended()  # type: ignore[assignment]
        follower.look((0.0, 1.0))
        finished(store, spec("another"))
        await until(lambda: not follower.active and not lister.active, "both have ended")
    assert not caplog.records
