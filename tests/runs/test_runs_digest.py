"""The short reading of a log, for lists, says what the whole one says, whatever happened to the run."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_runs import START, epoch, finished, report, started
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.compare import measure
from lrtui.runs.digest import Digest
from lrtui.runs.events import Event, encode
from lrtui.runs.history import History
from lrtui.runs.judging import Judged

COMMANDS = ("pause", "resume", "set-rate", "follow-schedule", "cooldown", "stop")


def command(name: str, **fields: object) -> Event:
    return Event("command", START, {"command": name, "step": 40, **fields})


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """A log as workers write it: what was trained grows; a resumed run goes back to a checkpoint at most."""
    events = [started()]
    done = epochs = 0
    for time in range(1, draw(st.integers(1, 14))):
        now = START + time
        kind = draw(st.sampled_from(["report", "epoch", "command", "resumed", "amended", "finished"]))
        if kind == "report":
            done = min(done + draw(st.integers(1, 30)), 40 * epochs + 40)  # the epoch is told first
            events.append(report(done - 1, now))
        elif kind == "epoch":
            epochs += 1
            done = 40 * epochs
            events.append(epoch(epochs, now, draw(st.floats(0, 1))))
        elif kind == "command":
            accepted = draw(st.booleans())
            name = draw(
                st.sampled_from(["pause", "resume", "set-rate", "follow-schedule", "cooldown", "stop"])
            )
            events.append(command(name, accepted=accepted, end=done + 7))
        elif kind == "resumed":
            epochs = draw(st.integers(0, epochs))
            done = draw(st.integers(40 * epochs, min(done, 40 * epochs + 40)))
            events.append(Event("resuming", now, {"step": done}))
            fields = {"step": done, "epochs": epochs, "diagnoses": 0, "updates": draw(st.integers(100, 200))}
            events.append(Event("resumed", now, fields))
        elif kind == "amended":
            events.append(Event("amended", now, {"step": done, "epochs": [2, 3]}))
        else:
            events.append(finished(now, draw(st.sampled_from(["completed", "stopped", "failed"]))))
    return events


@given(logs(), st.integers(0, 14))
def test_it_says_what_the_history_says(
    tmp_path_factory: pytest.TempPathFactory, log: list[Event], cut: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    digest, history = Digest(path), History()
    for part in (log[:cut], log[cut:]):
        with path.open("ab") as file:
            file.writelines(encode(event) + b"\n" for event in part)
        digest.update()
        history.feed(part)
        compare(digest, history)


def compare(digest: Digest, history: History) -> None:
    assert digest.outcome == (None if history.ending is None else history.ending.get("outcome"))
    assert digest.paused == history.paused
    assert digest.done == history.done
    assert digest.updates == history.updates
    assert digest.seconds == history.seconds
    if columns := history.columns("epoch"):
        assert digest.epoch == (columns["epoch"][-1] if columns["epoch"].size else 0)
    found, judged = measure(history), digest.measured.judged().get("test_acc")
    if history.columns("epoch").get("test_acc", np.empty(0)).size:
        assert judged == Judged(found.best, found.final, found.area)
    else:
        assert judged is None
