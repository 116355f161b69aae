"""`lrtui code`: a schedule as code for another library."""

from __future__ import annotations

import sys

import click

from lrtui.cli.options import Failed, positive, whole, wrong_input


@click.command()
@click.argument("expression", metavar="EXPR")
@click.option(
    "--target",
    default="pytorch",
    show_default=True,
    metavar="LIBRARY",
    help="pytorch, pytorch-native, optax, keras, transformers or timm.",
)
@click.option("--steps", type=whole(1), help="Length of the training in optimizer updates.")
@click.option("--epochs", type=positive, help="Length in epochs (default 10, unless --steps is given).")
@click.option(
    "--steps-per-epoch",
    type=whole(1),
    help="Optimizer updates in an epoch (default 235 with epochs; `lrtui units` calculates it).",
)
@click.option("--momentum", metavar="EXPR", help="What the optimizer's momentum follows (Adam's first beta).")
@click.option("--weight-decay", metavar="EXPR", help="What its weight decay follows.")
def code(
    expression: str,
    target: str,
    steps: int | None,
    epochs: float | None,
    steps_per_epoch: int | None,
    momentum: str | None,
    weight_decay: str | None,
) -> None:
    r"""Print a schedule as Python for another library, exactly or not at all.

    \b
    lrtui code 'warmup(5ep) >> cosine(0.5)' --epochs 20 --steps-per-epoch 391
    lrtui code 'warmup(500) >> cosine(0.5)' --steps 10000 --target optax
    lrtui code 'cosine(0.1)' --momentum 'linear(0.85, final_lr=0.95)' --epochs 20
    """
    from lrtui.cli.options import expression as saved_or_not
    from lrtui.cli.preview import horizon_of
    from lrtui.schedules import ScheduleError, parse
    from lrtui.schedules.dialects import NotRepresentable, generate

    horizon = horizon_of(steps, epochs, steps_per_epoch)
    try:
        with wrong_input(ScheduleError):
            schedule = parse(saved_or_not(expression))
        others = {"momentum": momentum, "weight_decay": weight_decay}
        following = {}
        for name, said in others.items():
            with wrong_input(ScheduleError, option=f"--{name.replace('_', '-')}"):
                following[name] = None if said is None else parse(saved_or_not(said))
        text = generate(schedule, horizon, target, **following)
    except NotRepresentable as error:
        raise Failed(str(error)) from error
    except ScheduleError as error:
        raise click.UsageError(str(error), click.get_current_context()) from error
    sys.stdout.write(text)
