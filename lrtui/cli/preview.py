"""`lrtui preview`: schedules as a picture, as CSV or as JSON, without torch and without the app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrtui.cli.options import expression, one_of, open_store, positive, whole, wrong_input
from lrtui.cli.terminal import columns, draw

if TYPE_CHECKING:
    from lrtui.schedules import Horizon, Schedule
    from lrtui.schedules.core import Rates

DEFAULT_EPOCHS = 10.0
DEFAULT_STEPS_PER_EPOCH = 235
"""The chapter's: 60,000 images in batches of 256."""

CHART_HEIGHT = 20


@click.command()
@click.argument("expressions", nargs=-1, metavar="EXPR...")
@click.option(
    "--preset", "names", multiple=True, metavar="NAME", help="Draw one of the chapter's experiments."
)
@click.option("--steps", type=whole(1), metavar="N", help="Length in optimizer updates.")
@click.option(
    "--epochs",
    type=positive,
    metavar="E",
    help="Length in epochs (default 10, or those of the trace; without --steps).",
)
@click.option(
    "--steps-per-epoch",
    type=whole(1),
    metavar="N",
    help="Optimizer updates in an epoch (default 235 with epochs: 60,000 examples in batches of 256).",
)
@click.option(
    "--format",
    "form",
    type=one_of("plot", "csv", "json"),
    metavar="plot|csv|json",
    default="plot",
    show_default=True,
    help="A drawing, or the rate of every update.",
)
@click.option(
    "--trace",
    metavar="FILE.csv|RUN|typical",
    help="Metrics, one an epoch, for schedules that follow one: a CSV file, a run's, or a made-up course.",
)
@click.option("--trace-column", metavar="NAME", help="Which column of the trace; by default its (test) loss.")
@click.option("--log", is_flag=True, help="Draw the rate on a logarithmic axis.")
def preview(
    expressions: tuple[str, ...],
    names: tuple[str, ...],
    steps: int | None,
    epochs: float | None,
    steps_per_epoch: int | None,
    form: str,
    trace: str | None,
    trace_column: str | None,
    log: bool,
) -> None:
    r"""Draw schedules, or print the rate of every update.

    \b
    lrtui preview 'warmup(5ep) >> cosine(0.5, final_lr=0.01)'
    lrtui preview 'cosine(0.1)' 'linear(0.1)' --steps 1000 --format csv
    lrtui preview 'plateau(0.1, patience=3)' --epochs 30 --trace typical
    lrtui preview @mine 'cosine(0.1)'       with what was saved as mine (lrtui schedules --save)
    """
    from lrtui.experiments import PresetError, preset
    from lrtui.schedules import ScheduleError, check, parse, simulated
    from lrtui.schedules.rate_files import as_csv, as_json

    if not expressions and not names:
        raise click.UsageError(
            "say what to draw: one or more expressions such as 'cosine(0.5)', or --preset NAME",
            click.get_current_context(),
        )
    with wrong_input(PresetError, option="--preset"):
        texts = [*map(expression, expressions), *(preset(name).expression for name in names)]
    with wrong_input(ScheduleError):
        schedules = [parse(text) for text in texts]
    follows = next((each.metric_driven for each in schedules if each.metric_driven is not None), None)
    if trace not in (None, "typical") and follows is not None and steps is None and epochs is None:
        epochs = len(metrics_of(trace, trace_column, follows.values["mode"]))
    horizon = horizon_of(steps, epochs, steps_per_epoch)
    whole_epochs = -(-horizon.total // (horizon.steps_per_epoch or 1))
    for place, schedule in enumerate(schedules):
        with wrong_input(ScheduleError):
            if schedule.metric_driven is not None and trace is not None:
                mode = schedule.metric_driven.values["mode"]
                metrics = metrics_of(trace, trace_column, mode, whole_epochs)
                schedules[place] = simulated(schedule, metrics, horizon)
            check(schedules[place], horizon)
    if form == "plot":
        _print_plot(schedules, horizon, log)
    else:
        sys.stdout.writelines({"csv": as_csv, "json": as_json}[form](schedules, horizon))


def horizon_of(steps: int | None, epochs: float | None, steps_per_epoch: int | None) -> Horizon:
    """The horizon that the options name."""
    from lrtui.schedules import Horizon, ScheduleError

    if steps is not None and epochs is not None:
        raise click.UsageError(
            "--steps and --epochs both say how long: give one of them", click.get_current_context()
        )
    with wrong_input(ScheduleError):
        if steps is not None:
            return Horizon(steps, steps_per_epoch)
        return Horizon.from_epochs(epochs or DEFAULT_EPOCHS, steps_per_epoch or DEFAULT_STEPS_PER_EPOCH)


def metrics_of(trace: str, column: str | None, mode: str, epochs: int = 0) -> Rates | tuple[float, ...]:
    """The metrics that --trace names: a file's, a run's, or a typical course over so many epochs."""
    from lrtui.experiments.traces import TraceError, trace_of_file, trace_of_run
    from lrtui.runs.store import StoreError
    from lrtui.schedules import typical_trace

    if trace == "typical":
        if column is not None:
            raise click.UsageError("--trace-column is for a file", click.get_current_context())
        return typical_trace(epochs, mode=mode)
    path = Path(trace)
    try:
        if path.exists():
            return trace_of_file(path, column, mode).metrics
        return trace_of_run(open_store(None).get(trace), column, mode).metrics
    except StoreError as error:
        said = f"{trace}: neither a file nor a run: {error}"
    except TraceError as error:
        said = str(error)
    raise click.UsageError(f"--trace {said}", click.get_current_context())


def _print_plot(schedules: list[Schedule], horizon: Horizon, log: bool) -> None:
    from lrtui.schedules import summarise
    from lrtui.ui.fit import unfit

    print(_length_in_words(horizon))
    print(draw(schedules, horizon, CHART_HEIGHT, columns(), log))
    for schedule in schedules:
        figures = summarise(schedule, horizon)
        print(
            f"{schedule}\n  peak {figures.peak:.6g} at update {figures.peak_update:,}"
            f"   start {figures.start:.6g}   end {figures.end:.6g}"
            f"   mean {figures.mean:.6g}   total {figures.total:.6g}"
        )
        if misfit := unfit(schedule, horizon):
            print(f"  {misfit}")


def _length_in_words(horizon: Horizon) -> str:
    if horizon.epochs is None:
        return f"{horizon.total:,} updates"
    return f"{horizon.epochs:g} epochs of {horizon.steps_per_epoch:,} updates, {horizon.total:,} in all"
