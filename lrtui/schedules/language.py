"""The expression language: text to schedules, with errors that know their place.

Nothing is ever evaluated as Python. Printing is the other way round and lives with the schedules themselves
(`str(schedule)`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from lrtui.schedules.composition import product, sequence
from lrtui.schedules.core import Schedule, as_schedule
from lrtui.schedules.errors import ScheduleError, shorten
from lrtui.schedules.grammar import read
from lrtui.schedules.horizon import Length, Unit
from lrtui.schedules.parameters import Kind, Parameter
from lrtui.schedules.registry import Family, family
from lrtui.schedules.syntax import Argument, Chain, Invocation, Items, Name, Node, Number, String, Term

_UNITS: dict[str, Unit] = {"": "updates", "ep": "epochs", "%": "percent"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as data: `sgd(momentum=0.9)`. Values are numbers, texts, schedules, or tuples of them."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


def parse(text: str) -> Schedule:
    """Return the schedule that an expression says.

    Raises:
        ScheduleError: One line with the place (`position`, `end`), what was expected and the nearest name.
    """
    return _schedule(read(text))


def parse_call(text: str, such_as: str = "sgd(momentum=0.9)") -> Call:
    """Return a call such as `sgd(momentum=0.9)` as data; a bare name is a call without arguments.

    Args:
        text: What was written.
        such_as: An example for whoever wrote something else.

    Raises:
        ScheduleError: Anything else, with its place.
    """
    start = len(text) - len(text.lstrip())
    if not text[start : start + 1].isidentifier():
        raise ScheduleError(f"expected a name, such as {such_as}", position=start, end=start + 1)
    node = read(text)
    if isinstance(node, Name):
        return Call(node.text)
    if not isinstance(node, Invocation):
        raise ScheduleError(f"expected a name, such as {such_as}", position=node.start, end=node.end)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for argument in node.arguments:
        if argument.name is None:
            if kwargs:
                _fail(argument, "arguments without a name come before those with one")
            args.append(_plain(argument.value))
        elif argument.name.text in kwargs:
            _fail(argument, f"{shorten(argument.name.text)} is given twice")
        else:
            kwargs[argument.name.text] = _plain(argument.value)
    return Call(node.name.text, tuple(args), kwargs)


def _fail(node: Node, message: str, **about: Any) -> NoReturn:
    raise ScheduleError(message, position=node.start, end=node.end, **about)


def _plain(node: Node) -> Any:
    match node:
        case Number(unit=""):
            return node.value
        case Number():
            return f"{node.value}{node.unit}"
        case Name() | String():
            return node.text
        case Items():
            return tuple(_plain(item) for item in node.items)
        case Invocation() | Chain() | Term():
            return _schedule(node)
    _fail(node, "expected a number, a word or a list of them")


def _schedule(node: Node) -> Schedule:
    try:
        match node:
            case Chain():
                return sequence(*[_schedule(part) for part in node.parts])
            case Term():
                return product(*[_schedule(part) for part in node.parts])
            case Invocation():
                return _call(node)
            case Number(unit=""):
                return as_schedule(node.value)
            case Number():
                _fail(node, f"{node.value}{node.unit} is a length, and a schedule is expected here")
            case Name():
                known = family(node.text)  # an unknown name is the greater mistake
                _fail(node, f"{node.text} needs its brackets: {known.name}()", family=known.name)
    except ScheduleError as error:
        raise error.located(node.start, node.end) from None
    _fail(node, "expected a schedule such as cosine(0.1)")


def _call(node: Invocation) -> Schedule:
    try:
        known = family(node.name.text)
    except ScheduleError as error:
        raise error.located(node.name.start, node.name.end) from None
    places: dict[str, Argument] = {}
    values: dict[str, Any] = {}
    keyword_seen = False
    for index, argument in enumerate(node.arguments):
        if argument.name is None:
            if keyword_seen:
                _fail(argument, "arguments without a name come before those with one", family=known.name)
            parameter = _positional(known, index, argument)
        else:
            keyword_seen = True
            parameter = _keyword(known, argument.name)
        if parameter.name in values:
            _fail(argument, f"{parameter.name} is given twice", parameter=parameter.name, family=known.name)
        places[parameter.name] = argument
        values[parameter.name] = _value(argument.value, parameter, known)
    missing = [p.name for p in known.parameters if p.required and p.name not in values]
    if missing:
        needs = f"{known.name} needs {missing[0]}: {known.parameter(missing[0]).expected}"
        _fail(node, needs, parameter=missing[0], family=known.name)
    try:
        return known.make(**values)
    except ScheduleError as error:
        place: Node = places[error.parameter].value if error.parameter in places else node
        error.family = error.family or known.name
        if isinstance(place, String) and error.position is not None:
            # The place is one in the text.
            end = place.place(error.end if error.end is not None else error.position)
            error.position, error.end = place.place(error.position), end
        raise error.located(place.start, place.end) from None


def _positional(known: Family, index: int, argument: Argument) -> Parameter:
    if index < len(known.parameters):
        return known.parameters[index]
    names = ", ".join(parameter.name for parameter in known.parameters)
    _fail(
        argument,
        f"{known.name} takes no more than {len(known.parameters)} values: {names}",
        family=known.name,
    )


def _keyword(known: Family, name: Name) -> Parameter:
    try:
        return known.parameter(name.text)
    except ScheduleError as error:
        raise error.located(name.start, name.end) from None


def _value(node: Node, parameter: Parameter, known: Family) -> Any:
    """Return the value a node says, in a form that the parameter's own check understands."""
    about = {"parameter": parameter.name, "family": known.name}
    if parameter.kind is Kind.SCHEDULE:
        return _schedule(node)
    if isinstance(node, Items):
        if parameter.kind not in (Kind.LENGTHS, Kind.RATES):
            _fail(node, f"{parameter.name} takes {parameter.expected}, not a list", **about)
        return tuple(
            _value(item, parameter, known) for item in node.items if _is_item(item, parameter, known)
        )
    if isinstance(node, String | Name):
        if parameter.kind is Kind.CHOICE or (parameter.kind is Kind.TEXT and isinstance(node, String)):
            return node.text
        _fail(node, f"{parameter.name} takes {parameter.expected}, not '{shorten(node.text)}'", **about)
    if not isinstance(node, Number):
        _fail(node, f"{parameter.name} takes {parameter.expected}, not a schedule", **about)
    if parameter.kind in (Kind.LENGTH, Kind.LENGTHS):
        try:
            return Length(node.value, _UNITS[node.unit])
        except ScheduleError as error:
            _fail(node, f"{parameter.name}: {error.message}", **about)
    if node.unit:
        _fail(node, f"{parameter.name} takes {parameter.expected}, not a length", **about)
    return node.value


def _is_item(node: Node, parameter: Parameter, known: Family) -> bool:
    if isinstance(node, Items):
        _fail(
            node,
            f"{parameter.name} takes {parameter.expected}, not lists in a list",
            parameter=parameter.name,
            family=known.name,
        )
    return True
