"""The embedded subset, IDX files of every kind of damage, and the script that builds the subset."""

from __future__ import annotations

import gzip
import hashlib
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tiny_images import tiny

from lrtui.runs.datasets import DEBIAN_FOLDER, EMBEDDED_EXAMPLES, FILES, DataError
from lrtui.training import build_subset, data, idx


def write_folder(folder: Path, *, zipped: bool) -> data.Images:
    images = tiny(40, 20)
    folder.mkdir()
    for key, name in FILES.items():
        content = idx.encode(getattr(images, key))
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(content) if zipped else content)
    return images


def test_the_embedded_subset_is_balanced_and_quickly_loaded() -> None:
    started = time.perf_counter()
    images = data.load_embedded()
    assert time.perf_counter() - started < 5  # 0.3 s on a quiet machine
    assert images.train_images.shape == (10_000, 28, 28)
    assert images.test_images.shape == (2_000, 28, 28)
    assert images.train_images.dtype == images.train_labels.dtype == np.uint8
    assert (len(images.train_labels), len(images.test_labels)) == EMBEDDED_EXAMPLES
    assert np.bincount(images.train_labels).tolist() == [1_000] * 10
    assert np.bincount(images.test_labels).tolist() == [200] * 10
    assert images.classes == 10


@pytest.mark.parametrize("damage", ["truncated", "one bit", "empty", "gone"])
def test_a_damaged_embedded_file_is_named_with_the_remedy(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "subset.idx.xz"
    whole = data.EMBEDDED_FILE.read_bytes()
    if damage == "truncated":
        file.write_bytes(whole[:-100])
    elif damage == "one bit":
        file.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    elif damage == "empty":
        file.write_bytes(b"")
    with pytest.raises(DataError) as error:
        data.load_embedded(file)
    assert str(file) in str(error.value)
    assert "install lrtui again" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_originals_give_the_embedded_file_bit_for_bit() -> None:
    if not DEBIAN_FOLDER.is_dir():
        pytest.skip("the original files (Debian's dataset-fashion-mnist) aren't here")
    content = build_subset.build(DEBIAN_FOLDER)
    assert hashlib.sha256(content).hexdigest() == data.EMBEDDED_SHA256
    assert content == data.EMBEDDED_FILE.read_bytes()


def test_the_subset_takes_the_first_of_each_class_in_file_order() -> None:
    labels = np.array([1, 0, 1, 1, 0, 0, 2, 2], np.uint8)
    assert build_subset.balanced(labels, 2).tolist() == [0, 1, 2, 4, 6, 7]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_folder_of_idx_files_loads(tmp_path: Path, zipped: bool) -> None:
    images = write_folder(tmp_path / "data", zipped=zipped)
    loaded = data.load_folder(tmp_path / "data")
    for key in FILES:
        assert np.array_equal(getattr(loaded, key), getattr(images, key)), key


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=4, max_side=5)))
def test_idx_round_trip(array: idx.Bytes) -> None:
    decoded, end = idx.decode(idx.encode(array), "x")
    assert np.array_equal(decoded, array)
    assert decoded.shape == array.shape
    assert end == len(idx.encode(array))


@given(st.integers(0, 500), st.booleans())
def test_a_cut_file_is_an_error_that_names_it(keep: int, zipped: bool) -> None:
    import tempfile

    whole = idx.encode(np.arange(200, dtype=np.uint8))
    whole = gzip.compress(whole) if zipped else whole
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cut"
        path.write_bytes(whole[: min(keep, len(whole) - 1)])
        with pytest.raises(DataError, match="cut") as error:
            idx.read(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not an IDX file at all", "not an IDX file"),
        (idx.encode(np.zeros(5, np.uint8)) + b"more", "4 bytes too long"),
        (b"\x00\x00\x08\x02\x00\x00\x00\x02", "truncated within its IDX header"),
        (b"\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff" + b"x" * 50, "truncated, 50 of"),
    ],
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        idx.read(path)


def test_images_and_labels_must_go_together(tmp_path: Path) -> None:
    write_folder(tmp_path / "data", zipped=False)
    (tmp_path / "data" / FILES["test_labels"]).write_bytes(idx.encode(np.zeros(3, np.uint8)))
    with pytest.raises(DataError, match="t10k-images"):
        data.load_folder(tmp_path / "data")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path / "data", zipped=True)
    (tmp_path / "data" / f"{FILES['train_labels']}.gz").unlink()
    with pytest.raises(DataError, match="train-labels"):
        data.load_folder(tmp_path / "data")
