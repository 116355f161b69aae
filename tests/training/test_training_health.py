"""Diagnoses: from numbers alone, and each provoked by a real run."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engines import Witness, make
from tiny_images import tiny

from lrtui.experiments.presets import preset
from lrtui.runs.diagnoses import DIAGNOSES
from lrtui.training import devices, health, trends
from lrtui.training.data import Images, load_embedded
from lrtui.training.devices import DeviceError, resolve
from lrtui.training.doctor import Doctor
from lrtui.training.ending import Interrupted
from lrtui.training.resident import Resident


@pytest.mark.parametrize(
    ("losses", "step", "word"),
    [
        ([2.3, 2.2, math.nan, math.nan], 12, "nan"),
        ([math.inf], 10, "inf"),
        ([2.3, 5e8], 11, "5e+08"),
    ],
)
def test_divergence_names_the_first_bad_update(losses: list[float], step: int, word: str) -> None:
    finding = health.diverged(losses, 10, 0.5, 10)
    assert finding is not None
    assert finding.evidence["step"] == step
    assert finding.evidence["train_loss"] == word
    assert word in finding.message


@pytest.mark.parametrize("losses", [[2.3], [200.0, 2.0], [50.0]])
def test_a_high_loss_is_not_yet_divergence(losses: list[float]) -> None:
    assert health.diverged(losses, 0, 0.5, 10) is None


@pytest.mark.parametrize(
    ("losses", "accuracies", "stuck"),
    [
        ([2.3026, 2.3027], [0.1, 0.098], True),
        ([1.2, 2.3100, 2.3412], [0.6, 0.11, 0.108], True),  # it may die later, too
        ([2.3026], [0.1], False),  # one epoch is no proof
        ([2.3036, 2.2756], [0.1, 0.16], False),  # a warmup: slow, and learning
        ([2.3026, 2.3020], [0.1, 0.3], False),  # barely below, and yet it tells classes apart
        ([0.5, 0.4], [0.8, 0.85], False),
        ([math.nan, math.nan], [0.1, 0.1], False),  # that is divergence
    ],
)
def test_stuck_at_chance(losses: list[float], accuracies: list[float], stuck: bool) -> None:
    finding = health.stuck_at_chance(losses, accuracies, [0.1] * len(losses), 10)
    assert (finding is not None) == stuck
    if finding:
        assert "ln(10)" in finding.message


def test_devices_resolve_or_say_what_there_is() -> None:
    assert resolve("cpu").type == "cpu"
    assert resolve("auto").type in ("cpu", "cuda", "mps")
    assert resolve("auto", "cuda:99") == resolve("auto")  # what it was to have isn't here
    assert "CPU" in devices.describe(resolve("cpu"))
    for name in ("tpu", "", "cuda:x", "meta"):
        with pytest.raises(DeviceError, match="unknown; use auto"):
            resolve(name)


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="no CUDA device here"):
        resolve("cuda:0")
    with pytest.raises(DeviceError, match="no MPS device here"):
        resolve("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve("auto") == torch.device("cuda", 0)
    assert resolve("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="cuda:0 to cuda:1"):
        resolve("cuda:2")


def test_a_loss_far_above_guessing_and_above_what_it_was_is_running_away() -> None:
    finding = health.diverging([2.3, 3.0, 9.0, 9.5, 9.0, 9.2, 9.1, 9.3], [], 0.5, 10)
    assert finding is not None
    assert "0.5" in finding.message
    assert finding.evidence["lowest"] == 2.3
    assert health.diverging([9.0] * 8, [1.0], 0.5, 10) is not None
    assert health.diverging([9.0, 8.0, 6.0, 5.0], [], 0.5, 10) is None  # bad at first, and getting better
    assert (
        health.diverging([0.2, 1.0, 2.0, 2.0], [0.2], 0.5, 10) is None
    )  # worse than it was, not than guessing
    assert health.diverging([2.3, math.nan, math.nan, math.nan], [], 0.5, 10) is None  # that is diverged


def test_one_gradient_far_longer_than_the_others_has_exploded() -> None:
    norms = [1.0] * 19 + [300.0]
    finding = health.exploding_gradients(norms, 40, None)
    assert finding is not None
    assert finding.evidence == {"step": 59, "grad_norm": 300.0, "usual": 1.0}
    assert "clip_norm 5" in finding.message
    assert health.exploding_gradients(norms, 40, 1.0) is None  # it is shortened
    assert health.exploding_gradients([*norms[1:], math.inf], 40, None) is None
    assert health.exploding_gradients(norms[1:], 40, None) is None  # too few to say what is usual
    assert health.exploding_gradients([0.001] * 19 + [1.0], 0, None) is None  # leaving a plain


def test_waiting_for_data_is_told_from_the_time_it_takes() -> None:
    assert health.data_starved(0.1, 1.0) is None
    finding = health.data_starved(0.6, 1.0)
    assert finding is not None
    assert "60%" in finding.message
    assert health.data_starved(0.0, 0.0) is None


@pytest.mark.parametrize(
    ("losses", "rates", "plateau"),
    [
        ([1.0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8], [0.1] * 7, True),
        ([1.0, 0.8, 0.8, 0.8, 0.8, 0.8], [0.1] * 6, False),  # it fell within the last five
        ([1.0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.78], [0.1] * 7, False),
        ([1.0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8], [0.1] * 5 + [0.009] * 2, False),  # the rate was lowered
        ([0.5, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01], [0.1] * 7, False),  # it is solved
        ([2.31, 2.30, 2.30, 2.30, 2.30, 2.30, 2.30], [0.1] * 7, False),  # that is chance
        ([1.0, 2.30, 2.30, 2.30, 2.30, 2.30, 2.30], [0.1] * 7, False),
        ([], [], False),
    ],
)
def test_a_plateau_is_five_epochs_without_gain_at_a_high_rate(
    losses: list[float], rates: list[float], plateau: bool
) -> None:
    assert (trends.plateaued(losses, rates, math.log(10)) is not None) == plateau


@pytest.mark.parametrize(
    ("train", "test", "overfits"),
    [
        ([0.8, 0.5, 0.4, 0.3, 0.25, 0.2], [0.9, 0.6, 0.7, 0.7, 0.8, 0.9], True),
        ([0.8, 0.5, 0.4, 0.3, 0.2], [0.9, 0.6, 0.7, 0.8, 0.9], False),  # three epochs may be noise
        ([0.8, 0.5, 0.4, 0.3, 0.25, 0.2], [0.9, 0.6, 0.7, 0.61, 0.8, 0.9], False),
        ([0.8, 0.5, 0.5, 0.5, 0.5, 0.5], [0.9, 0.6, 1.1, 1.2, 1.3, 1.4], False),  # one doesn't fall
        ([0.8, 0.7, 0.65, 0.6, 0.55, 0.5], [0.9, 0.6, 0.7, 0.7, 0.8, 0.9], False),  # nor is it far below
    ],
)
def test_overfitting_is_a_test_loss_that_rises_while_the_training_loss_falls(
    train: list[float], test: list[float], overfits: bool
) -> None:
    assert (trends.overfitting(train, test) is not None) == overfits


FIGURES = json.loads((Path(__file__).parent / "preset_figures.json").read_text())
"""What runs of the presets logged, ten epochs each."""


@pytest.mark.parametrize("name", FIGURES)
def test_healthy_presets_are_left_alone(name: str) -> None:
    doctor, log = Doctor(classes=10), FIGURES[name]
    epochs: list[dict[str, Any]] = []
    for place in range(10):
        figures = {key: values[place] for key, values in log.items()}
        epochs.append({**figures, "step": 40 * place + 39, "seconds": 2.0})
        doctor.after_epoch(epochs, [figures["train_loss"]] * 40, [1.0] * 40, 0.02)
    sick = ["stuck_at_chance"] if name.startswith("factor") else []
    assert [finding.kind for finding in doctor.findings] == sick


def some_fashion(train: int = 2_560, test: int = 500) -> Images:
    whole = load_embedded()
    return Images(
        whole.train_images[:train],
        whole.train_labels[:train],
        whole.test_images[:test],
        whole.test_labels[:test],
    )


def one_picture(labels: list[int]) -> Images:
    """The same picture under each label: all there is to learn is how often each comes."""
    pictures = np.full((len(labels), 28, 28), 128, np.uint8)
    return Images(pictures, np.array(labels, np.uint8), pictures, np.array(labels, np.uint8))


def found(engine_and_witness: tuple[Any, Witness]) -> list[dict[str, Any]]:
    engine, witness = engine_and_witness
    engine._report_every = 1e9
    engine.run()
    findings = witness.of("diagnosis")
    for finding in findings:
        assert finding["kind"] in DIAGNOSES
        assert "\n" not in finding["message"]
        assert finding["evidence"]
    assert len({finding["kind"] for finding in findings}) == len(findings), "each thing is said once"
    return findings


def kinds(findings: list[dict[str, Any]]) -> list[str]:
    return [finding["kind"] for finding in findings]


def test_a_healthy_run_has_nothing_wrong_with_it() -> None:
    run = make(preset("squareroot").expression, images=some_fashion(1_536), batch_size=16, epochs=6)
    assert found(run) == []
    assert run[1].of("epoch")[-1]["test_acc"] > 0.5


def test_the_chapters_factor_schedule_sticks_at_chance() -> None:
    run = make(preset("factor").expression, images=some_fashion(), batch_size=64, epochs=3)
    assert "stuck_at_chance" in kinds(found(run))


def test_a_rate_of_a_million_diverges() -> None:
    assert kinds(found(make("constant(1e6)", epochs=3))) == ["diverged"]


def test_weights_shaken_too_hard_run_away() -> None:
    findings = found(make("constant(0.05)", optimizer="sgld(temperature=30)"))
    assert "diverging" in kinds(findings)
    assert findings[0]["evidence"]["train_loss"] > 1.5 * math.log(10)


def test_one_update_at_a_rate_far_too_high_makes_gradients_explode() -> None:
    schedule = "constant(0.02, steps=60) >> constant(20, steps=1) >> constant(0.0001)"
    findings = found(make(schedule, images=tiny(128, 16), batch_size=2, epochs=1))
    assert "exploding_gradients" in kinds(findings)
    (evidence,) = (each["evidence"] for each in findings if each["kind"] == "exploding_gradients")
    assert 61 <= evidence["step"] <= 63


def test_nothing_left_to_learn_is_a_plateau() -> None:
    images = one_picture([0] * 70 + [1] * 20 + [2] * 10)
    assert kinds(found(make("constant(0.1)", images=images, epochs=12))) == ["plateaued"]


def memorised(**values: Any) -> tuple[Any, Witness]:
    return make("constant(0.003)", images=tiny(64, 64, seed=1), optimizer="adam", epochs=32, **values)


def test_few_random_pictures_are_learnt_by_heart() -> None:
    assert kinds(found(memorised()))[-1] == "overfitting"


class SlowData(Resident):
    def batch(self, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        time.sleep(0.05)
        return super().batch(index)


def test_data_that_come_slowly_starve_the_training() -> None:
    engine, witness = make("constant(0.05)", epochs=1)
    slow = SlowData(*(getattr(engine.data, name) for name in Resident.__slots__))
    engine.data = engine._updater._data = slow
    assert kinds(found((engine, witness))) == ["data_starved"]


def test_a_finding_stops_the_run_only_if_it_is_asked_to() -> None:
    engine, witness = memorised(stop_on=("overfitting",))
    with pytest.raises(Interrupted, match=r"^stopped by its diagnosis: overfitting$"):
        engine.run()
    epochs = witness.of("epoch")
    assert 4 <= len(epochs) < 32
    assert [kind for kind, _ in witness.events][-2:] == ["diagnosis", "kept"], "saved, and then stopped"
    # Taken up again, it goes on: everything has been said.
    assert engine.run() == "completed"
    assert len(witness.of("epoch")) == 32
