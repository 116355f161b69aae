"""`lrtui doctor`: what is found on this machine and in this terminal, and what to do about the rest."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lrtui.cli.terminal import columns

_MARKS = {"good": "ok  ", "note": "note", "wrong": "!!  "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Say what is found here: terminal, colours, devices, data, runs folder, versions, settings.

    What is missing or wrong comes with what to do about it. Exit code 1 if something is wrong that keeps
    lrtui from working; what could only be better is a note.
    """
    from lrtui.cli.checks import every_check

    runs_dir = ctx.find_root().params.get("runs_dir")
    findings = []
    for finding in every_check(Path(runs_dir) if runs_dir else None):
        findings.append(finding)
        if not as_json:
            _show(finding.state, finding.what, finding.found, finding.remedy)
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if as_json:
        rows = [
            {"check": each.what, "state": each.state, "found": each.found, "remedy": each.remedy}
            for each in findings
        ]
        click.echo(json.dumps({"healthy": not wrong, "checks": rows}))
    else:
        notes = sum(finding.state == "note" for finding in findings)
        click.echo(
            f"{len(wrong)} wrong, {notes} to note, {len(findings) - len(wrong) - notes} as they should be"
        )
    ctx.exit(1 if wrong else 0)


def _show(state: str, what: str, found: str, remedy: str) -> None:
    """One finding, wrapped beside its name; the remedy on lines of its own."""
    import textwrap

    head = f"{_MARKS[state]}  {what:<12}  "
    width = max(min(columns(), 110), 40)
    texts = [found, *([f"-> {remedy}"] if remedy else [])]
    lines = [
        line for text in texts for line in textwrap.wrap(text, width - len(head), break_on_hyphens=False)
    ]
    for number, line in enumerate(lines or [""]):
        click.echo((head if number == 0 else " " * len(head)) + line)
