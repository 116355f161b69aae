"""What the form says a run is going to take, and what it remembers: no app needed."""

from __future__ import annotations

import json
from pathlib import Path

import fake_runs
import pytest

from lrtui.runs.events import EventWriter
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.ui import words
from lrtui.ui.estimate import Pace, Paces, in_words, memory, parameters
from lrtui.ui.kept_draft import KEPT, NAME, keep, kept_draft
from lrtui.ui.state import Draft
from lrtui.ui.state_file import StateFile


def timed(store: RunStore, spec: RunSpec, seconds: float, device: str = "cpu", epochs: int = 3) -> Run:
    """A run whose epochs took so long; its clock is made up."""
    run = store.create(spec)
    with EventWriter(run.events_path) as log:
        fake_runs.start(log, spec)
    start = json.loads(run.events_path.read_text())
    start["device"] = device
    lines = [start]
    lines += [
        {
            "event": "epoch",
            "time": start["time"] + 5 + seconds * epoch,
            "epoch": epoch,
            "seconds": seconds / 2,
        }
        for epoch in range(1, epochs + 1)
    ]
    run.events_path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    return run


def test_parameters_are_those_the_worker_counts() -> None:
    from lrtui.training.models import MODELS
    from lrtui.training.session import count_parameters

    for name, build in MODELS.items():
        assert parameters(name) == count_parameters(build(10))
    assert parameters("resnet") is None


def test_memory_grows_with_what_takes_it() -> None:
    plain = RunSpec(schedule="constant(0.1)")
    least = memory(plain)
    assert least is not None
    for other in (
        RunSpec(schedule="constant(0.1)", batch_size=4096),
        RunSpec(schedule="constant(0.1)", optimizer="adam"),
        RunSpec(schedule="constant(0.1)", average="ema(decay=0.9)"),
        RunSpec(schedule="constant(0.1)", train_examples=60_000),
        RunSpec(schedule="constant(0.1)", processes=2),
    ):
        more = memory(other)
        assert more is not None
        assert more > least
    assert memory(RunSpec(schedule="constant(0.1)", model="resnet")) is None


def test_the_pace_is_that_of_the_newest_run_most_like_it(tmp_path: Path) -> None:
    store, paces = RunStore(tmp_path), Paces()
    spec = fake_runs.spec()
    assert paces.like(spec, store.runs()) is None
    timed(store, RunSpec(schedule="constant(0.1)", model="lenet-1"), 1.0)
    assert paces.like(spec, store.runs()) is None
    timed(store, RunSpec(schedule="constant(0.1)", name="gpu"), 0.1, device="cuda:0")
    exact = timed(store, RunSpec(schedule="constant(0.1)", name="same"), 4.0)
    timed(store, RunSpec(schedule="constant(0.1)", name="large", batch_size=1024), 2.0)
    runs = [run for run in store.runs() if run.id != exact.id] + [exact]
    wanted = RunSpec(schedule="constant(0.1)", device="cpu")
    found = paces.like(wanted, runs)
    assert found is not None
    assert (found.run, found.device, found.alike) == ("same", "cpu", True)
    assert found.seconds == pytest.approx(4.0 / 10_000)
    other = paces.like(RunSpec(schedule="constant(0.1)", device="cuda", batch_size=64), runs)
    assert other is not None
    assert (other.run, other.alike) == ("gpu", False)


def test_damaged_logs_have_no_pace(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for text in ("", "{", '{"event":"started","time":1}\n', "\0" * 99):
        run = store.create(fake_runs.spec())
        run.events_path.write_text(text)
    assert Paces().like(fake_runs.spec(), store.runs()) is None


def test_the_estimate_says_what_it_rests_on() -> None:
    spec = RunSpec(schedule="constant(0.1)", epochs=20)
    assert in_words(spec, None).startswith("time unknown until lenet has run here once, ")
    said = in_words(spec, Pace(0.0005, "base", "cpu", alike=False))
    assert said.startswith("about 2 min at the pace of base on cpu with other settings, ")
    assert said.endswith(" MB of memory")
    assert in_words(spec, None, 1e12).endswith(" MB of memory")
    assert in_words(spec, None, 5e8).endswith(" MB of memory: only 500 MB free here")


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, ""), (float("nan"), ""), (999, "1 kB"), (1234, "1.2 kB"), (780e6, "780 MB"), (3.14e9, "3.1 GB"),
     (2e15, "2000 TB")],
)  # fmt: skip
def test_sizes(count: float | None, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(
    "values",
    [{}, {"epochs": "7", "threads": -1, "stop_on": "x", "compile": 1, "model": 3},
     {"epochs": True, "clip_norm": False, "label_smoothing": 2, "threads": 1.5, "batch_size": 0}],
)  # fmt: skip
def test_choices_that_make_no_sense_are_passed_over(values: dict[str, object]) -> None:
    state = StateFile()
    state.remember(NAME, values)
    assert {name: getattr(kept_draft(state), name) for name in KEPT} == {
        name: getattr(Draft(), name) for name in KEPT
    }


def test_choices_come_back() -> None:
    first = Draft(
        epochs=7, batch_size=128, optimizer="adam", clip_norm=2.0, stop_on=("diverging",), threads=3,
        precision="bf16", compile=True,
    )  # fmt: skip
    state = StateFile()
    keep(state, first)
    second = kept_draft(state)
    for name in KEPT:
        assert getattr(second, name) == getattr(first, name), name
