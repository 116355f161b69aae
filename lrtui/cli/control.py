"""`lrtui runs stop`, `pause`, `resume`, `finish`, `rate`, `cooldown`, …: what is done to runs from outside.

Commands go through the run's folder, and each waits for its answer. It trains nothing itself.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrtui.cli.choosing import chosen_runs
from lrtui.cli.options import Failed, open_store, runs_dir_option, whole
from lrtui.cli.outcomes import Outcomes, json_option, outcomes
from lrtui.cli.queue import sentence

if TYPE_CHECKING:
    from lrtui.runs.events import Event
    from lrtui.runs.run import Run

PATIENCE_SECONDS = 30.0
"""How long a command waits for the answer; a worker looks several times a second, but may be loading."""


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@runs_dir_option
def stop(ids: tuple[str, ...], as_json: bool, runs_dir: Path | None) -> None:
    """Stop runs: each finishes its update and writes its ending; one that is queued is taken out."""
    from lrtui.runs.queue import QueueError, withdraw

    rest = []
    with outcomes(as_json) as said:
        for run in chosen_runs(ids, runs_dir):
            if str(run.state()) == "queued":
                try:
                    withdraw(open_store(runs_dir), run, by="command line")
                except QueueError:
                    pass  # its turn has come meanwhile
                else:
                    said.say(run.id, f"{run.id}: taken out of the queue", state=str(run.state()))
                    continue
            rest.append(run.id)
        _command(tuple(rest), "stop", runs_dir, said)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@runs_dir_option
def pause(ids: tuple[str, ...], as_json: bool, runs_dir: Path | None) -> None:
    """Hold runs until they are resumed; they keep their memory."""
    with outcomes(as_json) as said:
        _command(ids, "pause", runs_dir, said)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@runs_dir_option
def finish(ids: tuple[str, ...], as_json: bool, runs_dir: Path | None) -> None:
    """Stop runs when their present epoch is over; `resume` before that takes it back."""
    with outcomes(as_json) as said:
        _command(ids, "finish", runs_dir, said)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@runs_dir_option
def checkpoint(ids: tuple[str, ...], as_json: bool, runs_dir: Path | None) -> None:
    """Save checkpoints now."""
    with outcomes(as_json) as said:
        _command(ids, "checkpoint", runs_dir, said)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Don't ask.")
@json_option
@runs_dir_option
def kill(ids: tuple[str, ...], yes: bool, as_json: bool, runs_dir: Path | None) -> None:
    """Kill runs that don't answer; what they trained since their last checkpoint is lost."""
    from lrtui.runs.killing import KillError
    from lrtui.runs.killing import kill as kill_run

    chosen = chosen_runs(ids, runs_dir)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to ask; add --yes to kill", click.get_current_context())
        click.confirm(f"Kill {', '.join(run.id for run in chosen)}?", abort=True, err=True)
    with outcomes(as_json) as said:
        for run in chosen:
            try:
                kill_run(run, by="command line")
            except KillError as error:
                raise Failed(str(error)) from error
            text = f"{run.id}: killed; `lrtui runs resume {run.id}` takes it up at its last checkpoint"
            said.say(run.id, text, state=str(run.state()))


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--epochs", type=whole(1), metavar="N", help="Train to so many epochs in all, from here on.")
@click.option("--lr", metavar="EXPR", help="Follow another schedule from here on.")
@click.option("--now", is_flag=True, help="Don't wait for a turn: start beside whatever trains.")
@json_option
@runs_dir_option
def resume(
    ids: tuple[str, ...], epochs: int | None, lr: str | None, now: bool, as_json: bool, runs_dir: Path | None
) -> None:
    """Let paused runs go on; take up runs that were stopped, failed or crashed at their last checkpoint.

    A run that has ended is queued if as many train already as are to train together; a paused one has kept
    its place. With --epochs or --lr a run that has ended, also one that has completed, goes on as another:
    the new schedule on the new horizon, from the update it has reached. Its log and folder keep what it was
    before.
    """
    from lrtui.runs.launch import LaunchError
    from lrtui.runs.queue import resume as take_up

    store = open_store(runs_dir)
    chosen = chosen_runs(ids, runs_dir)
    ended = [run for run in chosen if run.state().ended]
    if epochs is not None or lr is not None:
        running = next((run for run in chosen if run not in ended), None)
        if running is not None:
            raise Failed(f"{running.id} is {running.state()}: stop it before you change it")
        for run in ended:
            _amend(run, epochs, lr)
    with outcomes(as_json) as said:
        for run in ended:
            try:
                take_up(store, run, "command line", now=now)
            except LaunchError as error:
                raise Failed(str(error)) from error
            queued = str(run.state()) == "queued"
            turn = sentence(store, run) if queued else f"taken up again; see `lrtui runs watch {run.id}`"
            said.say(run.id, f"{run.id}: {turn}", state=str(run.state()))
        if len(ended) < len(chosen):
            _command(tuple(run.id for run in chosen if run not in ended), "resume", runs_dir, said)


def _amend(run: Run, epochs: int | None, lr: str | None) -> None:
    from lrtui.runs.amend import AmendError, amend
    from lrtui.runs.spec import SpecError

    try:
        amend(run, epochs=epochs, schedule=lr)
    except AmendError as error:
        raise Failed(str(error)) from error
    except SpecError as error:
        option = {"schedule": "--lr", "epochs": "--epochs"}.get(error.field or "")
        text = str(error) if option is None else option + str(error).removeprefix(error.field or "")
        raise click.UsageError(text, click.get_current_context()) from error


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("rate", metavar="RATE|xFACTOR|schedule")
@json_option
@runs_dir_option
def rate(id_: str, rate: str, as_json: bool, runs_dir: Path | None) -> None:
    """Set a run's rate by hand from the next update on: 0.01, x0.5 (times its schedule) or schedule."""
    if rate == "schedule":
        with outcomes(as_json) as said:
            _command((id_,), "follow-schedule", runs_dir, said)
        return
    try:
        number = float(rate.removeprefix("x"))
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        message = f"{rate!r} is no rate: write a number such as 0.01, a factor such as x0.5, or `schedule`"
        raise click.UsageError(message, click.get_current_context())
    with outcomes(as_json) as said:
        if rate.startswith("x"):
            _command((id_,), "scale-rate", runs_dir, said, factor=number)
        else:
            _command((id_,), "set-rate", runs_dir, said, lr=number)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--length",
    default="10%",
    show_default=True,
    metavar="N|Nep|N%",
    help="Updates, epochs, or per cent of all.",
)
@click.option(
    "--final-lr", type=float, default=0.0, show_default=True, metavar="RATE", help="What it falls to."
)
@click.option(
    "--shape", default="linear", show_default=True, help="linear, cosine, sqrt, square, exponential."
)
@json_option
@runs_dir_option
def cooldown(
    ids: tuple[str, ...], length: str, final_lr: float, shape: str, as_json: bool, runs_dir: Path | None
) -> None:
    """Let the rate fall from where it is, from the next update on, and the run end there."""
    with outcomes(as_json) as said:
        _command(ids, "cooldown", runs_dir, said, length=length, final_lr=final_lr, shape=shape)


def _command(ids: tuple[str, ...], command: str, runs_dir: Path | None, said: Outcomes, **args: Any) -> None:
    """Send a command to each run and wait until each has answered or ended."""
    from lrtui.runs.control import ControlError, send
    from lrtui.runs.text import printable

    chosen = chosen_runs(ids, runs_dir)
    ended = next((run for run in chosen if run.state().ended), None)
    if ended is not None:
        raise Failed(f"{ended.id} can't {command}: it has {_past(ended)}")
    queued = next((run for run in chosen if str(run.state()) == "queued"), None)
    if queued is not None and command != "stop":
        raise Failed(
            f"{queued.id} can't {command}: it waits for its turn; "
            f"`lrtui runs queue --now {queued.id}` starts it"
        )
    try:
        sent = [(run, send(run, command, by="command line", **args)) for run in chosen]
    except ControlError as error:
        raise Failed(str(error)) from error
    for run, command_id in sent:
        answer = _answered(run, command_id, command)
        if answer is not None and answer.get("accepted") is False:
            raise Failed(f"{run.id} refused: {printable(str(answer.get('message') or command))}")
        if answer is None and not run.state().ended:
            patience = f"{PATIENCE_SECONDS:.0f} s"
            raise Failed(f"{run.id} hasn't answered for {patience}; the command still waits for it")
        fields = args if answer is None else answer.fields
        state = run.state()
        step = fields.get("step")
        said.say(
            run.id,
            f"{run.id}: {_says(command, fields) or state.words}",
            state=str(state),
            command=command,
            step=step if isinstance(step, int) else None,
        )


def _answered(run: Run, command_id: str, command: str) -> Event | None:
    """The answer to a command (of a stop: once it is carried out); None if the run ended or is silent."""
    following = run.follow()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        following.poll()
        answers = (event for event in following.history.commands if event.get("id") == command_id)
        answer = next(answers, None)
        # A stop is carried out when the run has ended; its log is complete only then.
        if run.state().ended or (answer is not None and command != "stop"):
            return answer
        time.sleep(0.05)
    return None


def _says(command: str, args: Mapping[str, Any]) -> str:
    """What a command that was obeyed has done, where the run's state doesn't show it."""
    if command == "set-rate":
        return f"the rate is held at {args['lr']:g}"
    if command == "scale-rate":
        return f"the schedule is multiplied by {args['factor']:g}"
    if command == "cooldown":
        return f"cools down to {args['final_lr']:g}, and ends after update {int(args.get('end') or 0):,}"
    return {
        "follow-schedule": "the schedule is followed",
        "finish": "stops when its epoch is over",
        "checkpoint": "a checkpoint is saved",
    }.get(command, "")


def _past(run: Run) -> str:
    state = run.state()
    return "already ended" if str(state) in ("completed", "stopped") else str(state)


COMMANDS = (stop, pause, resume, finish, rate, cooldown, checkpoint, kill)
"""As `lrtui runs` lists them."""
