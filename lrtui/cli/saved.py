"""Listing, saving and deleting schedules under names, for `lrtui schedules`. No command itself."""

from __future__ import annotations

import json
import sys

from lrtui.cli.options import Failed, wrong_input


def print_saved(as_json: bool) -> None:
    """Print names and expressions."""
    from lrtui.experiments.saved import saved, saved_path
    from lrtui.runs.text import printable

    found = saved()
    for complaint in found.complaints:
        print(f"lrtui schedules: {complaint}", file=sys.stderr)
    if as_json:
        print(json.dumps(dict(found.expressions)))
        return
    width = max(map(len, found.expressions), default=0)
    for name, expression in found.expressions.items():
        print(f"@{name.ljust(width)}  {printable(expression)}")
    if not found.expressions:
        path = printable(str(saved_path()))
        print(f"none is saved in {path}; `lrtui schedules --save NAME EXPR` does", file=sys.stderr)


def change_saved(to_save: tuple[str, str] | None, replace: bool, forgotten: str | None) -> None:
    """Save a name with its expression, or delete a name, and say so."""
    from lrtui.experiments.saved import SavedError, forget, save, saved_path
    from lrtui.runs.text import one_line, printable
    from lrtui.schedules import ScheduleError

    path = printable(str(saved_path()))
    try:
        if to_save is not None:
            with wrong_input(SavedError, ScheduleError, option="--save"):
                aside = save(*to_save, overwrite=replace)
            if aside is not None:
                put = printable(aside.name)
                print(f"lrtui schedules: {path} was damaged; what was in it is {put} now", file=sys.stderr)
            print(f"saved in {path}; @{to_save[0].strip().removeprefix('@')} stands for it")
        elif forgotten is not None:
            with wrong_input(SavedError, option="--forget"):
                expression = forget(forgotten)
            print(f"deleted; it was {printable(expression)}")
    except OSError as error:
        raise Failed(f"{path} can't be written: {one_line(error)}") from error
