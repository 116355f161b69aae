from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest
from helpers_runs import idx, write_data

from lrtui.runs.datasets import (
    DataError,
    download_folder,
    find_data,
    idx_files,
)

IMAGES = "train-images-idx3-ubyte"


def test_the_embedded_subset() -> None:
    source = find_data("embedded")
    assert (source.kind, source.path, source.spec) == ("embedded", None, "embedded")
    assert source.label == "Fashion-MNIST, embedded subset (10,000/2,000)"


def test_a_download_goes_to_the_users_data_folder() -> None:
    source = find_data("download")
    assert (source.kind, source.spec, source.train_examples) == ("download", "download", 60_000)
    assert source.path == download_folder()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("inside", ["", "FashionMNIST/raw", "raw"])
def test_a_named_folder_in_every_layout(tmp_path: Path, inside: str, packed: bool) -> None:
    folder = write_data(tmp_path / "mine" / inside, packed=packed)
    source = find_data(tmp_path / "mine")
    assert (source.kind, source.path, source.train_examples, source.test_examples) == (
        "folder",
        folder,
        30,
        20,
    )
    assert source.label == f"Fashion-MNIST, {folder} (30/20)"
    assert find_data(source.spec) == source
    assert len(idx_files(folder)) == 4


def test_auto_takes_the_first_complete_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_data().kind == "embedded"
    assert find_data().note == ""
    for place, count in (
        (tmp_path / "debian", 30),
        (tmp_path / "data", 31),
        (download_folder() / "FashionMNIST/raw", 32),
    ):
        write_data(place, train=count)
        assert find_data().train_examples == count
        assert find_data().note == ""
    write_data(tmp_path / "named", train=33)
    monkeypatch.setenv("LRTUI_DATA_DIR", str(tmp_path / "named"))
    assert find_data().train_examples == 33


def test_auto_says_what_it_passes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path / "data")
    (tmp_path / "data" / IMAGES).unlink()
    source = find_data()
    assert source.kind == "embedded"
    assert str(tmp_path / "data") in source.note
    assert IMAGES in source.note
    write_data(tmp_path / "debian")
    assert find_data().path == tmp_path / "debian"
    assert IMAGES in find_data().note
    monkeypatch.setenv("LRTUI_DATA_DIR", str(tmp_path / "nowhere"))
    assert "LRTUI_DATA_DIR" in find_data().note
    assert find_data().note.isprintable()


def test_a_data_folder_of_something_else_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine")
    assert find_data().note == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (IMAGES, None, "is missing"),
        (IMAGES, b"", "cut short"),
        (IMAGES, idx(30)[:-1], "cut short"),
        (IMAGES, idx(30)[:10], "cut short"),
        (IMAGES, idx(30) + b"x", "too long"),
        (IMAGES, b"PK" + idx(30), "isn't an IDX file of images"),
        (IMAGES, idx(30, labels=True), "isn't an IDX file of images"),
        (IMAGES, idx(30, side=32), "32x32"),
        (IMAGES, idx(0), "no examples"),
        (IMAGES, idx(29), "29 images but train-labels-idx1-ubyte 30 labels"),
        ("t10k-labels-idx1-ubyte", idx(20, labels=True)[:-3], "cut short"),
        (IMAGES, gzip.compress(idx(30))[:-20], "cut short"),
        (IMAGES, gzip.compress(idx(30))[:9], "cut short"),
        (
            IMAGES,
            gzip.compress(idx(30))[:30] + bytes(9) + gzip.compress(idx(30))[39:-1],
            "can't be read (damaged gzip data)",
        ),
        (IMAGES, b"\x1f\x8b" + b"rubbish" * 9, "damaged"),
    ],
    ids=map(str, itertools.count()),  # the bytes would be no names: gzip's hold the time of day
)
def test_what_is_wrong_with_a_named_folder_is_said(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    folder = write_data(tmp_path / "mine")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        find_data(folder)
    assert message in str(caught.value)
    assert name in str(caught.value)
    assert "embedded" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_gzip_file_of_several_parts_is_measured_by_unpacking(tmp_path: Path) -> None:
    folder = write_data(tmp_path / "mine")
    data = idx(30)
    (folder / IMAGES).write_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:]))
    assert find_data(folder).train_examples == 30


def test_an_empty_or_absent_folder(tmp_path: Path) -> None:
    (tmp_path / "empty\x1b[0m").mkdir()
    with pytest.raises(DataError, match="holds no Fashion-MNIST files") as caught:
        find_data(tmp_path / "empty\x1b[0m")
    assert str(caught.value).isprintable()
    with pytest.raises(DataError, match="is no folder"):
        find_data(tmp_path / "absent")
    with pytest.raises(DataError, match="no name"):
        find_data(" ")


def test_a_working_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert find_data().kind == "embedded"
    with pytest.raises(DataError, match="is no folder"):
        find_data("relative")
