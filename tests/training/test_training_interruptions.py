"""Runs interrupted at random by stop, pause, SIGTERM and SIGKILL end exactly as if nothing had happened.

`python tests/training/interruptions.py 200` is the longer mode.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from interruptions import HOW, WAYS, checkpoint, complete, differences, interrupt_runs, made
from quick_runs import Start


@pytest.mark.timeout(600)
def test_interrupted_runs_end_as_if_nothing_had_happened(tmp_path: Path, start: Start) -> None:
    tally = interrupt_runs(tmp_path, start, 25)
    assert tally.different == []
    assert tally.made.total() >= 25
    assert set(tally.made) == set(HOW)
    assert set(tally.of) == set(WAYS)


def test_what_differs_is_found(tmp_path: Path, start: Start) -> None:
    run, whole = made(tmp_path, "momentum"), made(tmp_path, "momentum")
    complete(run, start)
    complete(whole, start)
    assert differences(run, whole) == []
    path = run.path / "checkpoints" / "last.pt"
    content = torch.load(path, weights_only=True)
    name = next(iter(content["state"]["model"]))
    content["state"]["model"][name].flatten()[0] += 1e-7
    torch.save(content, path)
    log = run.events_path.read_text()
    run.events_path.write_text(log.replace('"train_loss":2.', '"train_loss":2.0', 1))
    assert differences(run, whole) == ["its log", "last.pt"]
    assert checkpoint(whole, "last.pt")["done"] == 36
    run.events_path.write_text("".join(log.splitlines(keepends=True)[:-1]))
    (found,) = differences(run, whole)
    assert found.startswith("it is crashed")
