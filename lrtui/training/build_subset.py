"""Build the embedded data file from the original Fashion-MNIST files, bit for bit the same every time.

The subset is the first 1,000 training and the first 200 test images of each of the ten classes, kept in the
order of the original files.  The file is the four arrays as IDX (train images, train labels, test images,
test labels), one after the other, compressed with xz at the fixed settings below; no clock, no random number
and no file name enters it.  This module only writes the file; `lrtui.training.data` reads it.

    python -m lrtui.training.build_subset FOLDER [-o FILE]

FOLDER holds the four original IDX files, gzipped or not.
"""

from __future__ import annotations

import argparse
import hashlib
import lzma
import sys
from pathlib import Path

import numpy as np

from lrtui.runs.datasets import DataError
from lrtui.training import idx
from lrtui.training.data import EMBEDDED_FILE, EMBEDDED_SHA256

TRAIN_PER_CLASS = 1_000
TEST_PER_CLASS = 200

#: Every setting is spelled out so that a changed default in liblzma's presets can't change the file.
XZ_FILTERS = [
    {
        "id": lzma.FILTER_LZMA2,
        "dict_size": 1 << 24,
        "lc": 3,
        "lp": 0,
        "pb": 2,
        "mode": lzma.MODE_NORMAL,
        "nice_len": 273,
        "mf": lzma.MF_BT4,
        "depth": 0,
    }
]


def balanced(labels: idx.Bytes, per_class: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices, ascending, of the first `per_class` examples of each class in `labels`."""
    firsts = [np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)]
    return np.sort(np.concatenate(firsts))


def build(folder: Path) -> bytes:
    """The embedded file's bytes, made from the original IDX files in `folder`.

    Raises:
        DataError: if they can't be read, or are not the files the subset is taken from.
    """
    train_images, train_labels, test_images, test_labels = idx.read_folder(folder)
    train = balanced(train_labels, TRAIN_PER_CLASS)
    test = balanced(test_labels, TEST_PER_CLASS)
    arrays = (train_images[train], train_labels[train], test_images[test], test_labels[test])
    content = b"".join(idx.encode(array) for array in arrays)
    return lzma.compress(content, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=XZ_FILTERS)


def main() -> int:
    """Build the file, say its checksum and whether it is the one that lrtui expects."""
    parser = argparse.ArgumentParser(prog="python -m lrtui.training.build_subset", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="folder with the four original IDX files")
    parser.add_argument("-o", "--output", type=Path, default=EMBEDDED_FILE, help="default: %(default)s")
    arguments = parser.parse_args()
    try:
        content = build(arguments.folder)
    except DataError as error:
        print(f"build_subset: {error}", file=sys.stderr)
        return 1
    arguments.output.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    verdict = "as expected" if digest == EMBEDDED_SHA256 else f"expected {EMBEDDED_SHA256}"
    print(f"{arguments.output}: {len(content):,} bytes, sha256 {digest} ({verdict})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
