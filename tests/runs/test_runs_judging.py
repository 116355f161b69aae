"""By which metric runs are judged, and what a list knows of each: the same as the log read whole says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_runs import START, a_spec, epoch, finished, log, report, started

from lrtui.cli.command import main
from lrtui.runs.compare import measure
from lrtui.runs.events import Event
from lrtui.runs.export import export
from lrtui.runs.filter import FilterError, parse_filter, unfinished
from lrtui.runs.fold import Folded, fold
from lrtui.runs.judging import can_judge, is_share, lower_is_better, main_metric, most_common
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from lrtui.runs.summary import RunSummary


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


LOWER = ("test_loss", "val/Loss", "valloss", "perplexity", "eval_rmse", "top1_err")
SHARES = ("test_acc", "val_accuracy", "top5")
NEITHER = ("f1", "bleu", "lossless", "")


@pytest.mark.parametrize("metric", [*LOWER, *SHARES, *NEITHER])
def test_which_way_is_better(metric: str) -> None:
    assert (lower_is_better(metric), is_share(metric)) == (metric in LOWER, metric in SHARES)


def test_the_metric_to_begin_with() -> None:
    assert main_metric(["train_loss", "lr", "val_loss", "val_acc", "bleu"]) == "val_acc"
    assert main_metric(["train_loss", "bleu", "eval_loss"]) == "eval_loss"
    assert main_metric(["bleu", "train_acc"]) == "train_acc"
    assert main_metric(["lr", "examples_per_sec"]) is None
    assert not can_judge("lr")
    assert most_common([["val_loss"]] * 5 + [["train_acc", "test_acc"]]) == "test_acc"
    assert most_common([["train_loss", "val_loss"], ["val_loss"], ["acc"], []]) == "val_loss"
    assert most_common([]) == most_common([["lr"]]) == "test_acc"


def own_start(time: float = START) -> Event:
    return started(time, data={"label": "own loop", "kind": "own"})


def evaluated(number: int, time: float, **metrics: object) -> Event:
    return Event("epoch", time, {"epoch": number, "step": 40 * number - 1, "lr": 0.1, **metrics})


def agree(run: Run, row: RunSummary) -> None:
    """Every figure of the row is that of the whole log."""
    history = run.history()
    assert row.figures
    for name, found in row.figures.items():
        whole = measure(history, name)
        assert (found.best, found.final, found.area) == (whole.best, whole.final, whole.area), name


def test_lists_judge_by_every_metric_of_the_epochs(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, [
        started(), report(3, START + 1),
        epoch(1, START + 2, 0.5, test_loss=1.5), epoch(2, START + 4, 0.7, test_loss=float("nan")),
        epoch(3, START + 5, 0.6, test_loss=0.9, late=3), epoch(4, START + 6, 0.6, test_loss=1.2),
        finished(START + 7),
    ])  # fmt: skip
    run.lock_path.touch()
    for listed in (store.summaries()[0], RunStore(store.root).summaries()[0]):
        agree(run, listed)
        assert set(listed.figures) == {"train_loss", "train_acc", "test_loss", "test_acc", "late"}
        assert listed.judged("test_loss").best == 0.9
        assert listed.judged("test_loss").final == 1.2
        assert listed.judged("nonsense").best is None
        assert listed.judged("test_acc").best == listed.best_test_acc == 0.7


def test_own_loops_are_judged_by_their_reports_where_epochs_say_nothing(store: RunStore) -> None:
    run = store.create(a_spec())
    before = [own_start(), report(10, START + 1, val_loss=0.5), report(50, START + 2, val_loss=0.1),
              evaluated(1, START + 3, train_loss=7.0, bleu=30)]  # fmt: skip
    # Taken up at update 40: the report after that is made again.
    after = [Event("resumed", START + 10, {"step": 40, "epochs": 1, "updates": 80}),
             report(50, START + 11, val_loss=0.3), report(60, START + 12, val_loss=0.4)]  # fmt: skip
    log(run, before)
    assert store.summaries()[0].judged("val_loss").best == 0.1
    log(run, after)
    for listed in (store.summaries()[0], RunStore(store.root).summaries()[0]):
        agree(run, listed)
        assert listed.judged("val_loss").best == 0.3
        assert listed.judged("train_loss").best == 7.0, "its epochs have that"
        assert "lr" not in listed.figures


def test_the_target_of_an_own_loop_is_of_its_held_out_accuracy(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, [own_start(), evaluated(1, START + 1, train_acc=0.9, val_acc=0.5),
              evaluated(2, START + 2, train_acc=0.9, val_acc=0.8)])  # fmt: skip
    assert [rise.value for rise in store.summaries()[0].rises] == [0.5, 0.8]


def seeds(store: RunStore) -> list[RunSummary]:
    for seed, losses in enumerate([(0.5, 0.3), (0.6, 0.5)]):
        run = store.create(a_spec(seed=seed))
        epochs = [epoch(at, START + at, 0.8, test_loss=loss) for at, loss in enumerate(losses, 1)]
        log(run, [started(), *epochs, finished(START + 3)])
        run.lock_path.touch()
    return store.summaries()


def test_seeds_are_summed_up_by_the_metric_asked_for(store: RunStore) -> None:
    (row,) = fold(seeds(store), "test_loss")
    assert isinstance(row, Folded)
    assert row.best is not None
    assert (row.best.low, row.best.high, row.best.mean) == (0.3, 0.5, 0.4)
    assert row.judged("test_loss").best == pytest.approx(0.4)
    assert row.judged("test_acc").best == pytest.approx(0.8)


def test_filters_know_the_metrics_that_runs_logged(store: RunStore) -> None:
    rows = seeds(store)
    known = set(rows[0].figures)
    assert [row.seed for row in rows if parse_filter("test_loss<0.4", known)(row)] == [0]
    assert [row.seed for row in rows if parse_filter("-test_loss<0.4", known)(row)] == [1]
    assert all(parse_filter("train_acc=40%", known)(row) for row in rows)
    assert unfinished("acc>0.5 test_l", known)
    for text, problem in [
        ("tets_loss<1", "did you mean test_loss"),
        ("test_loss<x", "compared with a number"),
        ("test_loss<5%", "such as test_loss<10"),
    ]:
        with pytest.raises(FilterError, match=problem):
            parse_filter(text, known)
    with pytest.raises(FilterError, match="no field is called 'test_loss'"):
        parse_filter("test_loss<0.4")


def test_the_command_line_judges_by_any_metric(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    seeds(store)
    folder = ["--runs-dir", str(store.root)]

    def said(*words: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            main(["runs", *folder, *words])
        assert (left.value.code or 0) == code
        heard = capsys.readouterr()
        return heard.out if code == 0 else heard.err

    table = said("--metric", "test_loss")
    assert "BEST test_loss" in table
    assert "0.3000" in table
    assert "0.4000 ±0.14" in said("--metric", "test_loss", "--seeds")
    assert "BEST  " in said()
    assert "no run has it; they have train_loss, train_acc, test_loss" in said("--metric", "tset", code=2)
    rows = json.loads(said("--json", "-f", "test_loss<0.4"))
    assert [row["figures"]["test_loss"]["best"] for row in rows] == [0.3]


def test_reports_and_charts_of_own_loops_are_of_what_they_measured(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    log(run, [own_start(), report(10, START + 1, val_loss=0.5), report(50, START + 2, val_loss=0.25)])
    export([run], "markdown", tmp_path / "out.md")
    text = (tmp_path / "out.md").read_text()
    assert r"Best val\_loss" in text
    assert "0.25 (epoch 1.25)" in text
    export([run], "svg", tmp_path / "out.svg")
    assert "val_loss" in (tmp_path / "out.svg").read_text()
