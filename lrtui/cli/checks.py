"""The doctor's checks of what is installed and on the disks; those of the terminal are in `terminal_checks`.

Each looks at one thing, changes nothing (a probe in the runs folder is taken away again), waits for nothing
for long, and comes back with what it found and what to do about it.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from lrtui import __version__, settings
from lrtui.runs.text import one_line, printable

State = Literal["good", "note", "wrong"]

PATIENCE = 10.0
"""Seconds that any other check gets."""

TORCH_PATIENCE = 90.0
"""Seconds that PyTorch gets to load and look for devices; on a cold disk it takes half a minute."""

ROOM = 1 << 30
"""Bytes free on the disk of the runs below which it is worth a note: checkpoints and logs of some runs."""

HARDLY_ANY = 50 << 20
"""Bytes free below which a run can't be expected to come through."""

LIBRARIES = ("textual", "plotext", "numpy", "msgspec")


@dataclass(frozen=True)
class Finding:
    """What one check came to.

    Attributes:
        what: the thing looked at, a word or two.
        state: good; note, if it could be better; wrong, if something doesn't work.
        found: what there is, in one line.
        remedy: what to do; empty if there is nothing to do.
    """

    what: str
    state: State
    found: str
    remedy: str = ""


def every_check(runs_dir: Path | None) -> Iterator[Finding]:
    """All findings, one after the other, the slow one (PyTorch) last."""
    from lrtui.cli import terminal_checks

    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("versions", versions),
        ("settings", settings_file),
        ("memory", state_folder),
        ("terminal", terminal_checks.terminal),
        ("size", terminal_checks.size),
        ("colours", terminal_checks.colours),
        ("encoding", terminal_checks.encoding),
        ("multiplexer", terminal_checks.multiplexer),
        ("clipboard", terminal_checks.clipboard),
        ("runs", lambda: runs_folder(runs_dir)),
        ("data", data),
        ("machine", machine),
    ]
    for what, check in checks:
        yield _in_time(what, check)
    yield devices()  # it has a patience of its own


def _in_time(what: str, check: Callable[[], Finding]) -> Finding:
    """What a check finds; one that doesn't come back (a disk that hangs never does) is left behind."""
    found: list[Finding] = []

    def look() -> None:
        try:
            found.append(check())
        except Exception as error:  # noqa: BLE001 - the other checks go on
            failed = f"looking at it failed: {type(error).__name__}: {one_line(error)}"
            found.append(Finding(what, "wrong", failed, "please report this as a fault of lrtui's"))

    thread = threading.Thread(target=look, name=what, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if found:
        return found[0]
    return Finding(
        what,
        "wrong",
        f"no answer within {PATIENCE:.0f} s",
        "see whether the disk or the server behind it answers: `ls` of the folder, `df`, `mount`",
    )


def versions() -> Finding:
    """lrtui's, Python's, and those of the libraries that the app stands on."""
    parts = [f"lrtui {__version__}", f"Python {platform.python_version()}"]
    missing = []
    for name in LIBRARIES:
        try:
            parts.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    parts.append(f"{platform.system()} {platform.release()}")
    if missing:
        return Finding("versions", "wrong", ", ".join(parts), f"pip install {' '.join(missing)}")
    return Finding("versions", "good", ", ".join(parts))


def settings_file() -> Finding:
    """The settings, and what in them is passed over."""
    found = settings.load()
    path = printable(str(settings.settings_path()))
    complaints = list(found.complaints)
    if found.keys:
        from lrtui.ui.key_faults import wrong_keys

        complaints += wrong_keys(found.keys)
    if complaints:
        return Finding("settings", "wrong", "; ".join(complaints), "`lrtui settings` shows what is in force")
    if not settings.settings_path().exists():
        return Finding("settings", "good", f"all at their defaults; {path} isn't there")
    own = [f"{name} from {origin}" for name, origin in found.origins.items()]
    return Finding("settings", "good", f"{path}: {', '.join(own) or 'nothing is set'}")


def state_folder() -> Finding:
    """Whether what the app remembers can be kept."""
    from lrtui.ui.state_file import state_folder

    folder = state_folder()
    problem = _unwritable(folder)
    if problem:
        return Finding(
            "memory",
            "note",
            f"{printable(str(folder))} can't be written ({problem}): the app forgets screen, draft and theme",
            "make it writable, or name another with LRTUI_STATE_DIR",
        )
    return Finding("memory", "good", f"the app remembers in {printable(str(folder))}")


def runs_folder(runs_dir: Path | None) -> Finding:
    """Whether runs can be made, whether there is room, and whether locks can be trusted there."""
    from lrtui.runs import life
    from lrtui.runs.runs_dir import default_runs_dir
    from lrtui.runs.store import RunStore, StoreError

    root = runs_dir if runs_dir is not None else default_runs_dir()
    store = RunStore(root)
    shown = printable(str(store.root))
    elsewhere = "choose another with --runs-dir, LRTUI_RUNS_DIR or runs_dir in the settings"
    problem = _unwritable(store.root)
    if problem:
        return Finding("runs", "wrong", f"{shown} can't be written ({problem})", elsewhere)
    there = _existing(store.root)
    try:
        count = len(store.runs())
        free = shutil.disk_usage(there).free
    except (StoreError, OSError) as error:
        return Finding("runs", "wrong", f"{shown}: {one_line(error)}", elsewhere)
    found = f"{shown}: {count:,} run{'' if count == 1 else 's'}, {_size(free)} free"
    if free < HARDLY_ANY:
        return Finding("runs", "wrong", found, f"make room, or {elsewhere}")
    if free < ROOM:
        return Finding("runs", "note", found, "`lrtui runs empty-trash` makes some room")
    if not life.trusted(there):
        return Finding(
            "runs",
            "note",
            f"{found}; machines share this file system, so locks prove nothing: "
            "a run that was killed shows so half a minute late",
            f"if that is in the way, {elsewhere}",
        )
    return Finding("runs", "good", f"{found}, locks work")


def data() -> Finding:
    """Which data a run would use."""
    from lrtui.runs.datasets import DataError, find_data

    try:
        source = find_data("auto")
    except (DataError, OSError) as error:
        return Finding("data", "wrong", one_line(error), "`--data embedded` always works")
    if source.note:
        return Finding("data", "note", f"{source.label}; {source.note}", "mend or remove what is passed over")
    if source.kind == "embedded":
        return Finding(
            "data",
            "note",
            source.label,
            "`lrtui train --data download` fetches all of it (30 MB), "
            "Debian has it as dataset-fashion-mnist, LRTUI_DATA_DIR names a folder",
        )
    return Finding("data", "good", source.label)


def machine() -> Finding:
    """Processors and memory."""
    import psutil

    from lrtui.runs.queue_slots import cores

    count = cores()
    memory = psutil.virtual_memory()
    room = f"{_size(memory.available)} of {_size(memory.total)} memory free"
    found = f"{count} core{'' if count == 1 else 's'}, {room}"
    if memory.available < ROOM:
        return Finding(
            "machine", "note", found, "a run takes about 1 GB; close something or train smaller batches"
        )
    return Finding("machine", "good", found)


def devices() -> Finding:
    """What PyTorch finds; it is asked in a process of its own."""
    install = "see pytorch.org for the build that fits your GPU, or: pip install torch torchvision"
    missing = [name for name in ("torch", "torchvision") if util.find_spec(name) is None]
    if missing:
        return Finding(
            "devices",
            "wrong",
            f"{' and '.join(missing)} not installed: schedules work, training doesn't",
            install,
        )
    command = [sys.executable, "-P", "-m", "lrtui.training.survey"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TORCH_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding(
            "devices",
            "wrong",
            f"PyTorch didn't answer within {TORCH_PATIENCE:.0f} s",
            "see whether `python -c 'import torch'` ends, and whether the GPU's driver hangs",
        )
    try:
        told = json.loads(done.stdout)
        names = [_device(each) for each in told["devices"]]
        found = f"PyTorch {told['torch']}: {'; '.join(names)}; auto takes {told['auto']}"
    except (ValueError, KeyError, TypeError):
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        return Finding("devices", "wrong", f"PyTorch fails: {printable(lines[-1], 200)}", install)
    if told["auto"] == "cpu" and _has_gpu():
        return Finding(
            "devices", "note", f"{found}; there is an NVIDIA GPU that PyTorch doesn't find", install
        )
    return Finding("devices", "good", found)


def _device(told: dict[str, object]) -> str:
    free, memory = told.get("free"), told.get("memory")
    room = (
        f", {_size(free)} of {_size(memory)} free"
        if isinstance(free, int) and isinstance(memory, int)
        else ""
    )
    return f"{printable(str(told['name']))} ({printable(str(told['what']))}{room})"


def _has_gpu() -> bool:
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _unwritable(folder: Path) -> str:
    """Why files can't be made in a folder (or it can't be made); empty if they can. Leaves nothing behind."""
    try:
        there = _existing(folder)
        if not there.is_dir():
            return f"{printable(str(there))} is no folder"
        with tempfile.TemporaryFile(dir=there):
            return ""
    except OSError as error:
        return one_line(error)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
