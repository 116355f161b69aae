"""`lrtui schedules`: the catalogue, and one family's formula, parameters, references and picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lrtui.cli.options import wrong_input
from lrtui.cli.terminal import columns, draw, paragraph

if TYPE_CHECKING:
    from lrtui.schedules import Family

EXAMPLE_HORIZON = (2000, 50)
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
    from lrtui.schedules import Horizon, drawable
    from lrtui.schedules.pages import example, page

    print(page(family, min(columns(), 100)))
    shown = example(family)
    if shown is not None:
        horizon = Horizon(*EXAMPLE_HORIZON)
        print(f"\n{shown}" + (" (on a typical trace)" if shown.metric_driven else ""))
        print(draw([drawable(shown, horizon)], horizon, EXAMPLE_HEIGHT, min(columns(), 80)))
