"""Exports for W&B and MLflow, read back as the libraries' own formats have them."""

from __future__ import annotations

import math
import os
import struct
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, finished, log, report, started

from lrtui.runs.export import ExportError, MissingError, export
from lrtui.runs.exporting import offline
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    run = store.create(a_spec(name="my $run", seed=3))
    log(run, a_short_run())
    run.lock_path.touch()
    store.tag(run, ["good"])
    return run


def wandb_records(file: Path) -> list[Any]:
    """The records of a W&B log: blocks of 32 KiB that hold pieces with checksum, length and kind."""
    from wandb.proto import wandb_internal_pb2

    data, place, whole, found = file.read_bytes(), 7, b"", []
    assert data.startswith(b":W&B")
    while place + 7 <= len(data):
        room = 32768 - place % 32768
        if room < 7:
            place += room
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + 7])
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            found.append(record)
            whole = b""
    return found


def test_wandb_has_every_value_with_its_update_and_time(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    assert export([run], "wandb", tmp_path / "board") == [tmp_path / "board"]
    (file,) = (tmp_path / "board").glob("wandb/offline-run-*/run-*.wandb")
    assert file.name == f"run-{run.id}.wandb"
    records = wandb_records(file)
    kinds = Counter(record.WhichOneof("record_type") for record in records)
    assert kinds["run"] == kinds["exit"] == 1
    (about,) = (record.run for record in records if record.WhichOneof("record_type") == "run")
    assert (about.run_id, about.display_name, list(about.tags)) == (run.id, "my $run", ["good"])
    config = {item.key: item.value_json for item in about.config.update}
    assert config["schedule"] == '"cosine(0.5, final_lr=0.01)"'
    assert config["seed"] == "3"
    assert "cosine(0.5, final_lr=0.01)" in about.notes
    values: dict[str, list[tuple[int, float]]] = {}
    for record in records:
        if record.WhichOneof("record_type") == "history":
            row = {(item.key or item.nested_key[0]): item.value_json for item in record.history.item}
            step = int(row["_step"])
            assert float(row["_timestamp"]) >= START
            for key, value in row.items():
                values.setdefault(key, []).append((step, float(value)))
    history = run.history()
    for kind in ("report", "epoch"):
        for name in history.metrics(kind):
            key = f"{kind}/{'seconds' if name == 'epoch_seconds' else name}"
            columns = history.columns(kind)
            assert values[key] == list(zip(columns["step"], columns[name], strict=True)), key


def test_mlflow_has_every_value_with_its_update_and_time(
    run: Run, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = pytest.importorskip("mlflow.tracking")
    bad = store.create(a_spec(schedule="0.3"))
    log(bad, [started(), report(3, START + 1, train_loss=math.nan, **{"a:b/../c": 1.5}), epoch(1, START + 2)])
    log(bad, [finished(START + 3, "diverged", "the loss")])
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://nobody.invalid")  # the person's own, not for this
    board = tmp_path / "board"
    assert export([run, bad], "mlflow", board) == [board]
    client = tracking.MlflowClient(tracking_uri=board.as_uri(), registry_uri=board.as_uri())
    experiment = client.get_experiment_by_name(offline.PROJECT)
    found = {each.data.tags["lrtui.id"]: each for each in client.search_runs([experiment.experiment_id])}
    assert found.keys() == {run.id, bad.id}
    written = found[run.id]
    assert written.info.run_name == "my $run"
    assert written.info.artifact_uri.startswith(board.as_uri())
    assert (written.info.status, found[bad.id].info.status) == ("FINISHED", "FAILED")
    assert written.data.params["schedule"] == "cosine(0.5, final_lr=0.01)"
    assert "cosine(0.5" in written.data.tags["mlflow.note.content"]
    history = run.history()
    for kind in ("report", "epoch"):
        for name in history.metrics(kind):
            key = f"{kind}/{'seconds' if name == 'epoch_seconds' else name}"
            columns = history.columns(kind)
            points = client.get_metric_history(written.info.run_id, key)
            assert [point.step for point in points] == columns["step"].tolist()
            assert [point.value for point in points] == columns[name].tolist()
            assert [point.timestamp for point in points] == (columns["time"] * 1000).astype(int).tolist()
    metrics = found[bad.id].data.metrics
    assert math.isnan(metrics["report/train_loss"])
    assert metrics["report/a_b/_/c"] == 1.5


@pytest.mark.parametrize("tool", ["wandb", "mlflow"])
def test_a_folder_that_is_there_is_never_touched(run: Run, tmp_path: Path, tool: Any) -> None:
    pytest.importorskip(tool)
    board = tmp_path / "board"
    board.mkdir()
    (board / "mine").write_text("x")
    with pytest.raises(ExportError, match="name a folder that isn't there yet"):
        export([run], tool, board, overwrite=True)
    assert [path.name for path in board.iterdir()] == ["mine"]


@pytest.mark.parametrize("tool", ["wandb", "mlflow"])
def test_what_goes_wrong_is_one_line_and_leaves_nothing(
    run: Run, tmp_path: Path, tool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=rf"lrtui\[{tool}\]"):
        export([run], tool, tmp_path / "board")
    monkeypatch.setattr(offline.importlib.util, "find_spec", lambda name: object())
    broken = str(_broken(tmp_path / "broken", tool))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([broken, *filter(None, sys.path)]))
    with pytest.raises(ExportError, match=r"couldn't write .*board: RuntimeError: .* \\x1b\[2J"):
        export([run], tool, tmp_path / "board")
    with pytest.raises(ExportError, match="can't be written"):
        export([run], tool, tmp_path / "nowhere" / "board")
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(("part", "board"))]


def _broken(folder: Path, tool: str) -> Path:
    """A library of that name that can't be loaded."""
    (folder / tool).mkdir(parents=True)
    (folder / tool / "__init__.py").write_text("raise RuntimeError('it broke \\x1b[2J')\n")
    return folder


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("report/train_loss", "report/train_loss"),
        ("a:b/../c", "a_b/_/c"),
        ("é\x1b", "é_"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_of_metrics_that_become_files(name: str, key: str) -> None:
    assert offline._key(name) == key
