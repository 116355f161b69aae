"""`lrtui schedules`: the catalogue, and one family's formula, parameters, references and picture."""

from __future__ import annotations

import json
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
@click.option("--json", "as_json", is_flag=True, help="Print what the families declare as one JSON document.")
def schedules(name: str | None, as_json: bool) -> None:
    """List the families of schedules, or explain one."""
    from lrtui.schedules import ScheduleError, catalogue, family
    from lrtui.schedules.pages import described

    families = catalogue()
    if name is not None:
        with wrong_input(ScheduleError):
            families = (family(name),)
    if as_json:
        found = [described(each) for each in families]
        print(json.dumps(found if name is None else found[0], allow_nan=False))
    elif name is None:
        _print_catalogue(families)
    else:
        _print_family(families[0])


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
