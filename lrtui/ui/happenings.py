"""What happened to a run, in words: commands asked, answered and refused, findings, and marks for its charts.

Pure functions of events; no clock, no files, no widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lrtui.runs.control import STEERING
from lrtui.runs.diagnoses import DIAGNOSES
from lrtui.runs.events import Event
from lrtui.runs.history import History, number
from lrtui.runs.text import printable
from lrtui.ui.keys import key_for
from lrtui.ui.run_view import Note

WORDS = {"pause": "paused", "resume": "resumed", "stop": "stop", "finish": "last epoch",
         "follow-schedule": "schedule", "kill": "killed"}  # fmt: skip
"""Commands on a chart's mark, where their own name isn't the best word."""

ASKED = {
    "stop": "stopping: the worker finishes its update and writes the ending …",
    "pause": "pausing after the present update …",
    "resume": "asked to go on …",
    "finish": "asked to stop when this epoch is over …",
    "checkpoint": "asked for a checkpoint …",
    "set-rate": "asked to hold the rate …",
    "scale-rate": "asked to scale the schedule …",
    "follow-schedule": "asked to follow the schedule again …",
    "cooldown": "asked to begin the cooldown …",
    "kill": "killing the worker …",
}
"""What is said until the answer comes."""


def notes(history: History, most: int = 16) -> tuple[Note, ...]:
    """The latest commands that a worker obeyed, its diagnoses and the run's turns, each where it happened.

    A diagnosis names no update: it stands at the last report before it. One before any report is left out.
    """
    reports = history.columns("report")
    if not len(reports.get("time", ())):
        return ()
    origin = float(reports["time"][0] - reports["seconds"][0])
    obeyed = [
        event
        for event in history.commands
        if event.get("accepted", True) and event.get("command") != "checkpoint"  # it changes nothing
    ]
    found: list[Note] = []
    latest = [*obeyed[-most:], *history.diagnoses[-most:], *history.turns[-most:]]
    for event in sorted(latest, key=lambda event: event.time)[-most:]:
        before = np.flatnonzero(reports["time"] <= event.time)
        step = number(event.get("step"))
        if not np.isfinite(step) and before.size and "step" in reports:
            step = float(reports["step"][before[-1]])
        if np.isfinite(step):
            found.append(Note(step, max(event.time - origin, 0.0), _word(event)))
    return tuple(found)


def _word(event: Event) -> str:
    command = str(event.get("command") or "")
    if event.kind == "diagnosis":
        text = kind_in_words(event)
    elif event.kind == "resumed":
        text = "taken up"
    elif event.kind == "amended":
        text = "other schedule" if _changed(event, "schedule") is not None else "other length"
    elif command == "set-rate":
        text = f"rate {number(event.get('lr')):g}"
    elif command == "scale-rate":
        text = f"rate ×{number(event.get('factor')):g}"
    else:
        text = WORDS.get(command, command)
    return printable(text, 24)


def kind_in_words(diagnosis: Event) -> str:
    """What a diagnosis is called: `stuck at chance`."""
    return printable(str(diagnosis.get("kind") or "diagnosis").replace("_", " "), 40)


def planned(command: str, args: Mapping[str, Any]) -> str:
    """What a command that changes the rate does, in words; `args` as sent, or as the worker answered."""
    match command:
        case "set-rate":
            return f"the rate is held at {number(args.get('lr')):g}"
        case "scale-rate":
            return f"the schedule is multiplied by {number(args.get('factor')):g}"
        case "follow-schedule":
            return "the schedule is followed as it stands"
        case "cooldown":
            begin, final = number(args.get("from_lr")), number(args.get("final_lr", 0.0))
            start = f" from {begin:.4g}" if np.isfinite(begin) else ""
            return f"the rate falls{start} to {final:.4g} ({args.get('shape', 'linear')})"
    return command


def answer(event: Event) -> str:
    """A worker's answer to a command, in one sentence."""
    command = str(event.get("command") or "")
    step = number(event.get("step"))
    at = f"update {step:,.0f}" if np.isfinite(step) else "an unknown update"
    if event.get("accepted", True) is False:
        why = str(event.get("message") or "the worker didn't say why")
        return printable(f"{command.replace('-', ' ')} was refused at {at}: {why}", 400)
    if command in STEERING:
        text = f"from {at} on {planned(command, event.fields)}"
        end = number(event.get("end"))
        if command == "cooldown" and np.isfinite(end):
            text += f", and the run ends after {end:,.0f} updates"
        return printable(text, 400)
    text = {
        "pause": f"paused at {at}",
        "resume": f"goes on from {at}",
        "stop": f"stops at {at}",
        "finish": f"accepted at {at}: it stops when this epoch is over; "
        f"{key_for('train.finish')} again takes that back",
        "checkpoint": f"a checkpoint of {at} is saved",
        "kill": f"killed at {at}; it can be taken up at its last checkpoint",
    }.get(command, f"{command} was accepted at {at}")
    return printable(text, 400)


def turn(event: Event) -> str:
    """Where an ended run was taken up again, or how it was made another one, in one sentence."""
    step = number(event.get("step"))
    at = f"at update {step:,.0f}" if np.isfinite(step) else "at its last checkpoint"
    if event.kind == "resumed":
        return f"taken up again {at}"
    changes = []
    for name in ("epochs", "schedule"):
        if (change := _changed(event, name)) is not None:
            changes.append(f"{name} {change[1]} instead of {change[0]}")
    return printable(f"changed {at}: {', '.join(changes) or 'its spec was changed'}", 1000)


def _changed(amended: Event, name: str) -> tuple[Any, Any] | None:
    """What a field of the spec was and became; None if it stayed as it was."""
    change = amended.get(name)
    return (change[0], change[1]) if isinstance(change, list) and len(change) == 2 else None


def finding(event: Event) -> list[str]:
    """A diagnosis in full: what it is, what the worker says with its remedy, and its evidence."""
    kind = str(event.get("kind") or "")
    about = DIAGNOSES.get(kind, "")
    lines = [kind_in_words(event) + (f": {about.split(';')[0]}" if about else "")]
    lines.append(printable(str(event.get("message") or ""), 2000))
    evidence = event.get("evidence")
    if isinstance(evidence, dict) and evidence:
        lines.append("evidence: " + ", ".join(_evidence(evidence)))
    return [line for line in lines if line]


def _evidence(evidence: Mapping[str, Any]) -> Iterable[str]:
    for name, value in list(evidence.items())[:12]:
        values = value[-4:] if isinstance(value, list) else [value]
        shown = ", ".join(_figure(each) for each in values)
        yield printable(f"{str(name).replace('_', ' ')} {shown}", 120)


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def finishing(commands: Iterable[Event], since: float = 0.0) -> bool:
    """Whether the worker that began at ``since`` was asked to stop with its epoch, and not to go on since."""
    last = False
    for event in commands:
        obeyed = event.time >= since and event.get("accepted", True) is not False
        if obeyed and event.get("command") in ("finish", "resume"):
            last = event.get("command") == "finish"
    return last
