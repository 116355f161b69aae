"""The processes that train one run together, as each of them sees the others.

It knows torch's process groups and nothing of what is trained. The gradients are DistributedDataParallel's
business (see `parallel`); what goes through here are a few numbers several times a second.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from lrtui.runs.queue_slots import cores
from lrtui.runs.spec import RunSpec
from lrtui.training.devices import DeviceError

PATIENCE = timedelta(days=365)
"""A run may be paused for long, and all the others wait for the first; a dead process is noticed at once."""


class Team:
    """This process and the others, as torch's launcher has numbered them.

    Args:
        device: as in the spec: `auto`, `cpu` or `cuda`.

    Attributes:
        rank: of this process, from 0; the first one leads.
        size: how many there are.
        device: this process's own.

    Raises:
        DeviceError: if there are fewer devices than processes.
    """

    def __init__(self, device: str) -> None:
        self.rank, self.size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
        if cuda and torch.cuda.device_count() < self.size:
            raise DeviceError(
                f"processes {self.size}: this machine has {torch.cuda.device_count()} CUDA devices; "
                "take as many processes at most, or device cpu"
            )
        self.device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        else:
            # All on this machine: gloo would otherwise look for an interface by the host's name.
            os.environ.setdefault("GLOO_SOCKET_IFNAME", _loopback())
        # What is agreed on, and sums that were read back, go over the CPU whatever trains.
        dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo", timeout=PATIENCE)

    @property
    def leads(self) -> bool:
        """Whether this process speaks for all: writes the log, hears commands, saves checkpoints."""
        return self.rank == 0

    def threads(self, spec: RunSpec) -> int:
        """How many CPU threads are this process's part."""
        return max((spec.threads or cores()) // self.size, 1)

    def sum(self, tensor: torch.Tensor) -> None:
        """Replace a tensor by the sum of everybody's; all must call it, with tensors of one shape."""
        dist.all_reduce(tensor)

    def tell(self, message: Any) -> Any:
        """What the first process says, for everybody; all must call it, the others with anything."""
        said = [message]
        dist.broadcast_object_list(said, src=0, device=torch.device("cpu"))
        return said[0]


def _loopback() -> str:
    return "lo" if os.path.exists("/sys/class/net/lo") else "lo0"  # noqa: PTH110 -- macOS has lo0
