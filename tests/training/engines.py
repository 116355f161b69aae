"""Engines on small data and a watch that keeps what they tell, for the tests of the step loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from tiny_images import tiny

from lrtui.runs.events import CLOCK_FIELDS
from lrtui.runs.spec import RunSpec
from lrtui.training.data import Images
from lrtui.training.ending import Interrupted
from lrtui.training.engine import Engine
from lrtui.training.session import prepare

IMAGES = tiny(100, 30)


class Witness:
    """A watch that keeps the events, and stops the run before a chosen update."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.stop_at = stop_at

    def emit(self, kind: str, /, **fields: Any) -> None:
        self.events.append((kind, fields))

    def poll(self, step: int) -> None:
        if self.stop_at is not None and step >= self.stop_at:
            raise Interrupted("enough")

    def closed(self, best: bool) -> None:
        self.events.append(("kept", {"best": best}))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fields for each, fields in self.events if each == kind]


def make(
    schedule: str = "constant(0.05)",
    witness: Witness | None = None,
    images: Images = IMAGES,
    **values: Any,
) -> tuple[Engine, Witness]:
    """An engine that reports every update, and what hears it."""
    counts = {"train_examples": len(images.train_labels), "test_examples": len(images.test_labels)}
    spec = RunSpec(schedule=schedule, **{"epochs": 2, "batch_size": 16, "threads": 1, **counts, **values})
    witness = witness or Witness()
    return prepare(spec, images, torch.device("cpu"), witness, report_every=0.0), witness


def plain(metrics: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without what depends on the clock."""
    return [{k: v for k, v in each.items() if k not in CLOCK_FIELDS} for each in metrics]


def weights(engine: Engine) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in engine.model.parameters()]


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(this, that) for this, that in zip(one, other, strict=True))
