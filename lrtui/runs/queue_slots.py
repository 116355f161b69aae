"""How many runs train together, which GPU each gets, and how many CPU threads.

The number is a setting; left alone, it is one a GPU, or on a CPU one for every two cores, four at most. GPUs
are counted without torch, which alone would take seconds: by what CUDA_VISIBLE_DEVICES leaves of those that
the driver lists. Starts nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lrtui.runs.files import write_file
from lrtui.runs.spec import OWN, SpecError

if TYPE_CHECKING:
    from lrtui.runs.run import Run
    from lrtui.runs.spec import RunSpec

DEVICE_FILE = "device"
"""In a run's folder: the GPU that a run which takes any has been given, such as `cuda:1`."""

MOST_ON_CPU = 4
_DRIVER = Path("/proc/driver/nvidia/gpus")


def slots() -> int:
    """How many runs may train together: what is set (`LRTUI_SLOTS`, settings.toml), else `default_slots`."""
    from lrtui.settings import load

    return load().slots or default_slots()


def default_slots() -> int:
    """One run a GPU; without any, one for every two cores, four at most."""
    return gpus() or max(1, min(cores() // 2, MOST_ON_CPU))


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def gpus() -> int:
    """How many CUDA GPUs a worker started from here would see; Apple's GPU counts as one. 0 for none."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = _cuda_gpus()
    if visible is not None:
        # What follows a number that isn't one is hidden, as CUDA has it.
        named = [each.strip() for each in visible.split(",")]
        wrong = next((at for at, each in enumerate(named) if each in ("", "-1")), len(named))
        there = min(there, wrong)
    if not there and sys.platform == "darwin" and os.uname().machine == "arm64":
        return 1
    return there


@lru_cache(maxsize=1)
def _cuda_gpus() -> int:
    """The GPUs that the driver lists; asked once, since none is built in while a process runs."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in _DRIVER.iterdir())
    command = shutil.which("nvidia-smi")  # the only one to ask under WSL
    if command is None:
        return 0
    try:
        said = subprocess.run(
            [command, "--list-gpus"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(line.startswith("GPU ") for line in said.stdout.splitlines())


def needs(spec: RunSpec, of: int) -> int:
    """How many of the slots a run takes: one a process, but never more than there are."""
    return min(1 if spec.task == OWN else spec.processes, of)


def with_threads(spec: RunSpec, together: int) -> RunSpec:
    """The spec with its part of the cores, if it says nothing of threads and several runs share a CPU.

    It is put into the spec, and not only into the worker's environment, because the results depend on it.
    """
    on_cpu = spec.device == "cpu" or (spec.device == "auto" and not gpus())
    if spec.threads is not None or together < 2 or not on_cpu:
        return spec
    return msgspec.structs.replace(spec, threads=max(cores() // together, 1))


def assign_device(run: Run, living: Iterable[Run]) -> None:
    """Give a run that takes any GPU the one that the fewest living runs use, and note it in its folder.

    Does nothing (and takes back what was noted) where there is no choice.

    Raises:
        OSError: if it can't be noted.
    """
    path = run.path / DEVICE_FILE
    there = gpus() if sys.platform != "darwin" else 0
    try:
        any_will_do = run.spec.device == "auto" and run.spec.processes == 1
    except SpecError:
        any_will_do = False
    if there < 2 or not any_will_do:
        path.unlink(missing_ok=True)
        return
    used = [0] * there
    for other in living:
        for index in _gpus_of(other, there):
            used[index] += 1
    write_file(path, f"cuda:{used.index(min(used))}\n".encode())


def assigned_device(run: Run) -> str | None:
    """The GPU that a run has been given, None if it may look for itself."""
    try:
        text = (run.path / DEVICE_FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return text if text.startswith("cuda:") and text[5:].isdigit() else None


def _gpus_of(run: Run, there: int) -> list[int]:
    """The GPUs that a living run uses, as far as its folder tells."""
    device = assigned_device(run)
    try:
        spec = run.spec
    except SpecError:
        return []
    if spec.processes > 1 and spec.device != "cpu":
        return list(range(min(spec.processes, there)))
    device = device or str(spec.hyper.get("device", "") if spec.task == OWN else spec.device)
    if device in ("auto", "cuda"):
        return [0]
    index = int(device[5:]) if device.startswith("cuda:") and device[5:].isdigit() else there
    return [index] if index < there else []
