"""A group of commands: their order, their help as it was written, the nearest name to a wrong one."""

from __future__ import annotations

import click

from lrtui.cli.options import nearest


class Group(click.Group):
    """A click group that lists its commands in the order they were added."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        r"""Add a command; lines of its help that follow a `\b` are left as they are.

        click wants the control character itself, which docstrings, being raw, don't have.
        """
        if cmd.help:
            cmd.help = cmd.help.replace("\\b\n", "\b\n")
        super().add_command(cmd, name)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """The names of the commands."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, or a usage error."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = nearest(name, list(self.commands))
            hint = f"did you mean {near!r}?" if near else f"the commands are {', '.join(self.commands)}"
            ctx.fail(f"there is no command {name!r}; {hint}")
        return super().resolve_command(ctx, args)
