"""The `lrtui` command itself: its sub-commands, its exit codes and its one-line errors.

Importing this module loads neither torch nor textual nor numpy, so that `lrtui --help` answers at once.
It does none of the commands' work.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from lrtui import __version__
from lrtui.cli import control
from lrtui.cli.code import code
from lrtui.cli.compare import compare
from lrtui.cli.doctor import doctor
from lrtui.cli.export import export
from lrtui.cli.groups import Group
from lrtui.cli.labels import note, rename, tag
from lrtui.cli.options import runs_dir_option
from lrtui.cli.preview import preview
from lrtui.cli.queue import queue
from lrtui.cli.read import read
from lrtui.cli.runs import runs
from lrtui.cli.schedules import schedules
from lrtui.cli.settings import settings, theme
from lrtui.cli.train import train
from lrtui.cli.trash import empty_trash, restore, trash
from lrtui.cli.units import units
from lrtui.settings import THEMES

DONE, FAILED, INTERRUPTED = 0, 1, 130
"""Exit codes; wrong usage is click's own, 2."""

COMPLETION = "_LRTUI_COMPLETE"
"""Set by the shell when it asks for completions."""


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="lrtui %(version)s")
@runs_dir_option
@click.option("--theme", type=theme, metavar="NAME", help=f"The app's colours: {', '.join(THEMES)}.")
@click.option("--mouse/--no-mouse", default=None, help="Whether the app listens to the mouse.")
@click.option("--ascii/--no-ascii", default=None, help="Draw with ASCII alone.  [default: by the locale]")
@click.option(
    "--standby/--no-standby", default=None, help="Load torch while you choose, so that a run starts at once."
)
@click.pass_context
def lrtui(
    ctx: click.Context,
    runs_dir: Path | None,
    theme: str | None,
    mouse: bool | None,
    ascii: bool | None,
    standby: bool | None,
) -> None:
    """The learning-rate laboratory in your terminal.

    Without a command it opens the app: explore schedules, train with them, watch and compare the runs.
    """
    if ctx.invoked_subcommand is None:
        from lrtui.cli.opening import open_app

        flags = {"theme": theme, "mouse": mouse, "ascii": ascii, "standby": standby}
        ctx.exit(open_app(runs_dir, flags))


for _command in (preview, schedules, code, read, units, train, runs, export, settings, doctor):
    lrtui.add_command(_command)
for _command in (*control.COMMANDS, queue, compare, rename, tag, note, trash, restore, empty_trash):
    runs.add_command(_command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    Whatever goes wrong by the user's hand or the system's is one line on stderr; a traceback is our bug.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  (for good)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the locale can't write is better shown with a `?` than not at all.
            stream.reconfigure(errors="replace")
    code = DONE
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "lrtui"
        print(f"{command}: {one_line(_message(error))}", file=sys.stderr)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough: that is no failure, and nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"lrtui: {one_line(error.strerror or str(error))}", file=sys.stderr)
        code = FAILED
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its exit code; errors come out as exceptions."""
    if COMPLETION in os.environ:
        lrtui.main(arguments, prog_name="lrtui", complete_var=COMPLETION)
    # Not click's own main(): that prints usage, swallows a broken pipe and counts it as a failure.
    try:
        with lrtui.make_context("lrtui", list(arguments)) as context:
            result = lrtui.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    return result if isinstance(result, int) else DONE


def _message(error: click.ClickException) -> str:
    """What is wrong, beginning with the option or argument it is about."""
    parameter = error.param if isinstance(error, click.BadParameter) else None
    name = ""
    if isinstance(parameter, click.Option):
        name = max(parameter.opts, key=len)
    elif parameter is not None:
        name = parameter.human_readable_name
    if isinstance(error, click.MissingParameter) and name:
        return f"{name} is missing"
    if isinstance(error, click.BadParameter) and name:
        return f"{name} {error.message}"
    return error.format_message()


def one_line(text: str) -> str:
    """`text` with every run of white space made one blank, and nothing a terminal would obey."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)
