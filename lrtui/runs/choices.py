"""What a spec's fields may be where there is a list to choose from, and the largest run there can be."""

from __future__ import annotations

OWN = "own"
"""The task of a run whose loop is somebody's own script (see `own_spec`): lrtui's worker can't make it."""

TASKS: tuple[str, ...] = ("fashion-mnist",)
MODELS: tuple[str, ...] = ("lenet", "lenet-1")
DEVICES = "auto, cpu, cuda, cuda:N or mps"
PRECISIONS: tuple[str, ...] = ("float32", "tf32", "bf16", "fp16")
MOST_UPDATES = 20_000_000
"""The rates of all updates are worked out beforehand; more of them than this are surely a mistake."""
