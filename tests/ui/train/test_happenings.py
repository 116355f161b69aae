"""What happened to a run in words, the tail of its worker's output, and how fast it goes: no app needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_runs import finished

from lrtui.runs.events import Event
from lrtui.runs.history import History
from lrtui.runs.run import RunState
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.ui.happenings import answer, finding, finishing, notes, turn
from lrtui.ui.run_facts import facts
from lrtui.ui.run_panels import marks
from lrtui.ui.run_view import RunView
from lrtui.ui.screens.reading_panel import LINES, TAIL, about, happenings, tail
from lrtui.ui.tailing import Tail, pace


def command(name: str, **fields: object) -> Event:
    return Event("command", 1.0, {"command": name, "step": 1234, **fields})


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (command("pause"), "paused at update 1,234"),
        (command("set-rate", lr=0.01), "from update 1,234 on the rate is held at 0.01"),
        (command("scale-rate", factor=0.5), "from update 1,234 on the schedule is multiplied by 0.5"),
        (command("cooldown", length="40", final_lr=0.0, shape="cosine", from_lr=0.2, end=1274),
         "from update 1,234 on the rate falls from 0.2 to 0 (cosine), and the run ends after 1,274 updates"),
        (command("scale-rate", accepted=False, message="no\x1b[2Jschedule"),
         "scale rate was refused at update 1,234: no\\x1b[2Jschedule"),
        (command("dance"), "dance was accepted at update 1,234"),
        (Event("command", 1.0, {}), " was accepted at an unknown update"),
    ],
)  # fmt: skip
def test_answers(event: Event, text: str) -> None:
    assert answer(event) == text


def test_a_finding_names_kind_remedy_and_evidence() -> None:
    event = Event("diagnosis", 1.0, {"kind": "stuck_at_chance", "message": "It guesses. Try another rate.",
                                     "evidence": {"train_loss": [2.3026, 2.3026], "epochs": 2}})  # fmt: skip
    assert finding(event) == [
        "stuck at chance: the network does no better than guessing",
        "It guesses. Try another rate.",
        "evidence: train loss 2.303, 2.303, epochs 2",
    ]
    assert finding(Event("diagnosis", 1.0, {"kind": "new\x1b", "evidence": 3})) == ["new\\x1b"]


def test_finishing_is_taken_back_by_resume_and_by_nothing_refused() -> None:
    assert not finishing([])
    assert finishing([command("finish")])
    assert not finishing([command("finish"), command("resume")])
    assert finishing([command("finish"), command("resume", accepted=False)])
    assert not finishing([command("finish")], since=2.0)  # of the worker before this one


def test_what_happened_to_a_run_in_one_text() -> None:
    view = RunView(
        "id", "n", RunState.STOPPED, "/runs/id", None, "", started=Event("started", 10.0, {}),
        ending=Event("finished", 99.0, {"reason": "asked"}), checkpoint={"step": 1200},
        commands=(Event("command", 75.0, {"command": "stop", "step": 7, "by": "app"}),),
        diagnoses=(Event("diagnosis", 70.0, {"kind": "plateaued", "message": "Lower the rate."}),),
    )  # fmt: skip
    assert happenings(view).plain.split("\n") == [
        "! plateaued: the training loss has stopped falling though the rate is still high "
        "(1m 00s after the start)",
        "  Lower the rate.",
        "stops at update 7, asked by app (1m 05s after the start)",
        "ended: stopped, asked",
        "the last checkpoint is of update 1,200: /runs/id/checkpoints",
    ]
    empty = RunView("id", "n", RunState.RUNNING, "/runs/id", None, "")
    assert "Nothing yet" in happenings(empty).plain
    well = RunView("id", "n", RunState.RUNNING, "/runs/id", None, "", report={"step": 3})
    assert happenings(well).plain == "nothing was found wrong so far"


def test_the_tail_of_the_output_is_short_and_printable(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    assert tail(path, -1) == "there is no worker.log"
    path.write_bytes(b"")
    assert "nothing" in tail(path, 0)
    path.write_bytes(b"a\x1b[31m\n\xff\xfe\r\n" + b"x" * TAIL + b"\nlast\n")
    assert tail(path, path.stat().st_size) == "last"
    path.write_bytes(b"a\x1b[31m\n\xff\r\n")
    assert tail(path, path.stat().st_size) == "a\\x1b[31m\n\ufffd"
    path.write_bytes(b"line\n" * 5000)
    assert len(tail(path, path.stat().st_size).split("\n")) == LINES
    path.unlink()
    os.mkfifo(path)
    assert "nothing" in tail(path, 0)


def test_the_pace_leaves_pauses_out() -> None:
    history = History()
    assert pace(history) is None
    times = [0.2 * i for i in range(50)]
    times += [times[-1] + 3600 + 0.2 * i for i in range(50)]
    history.feed([
        Event("started", 100.0, {}),
        *[Event("report", 100.0 + time, {"step": 10 * i}) for i, time in enumerate(times)],
    ])  # fmt: skip
    found = pace(history)
    assert found is not None
    assert found == pytest.approx(0.02)


def test_where_a_run_became_another_one_is_told_and_marked() -> None:
    spec = RunSpec(schedule="cosine(0.1)", epochs=4, train_examples=100, batch_size=10)
    history = History()
    history.feed([
        Event("started", 100.0, {"updates": 20}),
        *[Event("report", 100.0 + step, {"step": step, "epoch": step / 10, "lr": 0.1}) for step in range(20)],
        Event("finished", 119.5, {"outcome": "completed", "step": 20}),
        Event("amended", 130.0, {"step": 20, "epochs": [2, 4], "schedule": ["cosine(0.1)", "linear(\x1b)"]}),
        Event("resumed", 131.0, {"step": 20, "epochs": 2, "diagnoses": 0}),
        Event("report", 132.0, {"step": 20, "epoch": 2.0, "lr": 0.1}),
        Event("resumed", 140.0, {"step": 15, "epochs": 1, "diagnoses": 0}),
        Event("report", 141.0, {"step": 15, "epoch": 1.5, "lr": 0.1}),
    ])  # fmt: skip
    view = RunView("id", "n", RunState.RUNNING, "/r", spec, "", started=history.started, notes=notes(history),
                   commands=(Event("command", 135.0, {"command": "stop", "step": 21}),),
                   turns=tuple(history.turns))  # fmt: skip
    assert happenings(view).plain.split("\n") == [
        "changed at update 20: epochs 4 instead of 2, schedule linear(\\x1b) instead of cosine(0.1) "
        "(30 s after the start)",
        "taken up again at update 20 (31 s after the start)",
        "stops at update 21 (35 s after the start)",
        "taken up again at update 15 (40 s after the start)",
    ]
    assert [(mark.x, mark.label) for mark in marks(view, "step")] == [
        (20, "other schedule"),
        (15, "taken up"),
    ]
    assert (
        turn(Event("amended", 1.0, {"epochs": 3})) == "changed at its last checkpoint: its spec was changed"
    )


def test_all_that_a_run_is_made_of() -> None:
    spec = RunSpec(schedule="cosine(0.1)", clip_norm=1.5, average="ema(decay=0.99)", threads=2,
                   stop_on=("plateaued",), preset="\x1b[2J")  # fmt: skip
    started = Event("started", 1.0, {"device": "cpu", "parameters": 61706, "steps_per_epoch": 40,
                                     "versions": {"torch": "2.1\x1b"},
                                     "data": {"label": "images"}})  # fmt: skip
    known = dict(facts(RunView("id", "n", RunState.RUNNING, "/runs/id", spec, "", started=started)))
    assert known.items() >= {
        "schedule": "cosine(0.1)", "clip norm": "1.5", "average": "ema(decay=0.99)", "threads": "2",
        "stop on": "[plateaued]", "preset": "\\x1b[2J", "batch size": "256", "compile": "no", "seed": "0",
        "trained on": "cpu", "weights": "61,706", "an epoch": "40 updates", "versions": "torch 2.1\\x1b",
        "data found": "images", "folder": "/runs/id",
    }.items()  # fmt: skip
    own = RunSpec(schedule="", task="own", updates=5, hyper={"width": 64, "sizes": [1, 2]})
    known = dict(facts(RunView("id", "n", RunState.RUNNING, "/runs/id", own, "")))
    assert known.items() >= {"width": "64", "sizes": "[1, 2]", "updates": "5"}.items()
    assert "batch size" not in known
    wrong = Event("started", 1.0, {"device": None, "parameters": "many", "versions": 3, "data": []})
    damaged = RunView("id", "n", RunState.CRASHED, "/runs/id", None, "not TOML", started=wrong)
    assert facts(damaged) == [("spec", "can't be read: not TOML"), ("folder", "/runs/id")]
    assert about(damaged, 80).plain.startswith("What it is made of\nspec ")


def test_another_name_tags_and_notes_are_shown_though_nothing_is_logged(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = finished(store, RunSpec(schedule="cosine(0.1)", name="old", epochs=2))
    tail_of = Tail(run)
    assert tail_of.poll(())
    assert not tail_of.poll(())
    store.rename(run, "new")
    store.tag(run, ["good"])
    store.note(run, "one [/x]\ntwo")
    assert tail_of.poll(())
    assert not tail_of.poll(())
    view = tail_of.view
    assert view is not None
    assert view.name == "new"
    known = facts(view)
    place = known.index(("tags", "good"))
    assert known[place + 1 : place + 3] == [("notes", "one [/x]"), ("", "two")]


def test_a_long_fact_goes_on_below_its_beginning(tmp_path: Path) -> None:
    long = "per_epoch(multistep(0.5, milestones=[5ep, 30ep, 60ep, 90ep], gamma=0.5)) >> cosine(0.1)"
    path = str(tmp_path / ("deep" * 40))
    view = RunView("id", "a", RunState.STARTING, path, RunSpec(schedule=long), "")
    lines = about(view, 60).plain.split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith("schedule "))
    column = lines[first].index("per_epoch")
    assert max(map(len, lines)) <= 60
    assert lines[first + 1].startswith(" " * column)
    assert lines[first + 1][column] != " "
    assert "".join(line[column:] for line in lines).replace(" ", "").endswith(path)
