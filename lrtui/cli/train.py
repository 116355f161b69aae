"""`lrtui train`: makes a run, launches its detached worker and follows it. It trains nothing itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrtui.cli.choosing import one_run
from lrtui.cli.following import Following, ending, exit_code
from lrtui.cli.options import Failed, expression, open_store, runs_dir_option, whole, wrong_input
from lrtui.cli.queue import say_wrong_slots

if TYPE_CHECKING:
    from lrtui.runs.run import Run
    from lrtui.runs.spec import RunSpec
    from lrtui.runs.store import RunStore
    from lrtui.runs.summary import RunState

_OPTION_OF_FIELD = {"schedule": "--lr", "train_examples": "--data", "test_examples": "--data"}


@click.command()
@click.option(
    "--lr",
    metavar="EXPR",
    help="The rate: a number, a schedule such as 'cosine(0.5)', or a saved @NAME.",
)
@click.option(
    "--preset", "preset_name", metavar="NAME", help="One of the chapter's experiments, instead of --lr."
)
@click.option(
    "--from",
    "source",
    metavar="RUN",
    help="Repeat a run as it went, rates set by hand included, instead of --lr and all that follows.",
)
@click.option("--epochs", type=whole(1), metavar="N", help="[default: the preset's, else 10]")
@click.option(
    "--batch-size", type=whole(1), metavar="N", default=256, show_default=True, help="Examples an update."
)
@click.option(
    "--optimizer", default="sgd", show_default=True, metavar="CALL", help="Such as 'sgd(momentum=0.9)'."
)
@click.option(
    "--accumulate", type=whole(1), metavar="N", default=1, show_default=True, help="Batches an update."
)
@click.option("--clip-norm", type=float, metavar="X", help="Shorten longer gradients to this norm.")
@click.option(
    "--label-smoothing",
    type=float,
    metavar="X",
    default=0.0,
    show_default=True,
    help="The share of each label that is spread over all classes.",
)
@click.option(
    "--average",
    default="",
    metavar="CALL",
    help="An average of the weights to evaluate too: 'ema(decay=0.999)' or 'swa(start=75%)'.",
)
@click.option(
    "--precision", default="float32", show_default=True, help="float32, tf32 (CUDA), or mixed: bf16, fp16."
)
@click.option("--compile", "compiled", is_flag=True, help="Have torch compile the network.")
@click.option(
    "--stop-on", multiple=True, metavar="DIAGNOSIS", help="End the run on this finding; may be repeated."
)
@click.option("--task", default="fashion-mnist", show_default=True, help="What is learnt.")
@click.option("--model", default="lenet", show_default=True, help="lenet, or lenet-1 as the book printed it.")
@click.option(
    "--seed",
    type=whole(0),
    metavar="N",
    default=0,
    show_default=True,
    help="Of the weights and the shuffling.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps.")
@click.option(
    "--data",
    default="auto",
    show_default=True,
    metavar="WHICH",
    help="auto (the full data if it is found, else the embedded part), embedded, download, or a folder.",
)
@click.option("--threads", type=whole(1), metavar="N", help="CPU threads. [default: as many as it likes]")
@click.option(
    "--processes",
    type=whole(1),
    metavar="N",
    default=1,
    show_default=True,
    help="Train in so many processes at once, one a GPU; each takes its part of every batch.",
)
@click.option("--name", default="", help="A name for the run.")
@click.option("--detach", is_flag=True, help="Return once the run has started, or is queued.")
@click.option("--queue", "queued", is_flag=True, help="Return at once; the run starts when its turn comes.")
@click.option("--now", is_flag=True, help="Don't wait for a turn: start beside whatever trains.")
@click.option("--json", "as_json", is_flag=True, help="Print the run's events on stdout, and nothing else.")
@runs_dir_option
def train(
    lr: str | None,
    preset_name: str | None,
    source: str | None,
    epochs: int | None,
    batch_size: int,
    optimizer: str,
    accumulate: int,
    clip_norm: float | None,
    label_smoothing: float,
    average: str,
    precision: str,
    compiled: bool,
    stop_on: tuple[str, ...],
    task: str,
    model: str,
    seed: int,
    device: str,
    data: str,
    threads: int | None,
    processes: int,
    name: str,
    detach: bool,
    queued: bool,
    now: bool,
    as_json: bool,
    runs_dir: Path | None,
) -> int:
    r"""Train a network in the background under a schedule, and follow the run.

    The run lives in a process of its own: closing this terminal doesn't stop it, Ctrl-C does. If as many runs
    train already as are to train together (LRTUI_SLOTS; one a GPU, or one for every two cores), it waits for
    its turn, which comes whether or not anybody waits for it.

    \b
    lrtui train --preset cosine
    lrtui train --lr 'warmup(1ep) >> cosine(0.5)' --epochs 5 --optimizer 'sgd(momentum=0.9)'
    lrtui train --from 20261122-213045-cosine-k3f9
    """
    from lrtui.experiments import PresetError, preset
    from lrtui.runs.datasets import find_data
    from lrtui.runs.spec import make_spec
    from lrtui.schedules import parse
    from lrtui.ui.fit import unfit

    usage = click.get_current_context()
    if queued and now:
        raise click.UsageError("--queue and --now say opposite things: give one of them", usage)
    if source is not None:
        store, run = _start(_repeated(usage, source, name, runs_dir), runs_dir, now)
        return _follow(store, run, detach=detach, queued=queued, as_json=as_json)
    if lr is not None and preset_name is not None:
        raise click.UsageError("--lr and --preset both name a schedule: give one of them", usage)
    if lr is None and preset_name is None:
        raise click.UsageError("say what to train with: --lr EXPR, --preset NAME or --from RUN", usage)
    canonical = None
    if preset_name is not None:
        with wrong_input(PresetError, option="--preset"):
            experiment = preset(preset_name)
        canonical, lr, epochs = experiment.name, experiment.expression, epochs or experiment.epochs
    lr = expression(lr or "")
    found = find_data() if data == "auto" else None
    with _spec_errors():
        spec = make_spec(
            schedule=lr,
            name=name,
            preset=canonical,
            task=task,
            model=model,
            optimizer=optimizer,
            epochs=epochs or 10,
            batch_size=batch_size,
            accumulate=accumulate,
            clip_norm=clip_norm,
            label_smoothing=label_smoothing,
            average=average,
            precision=precision,
            compile=compiled,
            stop_on=stop_on,
            seed=seed,
            device=device,
            data=found.spec if found else _folder(data),
            threads=threads,
            processes=processes,
        )
    store, run = _start(spec, runs_dir, now)
    # What is otherwise than it was meant, perhaps, must not go unsaid.
    if found and found.note:
        print(f"lrtui train: {found.note}; training on {found.label}", file=sys.stderr)
    if misfit := unfit(parse(spec.schedule), spec.horizon()):
        print(f"lrtui train: the schedule: {misfit}", file=sys.stderr)
    return _follow(store, run, detach=detach, queued=queued, as_json=as_json)


_BESIDE_FROM = ("source", "name", "detach", "queued", "now", "as_json", "runs_dir")


def _repeated(usage: click.Context, source: str, name: str, runs_dir: Path | None) -> RunSpec:
    """The spec that repeats a run; what else could be said of a training would make it another one."""
    import msgspec

    from lrtui.runs.interventions import repeat

    given = click.core.ParameterSource.COMMANDLINE
    for option in usage.command.params:
        if option.name not in _BESIDE_FROM and usage.get_parameter_source(option.name or "") is given:
            raise click.UsageError(f"--from repeats a run as it was: leave out {option.opts[0]}", usage)
    with _spec_errors():
        spec = repeat(one_run(source, runs_dir))
    return msgspec.structs.replace(spec, name=name.strip()) if name else spec


class _spec_errors:  # noqa: N801  (reads as a function where it is used)
    """Turns a SpecError into a usage error that names the option instead of the spec's field."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from lrtui.runs.spec import SpecError

        if not isinstance(error, SpecError):
            return
        text = str(error)
        if error.field:
            option = _OPTION_OF_FIELD.get(error.field, "--" + error.field.replace("_", "-"))
            text = option + text.removeprefix(error.field)
        raise click.UsageError(text, click.get_current_context()) from error


def _folder(data: str) -> str:
    """The words as they are; a folder from where the user stands, for the worker stands elsewhere."""
    return data if data in ("auto", "embedded", "download") else str(Path(data).expanduser().absolute())


def _start(spec: RunSpec, runs_dir: Path | None, now: bool) -> tuple[RunStore, Run]:
    from lrtui.runs.launch import LaunchError
    from lrtui.runs.queue import start
    from lrtui.runs.store import StoreError

    say_wrong_slots("train")
    store = open_store(runs_dir)
    try:
        with wrong_input(StoreError, option="--runs-dir"):
            return store, start(store, spec, "command line", now=now)
    except LaunchError as error:
        raise Failed(str(error)) from error


def _follow(store: RunStore, run: Run, *, detach: bool, queued: bool, as_json: bool) -> int:
    """Follow until the end (if detached, the start); the first Ctrl-C stops the run, a second one leaves."""
    say = sys.stderr if as_json else sys.stdout
    following = Following(run, as_json, store)
    try:
        # From here on: a Ctrl-C before the following has begun must not leave the run behind unsaid.
        with following.interrupts:
            if str(run.state()) == "queued":
                from lrtui.cli.queue import sentence

                print(sentence(store, run), file=sys.stderr)
                queued = queued or detach
            if queued:
                state = run.state()
            elif detach:
                state = following.until_end(lambda history: history.started is not None)
            else:
                state = _until_stopped(following, store)
    except KeyboardInterrupt:
        what = "starts" if detach else "stops"
        print(f"left: the run {what} by itself; see `lrtui runs show {run.id}`", file=sys.stderr)
        return 130
    if state.ended:
        print(ending(run), file=say)
    print(f"{run.id}  {run.path}", file=say)
    return exit_code(state)


def _until_stopped(following: Following, store: RunStore) -> RunState:
    from lrtui.runs.control import ControlError
    from lrtui.runs.queue import stop

    try:
        return following.until_end()
    except KeyboardInterrupt:
        print("stopping; Ctrl-C again leaves at once, and the run stops all the same", file=sys.stderr)
        try:
            stop(store, following.run, by="command line")
        except ControlError as error:
            raise Failed(str(error)) from error
        return following.until_end()
