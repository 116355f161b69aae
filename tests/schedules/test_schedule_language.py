"""The expression language: what it understands, and what it says when it doesn't."""

from __future__ import annotations

import random
import time

import pytest

from lrtui.schedules import Call, Schedule, ScheduleError, catalogue, family, parse, parse_call

EXPRESSIONS = [
    ("0.1", "constant(0.1)"),
    ("1", "constant(1)"),
    ("1e-3", "constant(0.001)"),
    (".5", "constant(0.5)"),
    ("5.", "constant(5)"),
    ("1E6", "constant(1000000)"),
    ("1e-5", "constant(1e-05)"),
    ("((cosine(lr=0.1)))", "cosine(0.1)"),
    ("cosine()", "cosine(0.1)"),
    ("linear(0.1, 0.01, 5ep)", "linear(0.1, final_lr=0.01, steps=5ep)"),
    ("cosine(0.1, steps=5ep, final_lr=0.01,)", "cosine(0.1, final_lr=0.01, steps=5ep)"),
    ("poly(0.1, power=2)", "polynomial(0.1)"),
    ("warmup(5ep)>>cosine(lr=0.5,\n final_lr=0.01)", "warmup(5ep) >> cosine(0.5, final_lr=0.01)"),
    (
        "per_epoch(multistep(0.5, milestones=[5ep, 30ep,], gamma=0.5))",
        "per_epoch(multistep(0.5, milestones=[5ep, 30ep], gamma=0.5))",
    ),
    ("floor(exponential(2.0, gamma=0.9), 0.01)", "floor(exponential(2, gamma=0.9), minimum=0.01)"),
    (
        "repeat(cosine(0.1, final_lr=0, steps=10ep), cycles=3, decay=0.5)",
        "repeat(cosine(0.1, steps=10ep), cycles=3, decay=0.5)",
    ),
    ("cosine(0.1) * linear(1, final_lr=0.5)", "cosine(0.1) * linear(1, final_lr=0.5)"),
    ("(warmup(5) >> 1) * 2", "(warmup(5) >> constant(1)) * constant(2)"),
    ("floor(warmup(5) >> 1)", "floor(warmup(5) >> constant(1))"),
    ("multistep(milestones=[])", "multistep(0.1, milestones=[])"),
    ("constant(1, steps=12.50%)", "constant(1, steps=12.5%)"),
]


@pytest.mark.parametrize(("text", "canonical"), EXPRESSIONS)
def test_expressions_have_one_canonical_text(text: str, canonical: str) -> None:
    schedule = parse(text)
    assert str(schedule) == canonical
    assert parse(canonical) == schedule


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 0, "there is no expression"),
        ("  \n ", 0, "there is no expression"),
        ("cosin(0.1)", 0, "there is no schedule called 'cosin'; did you mean cosine?"),
        ("1 >> Cosine(0.1)", 5, "there is no schedule called 'Cosine'; did you mean cosine?"),
        ("zzzzzz(0.1)", 0, "there is no schedule called 'zzzzzz'; `lrtui schedules` lists them all"),
        ("cosine(0.1", 10, "')' is missing: the '(' at character 7 is never closed"),
        ("floor(cosine(0.1), ", 19, "')' is missing: the '(' at character 6 is never closed"),
        ("multistep(0.1, [5ep, 30ep)", 25, "expected ']' or ',', not ')'"),
        ("multistep(0.1, [5ep, 30ep", 25, "']' is missing: the '[' at character 16 is never closed"),
        ("cosine(0.1))", 11, "there is no bracket for ')' to close"),
        ("cosine(0.1 0.2)", 11, "expected ')', ',', '>>' or '*', not '0.2'"),
        ("cosine(0.1) cosine(0.1)", 12, "expected '>>', '*' or the end, not 'cosine'"),
        ("cosine(lr 0.1)", 10, "expected '=', ')', ',', '(', '>>' or '*', not '0.1'"),
        ("cosine(-0.1)", 7, "lr must be at least 0, not -0.1"),
        ("-0.1", 0, "lr must be at least 0, not -0.1"),
        ("cosine(0.1, final=0)", 12, "cosine has no parameter 'final'; did you mean final_lr?"),
        ("cosine(0.1, zz=0)", 12, "cosine has no parameter 'zz'; it takes lr, final_lr"),
        ("constant(1, 2, 3)", 15, "constant takes no more than 2 values: lr, steps"),
        ("cosine(lr=1, 5)", 13, "arguments without a name come before those with one"),
        ("cosine(1, lr=1)", 10, "lr is given twice"),
        ("cosine", 0, "cosine needs its brackets: cosine()"),
        ("5ep", 0, "5ep is a length, and a schedule is expected here"),
        ("cosine(5ep)", 7, "lr takes a rate such as 0.1 or 1e-3, not a length"),
        ("cosine(5epochs)", 7, "'5epochs' isn't a number or a length; lengths are 500"),
        ("cosine(1e)", 7, "'1e' isn't a number or a length"),
        ("cosine(steps=2.5)", 13, "steps: updates come whole: 2.5 is between two"),
        ("cosine(steps=[5])", 13, "steps takes a length such as 500"),
        ("cosine(steps=five)", 13, "steps takes a length such as 500"),
        ("cosine(lr=linear(1))", 10, "lr takes a rate such as 0.1 or 1e-3, not a schedule"),
        ("floor()", 0, "floor needs schedule: a schedule such as cosine(0.1)"),
        ("floor([1])", 6, "expected a schedule such as cosine(0.1)"),
        ("floor(1, -2)", 9, "minimum must be at least 0, not -2"),
        ("multistep(milestones=5)", 21, "milestones takes lengths such as [5ep, 30ep], not a length"),
        ("multistep(milestones=[5, -1])", 25, "milestones: a length must be at least 0, not -1"),
        (
            "multistep(milestones=[[5]])",
            22,
            "milestones takes lengths such as [5ep, 30ep], not lists in a list",
        ),
        ("repeat(cosine(1, steps=5), cycles=1.5)", 34, "cycles must be a whole number, not 1.5"),
        ("repeat(cosine(1, steps=5), cycles=0)", 34, "cycles must be at least 1, not 0"),
        ("cosine(0.1) + 1", 12, "'+' means nothing in an expression; schedules are joined by >> and *"),
        ("1 > 2", 2, "'>' means nothing in an expression; then is written >>"),
        ("1 >>", 4, "the expression stops too early"),
        ("* 1", 0, "expected a schedule or a value"),
        ("cosine(0.1\x00)", 10, "'U+0000' means nothing in an expression"),
        ("1e999", 0, "lr must be finite, not inf"),
        ("9" * 6000, 0, "lr must be finite, not inf"),
    ],
)
def test_errors_have_a_place_and_say_what_to_do(text: str, position: int, said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    error = caught.value
    assert error.message.startswith(said)
    assert error.position == position
    assert error.end is not None
    assert position <= error.end <= len(text)
    assert str(error) == f"{error.message} (at character {position + 1})"


def test_an_error_names_its_parameter_and_family() -> None:
    with pytest.raises(ScheduleError) as caught:
        parse("warmup(5) >> cosine(0.5, final_lr=-1)")
    error = caught.value
    assert (error.position, error.end) == (34, 36)
    assert (error.parameter, error.family) == ("final_lr", "cosine")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9_000 + "1" + ")" * 9_000,
        "floor(" * 3_000 + "1" + ")" * 3_000,
        "floor(" * 240 + "1" + ")" * 240,
        "[" * 19_000,
        "(" * 100_000 + "1" + ")" * 100_000,
        "1" * 1_000_000,
        "1 * " * 250_000 + "1",
        "multistep(milestones=" + "[" * 5_000 + "]" * 5_000 + ")",
        "x" * 19_999,
        "cosine(" + "1," * 9_000 + ")",
    ],
)
def test_a_flood_is_one_line_in_no_time(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    assert time.perf_counter() - began < 2
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_long_but_reasonable_expressions_work() -> None:
    long = " >> ".join(["constant(1, steps=1)"] * 800)
    assert len(parse(long).phases) == 800
    assert parse("(" * 200 + "1" + ")" * 200) == parse("1")
    assert parse("floor(" * 90 + "1" + ")" * 90).depth == 91


def test_parse_call() -> None:
    assert parse_call("sgd") == Call("sgd")
    assert parse_call("sgd()") == Call("sgd")
    call = parse_call("adamw(1e-3, betas=[0.9, 0.999], weight_decay=-1, nesterov=true, name='a b')")
    assert call.name == "adamw"
    assert call.args == (0.001,)
    assert call.kwargs == {"betas": (0.9, 0.999), "weight_decay": -1, "nesterov": "true", "name": "a b"}
    assert parse_call("f(5ep)").args == ("5ep",)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("0.1", 0),
        ("sgd(", 4),
        ("sgd() * 2", 0),
        ("sgd(a=1, a=2)", 9),
        ("sgd(a=1, 2)", 9),
        ("sgd(adam(1))", 4),
        ("", 0),
        ("  [", 2),
    ],
)
def test_parse_call_refuses_what_is_no_call(text: str, position: int) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_call(text)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["", "-1", "[red]", "'a'", "0.1"])
def test_what_is_no_call_gets_an_example_of_one(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"expected a name, such as ema\(\)"):
        parse_call(text, "ema()")


def test_names_and_aliases() -> None:
    assert family("poly") is family("polynomial")
    with pytest.raises(ScheduleError, match="did you mean polynomial"):
        family("polynomail")


WORDS = [
    *[entry.name for entry in catalogue()],
    *[
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        ">>",
        "*",
        "-",
        "0.1",
        "5ep",
        "10%",
        "1e-3",
        "lr",
        "steps",
        "gamma",
        "'x'",
    ],
    *["1e400", "\n", "é", "\x00", "final_lr", ">", "1_0", "milestones", "((", "))", " "],
]


def mutated(text: str, random: random.Random) -> str:
    for _ in range(random.randint(1, 4)):
        at, until = random.randint(0, len(text)), random.randint(0, 4)
        match random.randint(0, 3):
            case 0:
                text = text[:at] + text[at + until :]
            case 1:
                text = text[:at] + random.choice(WORDS) + text[at:]
            case 2:
                text = (
                    text[:at] + chr(random.choice([9, 33, 40, 41, 44, 45, 0x2026, 0x1F600])) + text[at + 1 :]
                )
            case _:
                text = text[:at] + text[at : at + 10 * until] + text[at:]
    return text


def attempt(text: str) -> Schedule | ScheduleError:
    try:
        return parse(text)
    except ScheduleError as error:
        return error


def fuzz(count: int, seed: int) -> None:
    source = random.Random(seed)
    for _ in range(count):
        if source.random() < 0.3:
            text = " ".join(source.choice(WORDS) for _ in range(source.randint(1, 15)))
        else:
            text = mutated(source.choice(EXPRESSIONS)[0], source)
        answer = attempt(text)
        if isinstance(answer, Schedule):
            assert parse(str(answer)) == answer, text
        else:
            assert "\n" not in str(answer), text
            assert answer.position is not None, text
            assert 0 <= answer.position <= (answer.end or answer.position) <= len(text), text


def test_nothing_but_schedules_and_errors_comes_out() -> None:
    """A sample of what `fuzz(100_000, seed)` checks at leisure."""
    fuzz(3_000, seed=1)
