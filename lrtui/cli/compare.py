"""`lrtui runs compare`: runs side by side, with only what differs; the figures are worked out elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrtui.cli.options import open_store, runs_dir_option, wrong_input

if TYPE_CHECKING:
    from lrtui.runs.compare import Comparison, Spread


@click.command()
@click.argument("ids", metavar="ID ID...", nargs=-1, required=True)
@click.option(
    "--metric", default="test_acc", show_default=True, help="By what: test_acc, test_loss, train_loss, …"
)
@click.option("--target", metavar="VALUE", help="Also when each run first got there: 0.85 or 85%.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runs_dir_option
def compare(
    ids: tuple[str, ...], metric: str, target: str | None, as_json: bool, runs_dir: Path | None
) -> None:
    """Compare runs: what differs in their specs, how good they got and how fast."""
    import msgspec

    from lrtui.runs.compare import compare as compare_runs
    from lrtui.runs.store import StoreError

    goal = _target(target)
    store = open_store(runs_dir)
    with wrong_input(StoreError):
        chosen = list({run.id: run for run in map(store.get, ids)}.values())
    if len(chosen) < 2:
        raise click.UsageError("name at least two runs", click.get_current_context())
    found = compare_runs(chosen, metric, goal)
    if all(run.figures.best is None for run in found.runs):
        known = sorted({name for run in chosen for name in run.history().metrics("epoch")})
        if known and metric not in known:
            message = f"--metric {metric}: none of these runs has it; they have {', '.join(known)}"
            raise click.UsageError(message, click.get_current_context())
    if as_json:
        print(json.dumps(msgspec.to_builtins(found), allow_nan=False))
    else:
        _print(found)


def _target(text: str | None) -> float | None:
    if text is None:
        return None
    from lrtui.runs.figures import target_of

    try:
        return target_of(text)
    except ValueError as error:
        raise click.UsageError(f"--target {error}", click.get_current_context()) from error


def _print(found: Comparison) -> None:
    from lrtui.runs.text import printable
    from lrtui.ui.words import duration

    rows: list[Sequence[str]] = [["", *(run.id for run in found.runs)]]
    names = [printable(run.name, 40) for run in found.runs]
    if any(name not in run.id for name, run in zip(names, found.runs, strict=True)):
        rows.append(["name", *names])
    rows.append(["state", *(run.state for run in found.runs)])
    rows.extend([difference.field, *difference.values] for difference in found.differences)
    figures = [run.figures for run in found.runs]
    rows.append([f"best {found.metric}", *(_number(each.best) for each in figures)])
    rows.append(["  in epoch", *(_number(each.best_epoch) for each in figures)])
    rows.append([f"final {found.metric}", *(_number(each.final) for each in figures)])
    rows.append([f"mean {found.metric}", *(_number(each.area) for each in figures)])
    if figures[0].target is not None:
        rows.append(
            [f"reached {figures[0].target:g}", *("" if each.target_step else "never" for each in figures)]
        )
        rows.append(["  in epoch", *(_number(each.target_epoch) for each in figures)])
        rows.append(
            [
                "  after updates",
                *("–" if each.target_step is None else f"{each.target_step:,}" for each in figures),
            ]
        )
        rows.append(
            [
                "  after",
                *("–" if each.target_seconds is None else duration(each.target_seconds) for each in figures),
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for seeds in found.seeds:
        print(f"\nthe same but for the seed: {', '.join(seeds.ids)}")
        print(f"  best {_spread(seeds.best)}; final {_spread(seeds.final)}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    width = f"{spread.low:.4f} to {spread.high:.4f}"
    return f"{spread.mean:.4f} ± {spread.deviation:.4f} ({width}, {spread.count} runs)"
