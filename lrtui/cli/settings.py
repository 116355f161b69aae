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
@click.option("--keys", "with_keys", is_flag=True, help="Print all keys of the app, for the file.")
@click.pass_context
def settings(ctx: click.Context, as_json: bool, with_keys: bool) -> None:
    r"""Show the settings in force and where each comes from.

    They are set in settings.toml, whose place is said first; what is printed can be put into it. In the
    environment LRTUI_THEME and so on win over the file, options of the command over both. Exit code 1 if
    something in the file or the environment is wrong.
    """
    from lrtui.runs.runs_dir import default_runs_dir
    from lrtui.settings import SETTINGS, load, settings_path

    said = ctx.find_root().params
    found = load({name: said.get(name) for name in SETTINGS})
    path = settings_path()
    values = {name: getattr(found, name) for name in SETTINGS}
    values["runs_dir"] = found.runs_dir or default_runs_dir()
    complaints = [*found.complaints, *_wrong_keys(found.keys)]
    if with_keys:
        _print_keys(found.keys, as_json)
    elif as_json:
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


def _print_keys(own: Any, as_json: bool) -> None:
    """Every key of the app under what it does: the person's own, and as a remark the usual ones."""
    from lrtui.ui.keys import every_binding

    known = every_binding()
    if as_json:
        rows = {name: {"keys": (own.get(name) or usual).split(","), "usual": usual.split(","), "does": does}
                for name, (usual, does) in known.items()}  # fmt: skip
        click.echo(json.dumps(rows))
        return
    click.echo("[keys]")
    for name, (usual, does) in known.items():
        listed = [str(key) for key in (own.get(name) or usual).split(",")]
        value = json.dumps(listed[0] if len(listed) == 1 else listed, ensure_ascii=False)
        click.echo(f"# {does}")
        click.echo(f"{'' if name in own else '# '}{json.dumps(name)} = {value}")


def _wrong_keys(keys: Any) -> list[str]:
    if not keys:
        return []
    from lrtui.ui.key_faults import wrong_keys

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
