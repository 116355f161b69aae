"""The help of every command: examples as they were written, and no names of our own functions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from lrtui.cli.command import lrtui


def every_command(group: click.Group, path: str = "lrtui") -> Iterator[tuple[str, click.Command]]:
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(every_command(lrtui))


@pytest.mark.parametrize("path", COMMANDS)
def test_help_is_fit_to_be_read(path: str) -> None:
    command = COMMANDS[path]
    text = command.get_help(click.Context(command, info_name=path, terminal_width=80))
    assert text.startswith(f"Usage: {path} ")
    assert "\\b" not in text
    assert "\b" not in text
    assert not re.search(r" (CONVERT|POSITIVE|FUNCTION|WHOLE) ", text)
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{option.name} has no help"


def test_examples_stay_on_lines_of_their_own() -> None:
    command = COMMANDS["lrtui train"]
    lines = command.get_help(click.Context(command, info_name="lrtui train", terminal_width=80)).splitlines()
    examples = [line for line in lines if line.startswith("  lrtui train")]
    assert examples[0] == "  lrtui train --preset cosine"
    assert len(examples) >= 2
