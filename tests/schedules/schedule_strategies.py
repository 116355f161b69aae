"""Generated schedules for the property tests, made from the catalogue's declarations alone.

A family that is added is generated, too, without a change here.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from lrtui.schedules import Family, Horizon, Kind, Length, Parameter, Schedule, ScheduleError, catalogue
from lrtui.schedules.composition import product, sequence

EPOCH = 7
HORIZONS = st.builds(Horizon, st.integers(1, 300), st.just(EPOCH))

_numbers = st.one_of(
    st.integers(0, 20).map(float),
    st.floats(0, 3, allow_nan=False),
    st.floats(1e-12, 1e6, allow_nan=False),
    st.sampled_from([0.0, 1.0, 0.1, 1e-3, 0.5, 1e-300, 123456.789]),
)
_lengths = st.one_of(
    st.builds(Length, st.integers(0, 400)),
    st.builds(Length, st.one_of(st.integers(0, 50), st.floats(0, 50)), st.just("epochs")),
    st.builds(Length, st.one_of(st.integers(0, 120), st.floats(0, 120)), st.just("percent")),
)


_positive = st.floats(1e-4, 10).map(repr)
_formulas = st.builds(
    lambda form, a, b, n: form.replace("A", a).replace("B", b).replace("N", str(n)),
    st.sampled_from(
        (
            "A * (1 - z)",
            "A*exp(-B*z)",
            "A * (1 + cos(pi * z)) / 2 + B",
            "where(t < N or z >= 0.9, A * t / N, B)",
            "A / sqrt(1 + t)",
            "min(A, B * (t + 1) ^ -0.5, 1/(1+exp(900*z)))",
            "A * abs(sin(t / N)) + B * floor(4 * z)",
            "A * log(1 - z)",
            "where(z < B, A / (t - N), B)",
        )
    ),
    _positive,
    _positive,
    st.integers(1, 300),
)


def _one(parameter: Parameter, kind: Kind) -> st.SearchStrategy[Any]:
    if kind is Kind.CHOICE:
        return st.sampled_from(parameter.choices)
    if kind is Kind.LENGTH:
        return _lengths.filter(lambda length: _fits(parameter, length))
    if kind is Kind.TEXT:
        return _formulas
    if kind is Kind.COUNT:
        low = int(parameter.minimum or 0)
        return st.integers(low, min(low + 12, int(parameter.maximum or 10**9)))
    low, high = parameter.minimum, parameter.maximum
    bounded = st.floats(
        -5.0 if low is None else low,
        10.0 if high is None else high,
        exclude_min=parameter.exclusive_minimum,
        exclude_max=parameter.exclusive_maximum,
    )
    return st.one_of(bounded, _numbers.filter(lambda number: _fits(parameter, number)))


def _fits(parameter: Parameter, value: Any) -> bool:
    try:
        parameter.check([value] if parameter.kind in (Kind.LENGTHS, Kind.RATES) else value)
    except ScheduleError:
        return False
    return True


def values_of(
    parameter: Parameter, children: st.SearchStrategy[Schedule] | None = None
) -> st.SearchStrategy[Any]:
    """Legal values of a parameter; None where it may be left out."""
    if parameter.kind is Kind.SCHEDULE:
        assert children is not None
        return children
    if parameter.kind in (Kind.LENGTHS, Kind.RATES):
        inner = Kind.LENGTH if parameter.kind is Kind.LENGTHS else Kind.RATE
        return st.lists(_one(parameter, inner), max_size=5).map(tuple)
    values = _one(parameter, parameter.kind)
    return values if parameter.default is not None else st.none() | values


def made(family: Family, children: st.SearchStrategy[Schedule] | None = None) -> st.SearchStrategy[Schedule]:
    """Schedules of one family, with some of its parameters given and the rest left at their defaults."""
    # Once and not at every draw: hypothesis takes longer to look at a new strategy than to draw from it.
    legal = {parameter.name: values_of(parameter, children) for parameter in family.parameters}

    @st.composite
    def build(draw: st.DrawFn) -> Schedule | None:
        values = {
            parameter.name: draw(legal[parameter.name])
            for parameter in family.parameters
            if parameter.required or draw(st.booleans())
        }
        try:
            return family.make(**values)
        except ScheduleError:
            return None  # parameters that don't go together

    return build().filter(lambda schedule: schedule is not None)


def _role(role: str) -> list[Family]:
    return [family for family in catalogue() if family.role == role]


def shapes() -> st.SearchStrategy[Schedule]:
    """One-phase schedules."""
    return st.one_of([made(family) for family in _role("shape")])


def _sequences(children: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule | None]:
    phases = st.lists(children, min_size=1, max_size=3)
    transitions = {family.name: made(family) for family in _role("transition")}

    @st.composite
    def build(draw: st.DrawFn) -> Schedule | None:
        parts = draw(phases)
        if draw(st.booleans()):
            parts.insert(0, draw(transitions["warmup"]))
        if draw(st.booleans()):
            parts.append(draw(transitions["cooldown"]))
        try:
            return sequence(*parts)
        except ScheduleError:
            return None  # two phases without a length

    return build()


def _extend(children: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
    return st.one_of(
        _sequences(children).filter(lambda schedule: schedule is not None),
        st.lists(children, min_size=2, max_size=3).map(lambda factors: product(*factors)),
        *[made(family, children) for family in _role("combinator")],
    )


def schedules() -> st.SearchStrategy[Schedule]:
    """Complete schedules, nested a few levels deep."""
    return st.recursive(shapes(), _extend, max_leaves=6)
