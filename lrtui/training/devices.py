"""Find the device a run trains on, describe it, and make it repeatable."""

from __future__ import annotations

import contextlib

import torch


class DeviceError(ValueError):
    """The device asked for isn't one, or isn't here.  `str(error)` is one line with the remedy."""


def resolve(name: str = "auto", assigned: str | None = None) -> torch.device:
    """The torch device called `name`; `auto` takes the first of CUDA, MPS and CPU that works here.

    Args:
        name: as in the spec.
        assigned: the GPU that `auto` is to take if it is here, so that several runs don't share one.

    Raises:
        DeviceError: if the name is unknown or this machine has no such device.
    """
    if name == "auto":
        if assigned is not None:
            with contextlib.suppress(DeviceError):
                return resolve(assigned)
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda", "mps"):
        raise DeviceError(f"device {name!r}: unknown; use auto, cpu, mps, cuda or cuda:N")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(f"device {name!r}: PyTorch finds no MPS device here; use auto or cpu")
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not count:
            raise DeviceError(f"device {name!r}: PyTorch finds no CUDA device here; use auto or cpu")
        index = device.index or 0
        if index >= count:
            raise DeviceError(f"device {name!r}: this machine has cuda:0 to cuda:{count - 1}")
        return torch.device("cuda", index)
    return torch.device(device.type)


def describe(device: torch.device) -> str:
    """What the device is in words: the GPU's name, or the number of threads the CPU trains with."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"CPU, {threads} thread{'' if threads == 1 else 's'}"
    return device.type.upper()


def make_repeatable(device: torch.device) -> None:
    """Have the device's libraries choose the same algorithms every time, where they have a choice.

    The CPU's already do, for a given number of threads.
    """
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.use_deterministic_algorithms(True, warn_only=True)


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The states of torch's random generators that a run on `device` may draw from, by kind of device."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def set_random_state(device: torch.device, states: dict[str, torch.Tensor]) -> None:
    """Put the generators where `random_state` found them; those of other devices are left alone."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])
