"""The catalogue: which families there are, and what each declares about itself.

A family registers by decorating its class; nothing else has to be told about it. The decorator also fills in
the parameters' names from the dataclass fields.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

from lrtui.schedules.errors import ScheduleError, nearest, shorten
from lrtui.schedules.parameters import Parameter

if TYPE_CHECKING:
    from lrtui.schedules.core import Schedule

Role = Literal["shape", "metric", "transition", "combinator", "operator"]
S = TypeVar("S", bound="Schedule")


@dataclass(frozen=True)
class Dialect:
    """What a library calls a family, and what differs there.

    Args:
        name: The class or function, with the parameters that matter.
        differs: How its rates differ from the family's, in one sentence; empty if they don't.
        deliberate: Whether ours differs on purpose, which a test of its own then shows.
    """

    name: str
    differs: str = ""
    deliberate: bool = False


@dataclass(frozen=True)
class Family:
    """What a family says about itself, for the parser, the form, the catalogue and the tests.

    `role` is `shape` (a phase of its own), `metric` (follows a metric: has to be simulated), `transition`
    (warmup, cooldown: needs a neighbour), `combinator` (first parameter is a schedule) or `operator` (`>>`
    and `*`, which the catalogue leaves out).
    """

    name: str
    title: str
    summary: str
    formula: str
    references: tuple[str, ...]
    aliases: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    role: Role
    make: type[Schedule]
    dialects: Mapping[str, Dialect] = field(default_factory=dict, compare=False)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called `name`.

        Raises:
            ScheduleError: There is none; says which there are, or the nearest.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = [parameter.name for parameter in self.parameters]
        hint = nearest(name, names)
        more = f"did you mean {hint}?" if hint else "it takes " + ", ".join(names)
        raise ScheduleError(f"{self.name} has no parameter '{shorten(name)}'; {more}", family=self.name)


_by_name: dict[str, Family] = {}
_names: dict[str, str] = {}
_orders: dict[str, int] = {}


def register(
    name: str,
    *,
    title: str,
    summary: str,
    formula: str,
    role: Role = "shape",
    order: int = 1000,
    references: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    dialects: Mapping[str, Dialect] | None = None,
) -> Callable[[type[S]], type[S]]:
    """Return a decorator that puts a dataclass of parameters into the catalogue.

    Args:
        name: The family's name in expressions.
        title: Its name in headings.
        summary: One sentence on what it does.
        formula: Its closed form in plain text.
        role: See Family.
        order: Place in the catalogue, which is in teaching order.
        references: The paper or library it comes from.
        aliases: Other names by which people know it; expressions understand them and print the family's own.
        dialects: What libraries call it, and what differs there, by the library's name.
    """

    def decorate(cls: type[S]) -> type[S]:
        parameters = tuple(
            replace(one.metadata["parameter"], name=one.name)
            for one in fields(cls)  # type: ignore[arg-type]  # S is always a dataclass, which no type says
            if "parameter" in one.metadata
        )
        known_as = dict(dialects or {})
        entry = Family(name, title, summary, formula, references, aliases, parameters, role, cls, known_as)
        cls.family = entry
        if role != "operator":
            for known in (name, *aliases):
                if known in _names:
                    raise RuntimeError(f"two schedule families are called {known}")
                _names[known] = name
            _by_name[name] = entry
            _orders[name] = order
        return cls

    return decorate


@cache
def load_families() -> None:
    """Import every module of the families package, so that each registers."""
    from lrtui.schedules import families

    for module in pkgutil.iter_modules(families.__path__):
        importlib.import_module(f"{families.__name__}.{module.name}")


def catalogue() -> tuple[Family, ...]:
    """Return all families in teaching order."""
    load_families()
    return tuple(sorted(_by_name.values(), key=lambda entry: (_orders[entry.name], entry.name)))


def family(name: str) -> Family:
    """Return the family called `name`, by its own name or an alias.

    Raises:
        ScheduleError: There is none, with the nearest name that exists.
    """
    load_families()
    known = _names.get(name)
    if known is not None:
        return _by_name[known]
    hint = nearest(name, _names)
    more = f"; did you mean {hint}?" if hint else "; `lrtui schedules` lists them all"
    raise ScheduleError(f"there is no schedule called '{shorten(name)}'{more}")
