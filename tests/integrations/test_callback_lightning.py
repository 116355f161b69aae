"""The Lightning callback against Lightning itself."""

from __future__ import annotations

import logging
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from helpers_integrations import Elsewhere, events, the_run

from lrtui.runs.store import RunState
from lrtui.schedules import Horizon, parse

torch = pytest.importorskip("torch")
lightning = pytest.importorskip("lightning.pytorch")

from lrtui.integrations.lightning import LrtuiCallback  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


class Model(lightning.LightningModule):  # type: ignore[misc, name-defined]
    def __init__(self, pause: float = 0.0, fail_at: int | None = None) -> None:
        super().__init__()
        self.save_hyperparameters("pause")
        self.layer = torch.nn.Linear(4, 1)
        self.pause, self.fail_at = pause, fail_at
        self.used: list[float] = []

    def training_step(self, batch: Any, index: int) -> Any:
        time.sleep(self.pause)
        if self.fail_at is not None and self.global_step == self.fail_at:
            raise RuntimeError("the data is on fire")
        self.used.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        loss = self.layer(batch[0]).square().mean()
        self.log("train_acc", loss.detach() * 0 + 0.5)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log("val_loss", self.layer(batch[0]).square().mean())
        self.log("val_acc", 0.75)

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.123)


def fit(model: Model, callback: LrtuiCallback, **arguments: Any) -> None:
    data = torch.utils.data.TensorDataset(torch.ones(48, 4))
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    settings = {"max_epochs": 2, "accelerator": "cpu", "enable_model_summary": False, **quiet, **arguments}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lightning.Trainer(callbacks=[callback], **settings).fit(model, loader, loader)


def test_a_training_is_a_run_with_the_rates_of_its_schedule(runs_dir: Path) -> None:
    # At 0.1 a single update would take this model's loss to nothing but rounding, sometimes to 0 exactly.
    model = Model()
    fit(model, LrtuiCallback("warmup(1ep) >> cosine(0.05)", name="light", batch_size=4))
    rates = parse("warmup(1ep) >> cosine(0.05)").rates(Horizon(24, 12))
    assert model.used == rates.tolist()
    run = the_run(runs_dir)
    row = run.summary()
    assert (row.state, row.name, row.done, row.updates, row.epochs) == (
        RunState.COMPLETED,
        "light",
        24,
        24,
        2,
    )
    assert (row.model, row.best_test_acc, row.data) == ("Model", 0.75, "own loop")
    assert run.spec.hyper == {"model": "Model", "pause": 0.0, "batch_size": 4}
    epochs = events(run, "epoch")
    assert [event.get("epoch") for event in epochs] == [1, 2]
    assert epochs[1].get("test_loss") > 0
    last = events(run, "report")[-1]
    assert (last.get("step"), last.get("lr"), last.get("train_acc")) == (23, rates[23], 0.5)
    assert last.get("train_loss") > 0
    assert "test_acc" not in last.fields


def test_accumulated_batches_count_once(runs_dir: Path) -> None:
    model = Model()
    fit(model, LrtuiCallback("linear(1, final_lr=0)"), accumulate_grad_batches=5)
    rates = parse("linear(1, final_lr=0)").rates(Horizon(6, 3))
    expected = [rates[update] for update in (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2)]
    assert model.used[:12] == expected
    assert the_run(runs_dir).summary().done == 6


def test_without_a_schedule_the_modules_rates_are_logged(runs_dir: Path) -> None:
    model = Model()
    fit(model, LrtuiCallback())
    assert model.used == [0.123] * 24
    run = the_run(runs_dir)
    assert events(run, "report")[-1].get("lr") == 0.123
    assert (run.state(), run.summary().schedule) == (RunState.COMPLETED, "")


def test_it_obeys_a_second_process(runs_dir: Path) -> None:
    model = Model(pause=0.01)
    elsewhere = Elsewhere(runs_dir, "0.0625")
    elsewhere.start()
    fit(model, LrtuiCallback("cosine(0.1)"), max_epochs=400)
    elsewhere.join(20)
    assert elsewhere.status == 0
    run = the_run(runs_dir)
    assert model.used[-1] == 0.0625
    assert (run.state(), run.summary().reason) == (RunState.STOPPED, "stopped by elsewhere")
    assert len(model.used) < 4000


def test_an_exception_fails_the_run(runs_dir: Path) -> None:
    with pytest.raises(RuntimeError, match="on fire"):
        fit(Model(fail_at=5), LrtuiCallback("cosine(0.1)"))
    row = the_run(runs_dir).summary()
    assert (row.state, row.reason) == (RunState.FAILED, "RuntimeError: the data is on fire")
