"""The catalogue: every family declares itself completely, and a new one is picked up by everything."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schedule_strategies import made, values_of

from lrtui.schedules import (
    Family,
    Horizon,
    Kind,
    Length,
    Parameter,
    Schedule,
    ScheduleError,
    catalogue,
    check,
    family,
    parse,
    simulate,
)

FAMILIES = catalogue()
by_name = pytest.mark.parametrize("entry", FAMILIES, ids=lambda entry: entry.name)


def test_the_first_families_are_there_in_teaching_order() -> None:
    names = [entry.name for entry in FAMILIES]
    wanted = [
        *("constant", "linear", "polynomial", "cosine", "exponential", "inverse_power", "multistep"),
        *("warmup", "cooldown", "floor", "per_epoch", "repeat"),
    ]
    assert [name for name in names if name in wanted] == wanted


@by_name
def test_a_family_declares_itself_completely(entry: Family) -> None:
    assert entry.title
    assert entry.summary.endswith(".")
    assert entry.formula
    assert entry.references
    assert entry.make.__doc__
    assert family(entry.name) is entry
    assert all(family(alias) is entry for alias in entry.aliases)
    assert entry.make.family is entry
    fields = [field.name for field in dataclasses.fields(entry.make)]  # type: ignore[arg-type]
    assert [parameter.name for parameter in entry.parameters] == fields
    for parameter in entry.parameters:
        assert parameter.help.endswith(".")
        assert (parameter.kind is Kind.CHOICE) == bool(parameter.choices)
        if not parameter.required:
            assert parameter.check(parameter.default) == parameter.default


@by_name
def test_roles_hold_what_they_promise(entry: Family) -> None:
    names = [parameter.name for parameter in entry.parameters]
    if entry.role == "combinator":
        assert entry.parameters[0].kind is Kind.SCHEDULE
    elif entry.role == "metric":
        assert names[0] == "lr"
        assert "steps" not in names
    elif entry.role == "shape":
        assert names[-1] == "steps"
        assert names[0] == "lr" or entry.name == "formula"
        assert names[0] != "lr" or entry.parameters[0].default == 0.1
    else:
        assert names[0] == "steps"


@by_name
def test_a_family_works_with_its_defaults(entry: Family) -> None:
    text = {
        "shape": f"{entry.name}()",
        "metric": "",
        "combinator": f"{entry.name}(linear(0.1, steps=50))",
    }.get(entry.role)
    if text is None:
        text = f"{entry.name}() >> 0.1" if entry.name.startswith("warmup") else f"0.1 >> {entry.name}()"
    if entry.role == "metric":
        assert simulate(parse(f"{entry.name}()"), [1.0])[0] == 0.1
        return
    check(parse(text), Horizon(1000, 100))


@by_name
@settings(max_examples=25)
@given(data=st.data())
def test_form_fields_read_what_they_print(entry: Family, data: st.DataObject) -> None:
    children = made(family("cosine"))
    for parameter in entry.parameters:
        value = data.draw(values_of(parameter, children))
        assert parameter.parse(parameter.format(value)) == value


@by_name
@settings(max_examples=25)
@given(data=st.data())
def test_every_family_round_trips(entry: Family, data: st.DataObject) -> None:
    schedule = data.draw(made(entry, made(family("linear"))))
    assert parse(str(schedule)) == schedule
    assert schedule.replace(**schedule.values) == schedule


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lr", " 1e-3 ", 0.001),
        ("steps", "5ep", Length(5, "epochs")),
        ("steps", "", None),
        ("milestones", "5ep, 30ep", (Length(5, "epochs"), Length(30, "epochs"))),
        ("milestones", "[1, 2%,]", (Length(1), Length(2, "percent"))),
        ("milestones", "[]", ()),
    ],
)
def test_typed_values(name: str, text: str, value: object) -> None:
    assert family("multistep").parameter(name).parse(text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lr", "", "lr needs a value: a rate such as 0.1 or 1e-3"),
        ("lr", "abc", "lr takes a rate such as 0.1 or 1e-3, not 'abc'"),
        ("lr", "1e-", "lr takes a rate such as 0.1 or 1e-3, not '1e-'"),
        ("lr", "nan", "lr takes a rate such as 0.1 or 1e-3, not 'nan'"),
        ("lr", "-1", "lr must be at least 0, not -1"),
        ("lr", "1e999", "lr must be finite, not inf"),
        (
            "steps",
            "5 epochs",
            "steps: a length is 500 (updates), 5ep (epochs) or 10% (of the horizon), not '5 epochs'",
        ),
        (
            "milestones",
            "5ep,,3",
            "milestones: a length is 500 (updates), 5ep (epochs) or 10% (of the horizon), not ''",
        ),
        ("milestones", "-5ep", "milestones: a length must be at least 0, not -5ep"),
    ],
)
def test_wrong_typed_values_are_said_in_one_line(name: str, text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        family("multistep").parameter(name).parse(text)
    assert str(caught.value) == said
    assert caught.value.parameter == name


def test_choices_suggest() -> None:
    parameter = Parameter("mode", Kind.CHOICE, "linear", choices=("linear", "cosine"))
    assert parameter.parse("cosine") == "cosine"
    with pytest.raises(
        ScheduleError, match="mode must be one of linear, cosine, not 'cosin'; did you mean cosine"
    ):
        parameter.parse("cosin")


def test_making_a_schedule_needs_neither_torch_nor_textual_nor_the_parser() -> None:
    code = (
        "import sys; from lrtui.schedules import family, Horizon;"
        "family('cosine').make().rates(Horizon(10));"
        "assert not {'torch', 'textual', 'lark'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)


def test_schedules_are_not_compared_by_family_alone() -> None:
    assert len({make() for make in (family("cosine").make, family("linear").make)}) == 2
    assert isinstance(family("cosine").make(), Schedule)
