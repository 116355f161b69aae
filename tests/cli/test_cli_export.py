from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from lrtui.cli.export import AXES, FORMATS, export
from lrtui.runs import export as library
from lrtui.runs.events import Event, EventWriter
from lrtui.runs.exporting import tensorboard
from lrtui.runs.history import Axis
from lrtui.runs.run import Run
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    run = RunStore(tmp_path / "runs").create(make_spec(schedule="constant(0.1)", data="embedded"))
    with EventWriter(run.events_path) as writer:
        writer.append(Event("report", 1e9, {"step": 0, "epoch": 0.1, "lr": 0.1, "train_loss": 2.0}))
        writer.append(Event("epoch", 1e9 + 1, {"step": 9, "epoch": 1, "lr": 0.1, "test_acc": 0.5}))
    return run


def call(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(export, [*arguments, "--runs-dir", "runs"])
    return done.exit_code, done.stdout, done.stderr


def test_the_formats_are_those_of_the_library() -> None:
    assert FORMATS == library.FORMATS
    assert get_args(Axis) == AXES
    assert set(library.ABOUT) == set(library.ENDINGS) == set(FORMATS)


NEEDS = {"parquet": "pyarrow", "png": "matplotlib"}
FOLDERS = ("wandb", "mlflow")


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in FOLDERS])
def test_every_format_has_a_name_of_its_own(run: Run, form: str) -> None:
    pytest.importorskip(NEEDS.get(form, form if form == "tensorboard" else "lrtui"))
    code, out, err = call(run.id, "--format", form)
    assert (code, err) == (0, "")
    assert all(Path(line).is_file() for line in out.splitlines())
    code, out, err = call(run.id, "--format", form)
    assert (code, out) == (2, "")
    assert "exists: choose another name or add --overwrite" in err
    assert call(run.id, "--format", form, "--overwrite")[0] == 0


@pytest.mark.parametrize("form", FOLDERS)
def test_a_folder_of_another_tool_is_new_each_time(run: Run, form: str) -> None:
    pytest.importorskip(form)
    code, out, err = call(run.id, "--format", form)
    assert (code, out, err) == (0, f"{Path.cwd()}/{run.id}-{form}\n", "")
    assert any(Path(out.strip()).iterdir())
    code, out, err = call(run.id, "--format", form, "--overwrite")
    assert (code, out) == (2, "")
    assert "name a folder that isn't there yet" in err


def test_what_the_name_ends_in_is_the_format(run: Run) -> None:
    for form, endings in library.ENDINGS.items():
        for ending in filter(None, endings):
            assert library.format_of(Path(f"x{ending.upper()}")) == form
    assert call(run.id, "-o", "out.JSON")[0] == 0
    assert Path("out.JSON").read_text().startswith('{"lrtui"')


def test_an_unknown_format_names_those_there_are(run: Run) -> None:
    code, _, err = call(run.id, "--format", "xls")
    assert code == 2
    assert "xls: must be one of csv, json, " in err


def test_a_missing_package_is_one_line_and_no_matter_of_wording(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def require() -> None:
        raise library.MissingError("pip install it")

    monkeypatch.setattr(tensorboard, "require", require)
    code, out, err = call(run.id, "--format", "tensorboard")
    assert (code, out) == (1, "")
    assert err == "Error: pip install it\n"


def test_a_chart_of_the_metric_and_axis_asked_for(run: Run) -> None:
    assert call(run.id, "--format", "svg", "--metric", "train_loss", "--x", "seconds", "--log")[0] == 0
    text = Path(f"{run.id}.svg").read_text()
    assert "train_loss (log)" in text
    assert "time since the start" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "csv", "--metric", "lr"), "--metric: only for --format svg, png, not for csv"),
        (("-o", "x.html", "--x", "step"), "--x: only for --format svg, png, not for html"),
        (("--log",), "--log: only for --format svg, png, html, markdown, not for csv"),
        (("--format", "svg", "--x", "week"), "week: must be one of step, epoch, seconds, examples"),
        (("--format", "svg", "--metric", "nope"), "no metric 'nope' in this run: there is lr, "),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = call(run.id, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert sorted(path.name for path in Path().iterdir()) == ["runs"]
