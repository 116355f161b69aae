"""What the first of several processes decides holds for all: here it is the only one, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from engines import IMAGES, Witness, make, plain, same, weights

from lrtui.runs.spec import RunSpec
from lrtui.training.ending import Interrupted
from lrtui.training.engine import Engine
from lrtui.training.session import prepare


class Alone:
    """A team of one, which keeps what was told to all."""

    rank, size, leads, device = 0, 1, True, torch.device("cpu")

    def __init__(self) -> None:
        self.told: list[Any] = []

    def threads(self, spec: RunSpec) -> int:
        return 1

    def sum(self, tensor: torch.Tensor) -> None:
        pass

    def tell(self, message: Any) -> Any:
        self.told.append(message)
        return message


class Stopping(Witness):
    """Stops the run when it is asked to, wherever the run then is."""

    def __init__(self) -> None:
        super().__init__()
        self.wish: Callable[[], bool] = lambda: False

    def poll(self, step: int) -> None:
        if self.wish():
            raise Interrupted("enough")


def together(schedule: str = "cosine(0.05)", witness: Witness | None = None, **values: Any) -> Engine:
    counts = {"train_examples": len(IMAGES.train_labels), "test_examples": len(IMAGES.test_labels)}
    spec = RunSpec(schedule=schedule, **{"epochs": 2, "batch_size": 16, "threads": 1, **counts, **values})
    return prepare(spec, IMAGES, torch.device("cpu"), witness or Witness(), 0.0, Alone())  # type: ignore[arg-type]


def test_a_team_of_one_trains_as_no_team_to_the_bit() -> None:
    witness = Witness()
    ours, (theirs, expected) = together(witness=witness, average="ema"), make("cosine(0.05)", average="ema")
    assert ours.run() == theirs.run() == "completed"
    assert same(weights(ours), weights(theirs))
    assert plain(witness.of("epoch")) == plain(expected.of("epoch"))


def test_a_stop_while_an_epoch_is_evaluated_waits_until_the_epoch_is_told() -> None:
    witness = Stopping()
    engine = together(witness=witness)
    engine._next_poll = 1e18  # none between updates
    evaluate = engine.evaluate

    def evaluating(model: torch.nn.Module | None = None) -> tuple[float, float]:
        engine._next_poll = 0.0
        witness.wish = lambda: True
        return evaluate(model)

    engine.evaluate = evaluating  # type: ignore[method-assign]
    with pytest.raises(Interrupted, match="enough"):
        engine.run()
    assert [each["epoch"] for each in witness.of("epoch")] == [1]
    assert engine.position() == {"step": 7, "epochs": 1, "diagnoses": 0}
    assert engine._team.told[-1][0] == ("interrupted", "enough")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("schedule", "outcome"), [("constant(1e6)", ("diverged", "")), ("constant(0.05)", ("", ""))]
)
def test_how_it_ends_is_told_to_all(schedule: str, outcome: tuple[str, str]) -> None:
    engine = together(schedule)
    assert engine.run() == (outcome[0] or "completed")
    assert engine._team.told[-1][0] == outcome  # type: ignore[attr-defined]
