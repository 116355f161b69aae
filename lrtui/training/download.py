"""Download Fashion-MNIST through torchvision, telling how far it has got.

Only for a run whose spec asks for it.  torchvision fetches, checks (MD5) and unpacks the four files; progress
is read off the growing files, because torchvision offers no hook for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from lrtui.runs.datasets import FILES, DataError, find_data
from lrtui.runs.text import one_line
from lrtui.training.background import in_background

#: Bytes of the four gzipped files as published.
TOTAL = 26_421_880 + 29_515 + 4_422_102 + 5_148

PROGRESS_EVERY = 0.5  # seconds
TIMEOUT = 30.0  # seconds without a byte


def download(root: Path, progress: Callable[[int, int], object], poll: Callable[[], object]) -> Path:
    """See that torchvision's layout under `root` is complete, fetching what is missing.

    Args:
        root: torchvision's root folder; made if it isn't there.
        progress: told (bytes received, bytes in all) about twice a second, and at the end.
        poll: called about every 0.1 s meanwhile; what it raises abandons the download.

    Returns:
        The folder with the four unpacked IDX files.

    Raises:
        DataError: if the files can't be fetched or stored; one line with the remedy.
    """
    raw = root / "FashionMNIST" / "raw"
    if _complete(raw):
        return raw
    next_word = monotonic()

    def meanwhile() -> None:
        nonlocal next_word
        poll()
        if monotonic() >= next_word:
            next_word = monotonic() + PROGRESS_EVERY
            progress(_received(raw), TOTAL)

    try:
        in_background(lambda: _fetch(root, raw), meanwhile)
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(
            f"Fashion-MNIST couldn't be downloaded to {root}: {one_line(error)}; check the network and "
            "the disk, or choose the data 'embedded' or a folder"
        ) from error
    progress(TOTAL, TOTAL)
    return raw


def _fetch(root: Path, raw: Path) -> None:
    from torchvision.datasets import FashionMNIST

    raw.mkdir(parents=True, exist_ok=True)
    socket.setdefaulttimeout(TIMEOUT)  # torchvision sets none and would wait for ever
    with (root / ".download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs that want the same files fetch them once
        if _complete(raw):
            return
        for name in FILES.values():
            # torchvision takes any unpacked file for a whole one; of the packed ones it checks the MD5.
            (raw / name).unlink(missing_ok=True)
        FashionMNIST(str(root), download=True)
        if not _complete(raw):
            raise ValueError("the files that came are not whole")


def _complete(raw: Path) -> bool:
    try:
        return (
            raw.is_dir()
            and find_data(raw).path == raw
            and all((raw / name).exists() for name in FILES.values())
        )
    except DataError:
        return False


def _received(raw: Path) -> int:
    sizes = 0
    for name in FILES.values():
        with contextlib.suppress(OSError):
            sizes += (raw / f"{name}.gz").stat().st_size
    return min(sizes, TOTAL)
