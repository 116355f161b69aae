"""Checkpoints: a run's state in a file, written whole or not at all, from which it goes on bit for bit.

Two are kept: `last.pt`, and `best.pt` of the epoch with the best test accuracy.  They hold tensors and plain
values only and are loaded with `weights_only=True`, so that opening one runs nobody's code.  What the state
is, and taking it up, is the engine's business; when to save, the worker's.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import torch

from lrtui.runs.files import FOLDER_MODE, sync_folder, write_file
from lrtui.runs.spec import RunSpec
from lrtui.runs.text import one_line

FOLDER = "checkpoints"
LAST = "last.pt"
BEST = "best.pt"
LAYOUT = 1

SAVE_EVERY = 60.0
"""Seconds of training that a killed worker loses at most."""

_ABOUT_THE_RUN = ("name", "preset", "lrtui", "spec_version", "stop_on")
"""Fields of a spec that say nothing of what is trained."""


class CheckpointError(ValueError):
    """A checkpoint that can't be used; the message is one line with the remedy."""


class Saved(Protocol):
    """What has a state to save: the engine."""

    done: int

    def state(self) -> dict[str, Any]:
        """Tensors and plain values, nested in dictionaries and lists."""


_NEWER = (
    *("accumulate", "clip_norm", "label_smoothing", "average", "precision", "compile", "interventions"),
    "processes",
)
"""Fields that specs didn't have at first: where they say what was always done, checkpoints from then fit."""


def identity(spec: RunSpec) -> str:
    """A digest of all that decides what the run trains; its name doesn't."""
    usual = RunSpec(schedule=spec.schedule).plain()
    plain = {
        name: value
        for name, value in spec.plain().items()
        if name not in _ABOUT_THE_RUN and not (name in _NEWER and value == usual.get(name))
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


class Checkpoints:
    """The checkpoints of one run.

    Args:
        run: the run's folder.
        spec: what the run is; a checkpoint of another is refused.
        earlier: what it was before it was amended.

    Attributes:
        amended: whether the state that was loaded is one of an earlier spec.
    """

    def __init__(self, run: Path, spec: RunSpec, earlier: Iterable[RunSpec] = ()) -> None:
        self.amended = False
        self._folder = run / FOLDER
        self._identity = identity(spec)
        self._earlier = {identity(each) for each in earlier}
        self._saved_at = monotonic()
        self._saved: int | None = None

    def due(self, engine: Saved) -> bool:
        """Whether enough was done and time enough has passed since the latest one."""
        return monotonic() - self._saved_at >= SAVE_EVERY and self._saved != engine.done

    def save(self, engine: Saved, best: bool = False) -> Path:
        """Write `last.pt` (and `best.pt`, if it is that) and return its path within the run's folder.

        Raises:
            OSError: if the disk won't have it; what was saved before is still there.
        """
        buffer = io.BytesIO()
        torch.save({"layout": LAYOUT, "spec": self._identity, "state": engine.state()}, buffer)
        self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        for name in (LAST, BEST) if best else (LAST,):
            write_file(self._folder / name, buffer.getvalue())
        sync_folder(self._folder)
        self._saved_at, self._saved = monotonic(), engine.done
        return Path(FOLDER, LAST)

    def load(self) -> dict[str, Any] | None:
        """The latest state, its tensors on the CPU; None if none was ever saved.

        Raises:
            CheckpointError: if there is one that can't be read, or is another spec's.
        """
        path = self._folder / LAST
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:
            # torch reports a damaged file by whatever its unpickler trips over.
            message = f"{path} can't be read ({one_line(error)[:200]}); start a new run"
            raise CheckpointError(message) from error
        if not isinstance(content, dict) or content.get("layout") != LAYOUT:
            raise CheckpointError(f"{path} was written by another version of lrtui; start a new run")
        self.amended = content.get("spec") != self._identity
        if self.amended and content.get("spec") not in self._earlier:
            raise CheckpointError(f"{path} belongs to another spec than this run's; start a new run")
        state: dict[str, Any] = content["state"]
        return state
