"""Schedules that a person has saved under a name: one small TOML file in lrtui's config folder.

A line a schedule, `name = "expression"`, so that a person can write it, too, or keep it with other settings.
Several apps and commands may save at once: each change reads the file anew, under a lock, and replaces it
whole. A file that is no TOML is put aside before anything is saved, never written over; a line that is no
schedule stays where it is and is left out. Nothing here parses more than TOML unless it has to.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lrtui.runs.files import FOLDER_MODE, alone, read_file, write_file
from lrtui.runs.text import one_line, printable

FILE_NAME = "schedules.toml"
SIGN = "@"
"""What stands before a name where an expression is expected."""

LONGEST_NAME = 40
LONGEST = 100_000
"""Characters of an expression."""
LARGEST = 4 * 1024 * 1024
"""Bytes of a file; a larger one isn't ours."""

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}")
_ABOUT = "# Schedules by name, saved by lrtui: `lrtui preview @name` draws one. Comments aren't kept.\n"


class SavedError(ValueError):
    """Something that can't be saved or isn't there; the message is one line with the remedy."""


@dataclass(frozen=True)
class Saved:
    """What a file holds: expressions by name, as they stand there, and what is wrong with the rest."""

    expressions: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def saved_path() -> Path:
    """The file, whether it is there or not."""
    from lrtui.settings import config_folder

    return config_folder() / FILE_NAME


def saved(path: Path | None = None) -> Saved:
    """What has been saved. Never raises: what can't be used is complained about."""
    path = path or saved_path()
    try:
        values = _read(path)
    except (OSError, ValueError, RecursionError) as error:
        return Saved(complaints=(f"{printable(str(path))} can't be read ({one_line(error)}): correct it",))
    good, wrong = {}, []
    for name, value in values.items():
        if isinstance(value, str) and 0 < len(value) <= LONGEST and _NAME.fullmatch(name):
            good[name] = value
        else:
            wrong.append(
                f"{printable(str(path))}: {printable(name, LONGEST_NAME)!r} is no name with an expression"
            )
    return Saved(good, tuple(wrong))


def named(text: str, path: Path | None = None) -> str:
    """The expression that `@name` stands for; other text as it is.

    Raises:
        SavedError: nothing is saved under that name.
    """
    stripped = text.strip()
    if not stripped.startswith(SIGN):
        return text
    found = saved(path)
    name = stripped[len(SIGN) :]
    if name in found.expressions:
        return found.expressions[name]
    near = get_close_matches(name, found.expressions, n=1)
    if near:
        hint = f"did you mean {SIGN}{near[0]}?"
    elif found.expressions:
        hint = "there are " + ", ".join(f"{SIGN}{each}" for each in list(found.expressions)[:8])
    else:
        hint = next(iter(found.complaints), "none is saved yet: `lrtui schedules --save NAME EXPR`")
    raise SavedError(f"no schedule is saved as {printable(name, LONGEST_NAME)!r}; {hint}")


def save(name: str, expression: str, *, overwrite: bool = False, path: Path | None = None) -> Path | None:
    """Save an expression under a name.

    Returns:
        Where a damaged file was put that was in the way; None in all ordinary cases.

    Raises:
        SavedError: the name can't be one, or is taken and `overwrite` wasn't said.
        ScheduleError: the expression is no schedule.
        OSError: the file can't be written; it is as it was.
    """
    from lrtui.schedules import parse

    name = check_name(name)
    parse(expression)
    if len(expression) > LONGEST:
        raise SavedError(f"an expression of more than {LONGEST:,} characters can't be saved")
    path = (path or saved_path()).resolve()  # the link stays that leads to where a person keeps it
    with _changing(path):
        values, aside = _kept(path)
        if name in values and not overwrite:
            raise SavedError(f"{name!r} is taken: choose another name, or say --replace")
        values[name] = expression
        _write(path, values)
    return aside


def forget(name: str, path: Path | None = None) -> str:
    """Take a saved schedule out; return its expression.

    Raises:
        SavedError: nothing is saved under that name.
        OSError: the file can't be written; it is as it was.
    """
    path = (path or saved_path()).resolve()
    expression = named(f"{SIGN}{name.removeprefix(SIGN)}", path)
    with _changing(path):
        values, _ = _kept(path)
        values.pop(name.removeprefix(SIGN), None)
        _write(path, values)
    return expression


def check_name(name: str) -> str:
    """The name as it is saved: without the sign in front.

    Raises:
        SavedError: it can't be one.
    """
    name = name.strip().removeprefix(SIGN)
    if not _NAME.fullmatch(name):
        raise SavedError(
            f"{printable(name, LONGEST_NAME)!r} can't be a name: letters, digits, . _ and -, "
            f"beginning with a letter or digit, {LONGEST_NAME} at most"
        )
    return name


def _read(path: Path) -> dict[str, Any]:
    try:
        data = read_file(path, LARGEST + 1)
    except FileNotFoundError:
        return {}
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024**2} MiB")
    return tomllib.loads(data.decode("utf-8"))


def _kept(path: Path) -> tuple[dict[str, Any], Path | None]:
    """What the file holds; a damaged one is put aside first, so that nothing a person wrote is lost."""
    try:
        return _read(path), None
    except (ValueError, RecursionError):
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        path.rename(aside)
        return {}, aside


def _write(path: Path, values: Mapping[str, Any]) -> None:
    import tomli_w

    write_file(path, (_ABOUT + tomli_w.dumps(values)).encode())


def _changing(path: Path) -> AbstractContextManager[None]:
    """Hold the lock beside the file, in a folder that is made if it is missing."""
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return alone(path.with_name(f".{path.name}.lock"))
