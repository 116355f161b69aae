"""The runs folder: making, finding, listing, deleting and restoring runs.

Ids are folder names and never lead out of the folder; whatever else lies in it is left alone. What a run is
stands in `run`, how its folder is made in `making`, where deleted ones go in `trash`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from lrtui.runs import life, trash
from lrtui.runs.files import FOLDER_MODE, absolute, is_file, is_folder
from lrtui.runs.index import read_index, write_index
from lrtui.runs.labels import LabelError, Labels, change_labels, noted, renamed, tagged
from lrtui.runs.lookup import meant, nearest, newest_first
from lrtui.runs.making import make_folder
from lrtui.runs.queue_marker import waits
from lrtui.runs.run import Run
from lrtui.runs.runs_dir import RUNS_DIR_VARIABLE, default_runs_dir
from lrtui.runs.spec import RunSpec
from lrtui.runs.summary import RunState, RunSummary
from lrtui.runs.text import one_line, printable
from lrtui.runs.trash import Trashed

__all__ = ["Run", "RunState", "RunStore", "RunSummary", "StoreError", "Trashed"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_OURS = re.compile(r"\d{8}-\d{6}-[a-z0-9-]+")
INDEX_EVERY = 50
"""Rows that are new before the index is written again; fewer are quickly read."""


class StoreError(RuntimeError):
    """Something the runs folder can't do; the message is one line with the remedy."""


class RunStore:
    """All runs of one folder, which is made when the first run is."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = absolute(root) if root is not None else default_runs_dir()
        # One object a run, kept: it remembers how far it has read the log, so that a list costs only what is
        # new.
        self._runs: dict[str, Run] = {}
        self._indexed: set[str] | None = None
        self.unwritable = ""
        """Why the folder can't be written, with the remedy, if that was found out."""
        self._lock = threading.Lock()

    def check_writable(self) -> None:
        """Make the folder if need be and see that runs can be made in it.

        Raises:
            StoreError: if they can't.
        """
        try:
            self.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            probe = self.root / f".probe-{secrets.token_hex(4)}"
            probe.mkdir(mode=FOLDER_MODE)
            probe.rmdir()
        except OSError as error:
            raise self._unwritable(error) from error

    def check_usable(self) -> None:
        """As `check_writable`; of a folder whose runs can be read at least, `unwritable` says so instead.

        Raises:
            StoreError: if runs can neither be made nor read.
        """
        try:
            self.check_writable()
        except StoreError as error:
            try:
                os.listdir(self.root)  # noqa: PTH208
            except OSError:
                raise error from None
            self.unwritable = str(error)

    def create(self, spec: RunSpec, mark: bytes | None = None) -> Run:
        """Make the folder of a new run with its spec in it; `launch` starts it.

        With a mark it is queued from its first moment; `queue.start` makes it so.

        Raises:
            StoreError: if the runs folder can't be made or written.
        """
        try:
            return self._run(make_folder(self.root, spec, mark))
        except OSError as error:
            raise self._unwritable(error) from error

    def runs(self) -> list[Run]:
        """All runs, newest first; folders that aren't runs are left out. An absent folder holds no runs.

        Raises:
            StoreError: if the folder can't be read.
        """
        try:
            with os.scandir(self.root) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            names = []
        except OSError as error:
            raise StoreError(f"{self._shown()} can't be read ({one_line(error)}): {_REMEDY}") from error
        found = [self._run(self.root / name) for name in names if self._is_run(name)]
        with self._lock:
            for gone in set(self._runs) - {run.id for run in found}:
                del self._runs[gone]
        return newest_first(found)

    def get(self, key: str) -> Run:
        """The run with this id, or the only one whose id begins (or ends) with `key` or that is named so.

        Raises:
            StoreError: if there is none (names the nearest), or more than one.
        """
        shown = printable(key, 60)
        if not key.strip() or "/" in key or "\0" in key or key.startswith("."):
            raise StoreError(f"{shown!r} is no run id: `lrtui runs` lists them")
        if self._is_run(key) and is_folder(self.root / key) and not (self.root / key).is_symlink():
            return self._run(self.root / key)
        runs = self.runs()
        matches = meant(key, runs)
        if len(matches) == 1:
            return matches[0]
        if matches:
            listed = ", ".join(run.id for run in matches[:4]) + (", …" if len(matches) > 4 else "")
            raise StoreError(f"{shown!r} fits {len(matches)} runs: {listed}; write more of the id")
        ids = nearest(key, runs)
        hint = (
            f"did you mean {' or '.join(ids)}?"
            if ids
            else "`lrtui runs` lists them"
            if runs
            else "there are none yet"
        )
        if trash.is_trashed(self.root, key):
            hint = f"it is in the trash: `lrtui runs restore {key}` takes it back"
        raise StoreError(f"no run {shown!r} in {self._shown()}: {hint}")

    def delete(self, run: Run, for_good: bool = False) -> Trashed | None:
        """Move a run with everything in its folder into the trash (see `trash`), or delete it for good.

        Returns:
            What `restore` takes back; None if it went for good or somebody else had deleted it before.

        Raises:
            StoreError: if its worker lives, it isn't of this folder, or it can't be moved or deleted.
        """
        if run.path.parent != self.root or not _ID.fullmatch(run.id) or run.path.is_symlink():
            raise StoreError(f"{printable(str(run.path))} isn't a run of {self._shown()}")
        if waits(run.path):
            from lrtui.runs.queue import QueueError, withdraw

            # One that is restored isn't to start by itself. If it has started meanwhile, that is said below.
            with contextlib.suppress(QueueError):
                withdraw(self, run, by="deleting it")
        try:
            # Held, so that nobody launches it while it goes.
            lock = life.hold(run.lock_path)
        except BlockingIOError as error:
            raise StoreError(
                f"run {run.id} is still at work: stop it first (`lrtui runs stop {run.id}`)"
            ) from error
        gone = None
        try:
            gone = trash.discard(self.root, run.path)
            if for_good:
                trash.remove(self.root, gone)
                gone = None
        except FileNotFoundError:
            pass  # Somebody else has deleted it.
        except OSError as error:
            raise StoreError(f"run {run.id} can't be deleted: {one_line(error)}") from error
        finally:
            if lock is not None:
                os.close(lock)
        with self._lock:
            self._runs.pop(run.id, None)
        return gone

    def trashed(self) -> list[Trashed]:
        """The deleted runs that can be restored, the latest first.

        Raises:
            StoreError: if the trash can't be read.
        """
        try:
            return trash.trashed(self.root)
        except OSError as error:
            raise StoreError(f"the trash of {self._shown()} can't be read: {one_line(error)}") from error

    def restore(self, what: Trashed | str) -> Run:
        """Take a run back from the trash: the one `delete` returned, or by its id or the beginning of one.

        Raises:
            StoreError: if it isn't there (and nobody else restored it), or there is a run of its id.
        """
        gone = self._in_trash(what) if isinstance(what, str) else what
        try:
            return self._run(trash.put_back(self.root, gone))
        except FileExistsError as error:
            raise StoreError(f"run {gone.id} can't be restored: there is a run of that id again") from error
        except FileNotFoundError as error:
            if is_folder(self.root / gone.id):
                return self._run(self.root / gone.id)
            raise StoreError(f"run {gone.id} can't be restored: it has been deleted for good") from error
        except OSError as error:
            raise StoreError(f"run {gone.id} can't be restored: {one_line(error)}") from error

    def _in_trash(self, key: str) -> Trashed:
        there = self.trashed()
        found = [each for each in there if each.id == key] or [
            each for each in there if key and each.id.startswith(key)
        ]
        ids = list(dict.fromkeys(each.id for each in found))
        shown = printable(key, 60)
        if not ids:
            raise StoreError(f"no run {shown!r} in the trash: `lrtui runs trash` lists what is there")
        if len(ids) > 1:
            raise StoreError(f"{shown!r} fits {len(ids)} runs in the trash: write more of the id")
        return found[0]

    def delete_for_good(self, gone: Trashed) -> None:
        """Delete one run in the trash for good; one that isn't there any more is as it was wanted.

        Raises:
            StoreError: if it can't be deleted.
        """
        try:
            trash.remove(self.root, gone)
        except FileNotFoundError:
            pass  # restored, or emptied, by somebody else
        except OSError as error:
            raise StoreError(f"run {gone.id} can't be deleted: {one_line(error)}") from error

    def empty_trash(self, older_than: float = 0.0) -> int:
        """Delete for good what was deleted at least so many seconds ago; returns how many runs went.

        Raises:
            StoreError: if a run can't be deleted.
        """
        try:
            return trash.remove_for_good(self.root, older_than)
        except OSError as error:
            raise StoreError(f"the trash of {self._shown()} can't be emptied: {one_line(error)}") from error

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name, an empty one to take it back; its id stays.

        Raises:
            StoreError: if the name can't be one, or the run's folder can't be written.
        """
        self._label(run, lambda labels: renamed(labels, name))

    def tag(self, run: Run, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give a run tags and take some away; StoreError as for `rename`."""
        self._label(run, lambda labels: tagged(labels, add, remove))

    def note(self, run: Run, notes: str) -> None:
        """Put notes, lines of text, in place of a run's old ones; StoreError as for `rename`."""
        self._label(run, lambda labels: noted(labels, notes))

    def _label(self, run: Run, change: Callable[[Labels], Labels]) -> None:
        try:
            change_labels(run.path, change)
        except LabelError as error:
            raise StoreError(str(error)) from error
        except OSError as error:
            raise StoreError(f"run {run.id} can't be labelled: {one_line(error)}") from error

    def summaries(self) -> list[RunSummary]:
        """The summaries of all runs, newest first; a run that is being deleted meanwhile is left out.

        The rows of ended runs are kept in an index beside them (see `index`).

        Raises:
            StoreError: if the folder can't be read.
        """
        runs = self.runs()
        if self._indexed is None:
            index = read_index(self.root)
            self._indexed = set(index)
            for run in runs:
                if run.id in index:
                    run.remember(index[run.id])
        rows = [run.summary() for run in runs if is_folder(run.path)]
        lasting = {run.id: row for run in runs if (row := run.lasting_row) is not None}
        if len(lasting.keys() - self._indexed) >= INDEX_EVERY:
            write_index(self.root, lasting)
            self._indexed = set(lasting)
        return rows

    def _is_run(self, name: str) -> bool:
        if not _ID.fullmatch(name):
            return False
        return _OURS.fullmatch(name) is not None or is_file(self.root / name / "spec.toml")

    def _run(self, path: Path) -> Run:
        with self._lock:
            run = self._runs.get(path.name)
            if run is None:
                run = self._runs[path.name] = Run(path)
            return run

    def _shown(self) -> str:
        return f"the runs folder {printable(str(self.root))}"

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(f"{self._shown()} can't be written ({one_line(error)}): {_REMEDY}")


_REMEDY = f"choose another with --runs-dir or {RUNS_DIR_VARIABLE}"
