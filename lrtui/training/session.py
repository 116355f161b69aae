"""From a run's spec and its data to an engine that is ready to train.

Neither reads the data nor writes events; with this module, torch is imported.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from lrtui import __version__
from lrtui.runs.averages import parse_average
from lrtui.runs.datasets import DataError
from lrtui.runs.optimizers import parse_optimizer
from lrtui.runs.spec import RunSpec
from lrtui.schedules import decider, parse
from lrtui.training import devices, models, optimizers
from lrtui.training.checkpoints import Checkpoints
from lrtui.training.data import Images
from lrtui.training.engine import REPORT_EVERY, Engine
from lrtui.training.machine import Machine
from lrtui.training.pace import Pace
from lrtui.training.resident import Resident
from lrtui.training.update import Recipe
from lrtui.training.watch import Watch

if TYPE_CHECKING:
    from lrtui.training.team import Team


def prepare(
    spec: RunSpec,
    images: Images,
    device: torch.device,
    watch: Watch,
    report_every: float = REPORT_EVERY,
    team: Team | None = None,
) -> Engine:
    """Build model, optimizer, rates and resident data as `spec` says, and seed torch with its seed.

    With a team the engine is one of several that train together.

    Raises:
        DataError: if `images` are more or fewer than the spec counted on: its schedule would not fit them.
    """
    counts = (len(images.train_labels), len(images.test_labels))
    if counts != (spec.train_examples, spec.test_examples):
        raise DataError(
            f"{spec.data} now holds {counts[0]:,}/{counts[1]:,} examples, not the {spec.train_examples:,}/"
            f"{spec.test_examples:,} this run was made for; start a new run"
        )
    use_threads(spec, team)
    devices.make_repeatable(device)
    torch.manual_seed(spec.seed)
    model = models.build(spec.model, images.classes).to(device).to(memory_format=torch.channels_last)
    schedule, horizon = parse(spec.schedule), spec.horizon()
    follower = None if schedule.metric_driven is None else decider(schedule, horizon)
    if follower is None:
        rates = np.ascontiguousarray(schedule.rates(horizon), np.float64)
    else:
        rates = np.array(follower.rates(np.arange(horizon.total)), np.float64)
    choice = parse_optimizer(spec.optimizer)
    optimizer = optimizers.build(choice, model.parameters(), float(rates[0]), spec.train_examples)
    momentum = optimizers.momentum(optimizer)
    steady = {"momentum": np.broadcast_to(momentum, horizon.total)} if momentum else {}
    make: Callable[..., Engine] = Engine
    if team is not None:
        from lrtui.training.parallel import ParallelEngine

        make = partial(ParallelEngine, team=team)
    return make(
        model,
        optimizer,
        Resident.on(device, images),
        Pace(
            rates,
            spec.steps_per_epoch(),
            followed={**steady, **choice.followed(horizon)},
            decider=follower,
            interventions=spec.interventions,
        ),
        recipe=Recipe(
            spec.batch_size,
            spec.accumulate,
            spec.clip_norm,
            spec.label_smoothing,
            spec.precision,
            spec.compile,
        ),
        average=parse_average(spec.average, horizon),
        stop_on=spec.stop_on,
        machine=Machine(device).figures,
        seed=spec.seed,
        watch=watch,
        report_every=report_every,
    )


def use_threads(spec: RunSpec, team: Team | None = None) -> None:
    """Have the calling thread compute with as many CPU threads as the spec, or its part of a team's, says."""
    if team is not None:
        torch.set_num_threads(team.threads(spec))
    elif spec.threads:
        torch.set_num_threads(spec.threads)


class Overseen:
    """An engine with its checkpoints, as the worker's oversight deals with it."""

    def __init__(self, engine: Engine, checkpoints: Checkpoints) -> None:
        self._engine = engine
        self._checkpoints = checkpoints

    @property
    def done(self) -> int:
        """Updates made so far."""
        return self._engine.done

    def save(self, best: bool = False) -> Path:
        """Save a checkpoint; returns its path within the run's folder."""
        return self._checkpoints.save(self._engine, best)

    def due(self) -> bool:
        """Whether it is time for one."""
        return self._checkpoints.due(self._engine)

    @property
    def over(self) -> bool:
        """Whether all updates are made."""
        return self._engine.over

    def obey(self, command: str, args: dict[str, Any]) -> dict[str, Any]:
        """Change the rate as a command says; returns what the log is to say of it, or raises Refused."""
        return self._engine.pace.steering.obey(command, args, self._engine.done)


def facts(engine: Engine, device: torch.device, processes: int = 1) -> dict[str, Any]:
    """What the `started` and `resumed` events say of the engine and of what it runs on."""
    return {
        "device": str(device),
        "device_name": devices.describe(device),
        **({"processes": processes} if processes > 1 else {}),
        "versions": {
            "lrtui": __version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        "updates": len(engine.pace.rates),
        "steps_per_epoch": engine.steps_per_epoch,
        "parameters": count_parameters(engine.model),
    }


def count_parameters(model: nn.Module) -> int:
    """How many numbers the optimizer may change."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
