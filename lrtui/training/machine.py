"""How busy the machine and the device are while a run trains, as far as they tell."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import psutil
import torch

SAMPLE_EVERY = 1.0  # seconds; the load is a mean over the time between two samples


class Machine:
    """The load of the machine, a sample a second at most.

    Args:
        device: where the run trains.
    """

    def __init__(self, device: torch.device) -> None:
        self._process = psutil.Process()
        self._sources: dict[str, Callable[[], float]] = {
            "cpu_load": lambda: psutil.cpu_percent() / 100,
            "memory": lambda: float(self._process.memory_info().rss),
        }
        if device.type == "cuda":
            self._sources["device_memory"] = lambda: float(torch.cuda.memory_reserved(device))
            self._sources["gpu_load"] = lambda: torch.cuda.utilization(device) / 100
        elif device.type == "mps":
            self._sources["device_memory"] = lambda: float(torch.mps.driver_allocated_memory())
        psutil.cpu_percent()  # the first call only starts the clock
        self._figures: dict[str, float] = {}
        self._next = monotonic() + SAMPLE_EVERY / 2

    def figures(self) -> dict[str, float]:
        """The latest sample: loads in 0..1, memory in bytes; what can't be known is left out.

        `cpu_load` is the whole machine's, `memory` this process's, `device_memory` what torch holds of the
        device's, `gpu_load` the share of time in which the GPU did something (NVML's word).
        """
        if monotonic() >= self._next:
            self._next = monotonic() + SAMPLE_EVERY
            for name, source in list(self._sources.items()):
                try:
                    self._figures[name] = source()
                except Exception:  # noqa: BLE001 -- drivers fail in their own ways, and training must not
                    # No NVML, or a process that may not look: it won't be otherwise in a second.
                    del self._sources[name]
                    self._figures.pop(name, None)
        return self._figures
