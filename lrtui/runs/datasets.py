"""Which data a run is going to use: the embedded subset, a folder of IDX files, or a download.

Reads the headers of the files only, so that the answer is there at once; loading and checking every byte is
the worker's work, and so is downloading. Knows no torch.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from lrtui.runs.files import absolute, is_file, is_folder
from lrtui.runs.text import one_line, printable

IMAGE_SIDE = 28
EMBEDDED_EXAMPLES = (10_000, 2_000)
FULL_EXAMPLES = (60_000, 10_000)
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
DATA_DIR_VARIABLE = "LRTUI_DATA_DIR"

FILES: dict[str, str] = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
"""The four files of the data set, each plain or with `.gz` behind its name."""

_GET = "get the four Fashion-MNIST files again, or choose the data 'embedded' or 'download'"


class DataError(ValueError):
    """Data that can't be used; the message is one line naming the file and the remedy."""


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where a run's data comes from.

    Attributes:
        kind: embedded in the package, files in a folder, or to be downloaded by the worker.
        path: the folder that holds the four files (of a download: the folder it goes to); None when embedded.
        train_examples: images to train on.
        test_examples: images to test on.
        label: the source in words, with its size; printable.
        note: what was passed over on the way here and why, one line; empty if nothing was.
    """

    kind: Literal["embedded", "folder", "download"]
    path: Path | None
    train_examples: int
    test_examples: int
    label: str
    note: str = ""

    @property
    def spec(self) -> str:
        """The source as a run's spec names it; `find_data` of it gives this source again."""
        return str(self.path) if self.kind == "folder" else self.kind


def find_data(choice: str | Path = "auto") -> DataSource:
    """The data that `choice` means.

    Args:
        choice: `embedded`; `download`; a folder (of the four files, or of torchvision's layout); or `auto`:
            the first complete data set among $LRTUI_DATA_DIR, the user's data folder of lrtui, ./data and
            Debian's package, else the embedded subset. What auto passes over because it is broken stands in
            the answer's `note`.

    Raises:
        DataError: if the folder isn't there, or a file of it is missing, cut short or of another kind.
    """
    if choice == "embedded":
        return _embedded()
    if choice == "download":
        return DataSource(
            "download", download_folder(), *FULL_EXAMPLES, f"Fashion-MNIST, download {_size(*FULL_EXAMPLES)}"
        )
    if choice == "auto":
        return _auto()
    text = str(choice)
    if not text.strip():
        raise DataError("the data has no name: choose auto, embedded, download or a folder")
    folder = absolute(text)
    if not is_folder(folder):
        raise DataError(
            f"{_name(folder)} is no folder: choose auto, embedded, download or a folder that exists"
        )
    return _folder(folder)


def download_folder() -> Path:
    """Where the worker puts a download (torchvision's ROOT), and where `auto` looks for it."""
    import platformdirs

    return Path(platformdirs.user_data_dir("lrtui")) / "data"


def idx_files(folder: Path) -> dict[str, Path]:
    """The four files in a folder that `find_data` found, by their keys in `FILES`.

    Raises:
        DataError: if one is missing.
    """
    found: dict[str, Path] = {}
    for key, name in FILES.items():
        path = _file(folder, name)
        if path is None:
            raise DataError(f"{_name(folder / name)} is missing (as {name} or {name}.gz): {_GET}")
        found[key] = path
    return found


def _embedded(note: str = "") -> DataSource:
    label = f"Fashion-MNIST, embedded subset {_size(*EMBEDDED_EXAMPLES)}"
    return DataSource("embedded", None, *EMBEDDED_EXAMPLES, label, note)


def _auto() -> DataSource:
    notes: list[str] = []
    candidates = [download_folder(), absolute("data"), DEBIAN_FOLDER]
    named = os.environ.get(DATA_DIR_VARIABLE)
    if named:
        # The user named this folder: that it can't be used must not go unsaid, even if it isn't there at all.
        try:
            return find_data(Path(named))
        except DataError as error:
            notes.append(f"{DATA_DIR_VARIABLE} is passed over: {error}")
    for folder in candidates:
        try:
            if _layouts(folder):
                return replace(_folder(folder), note="; ".join(notes))
        except DataError as error:
            notes.append(f"{_name(folder)} is passed over: {error}")
    return _embedded("; ".join(notes))


def _layouts(root: Path) -> list[Path]:
    """The folders in which the files of `root` may be, those only that hold at least one of them."""
    layouts = (root, root / "FashionMNIST" / "raw", root / "raw", root / "fashion-mnist")
    return [folder for folder in layouts if any(_file(folder, name) for name in FILES.values())]


def _file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if is_file(path)), None)


def _folder(root: Path) -> DataSource:
    folders = _layouts(root)
    if not folders:
        raise DataError(f"{_name(root)} holds no Fashion-MNIST files ({FILES['train_images']}, …): {_GET}")
    files = idx_files(folders[0])
    counts: list[int] = []
    for part in ("train", "test"):
        images, labels = files[f"{part}_images"], files[f"{part}_labels"]
        count, labelled = _examples(images, images=True), _examples(labels, images=False)
        if count != labelled:
            raise DataError(
                f"{_name(images)} has {count:,} images but {labels.name} {labelled:,} labels: {_GET}"
            )
        counts.append(count)
    train, test = counts
    label = f"Fashion-MNIST, {_name(folders[0])} {_size(train, test)}"
    return DataSource("folder", folders[0], train, test, label)


def _examples(path: Path, *, images: bool) -> int:
    """How many examples a file holds, by its header; checks that the file is as long as the header says."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            header = _unpacked_start(file) if packed else file.read(16)
            count = _count(path, header, images=images)
            expected = 16 + count * IMAGE_SIDE**2 if images else 8 + count
            file.seek(0, os.SEEK_END)
            size = file.tell()
            if packed:
                # The last four bytes of a gzip file are the length of what it holds. Where they disagree, the
                # file is cut short, or made of several parts: only unpacking tells.
                file.seek(max(size - 4, 0))
                if int.from_bytes(file.read(4), "little") == expected % 2**32:
                    return count
                size = _unpacked_size(file)
    except (EOFError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{_name(path)} can't be read ({one_line(error)}): {_GET}") from error
    if size != expected:
        what = "is cut short" if size < expected else "is too long"
        raise DataError(f"{_name(path)} {what} ({size:,} bytes instead of {expected:,}): {_GET}")
    return count


def _count(path: Path, header: bytes, *, images: bool) -> int:
    magic, count = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if len(header) < (16 if images else 8):
        raise DataError(f"{_name(path)} is cut short ({len(header)} bytes): {_GET}")
    if magic != (0x803 if images else 0x801):
        raise DataError(f"{_name(path)} isn't an IDX file of {'images' if images else 'labels'}: {_GET}")
    if images:
        rows, columns = int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big")
        if (rows, columns) != (IMAGE_SIDE, IMAGE_SIDE):
            raise DataError(f"{_name(path)} has images of {rows}x{columns} instead of 28x28: {_GET}")
    if count < 1:
        raise DataError(f"{_name(path)} holds no examples: {_GET}")
    return count


def _unpacked_start(file: BinaryIO) -> bytes:
    import zlib

    try:
        return zlib.decompressobj(31).decompress(file.read(4096), 16)
    except zlib.error as error:
        raise ValueError("damaged gzip data") from error


def _unpacked_size(file: BinaryIO) -> int:
    import gzip
    import zlib

    file.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            while chunk := unpacked.read(1 << 20):
                size += len(chunk)
    except EOFError as error:
        raise EOFError(f"cut short after {size:,} bytes of content") from error
    except zlib.error as error:
        raise ValueError("damaged gzip data") from error
    return size


def _size(train: int, test: int) -> str:
    return f"({train:,}/{test:,})"


def _name(path: Path) -> str:
    return printable(str(path), 300)
