from __future__ import annotations

import builtins
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_runs import START, a_short_run, a_spec, finished, log, report, started

from lrtui.runs.events import Event
from lrtui.runs.export import ExistsError, ExportError, MissingError, export
from lrtui.runs.own_spec import own_spec
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    run = store.create(a_spec(name="x", seed=3))
    log(run, a_short_run())
    run.lock_path.touch()
    return run


def read(folder: Path) -> Any:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False
    )
    return events.Reload()


def session(events: Any) -> tuple[Any, Any]:
    """What the hyper-parameters plugin finds of the session's start and end."""
    from tensorboard.plugins.hparams import metadata

    found = events.PluginTagToContent("hparams")
    return (
        metadata.parse_session_start_info_plugin_data(found["_hparams_/session_start_info"]),
        metadata.parse_session_end_info_plugin_data(found["_hparams_/session_end_info"]),
    )


def test_every_scalar_with_its_update_and_wall_time(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    (file,) = export([run], "tensorboard", tmp_path / "board")
    assert file.parent == tmp_path / "board" / run.id
    events = read(file.parent)
    history = run.history()
    for kind in ("report", "epoch"):
        columns = history.columns(kind)
        for name in (*history.metrics(kind), *(["seconds"] if kind == "epoch" else [])):
            field = "seconds" if name == "epoch_seconds" else name
            scalars = events.Scalars(f"{kind}/{field}")
            wanted = columns["epoch_seconds" if name == "seconds" else name]
            assert [scalar.step for scalar in scalars] == columns["step"].tolist()
            assert [scalar.wall_time for scalar in scalars] == columns["time"].tolist()
            assert np.array_equal(np.float32([scalar.value for scalar in scalars]), np.float32(wanted))
    assert set(events.Tags()["scalars"]) == {
        *(f"report/{name}" for name in ("lr", "train_loss", "train_acc", "examples_per_sec")),
        *(f"epoch/{name}" for name in ("lr", "train_loss", "train_acc", "test_loss", "test_acc")),
        "epoch/examples_per_sec",
        "epoch/seconds",
    }


def test_spec_as_text_and_hyper_parameters(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    (file,) = export([run], "tensorboard", tmp_path / "board")
    events = read(file.parent)
    text = events.Tensors("spec")[0].tensor_proto.string_val[0].decode()
    assert "".join(line.removeprefix("    ") for line in text.splitlines(True)) == run.spec.to_toml()
    start, end = session(events)
    values = start.hparams
    assert values["schedule"].string_value == "cosine(0.5, final_lr=0.01)"
    assert (values["batch_size"].number_value, values["seed"].number_value) == (256, 3)
    assert "updates" not in values
    assert start.group_name == run.id
    assert start.start_time_secs == START
    assert (end.end_time_secs, end.status) == (START + 8.5, 1)


def test_what_scripts_say_of_their_own_loops(store: RunStore, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    hyper = {"schedule": "mine", "deep": {"er": True}, "sizes": [1, 2], "many": 2**60, "<b>": "\u202e"}
    run = store.create(own_spec("x", hyper=hyper))
    log(run, [started(), finished(START + 1, "failed")])
    (file,) = export([run], "tensorboard", tmp_path / "board")
    start, end = session(read(file.parent))
    values = start.hparams
    assert values["schedule"].string_value == "mine"
    assert values["deep.er"].bool_value
    assert (values["sizes"].string_value, values["many"].string_value) == ("[1, 2]", str(2**60))
    assert "model" not in values
    assert end.status == 2


def test_values_at_the_edge_and_damaged_steps(store: RunStore, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    run = store.create(a_spec())
    values = [float("nan"), float("-inf"), 1e300, -3.5e38, 2**63, 1e-60, None, "text", True]
    log(run, [report(7, START), *[report(8, START + 1, train_loss=value) for value in values]])
    log(run, [*[Event("report", START + 2, {"step": step, "train_loss": 0.5}) for step in ("x", math.inf)]])
    (file,) = export([run], "tensorboard", tmp_path / "board")
    scalars = read(file.parent).Scalars("report/train_loss")
    found = [scalar.value for scalar in scalars]
    assert np.array_equal(
        np.array(found[1:8]), np.array([np.nan, -np.inf, np.inf, -np.inf, 2.0**63, 0, 1]), equal_nan=True
    )
    assert [scalar.step for scalar in scalars[-2:]] == [8, 8]


def test_a_run_without_log_or_spec(store: RunStore, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    run = store.create(a_spec())
    run = Run(run.path)
    run.spec_path.write_text("\0")
    (file,) = export([run], "tensorboard", tmp_path / "board")
    assert read(file.parent).Tags()["tensors"] == ["spec"]


def test_runs_have_a_folder_each_and_are_added_to_those_there(
    store: RunStore, run: Run, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboard")
    other = store.create(a_spec())
    (first,) = export([run], "tensorboard", tmp_path / "board")
    first.write_bytes(b"mine")
    with pytest.raises(ExistsError, match="exists"):
        export([other, run], "tensorboard", tmp_path / "board")
    assert [path.name for path in (tmp_path / "board").iterdir()] == [run.id]
    export([other], "tensorboard", tmp_path / "board")
    assert first.read_bytes() == b"mine"
    export([other, run], "tensorboard", tmp_path / "board", overwrite=True)
    assert {path.parent.name for path in (tmp_path / "board").rglob("*tfevents*")} == {run.id, other.id}
    assert read(first.parent).Tags()["scalars"]


def test_a_file_in_the_way_and_a_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    (tmp_path / "board").write_text("mine")
    with pytest.raises(ExportError, match="is a file: name a folder"):
        export([run], "tensorboard", tmp_path / "board", overwrite=True)
    with pytest.raises(ExportError, match=r"there is no folder .*absent: make it"):
        export([run], "tensorboard", tmp_path / "absent" / "board")
    assert (tmp_path / "board").read_text() == "mine"


def test_an_export_that_fails_leaves_no_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboard")
    from lrtui.runs.exporting import tensorboard

    def full(run: Run, file: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tensorboard, "write_events", full)
    with pytest.raises(ExportError, match="No space left"):
        export([run], "tensorboard", tmp_path / "board")
    assert not (tmp_path / "board").exists()


def test_without_the_package_the_extra_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "tensorboard":
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingError, match=r"pip install 'lrtui\[tensorboard\]'") as caught:
        export([run], "tensorboard", tmp_path / "board")
    assert str(caught.value).isprintable()
    assert not (tmp_path / "board").exists()
