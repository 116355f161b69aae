"""The transformers callback against the Trainer itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from helpers_integrations import Elsewhere, events, the_run

from lrtui.runs.store import RunState
from lrtui.schedules import Horizon, parse

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from lrtui.integrations.transformers import LrtuiCallback  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


class Model(torch.nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self, pause: float = 0.0) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)
        self.pause = pause

    def forward(self, x: Any, labels: Any = None) -> Any:
        time.sleep(self.pause)
        loss = (self.layer(x) - labels).square().mean()
        return {"loss": loss, "logits": self.layer(x)}


class Recorder(transformers.TrainerCallback):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        self.used: list[float] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.used.append(kwargs["optimizer"].param_groups[0]["lr"])


def train(folder: Path, callback: LrtuiCallback, model: Model | None = None, **settings: Any) -> list[float]:
    data = [{"x": torch.ones(4), "labels": torch.ones(1)} for _ in range(24)]
    arguments = transformers.TrainingArguments(
        output_dir=str(folder / "out"), use_cpu=True, report_to=[], save_strategy="no", disable_tqdm=True,
        **{"per_device_train_batch_size": 4, "num_train_epochs": 2, "logging_steps": 1, **settings},
    )  # fmt: skip
    recorder = Recorder()
    trainer = transformers.Trainer(
        model=model or Model(), args=arguments, train_dataset=data, eval_dataset=data,
        callbacks=[callback, recorder], compute_metrics=lambda _: {"accuracy": 0.75},
    )  # fmt: skip
    trainer.train()
    return recorder.used


def test_a_training_is_a_run_with_the_rates_of_its_schedule(runs_dir: Path, tmp_path: Path) -> None:
    used = train(tmp_path, LrtuiCallback("warmup(1ep) >> cosine(0.1)", name="hug"), eval_strategy="epoch")
    rates = parse("warmup(1ep) >> cosine(0.1)").rates(Horizon(12, 6))
    assert used == rates.tolist()
    run = the_run(runs_dir)
    row = run.summary()
    assert (row.state, row.name, row.done, row.updates, row.epochs) == (RunState.COMPLETED, "hug", 12, 12, 2)
    assert (row.best_test_acc, row.last_epoch, row.model) == (0.75, 2, "Model")
    epochs = events(run, "epoch")
    assert [event.get("epoch") for event in epochs] == [1, 2]
    assert epochs[0].get("test_loss") > 0
    last = [event for event in events(run, "report") if "train_loss" in event.fields][-1]
    assert (last.get("step"), last.get("lr")) == (11, rates[11])
    assert run.spec.hyper["batch_size"] == 4


def test_accumulation_counts_once_and_epochs_without_evaluation_are_told(
    runs_dir: Path, tmp_path: Path
) -> None:
    used = train(tmp_path, LrtuiCallback("linear(1, final_lr=0)"), gradient_accumulation_steps=2)
    assert used == parse("linear(1, final_lr=0)").rates(Horizon(6, 3)).tolist()
    assert [event.get("epoch") for event in events(the_run(runs_dir), "epoch")] == [1, 2]


def test_without_a_schedule_the_trainers_rates_are_logged(runs_dir: Path, tmp_path: Path) -> None:
    used = train(tmp_path, LrtuiCallback(), learning_rate=0.25, lr_scheduler_type="constant")
    assert used == [0.25] * 12
    run = the_run(runs_dir)
    assert events(run, "report")[-1].get("lr") == 0.25
    assert run.state() is RunState.COMPLETED


def test_it_obeys_a_second_process(runs_dir: Path, tmp_path: Path) -> None:
    elsewhere = Elsewhere(runs_dir, "0.0625")
    elsewhere.start()
    used = train(
        tmp_path, LrtuiCallback("cosine(0.1)"), Model(pause=0.01), num_train_epochs=400, logging_steps=500
    )
    elsewhere.join(20)
    assert elsewhere.status == 0
    assert used[-1] == 0.0625
    run = the_run(runs_dir)
    assert (run.state(), run.summary().reason) == (RunState.STOPPED, "stopped by elsewhere")
