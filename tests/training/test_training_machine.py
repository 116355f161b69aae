"""What reports say of the machine."""

from __future__ import annotations

import pytest
import torch
from engines import make

from lrtui.training import machine
from lrtui.training.machine import Machine


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(machine, "monotonic", clock)
    return clock


def test_loads_are_shares_and_memory_is_bytes(clock: Clock) -> None:
    told = Machine(torch.device("cpu"))
    clock.now += 1
    figures = told.figures()
    assert set(figures) == {"cpu_load", "memory"}
    assert 0 <= figures["cpu_load"] <= 1
    assert 20e6 < figures["memory"] < 1e12


def test_a_sample_stands_for_a_second(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = iter([0.0, 50.0, 75.0])  # the first one only starts psutil's clock
    monkeypatch.setattr(machine.psutil, "cpu_percent", lambda: next(loads))
    told = Machine(torch.device("cpu"))
    assert told.figures() == {}
    for wait, load in [(0.6, 0.5), (0.9, 0.5), (0.2, 0.75), (0.5, 0.75)]:
        clock.now += wait
        assert told.figures()["cpu_load"] == load


def test_a_gpu_that_does_not_tell_is_not_asked_again(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def utilization(device: object) -> int:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise ModuleNotFoundError("pynvml")
        return 30

    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 2**20)
    monkeypatch.setattr(torch.cuda, "utilization", utilization)
    told = Machine(torch.device("cuda", 0))
    clock.now += 1
    assert told.figures()["gpu_load"] == 0.3
    for _ in range(3):
        clock.now += 1
        figures = told.figures()
    assert figures["device_memory"] == 2**20
    assert "gpu_load" not in figures
    assert asked == 2


def test_reports_carry_it() -> None:
    engine, witness = make(epochs=1)
    engine._machine = lambda: {"cpu_load": 0.25}
    engine.run()
    assert {each["cpu_load"] for each in witness.of("report")} == {0.25}
    assert "cpu_load" not in witness.of("epoch")[0]
