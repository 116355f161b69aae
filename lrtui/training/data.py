"""Load a data set into memory as uint8 arrays, from wherever a run's spec says it lies.

Three places: the subset embedded in the package, a folder with the four IDX files, or a download.  Nothing
here searches for data or falls back from one place to another (a substitution must never be silent);
choosing is the job of `lrtui.runs.datasets`.  No torch is needed to read; the engine moves the arrays.
"""

from __future__ import annotations

import hashlib
import lzma
from dataclasses import dataclass
from pathlib import Path

from lrtui.runs.datasets import DataError, DataSource, find_data, idx_files
from lrtui.runs.index import Signature, signature
from lrtui.training import idx

#: The subset that travels inside the package; `lrtui.training.build_subset` makes it.
EMBEDDED_FILE = Path(__file__).parent / "embedded" / "fashion-mnist-subset.idx.xz"
EMBEDDED_SHA256 = "3b57cf0f5997b5710fd7425f13aec1c0241cd400534a5cc82a096600d86fcc38"


@dataclass(frozen=True, slots=True)
class Images:
    """A classification data set: uint8 images (count, rows, columns), labels (count,) in 0..classes-1."""

    train_images: idx.Bytes
    train_labels: idx.Bytes
    test_images: idx.Bytes
    test_labels: idx.Bytes

    @property
    def classes(self) -> int:
        """How many classes the training labels name."""
        return int(self.train_labels.max()) + 1


def load_embedded(file: Path = EMBEDDED_FILE) -> Images:
    """The embedded subset of Fashion-MNIST: 10,000 training and 2,000 test images, balanced over ten classes.

    Raises:
        DataError: if the file is missing, truncated or altered in any bit.
    """
    remedy = "install lrtui again, or name a folder with the whole data set"
    try:
        packed = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: can't be read ({error.strerror}); {remedy}") from None
    if hashlib.sha256(packed).hexdigest() != EMBEDDED_SHA256:
        raise DataError(f"{file}: truncated or altered (its SHA-256 is not the expected one); {remedy}")
    content = lzma.decompress(packed)
    arrays, offset = [], 0
    for _ in range(idx.ARRAYS):
        array, offset = idx.decode(content, str(file), offset)
        arrays.append(array)
    return Images(*arrays)


def load_folder(folder: Path) -> Images:
    """The data set whose four IDX files, gzipped or raw, lie in `folder` itself.

    Raises:
        DataError: naming the file that is missing, truncated or corrupt, or that holds no examples.
    """
    return Images(*idx.read_folder(folder))


def hold(choice: str) -> None:
    """Load what `find_data` finds for a choice, for `held` to give; a download is never begun.

    Raises:
        DataError: if it can't be used.
    """
    global _held
    source = find_data(choice)
    if source.kind == "download":
        return
    before = _files(source)
    images = load_embedded() if source.path is None else load_folder(source.path)
    _held = (source.spec, before, images)


def held(source: DataSource) -> Images | None:
    """What `hold` has loaded, once, if it is this and the files are still as they were; else None."""
    global _held
    found, _held = _held, None
    if found is None or found[0] != source.spec or found[1] != _files(source):
        return None
    return found[2]


_held: tuple[str, Signature, Images] | None = None


def _files(source: DataSource) -> Signature:
    """The state of the files that a source is read from."""
    return signature(*([EMBEDDED_FILE] if source.path is None else idx_files(source.path).values()))
