"""`lrtui preview`: the rates in their three forms are the schedule's own."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lrtui import start
from lrtui.experiments.traces import TraceError, trace_of_run
from lrtui.runs.store import RunStore
from lrtui.schedules import Horizon, parse, simulate
from tests.cli.commands import LRTUI, lrtui, strict_json
from tests.ui.fake_runs import finished, spec

WARMUP_COSINE = "warmup(5ep) >> cosine(lr=0.5, final_lr=0.01)"


def test_csv_has_a_header_and_a_row_for_every_update() -> None:
    done = lrtui("preview", WARMUP_COSINE, "--epochs", "20", "--steps-per-epoch", "235", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["step", "lr"]
    assert [int(step) for step, _ in rows[1:]] == list(range(4700))
    # Round-trip precision: not close to the rates, but the rates.
    expected = parse(WARMUP_COSINE).rates(Horizon.from_epochs(20, 235))
    assert [float(rate) for _, rate in rows[1:]] == expected.tolist()


def test_csv_names_the_columns_of_several_by_their_expressions() -> None:
    done = lrtui("preview", "cosine(0.1, 0.01)", "0.3", "--steps", "7", "--format", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["step", str(parse("cosine(0.1, 0.01)")), "constant(0.3)"]
    assert len(rows) == 8
    assert {row[2] for row in rows[1:]} == {"0.3"}


def test_json_is_one_strict_document() -> None:
    done = lrtui("preview", "linear(0.1)", "--preset", "multifactor", "--epochs", "10", "--format", "json")
    document = strict_json(done.stdout)
    assert document["updates"] == 2350
    assert document["steps_per_epoch"] == 235
    linear, multifactor = document["schedules"]
    assert linear["expression"] == "linear(0.1)"
    np.testing.assert_array_equal(linear["lr"], parse("linear(0.1)").rates(Horizon(2350, 235)))
    assert set(multifactor["lr"]) == {0.5, 0.25}
    assert multifactor["summary"]["peak"] == 0.5


def test_plot_is_a_picture_without_escapes_in_a_pipe() -> None:
    done = lrtui("preview", WARMUP_COSINE, "--epochs", "20", environment={"COLUMNS": "90"})
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "20 epochs of 235 updates, 4,700 in all"
    assert max(map(len, lines[1:-2])) <= 90
    assert any(any("\u2801" <= letter <= "\u28ff" for letter in line) for line in lines)
    assert "peak 0.5 at update 1,175" in done.stdout


def test_what_does_not_fit_the_length_is_said_under_the_schedule_it_is_about() -> None:
    done = lrtui("preview", "cosine(0.5)", "warmup(5ep) >> cosine(0.5)", "--epochs", "3")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    first = lines.index("cosine(0.5)")
    assert lines[first + 2].startswith("warmup(5ep) >> ")
    assert lines[first + 4 :] == ["  needs 5 epochs, has 3: 1 phase never reached"]


def test_lengths_in_epochs_need_an_epoch() -> None:
    done = lrtui("preview", "warmup(5ep) >> cosine(0.5)", "--steps", "100")
    assert done.returncode == 2
    assert "epoch" in done.stderr


def test_log_axis_takes_a_rate_of_zero() -> None:
    assert lrtui("preview", "linear(0.1)", "--steps", "50", "--log").returncode == 0
    assert lrtui("preview", "0", "--steps", "50", "--log").returncode == 0


@pytest.mark.parametrize("lines", [1, 3])
def test_a_reader_that_has_seen_enough_is_no_failure(lines: int) -> None:
    command = (
        f"set -o pipefail; '{LRTUI}' preview 'cosine(0.1)' --steps 500000 --format csv | head -n {lines}"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == lines


def test_a_full_disk_is_one_line_and_a_failure() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [LRTUI, "preview", "cosine(0.1)", "--format", "csv"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=240,
        )
    assert done.returncode == 1
    assert done.stderr == "lrtui: No space left on device\n"


def test_several_are_named_below_the_picture() -> None:
    done = lrtui("preview", "cosine(0.1)", "linear(0.2)", "--steps", "100")
    assert done.returncode == 0
    named = [line for line in done.stdout.splitlines() if "cosine(0.1)" in line and "linear(0.2)" in line]
    assert len(named) == 1
    assert "'" not in named[0]


def test_without_utf8_the_picture_is_in_ascii() -> None:
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = lrtui("preview", "cosine(0.1)", "linear(0.2)", environment=environment)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "?" not in done.stdout


def test_a_schedule_that_follows_a_metric_is_drawn_on_a_trace(tmp_path: Path) -> None:
    trace = tmp_path / "log.csv"
    trace.write_text("epoch,val_loss\n1,1\n2,1\n3,1\n4,1\n")
    expression = "plateau(1, factor=0.5, patience=0)"
    asked = ("preview", expression, "--epochs", "4", "--steps-per-epoch", "2")
    done = lrtui(*asked, "--trace", str(trace), "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    rates = [float(line.split(",")[1]) for line in done.stdout.splitlines()[1:]]
    assert rates == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    drawn = lrtui(*asked, "--trace", "typical")
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert expression in drawn.stdout
    for more, said in (
        ((), "follows a metric, so its rates aren't known ahead"),
        (("--trace", str(tmp_path / "none.csv")), "neither a file nor a run"),
        (("--trace", str(trace), "--trace-column", "acc"), "the trace has no column 'acc'"),
        (("--trace", str(trace), "--epochs", "9"), "the trace has 4 epochs, and the training 9"),
    ):
        refused = lrtui(*asked, *more)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_a_trace_may_be_what_a_run_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRTUI_RUNS_DIR", str(tmp_path))
    run = finished(RunStore(tmp_path), spec())
    losses = run.history().columns("epoch")["test_loss"]
    accuracies = run.history().columns("epoch")["test_acc"]
    # As many epochs as the run has, unless it is said otherwise.
    asked = ("--steps-per-epoch", "1", "--format", "csv", "--trace", run.id)
    for mode, metrics in (("min", losses), ("max", accuracies)):
        followed = parse(f"plateau(1, factor=0.5, patience=0, threshold=0.5, mode={mode})")
        done = lrtui("preview", str(followed), *asked)
        assert (done.returncode, done.stderr) == (0, "")
        rates = [float(line.split(",")[1]) for line in done.stdout.splitlines()[1:]]
        assert rates == simulate(followed, metrics).tolist()
    refused = lrtui("preview", "plateau(1)", *asked, "--trace-column", "f1")
    assert refused.returncode == 2
    assert "logged no f1 an epoch; it logged" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_scripts_own_names_of_a_metric_are_found(tmp_path: Path) -> None:
    with start(lr=0.1, total_steps=6, steps_per_epoch=2, runs_dir=tmp_path) as run:
        for step, _ in run.rates():
            if step % 2:
                run.epoch(val_loss=1.0, loss=float(step))
    assert trace_of_run(run.run).metrics == (1.0, 1.0, 1.0)
    assert trace_of_run(run.run, "loss").metrics == (1.0, 3.0, 5.0)
    with pytest.raises(TraceError, match=r"logged no test_acc an epoch; it logged .*val_loss"):
        trace_of_run(run.run, mode="max")
