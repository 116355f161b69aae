"""The `lrtui` command: one module a sub-command, each importing what it needs only when it runs."""

from lrtui.cli.command import main

__all__ = ["main"]
