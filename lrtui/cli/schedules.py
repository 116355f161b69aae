"""`lrtui schedules`: the catalogue, and one family's formula, parameters, references and picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lrtui.cli.options import wrong_input
from lrtui.cli.terminal import columns, draw, paragraph

if TYPE_CHECKING:
    from lrtui.schedules import Family, Parameter, Schedule

EXAMPLE_HORIZON = (2000, 100)
"""Updates in all, and in an epoch, of the small pictures."""

EXAMPLE_HEIGHT = 12


@click.command()
@click.argument("name", required=False)
def schedules(name: str | None) -> None:
    """List the families of schedules, or explain one."""
    from lrtui.schedules import ScheduleError, catalogue, family

    if name is None:
        _print_catalogue(catalogue())
        return
    with wrong_input(ScheduleError):
        chosen = family(name)
    _print_family(chosen)


def _print_catalogue(families: tuple[Family, ...]) -> None:
    width = max(len(each.name) for each in families)
    for each in families:
        aliases = f" Also called {', '.join(each.aliases)}." if each.aliases else ""
        print(paragraph(each.summary + aliases, each.name.ljust(width + 2)))
    print()
    print(paragraph("They are joined by `a >> b` (a, then b) and `a * b` (their product, on one clock)."))
    print(paragraph("`lrtui schedules NAME` explains one; `lrtui preview 'EXPR'` draws any."))


def _print_family(family: Family) -> None:
    from lrtui.schedules import Horizon

    print(f"{family.name}: {family.title}")
    print(paragraph(family.summary))
    print()
    print(paragraph(family.formula, "formula     "))
    if family.aliases:
        print(paragraph(", ".join(family.aliases), "also called "))
    print()
    width = max((len(parameter.name) for parameter in family.parameters), default=0)
    for parameter in family.parameters:
        print(paragraph(_explain(parameter), f"  {parameter.name.ljust(width)}  "))
    print()
    for reference in family.references:
        print(paragraph(reference, "see  "))
    example = _example(family)
    if example is not None:
        print(f"\n{example}")
        print(draw([example], Horizon(*EXAMPLE_HORIZON), EXAMPLE_HEIGHT, min(columns(), 80)))


def _explain(parameter: Parameter) -> str:
    """What a parameter is for, what it takes, its bounds and its default."""
    from lrtui.schedules.horizon import plain_number

    facts = [parameter.expected]
    if parameter.minimum is not None:
        bound = "more than" if parameter.exclusive_minimum else "at least"
        facts.append(f"{bound} {plain_number(parameter.minimum)}")
    if parameter.maximum is not None:
        bound = "less than" if parameter.exclusive_maximum else "at most"
        facts.append(f"{bound} {plain_number(parameter.maximum)}")
    if parameter.required:
        facts.append("must be given")
    elif parameter.default is not None:
        facts.append(f"default {parameter.format(parameter.default)}")
    return f"{parameter.help} Takes {', '.join(facts)}."


def _example(family: Family) -> Schedule | None:
    """A schedule that shows the family at work, made from its declaration; None if that can't be done."""
    from lrtui.schedules import Kind, ScheduleError, parse

    given = {
        Kind.RATE: "0.1",
        Kind.NUMBER: "0.5",
        Kind.COUNT: "3",
        Kind.LENGTH: "20%",
        Kind.LENGTHS: "[40%, 70%]",
        Kind.SCHEDULE: "cosine(0.1)",
    }
    needed = [
        f"{parameter.name}={given[parameter.kind]}"
        for parameter in family.parameters
        if parameter.kind in given and (parameter.required or parameter.kind is Kind.COUNT)
    ]
    call = f"{family.name}({', '.join(needed)})"
    # A warmup needs a neighbour after it and a cooldown one before it: whichever can be drawn is right.
    for text in (call, f"{call} >> cosine(0.1)", f"constant(0.1, steps=80%) >> {call}"):
        try:
            schedule = parse(text)
            if schedule.missing is None:
                return schedule
        except ScheduleError:
            continue
    return None
