"""How good a model is on the test set."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrtui.training.precision import Precision
from lrtui.training.resident import Resident, to_floats

BATCH = 500  # examples; few enough for the caches of a CPU, where 2,000 took half as long again


def evaluate(
    model: nn.Module, data: Resident, precision: Precision, between: Callable[[], object]
) -> tuple[float, float]:
    """Mean loss and accuracy (0..1) of a model, which is left in evaluation mode.

    The loss is plain cross-entropy, whatever the run is trained with: it stays comparable.

    Args:
        model: on the data's device.
        data: whose test set is used.
        precision: what the model computes in.
        between: called between two batches; may raise.
    """
    loss, hits = totals(model, data, precision, between).tolist()
    return loss / len(data.test_labels), hits / len(data.test_labels)


@torch.inference_mode()
def totals(model: nn.Module, data: Resident, precision: Precision, between: Callable[[], object]) -> Tensor:
    """The sum of the losses and the number of hits, float64 (2,) on the CPU; the rest as `evaluate`."""
    model.eval()
    sums = []
    images, labels = data.test_images, data.test_labels
    for start in range(0, len(labels), BATCH):
        some = slice(start, start + BATCH)
        with precision.context():
            logits = model(to_floats(images[some]))
            loss = functional.cross_entropy(logits, labels[some], reduction="sum")
        sums.append(torch.stack([loss, (logits.argmax(1) == labels[some]).sum()]))
        between()
    return torch.stack(sums).cpu().double().sum(0) if sums else torch.zeros(2, dtype=torch.float64)
