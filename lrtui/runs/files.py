"""The few file operations everything in a run folder is made of: append a line, follow lines, replace a file.

Knows nothing of what the lines mean. Files are created 0600 (they are the user's alone), lines are appended
with one write each, and readers never wait, never lock and never trust that a file is still what it was.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600

CHUNK = 8 * 1024 * 1024
"""Bytes one poll of a follower reads at most: it bounds the memory that opening a huge log takes."""

LONGEST_LINE = 16 * 1024 * 1024
"""A longer "line" isn't ours (a foreign or damaged file) and is skipped instead of being kept in memory."""

LARGEST_TEXT = 4 * 1024 * 1024
"""What a spec or the like says after this isn't read: such a one isn't ours."""


class LineAppender:
    """Appends whole lines to one file, each with a single write; not more than one object a file and process.

    The file is created when missing. If it ends in the middle of a line (a crash, a full disk), the next line
    starts on a line of its own, so that only the torn one is lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Readable as well: the last byte tells whether the file ends in a torn line.
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        self._torn = self._ends_torn()

    def append(self, line: bytes) -> None:
        """Append `line` and a line end; raises OSError when the disk won't take it."""
        data = (b"\n" if self._torn else b"") + line + b"\n"
        self._torn = True
        while data:
            # A regular file takes it all at once; a short count means the disk is nearly full.
            data = data[os.write(self._fd, data) :]
        self._torn = False

    def look_again(self) -> None:
        """See whether somebody else, who is gone now, has left a torn line at the end of the file."""
        self._torn = self._ends_torn()

    def sync(self) -> None:
        """Return when everything appended is on the disk itself."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _ends_torn(self) -> bool:
        size = os.fstat(self._fd).st_size
        return size > 0 and os.pread(self._fd, 1, size - 1) != b"\n"


class LineFollower:
    """Reads a growing file line by line, each complete line once, only what is new.

    Attributes:
        behind: whether the last poll stopped at its chunk with more to read; poll again.
        missing: whether the file wasn't there (or wasn't a regular file) at the last poll.
        restarts: how often the file turned out to be another or shorter one and was read from its beginning
            again.
        overlong: lines dropped because they were longer than any line of ours.
    """

    def __init__(self, path: Path, chunk: int = CHUNK, offset: int = 0) -> None:
        """Begin at a byte of the file, its first unless said otherwise; it may lie within a line."""
        self.path = path
        self.behind = False
        self.missing = False
        self.restarts = 0
        self.overlong = 0
        self._chunk = chunk
        self._offset = offset
        self._partial = b""
        self._skipping = False
        self._identity: tuple[int, int] | None = None

    @property
    def pending(self) -> int:
        """Bytes of a last line that isn't complete (yet): being written, or torn by a crash."""
        return len(self._partial)

    def poll(self) -> list[bytes]:
        """The complete lines that are new, without ends and without empty ones; never raises, never waits."""
        data = self._read()
        if not data:
            return []
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = self._partial + lines[0]
            if self._skipping:
                del lines[0]
                self._skipping = False
            self._partial = rest
        else:
            self._partial += rest
        if len(self._partial) > LONGEST_LINE:
            if not self._skipping:
                self.overlong += 1
            self._partial, self._skipping = b"", True
        return [line for line in lines if line and not line.isspace()]

    def _read(self) -> bytes:
        self.behind = False
        try:
            # Non-blocking, for the case that somebody put a pipe in place of the file.
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            self.missing = True
            return b""
        try:
            status = os.fstat(fd)
            self.missing = not stat.S_ISREG(status.st_mode)
            if self.missing:
                return b""
            identity = (status.st_dev, status.st_ino)
            if self._identity not in (None, identity) or status.st_size < self._offset:
                self.restarts += 1
                self._offset, self._partial, self._skipping = 0, b"", False
            self._identity = identity
            data = os.pread(fd, min(self._chunk, max(status.st_size - self._offset, 0)), self._offset)
            self._offset += len(data)
            self.behind = bool(data) and self._offset < status.st_size
            return data
        except OSError:
            self.missing = True
            return b""
        finally:
            os.close(fd)


def read_file(path: Path, most: int = LARGEST_TEXT, end: bool = False) -> bytes:
    """The first bytes of a file, or its last ones.

    Raises:
        OSError: if it can't be read or isn't a regular file: a pipe that somebody put in its place would be
            waited for, for ever.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(fd, "rb") as file:  # noqa: PTH123 (opens a descriptor)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if end:
            file.seek(max(status.st_size - most, 0))
        return file.read(most)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False also for what can't be looked at or can't be a name."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Whether there is a file; False also for what can't be looked at or can't be a name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def absolute(path: Path | str) -> Path:
    """The path with `~` and the working folder put in, as far as they exist: `~nobody` stays as it is."""
    path = Path(path)
    with contextlib.suppress(RuntimeError):
        path = path.expanduser()
    with contextlib.suppress(OSError):
        path = path.absolute()
    return path


def sync_folder(path: Path) -> None:
    """See that the names in a folder are on the disk itself, where the file system can do that."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all (temporary file, sync, rename); replaces what is there, mode 0600."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        with open(fd, "wb") as file:  # noqa: PTH123 (opens a descriptor)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def alone(path: Path, *, folder: bool = False) -> Iterator[None]:
    """Hold a lock for the block, after waiting for whoever has it; where locks don't work, go on without.

    Args:
        path: the file that is locked; it is made if it is missing.
        folder: whether `path` is a folder instead, which must be there.

    Raises:
        OSError: if it can't be opened.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY if folder else os.O_RDWR | os.O_CREAT
    fd = os.open(path, flags | os.O_CLOEXEC, FILE_MODE)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
