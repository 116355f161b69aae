"""The step loop on small tensors: rates, books, determinism, control, divergence, no tie to a device."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from engines import IMAGES, Witness, make, plain, same, weights
from torch.nn import functional

from lrtui.runs.datasets import DataError
from lrtui.training import models
from lrtui.training.ending import Interrupted
from lrtui.training.resident import epoch_order, to_floats


def test_every_update_uses_the_rate_of_its_own_index() -> None:
    engine, witness = make("warmup(5) >> cosine(0.1)")
    used: list[float] = []
    inner = engine.optimizer.step

    def step(*args: Any, **kwargs: Any) -> Any:
        used.append(engine.optimizer.param_groups[0]["lr"])
        return inner(*args, **kwargs)

    engine.optimizer.step = step  # type: ignore[method-assign]
    assert engine.run() == "completed"
    assert used == engine.pace.rates.tolist()
    assert len(used) == 14  # 100 examples are 7 batches of 16, the last one of 4
    reports = witness.of("report")
    assert [each["step"] for each in reports] == list(range(14))
    assert [each["lr"] for each in reports] == engine.pace.rates.tolist()


def test_the_books_are_those_of_a_plain_loop() -> None:
    engine, witness = make("constant(0.05)", epochs=2)
    torch.manual_seed(0)
    model = models.build("lenet")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    pixels = torch.tensor(IMAGES.train_images).unsqueeze(1).float() / 255
    labels = torch.tensor(IMAGES.train_labels).long()
    expected = []
    for epoch in range(2):
        loss_sum, hits = 0.0, 0
        for index in epoch_order(100, 0, epoch).split(16):
            logits = model(pixels[index])
            loss = functional.cross_entropy(logits, labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(index)
            hits += int((logits.argmax(1) == labels[index]).sum())
        with torch.no_grad():
            logits = model(torch.tensor(IMAGES.test_images).unsqueeze(1).float() / 255)
        test_labels = torch.tensor(IMAGES.test_labels).long()
        test_loss = functional.cross_entropy(logits, test_labels).item()
        test_acc = (logits.argmax(1) == test_labels).float().mean().item()
        expected.append((loss_sum / 100, hits / 100, test_loss, test_acc))
    engine.run()
    found = [
        (each["train_loss"], each["train_acc"], each["test_loss"], each["test_acc"])
        for each in witness.of("epoch")
    ]
    assert np.allclose(found, expected, rtol=1e-4)
    assert [each["epoch"] for each in witness.of("epoch")] == [1, 2]
    assert [each["step"] for each in witness.of("epoch")] == [6, 13]


def test_the_same_spec_gives_the_same_bits() -> None:
    runs = []
    for _ in range(2):
        engine, witness = make("cosine(0.1)", optimizer="sgd(momentum=0.9)", seed=3)
        engine.run()
        runs.append((plain(witness.of("report")), plain(witness.of("epoch")), weights(engine)))
    assert runs[0][:2] == runs[1][:2]
    assert same(runs[0][2], runs[1][2])


def test_metrics_do_not_depend_on_how_often_reports_come() -> None:
    often, witness = make("cosine(0.1)")
    often.run()
    seldom, quiet = make("cosine(0.1)")
    seldom._report_every = 1e9
    seldom.run()
    assert len(quiet.of("report")) == 1
    assert plain(quiet.of("epoch")) == plain(witness.of("epoch"))
    assert plain(quiet.of("report")) == plain(witness.of("report"))[:1]


def test_another_seed_gives_other_weights_and_another_order() -> None:
    first, second = make(seed=0)[0], make(seed=1)[0]
    pairs = zip(first.model.parameters(), second.model.parameters(), strict=True)
    assert not any(torch.equal(one, other) for one, other in pairs)
    assert not torch.equal(epoch_order(50, 0, 0), epoch_order(50, 1, 0))
    assert not torch.equal(epoch_order(50, 0, 0), epoch_order(50, 0, 1))
    assert not torch.equal(epoch_order(50, 1, 0), epoch_order(50, 0, 1))  # neighbouring seeds share nothing
    assert sorted(epoch_order(50, 7, 3).tolist()) == list(range(50))
    assert torch.equal(epoch_order(50, 2**62, 3), epoch_order(50, 2**62, 3))


def test_an_interruption_leaves_it_between_two_updates_and_reported() -> None:
    engine, witness = make(witness=Witness(stop_at=3))
    engine._report_every = 1e9
    # Polls come by time; for the test, before every update.
    engine._poll = lambda now: engine.watch.poll(engine.done)  # type: ignore[method-assign,assignment]
    with pytest.raises(Interrupted):
        engine.run()
    assert engine.done == 3
    assert [each["step"] for each in witness.of("report")] == [0, 2]
    # Taken up again, it goes on to the very same end.
    witness.stop_at = None
    assert engine.run() == "completed"
    whole, other = make()
    whole.run()
    assert plain(witness.of("epoch")) == plain(other.of("epoch"))


def test_the_best_epoch_is_the_first_of_those_that_are_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, witness = make(epochs=5)
    accuracies = iter([0.5, 0.5, 0.6, 0.4, 0.6])
    monkeypatch.setattr(engine, "evaluate", lambda: (1.0, next(accuracies)))
    engine.run()
    assert [kept["best"] for kept in witness.of("kept")] == [True, False, True, False, False]


@pytest.mark.parametrize("schedule", ["constant(1e6)", "constant(1e30)", "constant(1e4)"])
def test_a_rate_far_too_high_diverges_and_says_so(schedule: str) -> None:
    engine, witness = make(schedule, epochs=3)
    assert engine.run() == "diverged"
    (finding,) = witness.of("diagnosis")
    assert finding["kind"] == "diverged"
    assert finding["evidence"]["step"] <= engine.done
    assert "\n" not in finding["message"]


def test_a_loss_that_is_not_finite_is_reported_before_the_run_ends() -> None:
    engine, witness = make("constant(0.05, steps=2) >> constant(1e30)", epochs=3)
    assert engine.run() == "diverged"
    kinds = [kind for kind, _ in witness.events]
    assert kinds[-2:] in (["report", "diagnosis"], ["epoch", "diagnosis"])
    assert not math.isfinite(witness.events[-2][1]["train_loss"])
    assert witness.of("diagnosis")[0]["evidence"]["step"] >= 3


def test_a_dead_network_is_diagnosed_once() -> None:
    engine, witness = make("constant(0)", epochs=4)
    for parameter in engine.model.parameters():
        torch.nn.init.zeros_(parameter)
    assert engine.run() == "completed"
    assert [each["kind"] for each in witness.of("diagnosis")] == ["stuck_at_chance"]


def test_the_last_short_batch_counts_by_its_size() -> None:
    engine, witness = make()
    engine.run()
    assert [round(each["epoch"], 9) for each in witness.of("report")][:8] == [
        0.16,
        0.32,
        0.48,
        0.64,
        0.8,
        0.96,
        1.0,
        1.16,
    ]


def test_bytes_become_floats_as_totensor_makes_them() -> None:
    from torchvision.transforms.functional import to_tensor

    for image, floats in zip(
        IMAGES.train_images[:5], to_floats(torch.tensor(IMAGES.train_images[:5, None])), strict=True
    ):
        assert torch.equal(floats, to_tensor(image))


def test_data_of_another_size_than_the_spec_counted_on_is_refused() -> None:
    with pytest.raises(DataError, match="start a new run"):
        make(train_examples=99)


def test_models_have_the_sizes_of_the_chapter() -> None:
    def count(name: str) -> int:
        return sum(parameter.numel() for parameter in models.build(name).parameters())

    assert count("lenet") == 156 + 2_416 + 48_120 + 10_164 + 850
    assert count("lenet-1") == 26 + 26 + 3_120 + 10_164 + 850
    for name in models.MODELS:
        assert models.build(name, 7)(torch.zeros(2, 1, 28, 28)).shape == (2, 7)
    with pytest.raises(ValueError, match="the models are lenet, lenet-1"):
        models.build("resnet")


def test_every_name_a_spec_may_hold_can_be_built() -> None:
    from lrtui.runs.optimizers import OPTIMIZERS
    from lrtui.runs.spec import MODELS
    from lrtui.training.optimizers import BUILDERS

    assert set(MODELS) == set(models.MODELS)
    assert {each.name for each in OPTIMIZERS} == set(BUILDERS)
