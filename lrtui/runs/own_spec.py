"""The spec of a run whose training loop is somebody's own script.

Such a spec records and schedules; it can't be launched, for only its script knows what it trains. The loop is
`own_loop`.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lrtui import __version__
from lrtui.runs.spec import MOST_UPDATES, OWN, RunSpec, SpecError, wrong_schedule
from lrtui.runs.summary import OWN_LABEL
from lrtui.runs.text import printable
from lrtui.runs.values import plain_values
from lrtui.schedules import Schedule, ScheduleError, decider, parse


def own_spec(
    name: str = "",
    lr: str | float | Schedule | None = None,
    total_steps: int | None = None,
    steps_per_epoch: int | None = None,
    hyper: Mapping[str, Any] | None = None,
) -> RunSpec:
    """A checked spec of an own loop.

    Args:
        name: a name for people, one line.
        lr: the schedule or its expression, a number for a constant rate; None if the script sets the rate.
        total_steps: all updates; needed with a schedule.
        steps_per_epoch: updates in an epoch; needed for lengths in epochs.
        hyper: whatever else is to be known of the run; kept as plain values (see `plain_values`).

    Raises:
        SpecError: one line naming the argument that is wrong.
    """
    _count("total_steps", total_steps)
    _count("steps_per_epoch", steps_per_epoch)
    name = str(name).strip()
    if printable(name) != name or len(name) > 200:
        raise SpecError("must be one line of at most 200 visible characters", "name", name)
    spec = RunSpec(
        schedule="",
        name=name,
        task=OWN,
        updates=None if total_steps is None else int(total_steps),
        updates_per_epoch=None if steps_per_epoch is None else int(steps_per_epoch),
        hyper=plain_values(hyper or {}),
    )
    if lr is None:
        return spec
    try:
        schedule = lr if isinstance(lr, Schedule) else parse(lr if isinstance(lr, str) else repr(float(lr)))
    except ScheduleError as error:
        raise wrong_schedule(error, str(lr), "lr") from error
    except (TypeError, ValueError):
        raise SpecError(
            f"must be an expression, a schedule or a number, not {type(lr).__name__}", "lr"
        ) from None
    if total_steps is None:
        raise SpecError("must be given with lr: the schedule runs over all updates", "total_steps")
    spec = msgspec.structs.replace(spec, schedule=str(schedule))
    try:
        spec.check_schedule()
        if schedule.metric_driven is not None:
            decider(schedule, spec.horizon())
    except ScheduleError as error:
        raise wrong_schedule(error, str(lr), "lr") from error
    except SpecError as error:
        raise SpecError(error.message, "lr", error.value, error.position, error.end) from error
    return spec


def _count(argument: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise SpecError(f"must be a whole number, not {printable(str(value), 40)}", argument)
    if int(value) < 1:
        raise SpecError(f"must be at least 1, not {int(value)}", argument)
    if int(value) > MOST_UPDATES:
        raise SpecError(f"must be at most {MOST_UPDATES:,}", argument)


def facts(spec: RunSpec) -> dict[str, Any]:
    """What the log says of a loop as it starts: versions, script, process and what is known of its length."""
    versions = {"lrtui": __version__, "python": platform.python_version()}
    torch = sys.modules.get("torch")
    if torch is not None:
        versions["torch"] = str(getattr(torch, "__version__", "unknown"))
    return {
        "versions": versions,
        "data": {"label": OWN_LABEL, "kind": "own"},
        "script": printable(Path(sys.argv[0]).name if sys.argv else "", 200),
        "pid": os.getpid(),
        **({} if spec.updates is None else {"updates": spec.updates}),
        **({} if spec.updates_per_epoch is None else {"steps_per_epoch": spec.updates_per_epoch}),
    }
