"""Downloading through torchvision, from a mirror that is a local folder."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_images import tiny
from torchvision.datasets import FashionMNIST

from lrtui.runs.datasets import FILES, DataError
from lrtui.training import data, download, idx
from lrtui.training.background import in_background
from lrtui.training.ending import Interrupted


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the four gzipped files, served on this machine, where torchvision goes to download."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    images = tiny(50, 20)
    resources = []
    for key, name in FILES.items():
        content = gzip.compress(idx.encode(getattr(images, key)), mtime=0)
        (folder / f"{name}.gz").write_bytes(content)
        resources.append((f"{name}.gz", hashlib.md5(content).hexdigest()))
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(FashionMNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(FashionMNIST, "resources", resources)
        yield folder
        server.shutdown()


def nothing(*_: object) -> None:
    return None


def test_a_download_loads_and_tells_its_progress(tmp_path: Path, mirror: Path) -> None:
    told: list[tuple[int, int]] = []
    raw = download.download(tmp_path / "data", lambda *state: told.append(state), nothing)
    images = data.load_folder(raw)
    assert np.array_equal(images.train_images, tiny(50, 20).train_images)
    assert told[-1] == (download.TOTAL, download.TOTAL)
    assert all(0 <= received <= total for received, total in told)


def test_what_is_there_is_not_fetched_again_and_what_is_cut_short_is(tmp_path: Path, mirror: Path) -> None:
    root = tmp_path / "data"
    raw = download.download(root, nothing, nothing)
    told: list[int] = []
    download.download(root, lambda received, _: told.append(received), nothing)
    assert not told
    images = raw / FILES["train_images"]
    whole = images.read_bytes()
    images.write_bytes(whole[:1000])
    download.download(root, nothing, nothing)
    assert images.read_bytes() == whole


def test_a_mirror_without_the_files_is_a_one_line_error(tmp_path: Path, mirror: Path) -> None:
    for file in mirror.iterdir():
        file.unlink()
    with pytest.raises(DataError, match="check the network") as error:
        download.download(tmp_path / "data", nothing, nothing)
    assert "\n" not in str(error.value)


def test_a_folder_that_cannot_be_written_is_a_one_line_error(tmp_path: Path, mirror: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="the disk"):
        download.download(tmp_path / "file", nothing, nothing)


def test_a_stop_does_not_wait_for_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(download, "_fetch", lambda root, raw: never.wait(30))

    def stop() -> None:
        raise Interrupted("enough")

    with pytest.raises(Interrupted):
        download.download(tmp_path / "data", nothing, stop)
    never.set()


def test_background_work_hands_over_its_result_or_its_error() -> None:
    assert in_background(lambda: 42, nothing) == 42
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 / 0, nothing)
