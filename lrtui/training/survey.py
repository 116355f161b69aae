"""Says what PyTorch finds on this machine, as one JSON document on stdout: `python -m lrtui.training.survey`.

A process of its own, since loading PyTorch takes seconds and a broken driver may hang or kill it.
"""

from __future__ import annotations

import json
import platform
import sys
from typing import Any

import torch

from lrtui.training.devices import describe, resolve


def survey() -> dict[str, Any]:
    """PyTorch's version, the devices by name with memory in bytes, and the one that `auto` takes."""
    devices: list[dict[str, str | int]] = [{"name": "cpu", "what": describe(torch.device("cpu"))}]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            device = torch.device("cuda", index)
            devices.append({"name": str(device), "what": describe(device), "free": free, "memory": total})
    if torch.backends.mps.is_available():
        devices.append({"name": "mps", "what": f"Apple GPU of {platform.machine()}"})
    return {
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "devices": devices,
        "auto": str(resolve("auto")),
    }


if __name__ == "__main__":
    json.dump(survey(), sys.stdout)
