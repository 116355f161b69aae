"""`lrtui read`: a constructor call of another library as an expression. Nothing that is read is executed."""

from __future__ import annotations

import json
import sys

import click

from lrtui.cli.options import Failed, one_of, positive


@click.command()
@click.argument("call", metavar="CALL")
@click.option(
    "--lr",
    type=positive,
    help="The optimizer's learning rate, where the call doesn't carry it.  [default: 0.1]",
)
@click.option(
    "--clock",
    type=one_of("updates", "epochs"),
    metavar="updates|epochs",
    default="updates",
    show_default=True,
    help="What the call counts: how often its step() is called.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document with the expression and the notes."
)
def read(call: str, lr: float | None, clock: str, as_json: bool) -> None:
    r"""Turn a scheduler of torch, optax, keras, timm or transformers into an expression.

    The expression goes to stdout; what that library does differently goes to stderr. `-` reads stdin.

    \b
    lrtui read 'CosineAnnealingWarmRestarts(opt, T_0=10, T_mult=2, eta_min=1e-5)' --lr 0.1
    lrtui read 'get_cosine_schedule_with_warmup(opt, 500, 10000)' --lr 5e-5
    lrtui read 'LambdaLR(opt, lambda t: min(1, t / 100) * 0.99 ** t)' --lr 0.1
    lrtui code 'warmup(500) >> cosine(0.1)' --target pytorch-native | lrtui read -
    """
    from lrtui.schedules.dialects import ReadingError
    from lrtui.schedules.dialects import read as read_call

    text = sys.stdin.read(200_000) if call == "-" else call
    try:
        reading = read_call(text, lr=lr, clock=clock)
    except ReadingError as error:
        raise Failed(str(error)) from error
    if as_json:
        momentum = None if reading.momentum is None else str(reading.momentum)
        answer = {"expression": str(reading.schedule), "momentum": momentum, "notes": list(reading.notes)}
        json.dump(answer, sys.stdout)
        sys.stdout.write("\n")
        return
    click.echo(str(reading.schedule))
    for note in reading.notes:
        click.echo(f"note: {note}", err=True)
