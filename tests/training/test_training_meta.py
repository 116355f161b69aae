"""A whole update on torch's `meta` device: nothing of it is tied to a device."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from engines import Witness

from lrtui.runs.averages import Ema, Swa
from lrtui.runs.optimizers import parse_optimizer
from lrtui.training import models, optimizers
from lrtui.training.engine import Engine
from lrtui.training.pace import Pace
from lrtui.training.resident import Resident, epoch_order
from lrtui.training.update import Recipe

META = torch.device("meta")


def optimizer_state(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """The tensors an optimizer keeps beside the weights; counts of its updates may lie anywhere."""
    found = [each for state in optimizer.state.values() for name, each in state.items() if name != "step"]
    return [each for each in found if isinstance(each, torch.Tensor)]


@pytest.mark.parametrize("optimizer", sorted(optimizers.BUILDERS))
@pytest.mark.parametrize(
    ("recipe", "average"),
    [(Recipe(16), Ema(0.9)), (Recipe(4, 4, clip_norm=1.0, label_smoothing=0.1), Swa(first=1, step=2))],
    ids=["plain", "all"],
)
def test_a_whole_step_runs_on_the_meta_device(optimizer: str, recipe: Recipe, average: Ema | Swa) -> None:
    """Nothing is left on the CPU or read back: on `meta`, both are errors. (It knows no mixed precision.)"""
    resident = Resident(
        *(
            torch.empty(shape, dtype=kind, device=META)
            for shape, kind in (
                ((100, 1, 28, 28), torch.uint8),
                ((100,), torch.int64),
                ((30, 1, 28, 28), torch.uint8),
                ((30,), torch.int64),
            )
        ),
        classes=10,
    )
    model = models.build("lenet").to(META).to(memory_format=torch.channels_last)
    built = optimizers.build(parse_optimizer(optimizer), model.parameters(), 0.1, 100)
    engine = Engine(
        model,
        built,
        resident,
        Pace(np.full(14, 0.1), 7),
        recipe=recipe,
        average=average,
        seed=0,
        watch=Witness(),
    )
    engine._change.note()
    engine.step(epoch_order(100, 0, 0)[:16].to(META))
    ratio = engine._change.ratio()
    assert ratio is not None
    assert ratio.device == META
    engine.step(epoch_order(100, 0, 0)[96:].to(META))
    assert engine.done == 2
    assert engine.books.figures.device == META
    assert engine.average is not None
    assert engine.average.taken == (2 if isinstance(average, Ema) else 1)
    for kept in (*engine.average.model.parameters(), *optimizer_state(built)):
        assert kept.device == META
