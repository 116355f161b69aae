"""What people did to a run's rate while it trained, as a part of a spec: so a run can be repeated as it went.

Only what changes the training is an intervention: pauses, stops and checkpoints aren't.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from lrtui import __version__
from lrtui.runs.control import STEERING
from lrtui.runs.text import printable

if TYPE_CHECKING:
    from lrtui.runs.events import Event
    from lrtui.runs.run import Run
    from lrtui.runs.spec import RunSpec

_NEEDED = {
    "set-rate": ("lr",),
    "scale-rate": ("factor",),
    "follow-schedule": (),
    "cooldown": ("length", "final_lr", "shape"),
}


class Intervention(msgspec.Struct, frozen=True):
    """A command that took effect at an update.

    Attributes:
        step: the first update that felt it, from 0.
        command: one of `control.STEERING`.
        args: what it needs: lr, factor, or length, final_lr and shape.
    """

    step: int
    command: str
    args: dict[str, Any] = {}


def interventions(commands: Iterable[Event]) -> tuple[Intervention, ...]:
    """The interventions that a log's `command` events tell of, in order; refused ones and others left out."""
    found = []
    for event in commands:
        name, step = event.get("command"), event.get("step")
        if name in STEERING and event.get("accepted", True) is True and isinstance(step, int):
            args = {each: event.get(each) for each in _NEEDED[name]}
            if all(_usable(value) for value in args.values()):
                found.append(Intervention(step, name, args))
    return tuple(found)


def repeat(run: Run) -> RunSpec:
    """A spec that trains what `run` trained, with what was done to its rate by hand, to the same metrics.

    Stops are not repeated: a run that was stopped is repeated to its end.

    Raises:
        SpecError: if the run's spec can't be read, isn't one for lrtui's worker, or says what this version of
            lrtui doesn't know.
    """
    spec = run.spec
    spec.check()
    if run.passed_over:
        from lrtui.runs.spec_errors import SpecError

        names = ", ".join(run.passed_over[:4])
        raise SpecError(
            f"{run.id} can't be repeated by lrtui {__version__}, which doesn't know what {names} in its spec "
            f"means: take the version that wrote it ({printable(spec.lrtui, 40)})"
        )
    history = run.history()
    done = interventions(history.commands)
    # What was planned and didn't come about, because the run ended before.
    planned = tuple(each for each in spec.interventions if each.step >= history.done and each not in done)
    return msgspec.structs.replace(spec, interventions=(*done, *planned))


def _usable(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    )
