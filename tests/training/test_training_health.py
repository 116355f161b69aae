"""Diagnoses from numbers alone."""

from __future__ import annotations

import math

import pytest

from lrtui.training import devices, health
from lrtui.training.devices import DeviceError, resolve


@pytest.mark.parametrize(
    ("losses", "step", "word"),
    [
        ([2.3, 2.2, math.nan, math.nan], 12, "nan"),
        ([math.inf], 10, "inf"),
        ([2.3, 5e8], 11, "5e+08"),
    ],
)
def test_divergence_names_the_first_bad_update(losses: list[float], step: int, word: str) -> None:
    finding = health.diverged(losses, 10, 0.5, 10)
    assert finding is not None
    assert finding.evidence["step"] == step
    assert finding.evidence["train_loss"] == word
    assert word in finding.message


@pytest.mark.parametrize("losses", [[2.3], [200.0, 2.0], [50.0]])
def test_a_high_loss_is_not_yet_divergence(losses: list[float]) -> None:
    assert health.diverged(losses, 0, 0.5, 10) is None


@pytest.mark.parametrize(
    ("losses", "accuracies", "stuck"),
    [
        ([2.3026, 2.3027], [0.1, 0.098], True),
        ([1.2, 2.3100, 2.3412], [0.6, 0.11, 0.108], True),  # it may die later, too
        ([2.3026], [0.1], False),  # one epoch is no proof
        ([2.3036, 2.2756], [0.1, 0.16], False),  # a warmup: slow, and learning
        ([2.3026, 2.3020], [0.1, 0.3], False),  # barely below, and yet it tells classes apart
        ([0.5, 0.4], [0.8, 0.85], False),
        ([math.nan, math.nan], [0.1, 0.1], False),  # that is divergence
    ],
)
def test_stuck_at_chance(losses: list[float], accuracies: list[float], stuck: bool) -> None:
    finding = health.stuck_at_chance(losses, accuracies, [0.1] * len(losses), 10)
    assert (finding is not None) == stuck
    if finding:
        assert "ln(10)" in finding.message


def test_devices_resolve_or_say_what_there_is() -> None:
    assert resolve("cpu").type == "cpu"
    assert resolve("auto").type in ("cpu", "cuda", "mps")
    assert "CPU" in devices.describe(resolve("cpu"))
    for name in ("tpu", "", "cuda:x", "meta"):
        with pytest.raises(DeviceError, match="unknown; use auto"):
            resolve(name)


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="no CUDA device here"):
        resolve("cuda:0")
    with pytest.raises(DeviceError, match="no MPS device here"):
        resolve("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve("auto") == torch.device("cuda", 0)
    assert resolve("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="cuda:0 to cuda:1"):
        resolve("cuda:2")
