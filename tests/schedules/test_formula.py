"""formula("..."): what it means, what it refuses and where, and the code it comes to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrtui.schedules import Horizon, ScheduleError, family, parse, sample
from lrtui.schedules.dialects import generate
from lrtui.schedules.formulas.grammar import DEEPEST, LONGEST, read
from lrtui.schedules.formulas.tree import FUNCTIONS, values

H = Horizon(100, 10)


def at(formula: str, t: float = 3.0, extent: float = 100.0) -> float:
    names = {"t": np.float64(t), "T": np.float64(extent), "z": np.float64(t / extent)}
    with np.errstate(all="ignore"):
        return float(values(read(formula), names))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("-2^2", -4.0),
        ("2 ** -1", 0.5),
        ("2^3^2", 512.0),
        ("10 - 4 - 3", 3.0),
        ("16 / 4 / 2", 2.0),
        ("-(1 + 2)", -3.0),
        ("- - 1 + +2", 3.0),
        (".5 + 1. + 1e-1", 1.6),
        ("t + T + z", 103.03),
        ("pi * e", math.pi * math.e),
        ("where(t < 4, 1, 2)", 1.0),
        ("where(0.1 <= z < 0.5, 1, 2)", 2.0),
        ("where(0.01 <= z < 0.5, 1, 2)", 1.0),
        ("where(t == 3 and not z > 1 or t != 3, 1, 2)", 1.0),
        ("where(t > 2 or 1 / 0 > 1 and t < 0, 1, 2)", 1.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("floor(2.7) + ceil(2.2) + abs(-1)", 6.0),
        ("mod(7, 5) + mod(-1, 5)", 6.0),
        ("log(e) + log10(100) + log2(8) + sqrt(16) + exp(0)", 11.0),
        ("sin(pi / 2) + cos(0) + tan(0) + tanh(0)", 2.0),
        ("1 / (1 + exp(1000))", 0.0),
    ],
)
def test_arithmetic(formula: str, value: float) -> None:
    assert at(formula) == pytest.approx(value, rel=1e-15)


def test_something_that_is_not_a_number_is_never_lost_in_a_minimum() -> None:
    assert math.isnan(at("min(0.1, log(-1))"))
    assert math.isnan(at("max(sqrt(-1), 0.1)"))


def test_it_says_what_a_family_says() -> None:
    said = parse('warmup(10) >> formula("0.01 + 0.09 * (1 + cos(pi * z)) / 2")').rates(H)
    assert said == pytest.approx(parse("warmup(10) >> cosine(0.1, final_lr=0.01)").rates(H), rel=1e-12)


def test_it_holds_at_its_end_and_counts_its_own_time() -> None:
    schedule = parse('constant(1, steps=50) >> formula("t / T", steps=20)')
    assert schedule([49, 50, 60, 70, 99], H).tolist() == [1.0, 0.0, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ('formula("")', 9, "there is no formula; try"),
        ('formula("0.1 * q")', 15, "there is no 'q' in formulas; a formula knows t, T, z, pi, e"),
        ('formula("0.1 * cso(z)")', 15, "did you mean cos?"),
        ('formula("0.1 * (t")', 17, "the formula stops too early"),
        ('formula("0.1 * t)")', 16, r"no '\(' for this '\)'"),
        ('formula("1 1")', 11, "expected an operator, not '1'"),
        ('formula("* 1")', 9, "expected a number, t, T, z or a function"),
        ('formula("where(t, 1, 2)")', 15, "where takes a condition"),
        ('formula("t < 3")', 9, "expected a number, and this is a condition"),
        ('formula("1 + (t < 3)")', 14, "expected a number"),
        ('formula("max(1)")', 9, "max takes at least 2 values, not 1"),
        ('formula("sin(1, 2)")', 9, "sin takes 1 value, not 2"),
        ('formula("sin")', 9, "sin needs its brackets"),
        ('formula("pi(2)")', 9, "pi is no function"),
        ('formula("5ep * 2")', 9, "'5ep' isn't a number"),
        ('formula("t = 3")', 11, "equality is written =="),
        ('formula("__import__(1)")', 9, "there is no '__import__'"),
        ('formula("t.real")', 10, "'.' means nothing"),
        (r'formula("0.1 + \"")', 15, "means nothing"),
        ("cosine(0.1) >> formula('1', steps=5) >> formula('0.1 + x')", 55, "there is no 'x'"),
        ("formula(0.1)", 8, 'takes a quoted text such as "0.1'),
    ],
)
def test_errors_have_their_place(text: str, position: int, said: str) -> None:
    with pytest.raises(ScheduleError, match=said) as caught:
        parse(text)
    assert caught.value.position == position
    assert "\n" not in str(caught.value)
    assert caught.value.family == "formula"


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("t - 5", r"the rate at update 0 is negative \(-5\)"),
        ("1 / (0.5 - z)", "the rate at update 50 is not finite"),
        ("log(t - 1)", "the rate at update 0 is not finite"),
        ("9 ^ 9 ^ 9", "the rate at update 0 is not finite"),
    ],
)
def test_a_rate_that_cannot_be_says_where(formula: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        family("formula").make(expression=formula).rates(H)


def test_size_and_depth_are_bounded() -> None:
    assert at(" + ".join(["t"] * 400)) == 1200
    assert at("(" * 200 + "t" + ")" * 200) == 3
    for formula in ("-" * (DEEPEST + 1) + "t", "sin(" * DEEPEST + "t" + ")" * DEEPEST, "2^" * 900 + "1"):
        with pytest.raises(ScheduleError, match="nests at most"):
            read(formula)
    with pytest.raises(ScheduleError, match="at most 2,000 characters"):
        read("1" * (LONGEST + 1))


def test_text_is_one_line_and_quotes_are_escaped() -> None:
    schedule = parse("formula('0.1 *\\n   (1 - z)')")
    assert str(schedule) == 'formula("0.1 * (1 - z)")'
    parameter = family("formula").parameter("expression")
    assert parameter.parse("0.1 * z") == parameter.parse('"0.1 * z"') == "0.1 * z"
    for text in ('a "b" c', "back\\slash", "it's", 'both \\" ends\\'):
        assert parameter.parse(parameter.format(text)) == text


def test_a_jump_is_not_lost_between_samples() -> None:
    for formula in ("where(t == 123457, 1, 0.1)", "where(0.1234567 < z < 0.123458, 1, 0)"):
        schedule = family("formula").make(expression=formula)
        assert sample(schedule, Horizon(10**6), 500)[1].max() == 1.0
    updates, _ = sample(family("formula").make(expression="floor(z * 7) + 0.5"), Horizon(10**5), 100)
    assert {int(10**5 * k / 7) + 1 for k in range(1, 7)} <= set(updates.tolist())


def test_code_is_plain_where_every_step_is_finite() -> None:
    text = generate(parse('formula("0.1 * (1 + cos(pi * z)) / 2")'), H, "pytorch")
    assert "return 0.1 * (1.0 + math.cos(math.pi * z)) / 2.0\n" in text
    assert "_divide" not in text
    assert "_exp(" in generate(parse('formula("1 / (1 + exp(1000 * z))")'), H, "pytorch")


# Formulas that Python reads, too, and gives the same number: `^` is left out, and where is a function.
_leaves = st.sampled_from(["t", "T", "z", "pi", "e", "2", "0.5", "1e-3", "7"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    conditions = st.builds(
        lambda a, op, b: f"{a} {op} {b}", inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner
    )
    truths = conditions | st.builds(
        lambda a, op, b: f"({a}) {op} not ({b})", conditions, st.sampled_from(["and", "or"]), conditions
    )
    return st.one_of(
        st.builds(lambda a, op, b: f"{a} {op} {b}", inner, st.sampled_from("+-*/"), inner),
        st.builds(lambda a: f"({a})", inner),
        st.builds(lambda a: f"-{a}", inner),
        st.builds(lambda a, n: f"({a}) ** {n}", inner, st.sampled_from(["2", "3", "-1"])),
        st.builds(lambda f, a: f"{f}({a})", st.sampled_from(["sin", "cos", "tanh", "abs", "floor"]), inner),
        st.builds(lambda f, a, b: f"{f}({a}, {b})", st.sampled_from(["min", "max"]), inner, inner),
        st.builds(lambda c, a, b: f"where({c}, {a}, {b})", truths, inner, inner),
    )


_ORACLE = {name: getattr(math, name) for name in FUNCTIONS if hasattr(math, name)} | {
    "abs": abs,
    "min": min,
    "max": max,
    "where": lambda condition, yes, no: yes if condition else no,
    "pi": math.pi,
    "e": math.e,
}


@settings(max_examples=300, deadline=None)
@given(st.recursive(_leaves, _grown, max_leaves=8), st.integers(0, 50))
def test_it_means_what_python_would_make_of_it(formula: str, t: int) -> None:
    try:
        theirs = float(eval(formula, _ORACLE | {"t": float(t), "T": 50.0, "z": t / 50.0}))
    except (ArithmeticError, ValueError):
        return
    assert at(formula, t, 50.0) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@settings(max_examples=300)
@given(st.text(alphabet="tTz0.15e+-*/^()<>=, sincolgwhrmaxd%\\\"'&\n", max_size=60))
def test_any_text_is_a_formula_or_a_one_line_error(text: str) -> None:
    try:
        schedule = family("formula").make(expression=text)
    except ScheduleError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    assert parse(str(schedule)) == schedule
