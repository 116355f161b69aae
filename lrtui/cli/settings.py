"""`lrtui settings`: the settings in force, where each comes from, and which were passed over and why."""

from __future__ import annotations

import json
from typing import Any

import click


def theme(value: Any) -> str:
    """The option's type: the name of one of the app's themes."""
    from lrtui.settings import SETTINGS

    try:
        SETTINGS["theme"].read(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: {error}") from None
    return str(value)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def settings(ctx: click.Context, as_json: bool) -> None:
    r"""Show the settings in force and where each comes from.

    They are set in settings.toml, whose place is said first; what is printed can be put into it. In the
    environment LRTUI_THEME and so on win over the file, options of the command over both. Exit code 1 if
    something in the file or the environment is wrong.
    """
    from lrtui.runs.runs_dir import default_runs_dir
    from lrtui.settings import SETTINGS, load, settings_path

    found = load({"runs_dir": ctx.find_root().params.get("runs_dir")})
    path = settings_path()
    values = {name: getattr(found, name) for name in SETTINGS}
    values["runs_dir"] = found.runs_dir or default_runs_dir()
    complaints = [*found.complaints, *_wrong_keys(found.keys)]
    if as_json:
        rows = {name: {"value": value, "from": found.origin(name)} for name, value in values.items()}
        click.echo(
            json.dumps({"file": str(path), "settings": rows, "complaints": complaints}, default=_plain)
        )
    else:
        click.echo(f"# {path}{'' if path.exists() else ', which is not there'}")
        for name, value in values.items():
            click.echo(f"# {SETTINGS[name].help} From: {found.origin(name)}.")
            click.echo(f"{name} = {_toml(value)}")
    for complaint in complaints:
        click.echo(f"lrtui settings: {complaint}", err=True)
    ctx.exit(1 if complaints else 0)


def _wrong_keys(keys: Any) -> list[str]:
    if not keys:
        return []
    from lrtui.ui.keys import wrong_keys

    return wrong_keys(keys)


def _plain(value: Any) -> Any:
    return dict(value) if hasattr(value, "items") else str(value)


def _toml(value: Any) -> str:
    """A value as TOML has it; what is left to the app to choose is auto."""
    if value is None:
        return '"auto"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if hasattr(value, "items"):
        inside = ", ".join(f"{json.dumps(key)} = {json.dumps(keys)}" for key, keys in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return json.dumps(str(value), ensure_ascii=False)
