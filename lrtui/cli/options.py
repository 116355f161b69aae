"""What the sub-commands share: types of option values, the runs folder, and turning errors into one line.

Loads nothing but click; holds no command.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from lrtui.runs.store import RunStore

F = TypeVar("F", bound=Callable[..., Any])


class Failed(click.ClickException):
    """Something went wrong that isn't the wording of the command: exit code 1."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.ctx = click.get_current_context(silent=True)


def whole(minimum: int) -> Callable[[Any], int]:
    """An option's type: a whole number of at least `minimum`. Messages begin with the value."""

    def convert(value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise click.BadParameter(f"{value}: must be a whole number") from None
        if number < minimum:
            raise click.BadParameter(f"{value}: must be at least {minimum}")
        return number

    convert.__name__ = "n"  # as help shows it, in capitals
    return convert


def positive(value: Any) -> float:
    """An option's type: a finite number more than zero."""
    try:
        number = float(str(value))
    except ValueError:
        raise click.BadParameter(f"{value}: must be a number") from None
    if not (math.isfinite(number) and number > 0):
        raise click.BadParameter(f"{value}: must be more than 0")
    return number


positive.__name__ = "number"


def one_of(*words: str) -> Callable[[Any], str]:
    """An option's type: one of some words."""

    def convert(value: Any) -> str:
        if value not in words:
            raise click.BadParameter(f"{value}: must be one of {', '.join(words)}")
        return str(value)

    return convert


def runs_dir_option(command: F) -> F:
    """Add `--runs-dir`; on a sub-command it wins over the one before the sub-command."""
    return click.option(
        "--runs-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where runs live; also LRTUI_RUNS_DIR. Default: the user's data folder.",
    )(command)


def open_store(runs_dir: Path | None) -> RunStore:
    """The store of the runs folder that the command line, the environment or the default names."""
    from lrtui.runs.runs_dir import default_runs_dir
    from lrtui.runs.store import RunStore

    context = click.get_current_context()
    while runs_dir is None and context.parent is not None:
        context = context.parent
        runs_dir = context.params.get("runs_dir")
    return RunStore(runs_dir if runs_dir is not None else default_runs_dir())


@contextmanager
def wrong_input(*errors: type[Exception], option: str = "") -> Iterator[None]:
    """Turn `errors` into usage errors (exit code 2), with the option's name in front if there is one."""
    try:
        yield
    except click.ClickException:
        raise
    except errors as error:
        text = f"{option}: {error}" if option else str(error)
        raise click.UsageError(text, click.get_current_context()) from error


def expression(text: str) -> str:
    """What a person gave as an expression: with @NAME what is saved under that name."""
    if not text.lstrip().startswith("@"):
        return text
    from lrtui.experiments.saved import SavedError, named

    with wrong_input(SavedError):
        return named(text)


def nearest(name: str, known: list[str]) -> str | None:
    """The known name most like `name`, None if none is close."""
    import difflib

    return next(iter(difflib.get_close_matches(name, known, n=1)), None)
