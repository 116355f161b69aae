"""What a worker hears and says while it loads and when its folder goes; nothing trains here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from quick_runs import a_run, events

from lrtui.runs.control import send
from lrtui.runs.events import EventWriter
from lrtui.runs.run import Run
from lrtui.training.ending import Vanished
from lrtui.training.oversight import Oversight


class Trained:
    """What is overseen."""

    done, over = 3, False

    def __init__(self, run: Run) -> None:
        self.run = run
        self.saved = 0
        self.obeyed: list[tuple[str, dict[str, Any]]] = []

    def save(self, best: bool = False) -> Path:
        self.saved += 1
        (self.run.path / "last.pt").write_bytes(b"")
        return Path("last.pt")

    def due(self) -> bool:
        return self.saved == 0

    def obey(self, command: str, args: dict[str, Any]) -> dict[str, Any]:
        self.obeyed.append((command, args))
        return args


def answers(run: Run) -> list[tuple[str, bool]]:
    return [
        (str(event.get("command")), event.get("accepted") is True)
        for event in events(run)
        if event.kind == "command"
    ]


def test_what_needs_the_training_waits_until_it_stands_and_all_else_is_answered_at_once(
    tmp_path: Path,
) -> None:
    run = a_run(tmp_path)
    with EventWriter(run.events_path) as log:
        oversight = Oversight(run, log, None)
        send(run, "checkpoint", by="test")
        send(run, "set-rate", by="test", lr=0.1)
        send(run, "finish", by="test")
        oversight.poll()
        oversight.keep()  # there is nothing yet
        assert answers(run) == [("finish", True)]
        oversight.subject = trained = Trained(run)
        oversight.poll(3)
        assert answers(run)[1:] == [("checkpoint", True), ("set-rate", True)]
        assert trained.obeyed == [("set-rate", {"lr": 0.1})]
        assert [event.get("step") for event in events(run) if event.kind == "command"] == [0, 3, 3]
        assert trained.saved == 2


def test_a_checkpoint_is_saved_when_it_is_due(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    with EventWriter(run.events_path) as log:
        oversight = Oversight(run, log, None)
        oversight.subject = trained = Trained(run)
        oversight.poll(3)
        oversight.poll(4)
        assert trained.saved == 1
        assert [event.kind for event in events(run)] == ["checkpoint"]


def test_a_folder_that_goes_while_a_checkpoint_is_saved_has_vanished(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    with EventWriter(run.events_path) as log:
        oversight = Oversight(run, log, None)
        oversight.subject = Trained(run)
        shutil.rmtree(run.path)
        with pytest.raises(Vanished):
            oversight.keep()
