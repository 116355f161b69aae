"""Calls of other libraries, read as data, give at every update the rates the library itself gives."""

from __future__ import annotations

import numpy as np
import pytest

from lrtui.schedules import Horizon, parse
from lrtui.schedules.dialects import NotRepresentable, ReadingError, generate, read
from tests.schedules.dialects.call_examples import CALLS, DRAWN, LR, TOTAL
from tests.schedules.dialects.other_libraries import needs, rates_of
from tests.schedules.dialects.said_examples import EPOCH, SAID, H


@pytest.mark.parametrize("library", CALLS)
def test_what_is_read_has_the_librarys_rates(library: str) -> None:
    needs(library)
    calls = CALLS[library] + DRAWN[library]
    answers = rates_of([(library, call, TOTAL, 1, LR) for call in calls])
    tolerance = 2e-6 if library == "keras" else 1e-9
    horizon, wrong = Horizon(TOTAL), []
    for call, answer in zip(calls, answers, strict=True):
        try:
            schedule = read(call, lr=LR).schedule
        except ReadingError as error:
            wrong.append(f"{call}: {error}")
            continue
        if isinstance(answer, str):
            wrong.append(f"{call}: {answer}")
            continue
        off = np.abs(np.array(answer) - schedule.rates(horizon))
        if not (off <= tolerance * max(answer)).all():
            wrong.append(f"{call}: {schedule} is off by {off.max()} at update {int(off.argmax())}")
        assert parse(str(schedule)) == schedule
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("target", SAID)
def test_generated_code_reads_back_as_an_equal_schedule(target: str) -> None:
    unread = []
    for expression in SAID[target]:
        schedule = parse(expression)
        code = generate(schedule, H, target)
        epochs = "once an epoch (7" in code.replace("\n# ", " ")
        horizon = Horizon(H.total, EPOCH)
        try:
            again = read(code, clock="epochs" if epochs else "updates").schedule
            off = np.abs(again.rates(horizon) - schedule.rates(horizon)).max()
        except ValueError as error:
            unread.append(f"{expression}: {error}")
            continue
        if off > 1e-12 * schedule.rates(horizon).max():
            unread.append(f"{expression}: {again} is off by {off}")
    assert not unread, "\n".join(unread)


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "pytorch-native"),
        ("warmup(20, start_lr=0.01) >> cosine(0.5, final_lr=0.01, steps=190)", "pytorch-native"),
        ("multistep(0.1, milestones=[20, 40, 40], gamma=0.5)", "pytorch-native"),
        ("per_epoch(cosine(0.1, steps=30ep))", "pytorch-native"),
        ("sgdr(0.1, final_lr=0.001, first_cycle=10, growth=2)", "pytorch-native"),
        ("one_cycle(0.1, legs=3, anneal=linear, steps=210)", "pytorch-native"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "optax"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "keras"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "transformers"),
        ("warmup(20) >> constant(0.1, steps=150) >> linear(0.1, steps=40)", "transformers"),
        ("warmup(20) >> cosine(0.5, final_lr=0.01, steps=190)", "timm"),
    ],
)
def test_plain_schedules_read_back_as_they_were_written(expression: str, target: str) -> None:
    schedule = parse(expression)
    code = generate(schedule, H, target)
    epochs = "once an epoch (7" in code.replace("\n# ", " ")
    assert read(code, clock="epochs" if epochs else "updates").schedule == schedule


@pytest.mark.parametrize(
    ("call", "note"),
    [
        ("CosineAnnealingLR(opt, 10)", "rises again after T_max"),
        ("CosineAnnealingLR(opt, 10)", "taken as 0.1; give it with --lr"),
        ("OneCycleLR(opt, 0.1, 100)", "also moves the momentum"),
        ("LinearLR(opt, 0.1, total_iters=0)", "stays at start_factor for ever"),
        ("optax.cosine_decay_schedule(0.1, 100, 0.1)", "alpha is a fraction"),
        ("optax.warmup_cosine_decay_schedule(0, 0.1, 10, 100)", "decay_steps includes the warmup"),
        ("optax.linear_schedule(0, 1, 0)", "mean a constant"),
        ("PiecewiseConstantDecay([5], [1, 2])", "one update after a boundary"),
        ("CosineDecay(0, 10, 0, warmup_target=1, warmup_steps=2)", "doesn't include the warmup"),
        ("CosineLRScheduler(opt, 10, warmup_t=2)", "the rate drops there"),
        ("CosineLRScheduler(opt, 10)", "timm counts epochs"),
        ("MultiStepLRScheduler(opt, [5])", "one early"),
        ("get_inverse_sqrt_schedule(opt, 0)", "timescale of 10,000"),
        ("lr_scheduler_type='cosine', warmup_steps=0.1", "a fraction of the training"),
    ],
)
def test_surprises_are_named(call: str, note: str) -> None:
    assert any(note in said for said in read(call).notes)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("lr_scheduler_type='cosine', warmup_steps=50, learning_rate=5e-5", "warmup(50) >> cosine(5e-05)"),
        (
            "TrainingArguments('out', learning_rate=1e-4, max_steps=1000, warmup_ratio=0.1)",
            "warmup(100) >> linear(0.0001, steps=900)",
        ),
        (
            "TrainingArguments(output_dir=d, warmup_ratio=0.06, lr_scheduler_type=SchedulerType.COSINE)",
            "warmup(6%) >> cosine(5e-05)",
        ),
        (
            "opt = torch.optim.AdamW(model.parameters(), lr=3e-4)\n"
            "warm = LinearLR(opt, 1 / 3, total_iters=10)\n"
            "main = CosineAnnealingLR(opt, T_max=100 - 10)\n"
            "sched = SequentialLR(opt, [warm, main], milestones=[10])\n"
            "for epoch in range(100):\n    sched.step()",
            "warmup(10, start_lr=0.0001) >> cosine(0.0003, steps=90)",
        ),
        ("StepLR(torch.optim.SGD(p, lr=0.4), 2 * 15)", "step(0.4, step_size=30)"),
        ("StepLR(step_size=30, optimizer=opt)", "step(0.1, step_size=30)"),
        ("StepLR(30)", "step(0.1, step_size=30)"),
        ("0.05", "constant(0.05)"),
    ],
)
def test_snippets_as_people_paste_them(text: str, expression: str) -> None:
    assert str(read(text).schedule) == expression


def test_a_clock_of_epochs_holds_the_rate_for_an_epoch() -> None:
    assert str(read("StepLR(opt, 30)", clock="epochs").schedule) == "per_epoch(step(0.1, step_size=30ep))"
    assert (
        str(read("ExponentialLR(opt, 0.9)", clock="epochs").schedule)
        == "per_epoch(exponential(0.1, gamma=0.9, decay_steps=1ep))"
    )


BAD = [
    ("", "there is nothing to read"),
    ("CosineAnealingLR(opt, 10)", "did you mean CosineAnnealingLR?"),
    ("StepLR(opt, 30, gama=0.1)", "StepLR has no argument 'gama'; did you mean gamma?"),
    ("StepLR(opt)", "StepLR needs step_size"),
    ("StepLR(opt, 30, 0.1, 5, 6)", "takes at most 4 arguments"),
    ("StepLR(opt, n)", "step_size must be a number written out, not 'n'"),
    ("StepLR(opt, 0)", "step_size must be at least 1"),
    ("StepLR(opt, 2.5)", "step_size must be a whole number"),
    ("StepLR(opt, 10**10**10)", "no finite answer"),
    ("StepLR(opt, 10**400)", "no finite answer"),
    ("StepLR(opt, 1e999)", "must be finite"),
    ("StepLR(opt, " + "9" * 400 + ")", "must be finite"),
    ("StepLR(opt, 1/0)", "no finite answer"),
    ("StepLR(opt, '30')", "step_size must be a number written out, not '30'"),
    ("StepLR(*args)", "with a star"),
    ("StepLR(**kwargs)", "two stars"),
    ("ReduceLROnPlateau(opt, mode='up')", "mode must be one of min, max"),
    ("MultiplicativeLR(opt, lambda t: 0.9)", "would have to be run"),
    ("LambdaLR(opt, lambda t: decay(t) ** 2)", "would have to be run to tell what decay(t) gives"),
    ("LambdaLR(opt, lambda t: [t][0])", "would have to be run to tell what [t][0] gives"),
    ("def f(t):\n    while t: t = 0\n\nLambdaLR(opt, f)", "would have to be run"),
    ("def f(t):\n    if t > 3: return 1\n\nLambdaLR(opt, f)", "a way through it that returns nothing"),
    ("LambdaLR(opt, f)", "its function isn't in the text"),
    ("LambdaLR(opt, [lambda t: 1, lambda t: t])", "each group of parameters has a function of its own"),
    ("LambdaLR(opt, lambda t: " + "(t + 0.1) * " * 300 + "t)", "so long a function"),
    ("--lr_scheduler_type cosin --max_steps 3", "did you mean cosine?"),
    ("python train.py --lr 0.1 --epochs 3", "there is no scheduler's call"),
    ("create_scheduler_v2(opt, 'cosine', 100)", "write the scheduler it makes"),
    ("CosineAnnealingWarmupRestarts(opt, 100)", "isn't torch's"),
    ("SequentialLR(opt, [StepLR(opt, 1)], [5])", "one milestone less"),
    ("SequentialLR(opt, [StepLR(opt, 1), OneCycleLR(opt, 1, 10)], [5])", "overwrites the optimizer's lr"),
    ("SequentialLR(opt, [PolynomialLR(opt, 9, 2), StepLR(opt, 1)], [5])", "handed over before its end"),
    ("ChainedScheduler([CosineAnnealingLR(opt, 9, 0.1), StepLR(opt, 1)])", "no product"),
    ("CyclicLR(opt, 0.1, 1, scale_fn=f)", "scale_fn is a function"),
    ("get_scheduler('cosin', opt, 1, 10)", "did you mean cosine?"),
    ("get_linear_schedule_with_warmup(opt, 10, 10)", "as long as the whole training"),
    ("print('hello')", "there is no scheduler's call"),
    ("this is no python", "this is no Python"),
    ("(" * 500, "this is no Python"),
    ("-" * 9000 + "1", "too deep"),
    ("1+" * 9000 + "1", "too deep"),
    ("[" * 90 + "]" * 90, "too deep"),
    ("9" * 5000, "this is no Python"),
    ("StepLR(opt, 30)" + " " * 30_000 + "#", "at most 20,000 characters"),
    ("StepLR(opt,\0 30)", "this is no Python"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_cannot_be_read_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_metric_driven_schedulers_are_read_and_written() -> None:
    text = "ReduceLROnPlateau(opt, 'max', factor=0.5, patience=3, min_lr=1e-4)"
    reading = read(text, lr=0.2, clock="epochs")
    assert reading.schedule == parse("plateau(0.2, mode=max, factor=0.5, patience=3, min_lr=1e-4)")
    assert "once an epoch" in reading.notes[0]
    assert read(generate(reading.schedule, H, "pytorch-native")).schedule == reading.schedule
    kwargs = (
        "lr_scheduler_type='reduce_lr_on_plateau', lr_scheduler_kwargs={'patience': 3}, learning_rate=0.1"
    )
    assert read(kwargs).schedule == parse("plateau(0.1, patience=3)")
    assert read("GreedyLR(opt, smooth=True)", lr=0.1).schedule == parse("greedy(0.1, window=50)")
    for expression, target in (("greedy(0.1)", "pytorch-native"), ("warmup(5) >> plateau(0.1)", "pytorch")):
        with pytest.raises(NotRepresentable, match=f"not representable in {target}: because"):
            generate(parse(expression), H, target)


def test_a_name_that_two_libraries_use_is_told_apart_by_its_module_or_its_arguments() -> None:
    expected = parse("plateau(0.1, patience=4, factor=0.2, threshold=1e-4, threshold_mode=abs, eps=0)")
    for call in (
        "tf.keras.callbacks.ReduceLROnPlateau(patience=5, factor=0.2)",
        "ReduceLROnPlateau(monitor='val_loss', patience=5, factor=0.2)",
        "callbacks.ReduceLROnPlateau('loss', 0.2, 5)",
    ):
        reading = read(call, lr=0.1)
        assert reading.schedule == expected, call
        assert any("patience is one less here" in note for note in reading.notes)
    torchs = read("optim.lr_scheduler.ReduceLROnPlateau(opt, patience=5, factor=0.2)", lr=0.1)
    assert torchs.schedule == parse("plateau(0.1, patience=5, factor=0.2)")
    accuracy = read("keras.callbacks.ReduceLROnPlateau('val_accuracy', cooldown=2)", lr=0.1)
    assert accuracy.schedule.values["mode"] == "max"
    assert accuracy.schedule.values["cooldown"] == 1
    with pytest.raises(ReadingError, match="say mode='min' or mode='max': 'perplexity'"):
        read("keras.callbacks.ReduceLROnPlateau('perplexity')")


@pytest.mark.parametrize(
    ("text", "expression", "note"),
    [
        (
            "get_linear_schedule_with_warmup(opt, 100, len(loader) * epochs)",
            "warmup(100) >> linear(0.1)",
            "num_training_steps isn't written out",
        ),
        (
            "get_scheduler('cosine', opt, num_warmup_steps=0, num_training_steps=total)",
            "cosine(0.1)",
            "num_training_steps isn't written out",
        ),
        ("OneCycleLR(opt, 0.1, total_steps=n)", "one_cycle(0.1)", "total_steps isn't written out"),
        (
            "OneCycleLR(opt, max_lr=0.1, steps_per_epoch=len(loader), epochs=10)",
            "one_cycle(0.1)",
            "epochs * steps_per_epoch isn't written out",
        ),
        (
            "accelerate launch train.py --learning_rate 0.1 --lr_scheduler_type cosine --max_steps=1000 \\\n"
            "  --warmup_ratio 0.1 --bf16 --output_dir /tmp/a",
            "warmup(100) >> cosine(0.1, steps=900)",
            "max_steps includes the warmup",
        ),
        (
            "--lr_scheduler_type cosine_with_min_lr --learning_rate 0.1 "
            """--lr-scheduler-kwargs '{"min_lr": 0.01}'""",
            "cosine(0.1, final_lr=0.01)",
            "would rise again",
        ),
        ("LambdaLR(opt, lambda e: 0.95 ** e)", "exponential(0.1, gamma=0.95)", ""),
        ("LambdaLR(opt, lambda e: 0.1 ** (e // 30))", "step(0.1, step_size=30)", ""),
        ("LambdaLR(opt, lambda t: max(0, 1 - t / (9 * 100)))", 'formula("0.1 * max(0, 1 - t / 900)")', ""),
    ],
)
def test_calls_as_they_stand_in_scripts(text: str, expression: str, note: str) -> None:
    reading = read(text, lr=0.1)
    assert reading.schedule == parse(expression)
    assert not note or any(note in said for said in reading.notes)


def test_a_function_of_the_epoch_is_a_staircase_or_refused() -> None:
    fall = read("LambdaLR(opt, lambda epoch: 0.5 ** epoch)", lr=1, clock="epochs").schedule
    assert fall.rates(Horizon(6, 2)).tolist() == [1, 1, 0.5, 0.5, 0.25, 0.25]
    with pytest.raises(ReadingError, match="its function counts epochs, and a formula counts updates"):
        read("LambdaLR(opt, lambda epoch: 1 / (1 + epoch))", clock="epochs")


def test_a_name_in_other_letters_is_recognised() -> None:
    with pytest.raises(ReadingError, match="did you mean StepLR"):
        read("StepLr(opt, 30)")


def test_nothing_is_executed(tmp_path: object) -> None:
    marker = f"{tmp_path}/ran"
    for text in (
        f"StepLR(open({marker!r}, 'w'), 30)",
        f"__import__('pathlib').Path({marker!r}).touch()\nStepLR(opt, 30)",
        f"LambdaLR(opt, lambda t: open({marker!r}, 'w'))",
    ):
        try:
            read(text)
        except ReadingError:
            continue
    from pathlib import Path

    assert not Path(marker).exists()
