from __future__ import annotations

import builtins
import io
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_runs import a_short_run, a_spec, log

from lrtui.runs.export import ExistsError, ExportError, MissingError, export
from lrtui.runs.exporting import png
from lrtui.runs.exporting.svg import Chart, Line
from lrtui.runs.store import RunStore


def pixels(data: bytes) -> Any:
    """The picture as an array, shape (height, width, 4), 0..1."""
    image = pytest.importorskip("matplotlib.image")
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return image.imread(io.BytesIO(data), format="png")


def draw(chart: Chart) -> Any:
    pytest.importorskip("matplotlib")
    file = io.BytesIO()
    png.write_png(chart, file)
    return pixels(file.getvalue())


def has(picture: Any, colour: str) -> int:
    """How many pixels have this colour."""
    wanted = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return int((np.abs(picture[..., :3] - wanted).max(axis=2) < 0.02).sum())


def a_chart(y: Any, **changes: Any) -> Chart:
    lines = [
        Line(np.arange(len(values), dtype=float), np.array(values, float), at) for at, values in enumerate(y)
    ]
    return Chart("a $title_", "x", "y", lines, **{"legend": [("_one", 0), ("$two", 1)], **changes})


def test_a_chart_of_runs_as_a_picture(store: RunStore, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    runs = [store.create(a_spec(name=name)) for name in ("one", "two")]
    for run in runs:
        log(run, a_short_run())
    path = tmp_path / "chart.png"
    assert export(runs, "png", path, metric="train_loss", x="seconds") == [path]
    picture = pixels(path.read_bytes())
    assert picture.shape[1] == 1520
    assert picture.shape[0] >= 760
    assert struct.unpack(">II", path.read_bytes()[16:24]) == (picture.shape[1], picture.shape[0])
    assert has(picture, "#0072B2") > 100
    assert has(picture, "#D55E00") > 100
    with pytest.raises(ExistsError):
        export(runs, "png", path)
    with pytest.raises(ExportError, match="no metric 'nothing'"):
        export(runs, "png", tmp_path / "b.png", metric="nothing")
    assert [each.name for each in tmp_path.glob("*.png")] == ["chart.png"]


def test_gaps_single_points_and_names_that_mean_something_to_matplotlib() -> None:
    whole = has(draw(a_chart([[1, 2, 3, 4]])), "#0072B2")
    broken = has(draw(a_chart([[1, 2, np.nan, 4]])), "#0072B2")
    assert 0 < broken < whole
    one = draw(a_chart([[1.0]], legend=()))
    assert has(one, "#0072B2") > 20


@pytest.mark.parametrize("y", [[[np.nan, np.inf]], [], [[1e308, -1e308]], [[1e-320, 0]], [[0, 0]]])
@pytest.mark.parametrize("log", [False, True])
def test_numbers_that_no_training_has(y: Any, log: bool) -> None:
    assert draw(a_chart(y, log=log)).shape[1] == 1520


def test_without_matplotlib_one_line_says_what_to_install(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return original(name, *rest)

    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingError, match=r"lrtui\[png\]"):
        export([store.create(a_spec())], "png", tmp_path / "a.png")
