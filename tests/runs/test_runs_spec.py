from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import tomli_w
from helpers_runs import a_spec, write_data
from hypothesis import given
from hypothesis import strategies as st

from lrtui import __version__
from lrtui.runs.optimizers import OPTIMIZERS, OptimizerError, parse_optimizer
from lrtui.runs.spec import RunSpec, SpecError, make_spec
from lrtui.schedules import Horizon, parse


def test_a_spec_holds_canonical_text_and_the_data_that_was_found() -> None:
    spec = a_spec(
        schedule="  cosine( lr=0.50 , final_lr=1e-2)",
        optimizer="sgd( momentum = 0.90, nesterov=false)",
        name=" a ",
    )
    assert spec.schedule == str(parse("cosine(0.5, final_lr=0.01)"))
    assert spec.optimizer == "sgd(momentum=0.9)"
    assert (spec.data, spec.train_examples, spec.test_examples) == ("embedded", 10_000, 2_000)
    assert (spec.name, spec.lrtui, spec.spec_version) == ("a", __version__, 3)
    assert a_spec(schedule=parse("0.3")).schedule == "constant(0.3)"


def test_the_horizon_counts_the_last_short_batch() -> None:
    assert a_spec(epochs=3, batch_size=256).horizon().total == 3 * 40
    assert a_spec(epochs=3, batch_size=250).horizon().total == 3 * 40
    assert a_spec(batch_size=10_000).steps_per_epoch() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("epochs", 0, "epochs 0: must be at least 1"),
        ("epochs", -3, "epochs -3: must be at least 1"),
        ("epochs", 1.5, "epochs 1.5: must be a whole number"),
        ("epochs", True, "epochs True: must be a whole number"),
        ("epochs", 10**30, "choose at most"),
        ("batch_size", 0, "batch_size 0: must be at least 1"),
        ("batch_size", 10_001, "larger than the data"),
        ("accumulate", 0, "accumulate 0: must be at least 1"),
        ("accumulate", 41, "it is 40 batches of 256"),
        ("accumulate", 2.0, "whole number"),
        ("clip_norm", 0.0, "clip_norm 0.0: must be above 0 and finite"),
        ("clip_norm", float("nan"), "above 0 and finite"),
        ("clip_norm", float("inf"), "above 0 and finite"),
        ("clip_norm", "big", "must be a number"),
        ("label_smoothing", 1, "label_smoothing 1.0: must be at least 0 and below 1"),
        ("label_smoothing", -0.1, "at least 0 and below 1"),
        ("label_smoothing", True, "must be a number"),
        ("average", "emma", "there is ema(decay=0.999) and swa(start=75%)"),
        ("average", "ema(decay=1)", "decay: must be at least 0 and below 1, not 1"),
        ("average", "ema(0.9, 3)", "ema takes 1 at most: decay"),
        ("average", "ema(0.9, decay=0.8)", "decay: given twice"),
        ("average", "ema(momentum=0.9)", "it has decay"),
        ("average", "swa(start=soon)", "start: a length is"),
        ("average", "swa(start=3ep)", "start: 3ep is past the end of the run, 80 updates"),
        ("average", "swa(every=0)", "every: 0 is less than one update"),
        ("average", "ema(", ""),
        ("precision", "fp8", "is no precision of lrtui: choose float32 or tf32 or bf16 or fp16"),
        ("compile", 1, "compile 1: must be true or false"),
        ("stop_on", ["boredom"], "stop_on boredom: is no diagnosis: choose of diverged, diverging"),
        ("seed", -1, "seed -1: must be at least 0"),
        ("seed", 2**63, "below"),
        ("threads", 0, "threads 0: must be at least 1"),
        ("threads", 10**9, "threads 1000000000: must be at most 4,096"),
        ("model", "resnet", "lenet or lenet-1"),
        ("task", "mnist", "fashion-mnist"),
        ("device", "gpu", "choose auto, cpu, cuda, cuda:N or mps"),
        ("device", "cuda:", "cuda:N"),
        ("device", "cuda:01", "cuda:N"),
        ("device", "cpu\n", None),
        ("name", "a\nb", "one line"),
        ("name", "\x1b[31m", "visible"),
        ("name", "a" * 201, "200"),
        ("optimizer", "sdg", "did you mean sgd?"),
        ("optimizer", "sgd(momentun=0.9)", "did you mean momentum?"),
        ("optimizer", "sgd(momentum=1)", "below 1"),
        ("optimizer", "sgd(", ""),
        ("optimizer", "", ""),
        ("schedule", "cosin(0.1)", "cosine"),
        ("schedule", "cosine(0.1", ""),
        ("schedule", "", ""),
        ("schedule", "constant(-1)", ""),
        ("schedule", "linear(0.1) >> linear(0.2)", ""),
        ("schedule", "cosine(0.1) >> warmup(5ep)", ""),
        ("data", "/no/such/folder", "/no/such/folder"),
        ("data", "", "auto"),
        ("data", "~nobody-of-this-name/data", "is no folder"),
        ("data", "x" * 5000, "is no folder"),
        ("data", "a\0b", "is no folder"),
    ],
)
def test_each_wrong_field_is_named_in_one_line(field: str, value: object, message: str | None) -> None:
    if message is None:  # tolerated: spaces around a word don't matter
        assert a_spec(**{field: value}).device == "cpu"
        return
    with pytest.raises(SpecError) as caught:
        a_spec(**{field: value})
    assert caught.value.field == field
    assert message in str(caught.value)
    assert str(caught.value).startswith(field)
    assert caught.value.message in str(caught.value)
    assert str(caught.value).isprintable()


def test_tf32_is_for_cuda() -> None:
    with pytest.raises(SpecError, match="precision tf32: needs a CUDA device"):
        a_spec(precision="tf32", device="cpu")
    assert a_spec(precision=" TF32 ", device="cuda:1").precision == "tf32"


def test_the_ways_to_train_are_kept_in_canonical_form() -> None:
    spec = a_spec(
        accumulate=3,
        clip_norm=1,
        label_smoothing=0,
        average=" swa( start = 50.0% ) ",
        stop_on=["overfitting", "plateaued", "overfitting"],
    )
    assert (spec.clip_norm, spec.label_smoothing) == (1.0, 0.0)
    assert spec.average == "swa(start=50%)"
    assert spec.stop_on == ("overfitting", "plateaued")
    assert (spec.steps_per_epoch(), spec.horizon().total) == (14, 28)  # 40 batches: 13 updates of 3, and one
    assert RunSpec.from_toml(spec.to_toml()) == spec
    assert a_spec(accumulate=40).steps_per_epoch() == 1


def test_a_spec_written_before_there_were_these_fields_trains_as_it_did() -> None:
    old = tomli_w.dumps({"schedule": "constant(0.1)", "spec_version": 2, "optimizer": "adam"})
    spec = RunSpec.from_toml(old)
    spec.check()
    assert (spec.accumulate, spec.clip_norm, spec.label_smoothing, spec.average) == (1, None, 0.0, "")
    assert (spec.precision, spec.compile, spec.stop_on) == ("float32", False, ())


def test_an_error_in_the_schedule_keeps_its_place() -> None:
    with pytest.raises(SpecError) as caught:
        a_spec(schedule="warmup(5ep) >> cosin(0.1)")
    assert caught.value.position == 15
    assert caught.value.end == 20


def test_a_rate_of_a_million_is_allowed() -> None:
    assert a_spec(schedule="1e6").schedule == "constant(1000000)" or a_spec(schedule="1e6")


def test_a_spec_on_a_folder_names_it_absolutely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path / "mine", train=30, test=20)
    monkeypatch.chdir(tmp_path)
    spec = a_spec(data="mine", batch_size=7)
    assert spec.data == str(tmp_path / "mine")
    assert (spec.train_examples, spec.steps_per_epoch()) == (30, 5)
    with pytest.raises(SpecError, match="batch_size"):
        a_spec(data="mine", batch_size=31)


specs = st.builds(
    RunSpec,
    schedule=st.text(max_size=20),
    name=st.text(max_size=20),
    preset=st.none() | st.text(max_size=5),
    epochs=st.integers(1, 500_000),
    seed=st.integers(0, 2**63 - 1),
    data=st.text(max_size=20),
    threads=st.none() | st.integers(1, 9),
    accumulate=st.integers(1, 9),
    clip_norm=st.none() | st.floats(0, 1e300, exclude_min=True),
    label_smoothing=st.floats(0, 1, exclude_max=True),
    average=st.text(max_size=20),
    compile=st.booleans(),
    stop_on=st.lists(st.text(max_size=5), max_size=3).map(tuple),
)


@given(specs)
def test_toml_keeps_everything(spec: RunSpec) -> None:
    assert RunSpec.from_toml(spec.to_toml()) == spec


def test_unknown_keys_and_newer_versions_are_read() -> None:
    text = tomli_w.dumps({"schedule": "constant(0.1)", "spec_version": 7, "later": {"a": 1}, "epochs": 3})
    spec = RunSpec.from_toml(text)
    assert (spec.spec_version, spec.epochs, spec.model) == (7, 3, "lenet")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schedule = 3",
        "schedule = 'a'\nepochs = 'ten'",
        "schedule",
        "schedule = 'a'\nepochs = 1.5",
        "schedule = 'a'\nbatch_size = 0",
        "schedule = 'a'\ntrain_examples = -1",
        "schedule = 'a'\nepochs = 99999999999999999999999",
        "schedule = 'a'\nepochs = 9999999999",
        "a = " + "[" * 5000,
    ],
)
def test_an_unreadable_spec_is_a_spec_error(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        RunSpec.from_toml(text)
    assert caught.value.field is None
    assert str(caught.value).isprintable()


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_spec_or_a_spec_error(text: str) -> None:
    with contextlib.suppress(SpecError):
        RunSpec.from_toml(text)


def test_a_hand_written_spec_is_checked_as_strictly() -> None:
    with pytest.raises(SpecError, match="model"):
        RunSpec(schedule="constant(0.1)", model="x").check()
    with pytest.raises(SpecError, match="schedule"):
        RunSpec(schedule="constant(").check()
    with pytest.raises(SpecError, match="optimizer"):
        RunSpec(schedule="constant(0.1)", optimizer="adam(").check()
    RunSpec(schedule="constant(0.1)").check()


def test_make_spec_takes_what_auto_finds() -> None:
    assert make_spec(schedule="0.1").data == "embedded"


@given(st.floats(0, 1, exclude_max=True), st.booleans(), st.floats(0, 1e300))
def test_an_optimizer_prints_as_text_that_parses_to_it(momentum: float, nesterov: bool, decay: float) -> None:
    flag = "true" if nesterov and momentum > 0 else "false"
    text = f"sgd(momentum={momentum!r}, nesterov={flag}, weight_decay={decay!r})"
    spec = parse_optimizer(text)
    assert parse_optimizer(str(spec)) == spec
    assert spec.options == {
        "momentum": momentum,
        "nesterov": nesterov and momentum > 0,
        "weight_decay": decay,
        "dampening": 0.0,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sgd(0.9, true, 0.1, 0, 3)", "4 options at most"),
        ("sgd(0.9, momentum=0.8)", "momentum"),
        ("sgd(nesterov=true)", "needs a momentum"),
        ("sgd(momentum=high)", "momentum: must be a number, not high"),
        ("sgd(momentum=-0.1)", "momentum"),
        ("sgd(weight_decay=1e999)", "weight_decay"),
        ("sgd(0.9, nesterov=1)", "true or false"),
        ("sgd >> sgd", ""),
        ("adammw", "adamw"),
        ("sgd(0.9, true, dampening=0.1)", "dampened"),
        ("adam(betas=0.9)", "two numbers"),
        ("adam(betas=(0.9, 1))", "below 1"),
        ("adam(betas=(0.9, linear(0.9)))", "must be a number"),
        ("adam(eps=linear(1))", "must be a number"),
        ("sgd(momentum=linar(0.9))", "did you mean linear"),
        ("sgd(momentum='linar(0.9)')", "momentum: there is no schedule"),
    ],
)
def test_a_wrong_optimizer_is_one_line(text: str, message: str) -> None:
    with pytest.raises(OptimizerError) as caught:
        parse_optimizer(text)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_every_declared_optimizer_parses_bare() -> None:
    for optimizer in OPTIMIZERS:
        assert str(parse_optimizer(optimizer.name)) == optimizer.name
    assert str(parse_optimizer("sgd(0.9)")) == "sgd(momentum=0.9)"


@pytest.mark.parametrize(
    "text",
    [
        "adamw(betas=(0.9, 0.95), weight_decay=0.05)",
        "sgd(momentum=warmup(5) >> linear(0.95, final_lr=0.85), nesterov=true)",
        "adam(betas=(linear(0.85, final_lr=0.95), 0.999), amsgrad=true)",
        "adam(betas=(linear(0.85, final_lr=0.95), 0.99))",
        "rmsprop(alpha=0.9, momentum=0.5, centered=true)",
        "adagrad(initial_accumulator_value=0.1)",
        "sgld(weight_decay=cosine(0.001), temperature=0)",
    ],
)
def test_optimizers_are_written_as_they_print(text: str) -> None:
    spec = parse_optimizer(text)
    assert parse_optimizer(str(spec)) == spec
    assert str(parse_optimizer(str(spec))) == str(spec)


def test_what_an_optimizer_follows_is_worked_out_on_the_horizon_and_stays_in_bounds() -> None:
    horizon = Horizon(10, 5)
    quoted = parse_optimizer('sgd(momentum="linear(0.8, final_lr=0.9)", weight_decay=0.1)')
    followed = quoted.followed(horizon)
    assert list(followed) == ["momentum"]
    assert followed["momentum"].tolist() == parse("linear(0.8, final_lr=0.9)").rates(horizon).tolist()
    adamw = parse_optimizer("adamw(betas=(constant(0.5), 0.9), weight_decay=cosine(0.1))")
    followed = adamw.followed(horizon)
    assert set(followed) == {"momentum", "weight_decay"}
    assert parse_optimizer("adam").followed(horizon) == {}
    for text, message in [
        ("sgd(momentum=linear(0.8, final_lr=1.1))", "momentum: must be at least 0 and below 1, not"),
        ("sgd(momentum=warmup(2) >> constant(0.9), nesterov=true)", "above 0 at every update"),
        ("sgd(weight_decay=cosine(0.1, steps=5ep))", "weight_decay: "),
    ]:
        with pytest.raises(OptimizerError) as caught:
            parse_optimizer(text).followed(Horizon(10))
        assert message in str(caught.value)
    with pytest.raises(SpecError, match="below 1"):
        RunSpec(schedule="constant(0.1)", optimizer="sgd(momentum=linear(0.8, final_lr=1.1))").check()
