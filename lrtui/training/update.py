"""One optimizer update: forward, backward, clipping, the optimizer's step; nothing is read back.

When updates are made, at which rate and on which examples is the engine's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from lrtui.training.compiling import Compiled
from lrtui.training.precision import Precision
from lrtui.training.rehearsal import rehearse
from lrtui.training.resident import Resident

_NO_WEIGHTS = 1e-12  # a norm of the weights that a change isn't divided by


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an update is made; the attributes are those of a spec (see `RunSpec`)."""

    batch_size: int
    accumulate: int = 1
    clip_norm: float | None = None
    label_smoothing: float = 0.0
    precision: str = "float32"
    compile: bool = False

    @property
    def examples(self) -> int:
        """How many an update takes, the last one of an epoch excepted."""
        return self.batch_size * self.accumulate


class Updater:
    """Makes updates of a model.

    Args:
        model: on the data's device, in channels_last format.
        optimizer: over the model's parameters.
        data: the resident data set.
        recipe: how.
        part: which part of every update is made here, from 0, and of how many: the processes of a team take
            one each, and torch averages their gradients.

    Attributes:
        fetching: seconds spent so far on getting batches ready.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data: Resident,
        recipe: Recipe,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self.precision = Precision(recipe.precision, data.device)
        self.fetching = 0.0
        self._optimizer = optimizer
        self._data = data
        self._recipe = recipe
        self._rank, self._size = part
        # Evaluation uses the model itself, so that its figures are the plain network's.
        self._network: Callable[[Tensor], Tensor] = model
        if recipe.compile:
            compiled = Compiled(model)
            compiled.warm(self._shapes(), self.precision.context)
            self._network = compiled
        if self._size > 1:
            self._network = DistributedDataParallel(model)
            # It orders the gradients by the first pass. Were that an update, one taken up in another process
            # would add them up in another order than the same update of a run that was never interrupted.
            images = data.batch(torch.arange(1, device=data.device))[0]
            rehearse(model, self._network, [images], self.precision.context)
        self._parameters = [each for each in model.parameters() if each.requires_grad]

    def make(self, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Make one update on the training examples that `index` names.

        Batches that are accumulated count by their examples, so that the gradient is that of the mean loss
        over all of them, also where the last batch is shorter.

        Returns:
            Mean loss, the number of examples got right before the update, and the norm of the gradient before
            clipping: scalars on the device. With others, of loss and hits this process's part of the sum.
        """
        whole = len(index)
        size = -(-self._recipe.batch_size // self._size)
        mine = torch.tensor_split(index, self._size)[self._rank] if self._size > 1 else index
        if len(mine) <= size:
            loss, hits = self._backward(mine, len(mine) / whole)
        else:
            parts = torch.split(mine, size)
            made = []
            for number, part in enumerate(parts, 1):
                with self._alone() if number < len(parts) else nullcontext():
                    made.append(self._backward(part, len(part) / whole))
            loss, hits = (torch.stack(each).sum() for each in zip(*made, strict=True))
        self.precision.unscale(self._optimizer)
        norm = self._clipped_norm()
        self.precision.step(self._optimizer)
        self._optimizer.zero_grad(set_to_none=True)
        return loss, hits, norm

    def _alone(self) -> AbstractContextManager[Any]:
        """Where gradients only add up here: the last batch of an update brings everybody's together."""
        network = self._network
        return network.no_sync() if isinstance(network, DistributedDataParallel) else nullcontext()

    def _shapes(self) -> Iterator[Tensor]:
        """A batch of each size that an epoch has: whole ones, and the last."""
        examples, size = len(self._data.train_labels), self._recipe.batch_size
        for count in {size, examples % size} - {0}:
            yield self._data.batch(torch.arange(count, device=self._data.device))[0]

    def _backward(self, index: Tensor, share: float) -> tuple[Tensor, Tensor]:
        """Add the gradient of a batch's mean loss times `share`; returns that loss, and the hits."""
        start = perf_counter()
        images, labels = self._data.batch(index)
        self.fetching += perf_counter() - start
        with self.precision.context():
            logits = self._network(images)
            loss = functional.cross_entropy(logits, labels, label_smoothing=self._recipe.label_smoothing)
        if share != 1.0:
            loss = loss * share
        # Gradients are averaged over the processes, and losses are added up.
        summed = loss * self._size if self._size > 1 else loss
        torch.autograd.backward(self.precision.scaled(summed))
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _clipped_norm(self) -> Tensor:
        """The norm of the gradient, which is shortened if it is to be."""
        if self._recipe.clip_norm is not None:
            return nn.utils.clip_grad_norm_(self._parameters, self._recipe.clip_norm)
        return norm([each.grad for each in self._parameters if each.grad is not None])


class Change:
    """By how much an update changes the weights, as a part of their norm; on the device."""

    def __init__(self, model: nn.Module) -> None:
        self._weights = [each.detach() for each in model.parameters() if each.requires_grad]
        self._before: list[Tensor] | None = None

    def note(self) -> None:
        """Keep the weights as they are before the update."""
        self._before = [each.clone() for each in self._weights]

    def ratio(self) -> Tensor | None:
        """The norm of the change since the latest note over the norm then, a scalar; None without a note."""
        if self._before is None:
            return None
        before, self._before = self._before, None
        whole = norm(before)
        change = norm([now - then for now, then in zip(self._weights, before, strict=True)])
        return change / whole.clamp_min(_NO_WEIGHTS)


def norm(tensors: list[Tensor]) -> Tensor:
    """The Euclidean norm of all the numbers in some tensors together, a scalar on their device."""
    norms: tuple[Tensor, ...] = torch._foreach_norm(tensors)
    whole: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    return whole
