"""`lrtui schedules`: the catalogue, and one family's formula, parameters, references and picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from lrtui.cli.options import wrong_input
from lrtui.cli.saved import change_saved, print_saved
from lrtui.cli.terminal import columns, draw, paragraph

if TYPE_CHECKING:
    from lrtui.schedules import Family

EXAMPLE_HORIZON = (2000, 50)
"""Updates in all, and in an epoch, of the small pictures."""

EXAMPLE_HEIGHT = 12


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what the families declare as one JSON document.")
@click.option("--saved", "list_saved", is_flag=True, help="List the schedules that were saved under a name.")
@click.option("--save", "to_save", nargs=2, metavar="NAME EXPR", help="Save a schedule; @NAME stands for it.")
@click.option("--replace", is_flag=True, help="With --save: also in place of another schedule.")
@click.option("--forget", metavar="NAME", help="Delete a saved schedule.")
def schedules(
    name: str | None,
    as_json: bool,
    list_saved: bool,
    to_save: tuple[str, str] | None,
    replace: bool,
    forget: str | None,
) -> None:
    r"""List the families of schedules, or explain one; save schedules under names of your own.

    \b
    lrtui schedules cosine
    lrtui schedules --save mine 'warmup(5ep) >> cosine(0.5)'
    lrtui preview @mine
    """
    from lrtui.schedules import ScheduleError, catalogue, family
    from lrtui.schedules.pages import described

    asked = [name is not None, list_saved, to_save is not None, forget is not None]
    if sum(asked) > 1 or (as_json and sum(asked[2:])):
        raise click.UsageError(
            "NAME, --saved, --save and --forget: one at a time", click.get_current_context()
        )
    if replace and to_save is None:
        raise click.UsageError("--replace goes with --save NAME EXPR", click.get_current_context())
    if list_saved:
        print_saved(as_json)
        return
    if to_save is not None or forget is not None:
        change_saved(to_save, replace, forget)
        return
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
