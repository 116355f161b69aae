"""A callback for transformers: `Trainer(callbacks=[LrtuiCallback("cosine(1e-4)")])` is a run of lrtui.

Sets the rate before every update if it is given a schedule; otherwise it only logs, and the Trainer's own
scheduler stands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from lrtui.integrations.metrics import in_our_words
from lrtui.integrations.trainers import Trained
from lrtui.schedules import Schedule


class LrtuiCallback(TrainerCallback):  # type: ignore[misc]
    """Shows a training in lrtui; obeys stop, pause and, with a schedule, rates set by hand.

    The schedule runs on optimizer updates. The Trainer goes on stepping a scheduler of its own, whose rate is
    replaced before each update and stands, unused, in the Trainer's logs as `learning_rate`; give the Trainer
    `optimizers=(optimizer, lrtui.schedule(…).to_torch(…))` if that matters. In a training of several
    processes the first one logs, and only it hears commands: stop such a training by its launcher.

    Args:
        lr: the schedule; left out, the Trainer's own rates are logged.
        name: of the run, for people; else the Trainer's `run_name`.
        runs_dir: where the run goes; else $LRTUI_RUNS_DIR, else the user's runs.
        hyper: anything else to be known of the run.
    """

    def __init__(
        self,
        lr: str | float | Schedule | None = None,
        name: str = "",
        runs_dir: str | Path | None = None,
        **hyper: Any,
    ) -> None:
        self._trained = Trained(lr, name, runs_dir, hyper)
        self._schedules = lr is not None
        self._epoch_over = False
        self._stop = False

    @property
    def run_id(self) -> str | None:
        """The run's id while there is one in this process."""
        return self._trained.run_id

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the run: only now the number of updates is known."""
        del control
        optimizer, batches = kwargs.get("optimizer"), kwargs.get("train_dataloader")
        try:
            per_epoch = max(-(-len(batches) // args.gradient_accumulation_steps), 1) if batches else None
        except TypeError:
            per_epoch = None  # a stream
        model = kwargs.get("model")
        self._stop = self._epoch_over = False
        self._trained.begin(
            [] if optimizer is None else [optimizer],
            state.max_steps if state.max_steps > 0 else None,
            per_epoch,
            first=state.is_world_process_zero,
            alone=args.world_size <= 1,
            hyper={
                "model": type(model).__name__,
                "batch_size": args.train_batch_size,
                "gradient_accumulation_steps": args.gradient_accumulation_steps,
                "optimizer": str(getattr(args.optim, "value", args.optim)),
                "seed": args.seed,
            },
        )

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Before an update: obey, and set the rate."""
        del args, kwargs
        self._close_epoch()
        if not self._trained.before(state.global_step):
            # The Trainer looks after the update: the one that has begun is made, and no more.
            self._stop = True
            control.should_training_stop = True

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """After an update: tell that it was made."""
        del args, kwargs
        self._trained.after(state.global_step - 1, {})
        if self._stop:
            control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Log what the Trainer logs of the training; evaluations come to `on_evaluate`."""
        del args, control, kwargs
        metrics = in_our_words(logs or {})
        if "train_runtime" in metrics:
            return  # the Trainer's closing words
        if self._schedules:
            metrics.pop("lr", None)  # that of the scheduler that isn't in force
        metrics.pop("epoch_", None)
        told = {name: value for name, value in metrics.items() if not name.startswith(("eval_", "test_"))}
        if told and state.global_step > 0:
            self._trained.after(state.global_step - 1, told)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Note that an epoch is over; its evaluation, if there is one, comes after this."""
        del args, state, control, kwargs
        self._epoch_over = True

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Log an evaluation."""
        del args, state, control, kwargs
        found = in_our_words(metrics or {})
        found.pop("epoch_", None)
        self._epoch_over = False
        self._trained.epoch(found)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End the run."""
        del args, state, control, kwargs
        self._close_epoch()
        self._trained.end()

    def _close_epoch(self) -> None:
        if self._epoch_over:
            self._epoch_over = False
            self._trained.epoch({})
