"""A callback for Lightning: `Trainer(callbacks=[LrtuiCallback("cosine(0.1)")])` is a run of lrtui.

Works with `lightning` and with `pytorch_lightning`, whichever is installed. Sets the rate before every
update if it is given a schedule; otherwise it only logs, and the module's own scheduler stands.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

try:
    from lightning.pytorch import Callback
except ImportError:
    from pytorch_lightning import Callback

from lrtui.integrations.metrics import in_our_words
from lrtui.integrations.trainers import Trained
from lrtui.schedules import Schedule


class LrtuiCallback(Callback):  # type: ignore[misc]
    """Shows a training in lrtui; obeys stop, pause and, with a schedule, rates set by hand.

    The schedule runs on optimizer updates (Lightning's `global_step` with one optimizer), so accumulated
    batches count once. Several optimizers get the same rate, their groups keeping their ratios. In a training
    of several processes the first one logs; a stop reaches all of them, a pause holds them at their next
    common step, and rates can't be set by hand.

    Args:
        lr: the schedule; left out, the module sets its own rates, and they are logged.
        name: of the run, for people.
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
        super().__init__()
        self._trained = Trained(lr, name, runs_dir, hyper)
        self._update = -1

    @property
    def run_id(self) -> str | None:
        """The run's id while there is one in this process."""
        return self._trained.run_id

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the run: only now the number of updates is known."""
        total = trainer.estimated_stepping_batches
        batches = trainer.num_training_batches
        per_epoch = None
        if math.isfinite(batches) and batches > 0:
            per_epoch = math.ceil(batches / trainer.accumulate_grad_batches) * _steps_a_batch(trainer)
        self._trained.begin(
            trainer.optimizers,
            int(total) if math.isfinite(total) and total > 0 else None,
            int(per_epoch) if per_epoch else None,
            first=trainer.is_global_zero,
            alone=trainer.world_size == 1,
            hyper={"model": type(pl_module).__name__, **dict(getattr(pl_module, "hparams", {}))},
        )
        self._update = -1

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Before the first batch of an update: obey, and set the rate."""
        del pl_module, batch, batch_idx
        step = int(trainer.global_step)
        if step == self._update:
            return  # one more batch of the same update
        self._update = step
        go_on = self._trained.before(step)
        if trainer.world_size > 1:
            go_on = trainer.strategy.reduce_boolean_decision(go_on, all=True)
        if not go_on:
            trainer.should_stop = True

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After an update: log its loss and whatever the module logs a step."""
        del pl_module, batch, batch_idx
        if int(trainer.global_step) == self._update:
            return  # accumulating
        metrics = _of_this_update(in_our_words(getattr(trainer, "logged_metrics", {})))
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if loss is not None and "train_loss" not in metrics:
            metrics.update(in_our_words({"train_loss": loss}))
        self._trained.after(self._update, metrics)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Log the epoch; validation, where there is any, has been made by now."""
        del pl_module
        self._trained.epoch(in_our_words(getattr(trainer, "callback_metrics", {})))

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """End the run."""
        del trainer, pl_module
        self._trained.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """End the run as failed, or as stopped by Ctrl-C."""
        del trainer, pl_module
        self._trained.left_by(exception)


def _of_this_update(metrics: dict[str, Any]) -> dict[str, Any]:
    """What was logged in the training step; Lightning keeps an epoch's and a validation's, too."""
    return {
        name.removesuffix("_step"): value
        for name, value in metrics.items()
        if not name.startswith(("test_", "val")) and not name.endswith("_epoch")
    }


def _steps_a_batch(trainer: Any) -> int:
    """How far `global_step` goes with one batch: an update of each optimizer the module steps by itself."""
    return 1 if getattr(trainer.lightning_module, "automatic_optimization", True) else len(trainer.optimizers)
