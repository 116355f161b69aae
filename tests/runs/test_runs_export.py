from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path

import msgspec
import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, log, report, started
from hypothesis import given
from hypothesis import strategies as st

from lrtui import __version__
from lrtui.runs.events import Event
from lrtui.runs.export import ExportError, export
from lrtui.runs.exporting import documents, tables
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    run = store.create(a_spec(name='a "quoted", name'))
    log(run, a_short_run())
    run.lock_path.touch()
    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, strict=True))


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def test_a_tidy_row_for_every_report_and_epoch(run: Run, tmp_path: Path) -> None:
    written = export([run], "csv", tmp_path / "out.csv")
    assert written == [tmp_path / "out.csv", tmp_path / "out.csv.specs.json"]
    header = (tmp_path / "out.csv").read_text().splitlines()[0]
    assert header == (
        "run,event,step,epoch,time,seconds,lr,"
        "train_loss,train_acc,test_loss,test_acc,examples_per_sec,epoch_seconds"
    )
    rows = table(tmp_path / "out.csv")
    assert [row["event"] for row in rows] == ["report"] * 3 + ["epoch"] + ["report"] * 3 + ["epoch"]
    assert rows[0] == {
        "run": run.id,
        "event": "report",
        "step": "10",
        "epoch": "0.25",
        "time": "1700000001.0",
        "seconds": "1.0",
        "lr": "0.5",
        "train_loss": repr(2 / 11),
        "train_acc": "0.1",
        "test_loss": "",
        "test_acc": "",
        "examples_per_sec": "5000.0",
        "epoch_seconds": "",
    }
    assert (rows[3]["test_acc"], rows[3]["epoch_seconds"], rows[3]["seconds"]) == ("0.6", "2.0", "4.0")


def test_the_specs_lie_beside_the_table(run: Run, tmp_path: Path) -> None:
    export([run], "csv", tmp_path / "out.csv")
    about = json.loads((tmp_path / "out.csv.specs.json").read_text())
    assert about["lrtui"] == __version__
    (entry,) = about["runs"]
    assert (entry["id"], entry["name"], entry["state"]) == (run.id, 'a "quoted", name', "completed")
    assert msgspec.convert(entry["spec"], RunSpec) == run.spec


def test_several_runs_share_one_table_with_every_metric(store: RunStore, run: Run, tmp_path: Path) -> None:
    other = store.create(a_spec())
    log(other, [started(START + 50), report(1, START + 51, grad_norm=2.5, note="text", flag=True)])
    export([other, run], "csv", tmp_path / "out.csv")
    rows = table(tmp_path / "out.csv")
    assert [row["run"] for row in rows] == [other.id] + [run.id] * 8
    assert (rows[0]["grad_norm"], rows[0]["flag"], rows[0]["seconds"]) == ("2.5", "1", "1.0")
    assert "note" not in rows[0]
    assert {row["grad_norm"] for row in rows[1:]} == {""}


@given(st.lists(st.floats() | st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8))
def test_numbers_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, losses: list[float | None]
) -> None:
    folder = tmp_path_factory.mktemp("export")
    run = RunStore(folder / "runs").create(RunSpec(schedule="constant(0.1)"))
    log(run, [report(step, START, train_loss=loss) for step, loss in enumerate(losses)])
    export([run], "csv", folder / "out.csv")
    cells = (
        [row["train_loss"] for row in table(folder / "out.csv")]
        if any(loss is not None for loss in losses)
        else [""] * len(losses)
    )
    for cell, loss in zip(cells, losses, strict=True):
        if loss is None:
            assert cell == ""
        elif isinstance(loss, int):
            assert int(cell) == loss
        else:
            assert (math.isnan(loss) and cell == "nan") or float(cell) == loss
            assert cell in ("nan", "inf", "-inf") or math.isfinite(loss)


def test_one_document_with_the_spec_and_every_event(store: RunStore, run: Run, tmp_path: Path) -> None:
    other = store.create(a_spec())
    events = [
        started(),
        report(1, START, train_loss=float("nan")),
        Event("diagnosis", START, {"kind": "diverged"}),
    ]
    log(other, events)
    assert export([run, other], "json", tmp_path / "out.json") == [tmp_path / "out.json"]
    document = json.loads((tmp_path / "out.json").read_text(), parse_constant=refuse)
    assert document["lrtui"] == __version__
    first, second = document["runs"]
    assert first["id"] == run.id
    assert msgspec.convert(first["spec"], RunSpec) == run.spec
    assert first["events"] == [json.loads(line) for line in run.events_path.read_text().splitlines()]
    assert second["events"][1]["train_loss"] is None
    assert second["events"][1]["nonfinite"] == {"train_loss": "nan"}


def test_a_run_without_log_or_spec_is_exported_for_what_it_is(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    run = Run(run.path)
    run.spec_path.unlink()
    run.events_path.write_bytes(b"rubbish\n")
    export([run], "json", tmp_path / "out.json")
    (entry,) = json.loads((tmp_path / "out.json").read_text())["runs"]
    assert entry["events"] == []
    assert entry["spec"] is None
    assert "spec" in entry["problem"]
    export([run], "csv", tmp_path / "out.csv")
    assert table(tmp_path / "out.csv") == []


def test_nothing_is_overwritten_unasked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv.specs.json").write_text("mine")
    with pytest.raises(ExportError, match=r"out\.csv\.specs\.json exists"):
        export([run], "csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    assert (tmp_path / "out.csv.specs.json").read_text() == "mine"
    export([run], "csv", tmp_path / "out.csv", overwrite=True)
    assert json.loads((tmp_path / "out.csv.specs.json").read_text())
    with pytest.raises(ExportError, match="exists"):
        export([run], "json", tmp_path / "out.csv")


def test_a_file_made_in_the_meantime_is_not_overwritten_either(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = documents.write_json

    def slow(runs: list[Run], file: io.TextIOBase) -> None:
        write(runs, file)  # type: ignore[arg-type]
        (tmp_path / "out.json").write_text("mine")

    monkeypatch.setattr(documents, "write_json", slow)
    with pytest.raises(ExportError, match="exists"):
        export([run], "json", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["out.json", "runs"]  # noqa: PTH208


def test_an_export_that_fails_leaves_nothing_behind(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(runs: list[Run], file: io.TextIOBase) -> None:
        file.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "write_csv", full)
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(ExportError, match="No space left on device"):
        export([run], "csv", tmp_path / "out.csv", overwrite=True)
    assert (tmp_path / "out.csv").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["out.csv", "runs"]  # noqa: PTH208


@pytest.mark.parametrize(
    ("runs", "format", "path", "message"),
    [
        (0, "csv", "out.csv", "no run to export"),
        (1, "xls", "out.xls", "choose csv, json"),
        (1, "csv", ".", "is a folder"),
        (1, "json", "absent/out.json", "there is no folder"),
        (1, "json", "file/out.json", "is a file and no folder"),
        (1, "json", "a\0b", "can't be written"),
        (1, "csv", "x" * 300, "can.t be written: .*: choose a shorter name"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    run: Run, tmp_path: Path, runs: int, format: str, path: str, message: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=message) as caught:
        export([run][:runs], format, tmp_path / path)  # type: ignore[arg-type]
    assert str(caught.value).isprintable()


def test_clocks_that_jump_back_do_not_turn_the_seconds_back(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    log(run, [started(), report(1, START + 5), report(2, START - 100), epoch(1, START + 6)])
    export([run], "csv", tmp_path / "out.csv")
    rows = table(tmp_path / "out.csv")
    assert [row["seconds"] for row in rows] == ["5.0", "5.0", "6.0"]
    assert [float(row["seconds"]) for row in rows][:2] == run.history().columns("report")["seconds"].tolist()


def test_what_a_resumed_run_logged_again_is_exported_once(tmp_path: Path) -> None:
    from lrtui.runs.events import EventWriter
    from lrtui.runs.exporting.tables import in_force, rows

    run = RunStore(tmp_path / "resumed").create(a_spec())
    with EventWriter(run.events_path) as writer:
        writer.emit("started", updates=9)
        for step in range(5):
            writer.emit("report", step=step, train_loss=1.0)
        writer.emit("epoch", epoch=1, step=4, test_acc=0.1)
        writer.emit("resumed", step=3, epochs=0)
        for step in range(3, 6):
            writer.emit("report", step=step, train_loss=2.0)
        writer.emit("epoch", epoch=1, step=4, test_acc=0.2)
        writer.emit("resumed", step=5, epochs=1)
        writer.emit("report", step=5, train_loss=3.0)
    table = list(rows([run], ("step", "train_loss", "test_acc")))
    assert [row.values for row in table] == [
        [0, 1.0, None],
        [1, 1.0, None],
        [2, 1.0, None],
        [3, 2.0, None],
        [4, 2.0, None],
        [4, None, 0.2],
        [5, 3.0, None],
    ]
    assert sum(event.kind == "resumed" for event in in_force(run)) == 2


def test_what_a_later_resumption_takes_back_is_not_exported_either(tmp_path: Path) -> None:
    from lrtui.runs.events import EventWriter
    from lrtui.runs.exporting.tables import rows

    run = RunStore(tmp_path / "twice").create(a_spec())
    with EventWriter(run.events_path) as writer:
        writer.emit("started", updates=9)
        for first, loss in ((0, 1.0), (4, 2.0), (2, 3.0)):
            if first:
                writer.emit("resumed", step=first, epochs=0)
            for step in range(first, 6):
                writer.emit("report", step=step, train_loss=loss)
    found = [row.values for row in rows([run], ("step", "train_loss"))]
    assert found == [[0, 1.0], [1, 1.0], [2, 3.0], [3, 3.0], [4, 3.0], [5, 3.0]]
    reports = run.history().columns("report")
    assert found == [list(row) for row in zip(reports["step"], reports["train_loss"], strict=True)]
