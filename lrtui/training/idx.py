"""Read the IDX format, the four-file layout that MNIST and its successors are published in.

An IDX file is two zero bytes, a type code (8 = unsigned byte, the only one used here), the number of
dimensions, each dimension as a big-endian 32-bit count, then the values.  This module turns such files,
gzipped or not, into numpy arrays and says in one line what is wrong with one that can't be read.  It knows
nothing about where data sets lie; see `lrtui.runs.datasets` for that.

Source of the format: http://yann.lecun.com/exdb/mnist/ (section "File formats").
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lrtui.runs.datasets import FILES, DataError, idx_files

Bytes = NDArray[np.uint8]

#: How many arrays make a data set: training images and labels, test images and labels.
ARRAYS = len(FILES)

_UNSIGNED_BYTE = 8


def decode(raw: bytes, name: str, offset: int = 0) -> tuple[Bytes, int]:
    """Decode one IDX array that starts at `offset` of `raw`.

    Returns:
        The array (uint8, read-only, in the shape its header declares) and the offset just after it.

    Raises:
        DataError: if no whole IDX array of unsigned bytes is there; the message opens with `name`.
    """
    if len(raw) < offset + 4:
        raise DataError(f"{name}: truncated ({len(raw):,} bytes, no IDX header); fetch the file again")
    zeros, code, dimensions = struct.unpack_from(">HBB", raw, offset)
    if zeros != 0 or code != _UNSIGNED_BYTE or not 1 <= dimensions <= 4:
        raise DataError(f"{name}: not an IDX file of unsigned bytes; fetch the file again")
    start = offset + 4 + 4 * dimensions
    if len(raw) < start:
        raise DataError(f"{name}: truncated within its IDX header; fetch the file again")
    shape = struct.unpack_from(f">{dimensions}I", raw, offset + 4)
    count = int(np.prod(shape, dtype=object))
    if len(raw) < start + count:
        raise DataError(
            f"{name}: truncated, {len(raw) - start:,} of {count:,} values are there; fetch the file again"
        )
    return np.frombuffer(raw, np.uint8, count, start).reshape(shape), start + count


def encode(array: Bytes) -> bytes:
    """Encode a uint8 array of one to four dimensions as IDX; the inverse of `decode`."""
    header = struct.pack(f">HBB{array.ndim}I", 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + array.tobytes()


def read(path: Path) -> Bytes:
    """Read one IDX file, gzipped or raw as its first bytes tell, into a uint8 array.

    Raises:
        DataError: if the file is missing, unreadable, truncated, corrupt or longer than its header says.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; put it back or choose other data") from None
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}); choose other data") from None
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (EOFError, OSError, zlib.error) as error:
            raise DataError(f"{path}: truncated or corrupt gzip ({error}); fetch the file again") from None
    array, end = decode(raw, str(path))
    if end != len(raw):
        raise DataError(f"{path}: {len(raw) - end:,} bytes too long for its header; fetch the file again")
    return array


def read_folder(folder: Path) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Read the four files of `folder`: train images, train labels, test images, test labels.

    Images come as (count, rows, columns), labels as (count,).

    Raises:
        DataError: naming the file at fault, as `read` does, or the pair of files that don't match.
    """
    paths = idx_files(folder)
    arrays = {key: read(path) for key, path in paths.items()}
    for part in ("train", "test"):
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or not len(labels):
            raise DataError(
                f"{paths[f'{part}_images']}: shape {images.shape} doesn't go with labels of shape "
                f"{labels.shape}; fetch both files again"
            )
    return arrays["train_images"], arrays["train_labels"], arrays["test_images"], arrays["test_labels"]
