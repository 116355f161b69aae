"""The catalogue's pages: what a family is, takes, and is called elsewhere, as plain text.

Everything comes from the family's declaration. The command line and the app add a picture of `example`.

    python -m lrtui.schedules.pages            the parity table: every library's name for every family
"""

from __future__ import annotations

import textwrap
from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import plain_number
from lrtui.schedules.language import parse
from lrtui.schedules.parameters import Kind, Parameter
from lrtui.schedules.registry import Family, catalogue

WIDTH = 80


def page(family: Family, width: int = WIDTH) -> str:
    """Return a family's page: formula, parameters, what libraries call it and what differs, references."""

    def paragraph(text: str, head: str = "") -> str:
        return textwrap.fill(
            text, width, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
        )

    lines = [f"{family.name}: {family.title}", paragraph(family.summary), ""]
    lines.append(paragraph(family.formula, "formula     "))
    if family.aliases:
        lines.append(paragraph(", ".join(family.aliases), "also called "))
    lines.append("")
    widest = max((len(parameter.name) for parameter in family.parameters), default=0)
    for parameter in family.parameters:
        lines.append(paragraph(explained(parameter), f"  {parameter.name.ljust(widest)}  "))
    if family.dialects:
        lines += ["", "in other libraries"]
        widest = max(map(len, family.dialects))
        for library, dialect in family.dialects.items():
            said = f"{dialect.name}. {dialect.differs}" if dialect.differs else f"{dialect.name}."
            lines.append(paragraph(said, f"  {library.ljust(widest)}  "))
    lines += ["", *(paragraph(reference, "see  ") for reference in family.references)]
    return "\n".join(lines)


def described(family: Family) -> dict[str, Any]:
    """Return a family's page as plain values for JSON: its declaration, and an example's expression.

    Values are written as in expressions; what a parameter doesn't have is None.
    """
    shown = example(family)
    return {
        "name": family.name,
        "title": family.title,
        "role": family.role,
        "summary": family.summary,
        "formula": family.formula,
        "aliases": list(family.aliases),
        "references": list(family.references),
        "example": None if shown is None else str(shown),
        "parameters": [
            {
                "name": each.name,
                "kind": each.kind.value,
                "help": each.help,
                "required": each.required,
                "default": None if each.required or each.default is None else each.format(each.default),
                "minimum": each.minimum,
                "exclusive_minimum": each.exclusive_minimum,
                "maximum": each.maximum,
                "exclusive_maximum": each.exclusive_maximum,
                "choices": list(each.choices) or None,
            }
            for each in family.parameters
        ],
        "libraries": {
            library: {"name": dialect.name, "differs": dialect.differs, "deliberate": dialect.deliberate}
            for library, dialect in family.dialects.items()
        },
    }


def explained(parameter: Parameter) -> str:
    """Return what a parameter is for, what it takes, its bounds and its default."""
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


def example(family: Family) -> Schedule | None:
    """Return a schedule that shows the family at work, made from its declaration; None if that can't be."""
    given = {
        Kind.RATE: "0.1",
        Kind.NUMBER: "0.5",
        Kind.COUNT: "3",
        Kind.LENGTH: "20%",
        Kind.LENGTHS: "[40%, 70%]",
        Kind.RATES: "[0.1, 0.01]",
        Kind.SCHEDULE: "cosine(0.1)",
    }
    needed = [
        f"{parameter.name}={given[parameter.kind]}"
        for parameter in family.parameters
        if parameter.kind in given and parameter.required
    ]
    call = f"{family.name}({', '.join(needed)})"
    # A warmup needs a neighbour after it and a cooldown one before it: whichever can be drawn is right.
    # What has to be told how often it happens is told 3.
    often = [f"{call[:-1]}, {p.name}=3)" for p in family.parameters if p.kind is Kind.COUNT and needed]
    for text in (call, *often, f"{call} >> cosine(0.1)", f"constant(0.1, steps=80%) >> {call}"):
        try:
            schedule = parse(text)
        except ScheduleError:
            continue
        if schedule.missing is None or schedule.metric_driven is not None:
            return schedule
    return None


def parity_table() -> list[tuple[str, str, str, str, bool]]:
    """Return a row for each family and library: both names, what differs, and whether on purpose."""
    return [
        (family.name, library, dialect.name, dialect.differs, dialect.deliberate)
        for family in catalogue()
        for library, dialect in family.dialects.items()
    ]


if __name__ == "__main__":
    for name, library, theirs, differs, deliberate in parity_table():
        print(f"{name:16}{library:14}{'differs ' if deliberate else '        '}{theirs}  {differs}")
