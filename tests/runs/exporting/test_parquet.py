from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path

import msgspec
import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, log, report, started

from lrtui.runs.events import Event
from lrtui.runs.export import MissingError, export
from lrtui.runs.exporting import parquet
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    first, second = store.create(a_spec(name="ä 🎉")), store.create(a_spec())
    log(first, a_short_run())
    odd = [math.nan, math.inf, -math.inf, 0.1 + 0.2, 5e-324, 3, 2**63, None, True]
    log(second, [started(), *[report(1, START + 1, train_loss=value, grad=2.5) for value in odd]])
    log(second, [epoch(1, START - 5), Event("report", START + 2, {"step": 1e300, "lr": "x"})])
    return [first, second]


def test_the_same_frame_as_the_csv(runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet, "_BATCH", 4)
    assert export(runs, "parquet", tmp_path / "out.parquet") == [tmp_path / "out.parquet"]
    export(runs, "csv", tmp_path / "out.csv")
    table = reader.read_table(tmp_path / "out.parquet")
    with (tmp_path / "out.csv").open(newline="") as file:
        wanted = list(csv.DictReader(file))
    assert table.column_names == list(wanted[0])
    assert table.num_rows == len(wanted) == 8 + 11
    for found, row in zip(table.to_pylist(), wanted, strict=True):
        for name, text in row.items():
            value = found[name]
            if name in ("run", "event"):
                assert value == text
            elif name == "step":
                assert value == (None if text == "1e+300" else int(text))
            elif text in ("", "nan"):
                assert (value is None) if text == "" else math.isnan(value)
            else:
                assert value == float(text)
    kinds = {name: str(table.schema.field(name).type) for name in ("run", "step", "time", "train_loss")}
    assert kinds == {"run": "string", "step": "int64", "time": "double", "train_loss": "double"}


def test_the_specs_are_in_the_metadata(runs: list[Run], tmp_path: Path) -> None:
    reader = pytest.importorskip("pyarrow.parquet")
    export(runs, "parquet", tmp_path / "out.parquet")
    about = json.loads(reader.read_schema(tmp_path / "out.parquet").metadata[b"lrtui"])
    assert [entry["id"] for entry in about["runs"]] == [run.id for run in runs]
    assert msgspec.convert(about["runs"][0]["spec"], RunSpec) == runs[0].spec


def test_runs_without_any_row(store: RunStore, tmp_path: Path) -> None:
    reader = pytest.importorskip("pyarrow.parquet")
    export([store.create(a_spec())], "parquet", tmp_path / "out.parquet")
    assert reader.read_table(tmp_path / "out.parquet").num_rows == 0


def test_without_pyarrow_the_extra_is_named(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingError, match=r"pip install 'lrtui\[parquet\]'"):
        export(runs, "parquet", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
