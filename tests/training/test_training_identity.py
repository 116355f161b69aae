"""Which specs may go on from one another's checkpoints."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from lrtui.runs.spec import RunSpec
from lrtui.training.checkpoints import identity

SPEC = RunSpec(schedule="constant(0.1)")


def test_a_checkpoint_from_before_a_field_was_there_still_fits() -> None:
    first = {
        "schedule": "constant(0.1)",
        "task": "fashion-mnist",
        "model": "lenet",
        "optimizer": "sgd",
        "epochs": 10,
        "batch_size": 256,
        "seed": 0,
        "device": "auto",
        "data": "embedded",
        "train_examples": 10_000,
        "test_examples": 2_000,
    }
    assert identity(SPEC) == hashlib.sha256(json.dumps(first, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"accumulate": 2},
        {"clip_norm": 1.0},
        {"label_smoothing": 0.1},
        {"average": "ema(decay=0.9)"},
        {"precision": "bf16"},
        {"compile": True},
        {"processes": 2},
        {"seed": 1},
    ],
)
def test_whatever_changes_the_training_changes_the_identity(change: dict[str, object]) -> None:
    assert identity(msgspec.structs.replace(SPEC, **change)) != identity(SPEC)


@pytest.mark.parametrize("change", [{"name": "a"}, {"preset": "b"}, {"stop_on": ("overfitting",)}])
def test_what_only_names_or_ends_it_does_not(change: dict[str, object]) -> None:
    assert identity(msgspec.structs.replace(SPEC, **change)) == identity(SPEC)
