"""A network as torch compiles it, and one clear line where it can't."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lrtui.runs.text import one_line

BACKEND = "inductor"


class CompileError(RuntimeError):
    """torch can't compile the network here; the message is one line with the remedy."""


class Compiled:
    """Calls a model through torch's compiler.

    Compiling happens at the first call and at the first one of each other shape. It takes seconds to minutes,
    in which the run answers no command. The results differ from the plain model's in their last bits.
    """

    def __init__(self, model: nn.Module) -> None:
        self._call: Callable[[Tensor], Tensor] = torch.compile(model, dynamic=False, backend=BACKEND)

    def __call__(self, images: Tensor) -> Tensor:
        """The model's logits of a batch.

        Raises:
            CompileError: if torch fails to compile it, for want of a C++ compiler as a rule.
        """
        from torch._dynamo.exc import TorchDynamoException

        try:
            return self._call(images)
        except TorchDynamoException as error:
            cause = one_line(error).split(" Set TORCHDYNAMO_VERBOSE")[0][:200]
            raise CompileError(
                f"torch can't compile the network here ({cause}); "
                "install a C++ compiler, or train without compiling"
            ) from error
