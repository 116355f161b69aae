"""The process that trains one run: `python -m lrtui.training.worker RUN_DIR [--lock-fd N]`.

It is detached from whoever started it and speaks through the run folder alone: events out, commands in, its
own output to `worker.log`.  A run that was broken off is taken up where its last checkpoint stands, in the
same folder and the same log.  Whatever happens, the log ends with a `finished` event saying how, unless the
process is killed outright or the folder can't be written any more.  The training itself is the engine's.

Exit status: 0 completed, stopped or diverged; 1 failed; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lrtui.training.signals import Signals

if TYPE_CHECKING:
    from lrtui.runs.datasets import DataSource
    from lrtui.runs.events import EventWriter
    from lrtui.runs.run import Run
    from lrtui.training.data import Images
    from lrtui.training.oversight import Oversight
    from lrtui.training.past import Past
    from lrtui.training.rank import Quiet
    from lrtui.training.team import Team

#: What torch's libraries read from the environment when they are loaded; a value that is there already stays.
ENVIRONMENT = {
    # Threads that wait for work sleep instead of spinning.  On a busy machine (two runs, an app that draws)
    # spinning threads keep each other from working: steps become up to ten times slower.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Without this, cuBLAS may sum in another order each time.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}


def _import_torch() -> None:
    from lrtui.training import session  # noqa: F401


def main(
    arguments: list[str] | None = None,
    signals: Signals | None = None,
    importing: Callable[[], object] = _import_torch,
) -> int:
    """Train the run in the folder that the arguments name, and return the exit status.

    Args:
        arguments: those of the command line, if not the process's own.
        signals: what heard them so far.
        importing: what imports torch, or waits until it is imported.
    """
    # Before anything slow: a stop that comes early must still leave an ending.
    signals = signals or Signals()
    parser = argparse.ArgumentParser(prog="python -m lrtui.training.worker")
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--lock-fd", type=int, help="inherited descriptor that holds the run's lock")
    options = parser.parse_args(arguments)

    from lrtui.runs.events import EventWriter
    from lrtui.runs.launch import LaunchError, adopt_lock, take_lock
    from lrtui.runs.life import Heartbeat
    from lrtui.runs.run import Run

    run = Run(options.run_dir.absolute())
    try:
        # Held until all is done, or the process ends in whatever way: the lock says that the run is alive.
        if options.lock_fd is None:
            lock, launched = take_lock(run), time.time()
        else:
            lock, launched = options.lock_fd, os.fstat(options.lock_fd).st_mtime
            adopt_lock(lock)
        writer = EventWriter(run.events_path)
    except (LaunchError, OSError) as error:
        print(f"worker: {run.path}: {error}", file=sys.stderr)
        return 2
    heart = Heartbeat(run.lock_path)
    try:
        with writer:
            return _supervise(run, writer, signals, launched, importing)
    finally:
        heart.stop()
        os.close(lock)
        _make_room(run.path.parent)


def _make_room(root: Path) -> None:
    """Start what waits for this run's place."""
    from lrtui.runs.queue import tend
    from lrtui.runs.store import RunStore

    tend(RunStore(root))


def import_light() -> None:
    """Import all that a worker needs besides torch, and read the grammars once."""
    from lrtui.runs import amend, datasets, life, queue, run, store  # noqa: F401
    from lrtui.runs.spec import make_spec
    from lrtui.training import background, download, oversight, past, processes, reasons, reserve  # noqa: F401

    make_spec(schedule="warmup(1ep) >> cosine(0.1)", data="embedded", average="ema()").check()


def _supervise(
    run: Run, writer: EventWriter, signals: Signals, launched: float, importing: Callable[[], object]
) -> int:
    """Train, and write how it ended."""
    from lrtui.runs.queue_marker import take_marker
    from lrtui.training.ending import Interrupted, Vanished
    from lrtui.training.oversight import Oversight
    from lrtui.training.past import Past
    from lrtui.training.processes import Early, train_in_processes
    from lrtui.training.reasons import reason_of
    from lrtui.training.reserve import Reserve

    reserve = Reserve(run.path / ".reserve")
    progress = Progress()
    try:
        try:
            past = Past(run.events_path)
            if past.any:
                progress.step = past.history.done
                # At once, while torch is still being loaded: from here on the run's last ending is history.
                writer.emit("resuming", step=past.history.done)
            take_marker(run.path)  # from here on the log tells how it goes
            since = launched if past.any else 0.0
            if run.spec.processes > 1:
                run.spec.check()
                prepare_environment()
                early = Early(run, writer, signals, past.answered, since, progress.step)
                outcome, reason = train_in_processes(run, run.spec.processes, signals, since, progress, early)
            else:
                oversight = Oversight(run, writer, signals, past.answered, since, progress.step)
                outcome, reason = train(run, oversight, progress, past, importing=importing)
        except Interrupted as stop:
            outcome, reason = "stopped", str(stop)
        except Vanished as gone:
            print(f"worker: {gone}; nothing left to do", file=sys.stderr)
            return 0
        except BaseException as error:  # noqa: BLE001 -- every end is told; the traceback goes to worker.log
            traceback.print_exc()
            outcome, reason = "failed", reason_of(error)
        writer.look_again()  # another process may have died while it wrote
        ending = {"outcome": outcome, "reason": reason, "step": progress.step}
        try:
            writer.emit("finished", **ending)
        except OSError:
            reserve.release()
            writer.emit("finished", **ending)
    except OSError as error:
        print(f"worker: the log can't be written: {error}", file=sys.stderr)
        return 1
    finally:
        reserve.release()
    return 1 if outcome == "failed" else 0


def prepare_environment() -> None:
    """Set what torch's libraries read when they are loaded."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


class Progress:
    """How many updates were made, kept where the ending can read it whatever happens."""

    step = 0


def train(
    run: Run,
    oversight: Oversight | Quiet,
    progress: Progress,
    past: Past,
    together: bool = False,
    importing: Callable[[], object] = _import_torch,
) -> tuple[str, str]:
    """Prepare and train, alone or together with processes of the same run; returns outcome and reason."""
    from lrtui.runs.amend import earlier_specs
    from lrtui.runs.datasets import find_data
    from lrtui.training.background import in_background

    spec = run.spec
    spec.check()
    oversight.poll()
    prepare_environment()
    in_background(importing, oversight.poll)
    team = _join(spec.device) if together else None
    source = find_data(spec.data)
    images = _load(source, oversight)

    from lrtui.runs.queue_slots import assigned_device
    from lrtui.training import devices
    from lrtui.training.checkpoints import Checkpoints
    from lrtui.training.ending import Interrupted
    from lrtui.training.session import Overseen, facts, prepare, use_threads

    device = team.device if team is not None else devices.resolve(spec.device, assigned_device(run))
    if spec.compile:  # which may take a minute
        engine = in_background(lambda: prepare(spec, images, device, oversight), oversight.poll)
        use_threads(spec)  # each thread has a number of its own
    else:
        engine = prepare(spec, images, device, oversight, team=team)
    data = {
        "label": source.label,
        "kind": source.kind,
        "path": None if source.path is None else str(source.path),
        "train": len(images.train_labels),
        "test": len(images.test_labels),
    }
    checkpoints = Checkpoints(run.path, spec, earlier_specs(run))
    state = checkpoints.load() if past.any else None
    if state is not None:
        engine.restore(state, amended=checkpoints.amended)
    if team is not None:
        team.tell(None)  # nobody may save another checkpoint before all have read this one
    if past.history.started is None:
        oversight.emit("started", **facts(engine, device, spec.processes), data=data)
    else:
        oversight.emit("resumed", **engine.position(), **facts(engine, device, spec.processes), data=data)
    progress.step = engine.done
    oversight.subject = Overseen(engine, checkpoints)
    try:
        outcome = engine.run()
    except Interrupted:
        oversight.keep()
        raise
    finally:
        progress.step = engine.done
    if outcome == "diverged":
        return outcome, engine.findings[-1].message
    if engine.done < len(engine.pace.rates):
        return (
            outcome,
            f"cooled down by hand: ended after {engine.done:,} of {len(engine.pace.rates):,} updates",
        )
    return outcome, f"all {spec.epochs:,} epochs are done"


def _join(device: str) -> Team:
    from lrtui.training.team import Team

    return Team(device)


def _load(source: DataSource, oversight: Oversight | Quiet) -> Images:
    from lrtui.training import data
    from lrtui.training.background import in_background
    from lrtui.training.download import download

    if (images := data.held(source)) is not None:
        return images
    if source.kind == "embedded":
        return in_background(data.load_embedded, oversight.poll)
    assert source.path is not None
    folder = source.path
    if source.kind == "download":
        folder = download(
            folder,
            lambda received, total: oversight.emit("download", received=received, total=total),
            oversight.poll,
        )
    return in_background(lambda: data.load_folder(folder), oversight.poll)


def leave(status: int) -> NoReturn:
    """End the process with this status."""
    if threading.active_count() > 1:
        # A download or an import is still under way; waiting for it would make "stop" mean "later".
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    leave(main())
