"""Updates and what can be done to them: accumulated, clipped, smoothed, averaged, in short floats."""

from __future__ import annotations

import io
import math
import re
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from engines import IMAGES, Witness, make, plain, same, weights
from torch.nn import functional

from lrtui.runs.averages import Ema, Swa, parse_average
from lrtui.schedules import Horizon
from lrtui.training import compiling
from lrtui.training.averaging import Averaged
from lrtui.training.compiling import CompileError
from lrtui.training.devices import DeviceError
from lrtui.training.ending import Interrupted
from lrtui.training.precision import Precision, allow_tf32
from lrtui.training.rehearsal import rehearse
from lrtui.training.resident import epoch_order


def norm(tensors: list[torch.Tensor]) -> float:
    return math.sqrt(sum(float(each.double().square().sum()) for each in tensors))


def test_an_accumulated_update_is_one_of_all_its_examples() -> None:
    """100 examples: three updates of 32, and one of the 4 that are left."""
    whole, expected = make("cosine(0.1)", batch_size=32)
    parts, found = make("cosine(0.1)", batch_size=8, accumulate=4)
    whole.run()
    parts.run()
    assert len(parts.pace.rates) == parts.done == 8
    assert parts.pace.rates.tolist() == whole.pace.rates.tolist()
    for one, other in zip(weights(parts), weights(whole), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    for kind in ("report", "epoch"):
        pairs = zip(plain(found.of(kind)), plain(expected.of(kind)), strict=True)
        for one_event, other_event in pairs:
            assert one_event == pytest.approx(other_event, rel=1e-4)
    # 12 batches of 8 and one of 4, five to an update: 40, 40, and 20 in the last one.
    uneven, told = make("cosine(0.1)", batch_size=8, accumulate=5, epochs=1)
    uneven.run()
    assert [round(each["epoch"], 9) for each in told.of("report")] == [0.4, 0.8, 1.0]


def test_a_long_gradient_is_shortened_and_reported_as_it_was() -> None:
    limit = 0.05
    engine, witness = make("constant(0.1)", clip_norm=limit, epochs=1)
    lengths: list[float] = []
    inner = engine.optimizer.step

    def step(*args: Any, **kwargs: Any) -> Any:
        lengths.append(norm([each.grad for each in engine.model.parameters() if each.grad is not None]))
        return inner(*args, **kwargs)

    engine.optimizer.step = step  # type: ignore[method-assign]
    engine.run()
    before = [each["grad_norm"] for each in witness.of("report")]
    assert max(before) > limit
    assert lengths == pytest.approx([min(length, limit) for length in before], rel=1e-4)
    loose, _ = make("constant(0.1)", clip_norm=1e9, epochs=1)
    free, _ = make("constant(0.1)", epochs=1)
    loose.run()
    free.run()
    assert same(weights(loose), weights(free))


def test_gradients_and_changes_are_told_as_they_are() -> None:
    engine, witness = make("constant(0.05)", epochs=1)
    before = weights(engine)
    index = epoch_order(100, 0, 0)[:16]
    images = torch.tensor(IMAGES.train_images).unsqueeze(1).float() / 255
    labels = torch.tensor(IMAGES.train_labels).long()
    loss = functional.cross_entropy(engine.model(images[index]), labels[index])
    expected = norm(list(torch.autograd.grad(loss, list(engine.model.parameters()))))
    engine.run()
    first = witness.of("report")[0]
    assert first["grad_norm"] == pytest.approx(expected, rel=1e-4)
    assert first["update_ratio"] == pytest.approx(0.05 * expected / norm(before), rel=1e-4)
    norms = [each["grad_norm"] for each in witness.of("report")]
    assert witness.of("epoch")[0]["grad_norm"] == pytest.approx(np.mean(norms))


def test_smoothing_is_for_training_and_the_test_loss_stays_plain() -> None:
    engine, witness = make("constant(0)", label_smoothing=0.3, epochs=1)
    engine.run()
    (epoch,) = witness.of("epoch")
    with torch.no_grad():
        for name, smoothing, loss in [("train", 0.3, "train_loss"), ("test", 0.0, "test_loss")]:
            images = torch.tensor(getattr(IMAGES, f"{name}_images")).unsqueeze(1).float() / 255
            labels = torch.tensor(getattr(IMAGES, f"{name}_labels")).long()
            value = functional.cross_entropy(engine.model(images), labels, label_smoothing=smoothing)
            assert epoch[loss] == pytest.approx(float(value), rel=1e-5)
            other = functional.cross_entropy(engine.model(images), labels, label_smoothing=0.3 - smoothing)
            assert epoch[loss] != pytest.approx(float(other), rel=1e-7)


@pytest.mark.parametrize("text", ["ema(decay=0.6)", "swa(start=50%, every=2)", "swa(start=1ep)"])
def test_an_average_is_that_of_the_weights_along_the_way(text: str) -> None:
    engine, witness = make("constant(0.1)", average=text, epochs=3)
    bare, quiet = make("constant(0.1)", epochs=3)
    start, trail = weights(engine), []
    inner = engine.step

    def step(index: torch.Tensor) -> None:
        inner(index)
        trail.append(weights(engine))

    engine.step = step  # type: ignore[method-assign]
    engine.run()
    bare.run()
    assert same(weights(engine), weights(bare)), "the average changed the weights"
    rule = parse_average(text, Horizon(21, 7))
    if isinstance(rule, Ema):
        expected = start
        for made, now in enumerate(trail, 1):
            decay = min(0.6, (1 + made) / (10 + made))
            expected = [decay * old + (1 - decay) * new for old, new in zip(expected, now, strict=True)]
    else:
        assert isinstance(rule, Swa)
        kept = [
            now for made, now in enumerate(trail, 1) if made >= rule.first and (21 - made) % rule.step == 0
        ]
        assert len(kept) == (3 if rule.step == 7 else 6)
        expected = [torch.stack(column).mean(0) for column in zip(*kept, strict=True)]
    assert engine.average is not None
    found = list(engine.average.model.parameters())
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(found, expected, strict=True))

    name = text[:3]
    for own, other in zip(witness.of("epoch"), quiet.of("epoch"), strict=True):
        assert own["test_loss"] == other["test_loss"]
    last = witness.of("epoch")[-1]
    loss, accuracy = engine.evaluate(engine.average.model)
    assert (last[f"{name}_test_loss"], last[f"{name}_test_acc"]) == (loss, accuracy)
    assert loss != last["test_loss"]


def test_running_statistics_are_copied_and_not_averaged() -> None:
    model = torch.nn.BatchNorm2d(2)
    average = Averaged(model, Ema(0.5))
    model(torch.randn(8, 2, 4, 4) + 3)
    average.follow(1, 10)
    mine, theirs = dict(average.model.named_buffers()), dict(model.named_buffers())
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert float(mine["running_mean"].mean()) > 0.1


def test_an_average_that_has_nothing_yet_is_not_evaluated() -> None:
    engine, witness = make(average="swa(start=2ep)", epochs=3)
    engine.run()
    assert ["swa_test_loss" in each for each in witness.of("epoch")] == [False, True, True]


WAYS = [
    {"average": "ema(decay=0.9)", "accumulate": 3, "clip_norm": 0.5, "batch_size": 8},
    {"average": "swa(start=20%, every=2)", "optimizer": "sgld(temperature=0.01)", "label_smoothing": 0.1},
    {"precision": "fp16", "optimizer": "sgd(momentum=linear(0.8, final_lr=0.9))", "average": "ema"},
    {"precision": "bf16", "optimizer": "adam", "clip_norm": 1.0},
]


@pytest.mark.parametrize("values", WAYS)
@pytest.mark.parametrize("stop_at", [3, 8])
def test_a_run_taken_up_from_its_state_goes_on_to_the_bit(values: dict[str, Any], stop_at: int) -> None:
    schedule = "warmup(2) >> cosine(0.05)"
    whole, expected = make(schedule, **values)
    whole.run()
    broken, told = make(schedule, Witness(stop_at), **values)
    broken._poll = lambda now: broken.watch.poll(broken.done)  # type: ignore[method-assign,assignment]
    with pytest.raises(Interrupted):
        broken.run()
    buffer = io.BytesIO()
    torch.save(broken.state(), buffer)
    buffer.seek(0)
    torch.manual_seed(99)
    other, rest = make(schedule, **values)
    other.restore(torch.load(buffer, weights_only=True))
    assert other.run() == "completed"
    assert same(weights(other), weights(whole))
    if whole.average is not None:
        assert other.average is not None
        pairs = zip(other.average.model.parameters(), whole.average.model.parameters(), strict=True)
        assert all(torch.equal(one, two) for one, two in pairs)
    for kind in ("report", "epoch"):
        assert plain(told.of(kind)) + plain(rest.of(kind)) == plain(expected.of(kind))
    assert other._updater.precision.state() == whole._updater.precision.state()


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_short_floats_are_used_and_learn_nearly_the_same(precision: str) -> None:
    engine, witness = make("constant(0.05)", precision=precision)
    reference, expected = make("constant(0.05)")
    kinds: set[torch.dtype] = set()
    engine.model[-1].register_forward_hook(  # type: ignore[index]
        lambda module, inputs, logits: kinds.add(logits.dtype)
    )
    engine.run()
    reference.run()
    assert kinds == {torch.bfloat16 if precision == "bf16" else torch.float16}
    assert all(each.dtype == torch.float32 for each in engine.model.parameters())
    for one, other in zip(plain(witness.of("report")), plain(expected.of("report")), strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], abs=0.02)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=0.2)
    assert not same(weights(engine), weights(reference))


def test_an_overflow_changes_no_weight_and_halves_the_scale() -> None:
    engine, _ = make("constant(0.05)", precision="fp16", optimizer="sgd(momentum=0.9)")
    precision = engine._updater.precision
    state = precision.state()
    assert state is not None
    precision.restore({**state, "scale": 2.0**40})
    before = weights(engine)
    engine.step(torch.arange(16))
    after = precision.state()
    assert after is not None
    assert after["scale"] == 2.0**39
    assert same(weights(engine), before)
    assert engine.done == 1  # the schedule goes on


def test_tf32_is_refused_where_there_is_none_and_switched_where_there_may_be() -> None:
    with pytest.raises(DeviceError, match="precision tf32: needs a CUDA device, not cpu"):
        Precision("tf32", torch.device("cpu"))
    before = torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    try:
        allow_tf32(True)
        assert (torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()) == (True, "high")
        allow_tf32(False)
        assert (torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()) == (False, "highest")
    finally:
        torch.backends.cudnn.allow_tf32 = before[0]
        torch.set_float32_matmul_precision(before[1])


def test_a_compiled_network_trains_and_one_that_cannot_be_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through torch's compiler, with a back end that changes nothing: the usual one takes half a minute."""
    made = 0

    def eager(graph: Any, inputs: Any) -> Any:
        nonlocal made
        made += 1
        return graph.forward

    monkeypatch.setattr(compiling, "BACKEND", eager)
    compiled, told = make(compile=True, epochs=1)
    assert made == 2  # a batch of 16 and the last one, of 4
    bare, expected = make(epochs=1)
    compiled.run()
    assert made == 2, "an update has waited for the compiler"
    bare.run()
    assert same(weights(compiled), weights(bare))
    assert plain(told.of("epoch")) == plain(expected.of("epoch"))
    assert compiled.state()["model"].keys() == bare.state()["model"].keys()

    def broken(graph: Any, inputs: Any) -> Any:
        raise RuntimeError("No working C++ compiler found")

    torch.compiler.reset()
    monkeypatch.setattr(compiling, "BACKEND", broken)
    with pytest.raises(CompileError) as caught:
        make(compile=True)
    assert re.search(r"No working C\+\+ compiler.*or train without compiling$", str(caught.value))


def test_a_rehearsal_leaves_no_trace() -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Dropout(0.5))
    called: list[torch.Tensor] = []

    def network(images: torch.Tensor) -> torch.Tensor:
        called.append(images)
        return model(images)  # type: ignore[no-any-return]

    torch.manual_seed(5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rehearse(model, network, [torch.ones(4, 1, 8, 8), torch.ones(2, 1, 8, 8)], nullcontext)
    assert [len(each) for each in called] == [4, 2]
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(each.grad is None for each in model.parameters())
    drawn = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(3))
