"""Runs for Weights & Biases and MLflow: folders in their own formats, written by their own libraries.

The libraries start services, watch the process and hold on to settings of the environment; so each export is
made by a process of its own (`python -m lrtui.runs.exporting.offline FORMAT FOLDER FINAL RUN...`), that is
told to stay off the network. The folder appears under its name when it is complete.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from lrtui.runs.exporting.fields import spec_fields
from lrtui.runs.exporting.files import ExportError, MissingError
from lrtui.runs.exporting.tables import KINDS, in_force
from lrtui.runs.history import number
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.text import one_line, printable

Tool = Literal["wandb", "mlflow"]

PROJECT = "lrtui"
"""The name of the project, or experiment, that the runs are put into."""

_NAMES = {"wandb": ("Weights & Biases", "wandb"), "mlflow": ("MLflow", "mlflow")}
_OURS = ("WANDB_", "MLFLOW_")
_POSITIONS = ("step", "epoch")


def require(tool: Tool) -> None:
    """See that a tool's library is there.

    Raises:
        MissingError: if it isn't.
    """
    title, module = _NAMES[tool]
    if importlib.util.find_spec(module) is None:
        raise MissingError(f"{title} runs need the {module} package: pip install 'lrtui[{tool}]'")


def write_folder(runs: Sequence[Run], tool: Tool, path: Path) -> list[Path]:
    """Write runs into a folder that isn't there yet, and return it.

    Raises:
        MissingError: if the tool's library isn't installed.
        ExportError: if the folder is there already (it is never added to or replaced), or can't be written.
    """
    require(tool)
    if path.exists() or path.is_symlink():
        raise ExportError(f"{printable(str(path))} exists: name a folder that isn't there yet")
    temporary = path.with_name(f".{secrets.token_hex(4)}.part")
    try:
        temporary.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory() as scratch:
            _in_its_own_process(runs, tool, temporary, path, scratch)
        temporary.rename(path)
    except OSError as error:
        raise ExportError(f"{printable(str(path))} can't be written: {one_line(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [path]


def _in_its_own_process(runs: Sequence[Run], tool: Tool, folder: Path, final: Path, scratch: str) -> None:
    # What the person has set for their own runs (a server, a key, a project) is not for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    environment |= {f"WANDB_{name}_DIR": scratch for name in ("CONFIG", "CACHE", "DATA", "ARTIFACT")}
    environment |= {
        "WANDB_MODE": "offline",
        "WANDB_ERROR_REPORTING": "false",
        "MLFLOW_ALLOW_FILE_STORE": "true",  # from version 3.7 on it has to be asked for
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "PYTHONUTF8": "1",
    }
    arguments = [tool, str(folder), str(final), *(str(run.path) for run in runs)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__, *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
        cwd=scratch,
        env=environment,
    )
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = printable(said[-1] if said else f"status {done.returncode}", 300)
        raise ExportError(f"{_NAMES[tool][0]} couldn't write {printable(str(final))}: {reason}")


def _points(run: Run) -> Iterator[tuple[int, float, dict[str, float]]]:
    """Update, wall time and values, named `report/…` and `epoch/…`, of each report and epoch of a run."""
    step = 0
    for event in in_force(run):
        if event.kind in KINDS:
            at = number(event.get("step"))
            step = int(at) if 0 <= at < 2.0**53 else step
            values = {
                f"{event.kind}/{name}": number(+value)
                for name, value in event.fields.items()
                if name not in _POSITIONS and isinstance(value, (int, float))
            }
            if values:
                yield step, event.time, values


def _spec(run: Run) -> tuple[dict[str, Any], str]:
    """The spec's fields, and its text; of one that can't be read, none and why."""
    try:
        return spec_fields(run.spec), run.spec.to_toml()
    except SpecError as error:
        return {}, str(error)


def write_wandb(run: Run, folder: Path) -> None:
    """One run as an offline run of W&B: `wandb sync FOLDER/wandb/offline-run-*` takes it to a server."""
    import wandb

    fields, text = _spec(run)
    summary = run.summary()
    settings = wandb.Settings(
        mode="offline",
        console="off",
        silent=True,
        disable_git=True,
        save_code=False,
        root_dir=str(folder),
        program="lrtui",
        x_disable_stats=True,
        x_disable_meta=True,
    )
    with wandb.init(
        project=PROJECT,
        id=run.id,
        name=run.name,
        config=fields,
        notes="\n\n".join(part for part in (summary.notes, text) if part),
        tags=list(summary.tags),
        settings=settings,
    ) as written:
        latest = 0
        for step, time, values in _points(run):
            # W&B drops what isn't in order; a damaged log may name any update.
            latest = max(latest, step)
            written.log({**values, "_timestamp": time}, step=latest)
        written.summary["state"] = str(summary.state)
        if summary.best_test_acc is not None:
            written.summary["best_test_acc"] = summary.best_test_acc
        written.finish(exit_code=1 if summary.state.bad else 0)


def write_mlflow(runs: Sequence[Run], folder: Path, final: Path) -> None:
    """Runs as an experiment in a file store: `mlflow ui --backend-store-uri FOLDER` shows it."""
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=folder.as_uri(), registry_uri=folder.as_uri())
    # The place where the folder is going to be: MLflow writes it into every run.
    experiment = client.create_experiment(PROJECT, artifact_location=(final / "artifacts").as_uri())
    statuses = {"completed": "FINISHED", "stopped": "KILLED", "running": "RUNNING", "paused": "RUNNING"}
    for run in runs:
        fields, text = _spec(run)
        summary = run.summary()
        written = client.create_run(experiment, start_time=int(summary.created * 1000), run_name=run.name)
        name = written.info.run_id
        tags = {"lrtui.id": run.id, "lrtui.state": str(summary.state), "mlflow.note.content": text[:5000]}
        tags |= {f"lrtui.tag.{number}": tag for number, tag in enumerate(summary.tags)}
        client.log_batch(name, tags=[RunTag(key, value) for key, value in tags.items()])
        for some in _batches([Param(_key(key), str(value)[:500]) for key, value in fields.items()], 100):
            client.log_batch(name, params=some)
        metrics = (
            Metric(_key(key), value, int(time * 1000), step)
            for step, time, values in _points(run)
            for key, value in values.items()
        )
        for batch in _batches(metrics, 1000):
            client.log_batch(name, metrics=batch)
        ended = int((summary.created + summary.duration) * 1000) if summary.state.ended else None
        client.set_terminated(name, statuses.get(str(summary.state), "FAILED"), ended)


def _batches(items: Any, size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _key(name: str) -> str:
    """A name as MLflow takes it, which makes a file of it: letters, digits and a few signs."""
    plain = "".join(letter if letter.isalnum() or letter in "_-. /" else "_" for letter in name)
    return "/".join(part.strip(".") or "_" for part in plain.split("/"))[:200]


def main(arguments: Sequence[str]) -> None:
    """Write the runs named; what goes wrong is an exception."""
    tool, folder, final, *paths = arguments
    runs = [Run(Path(path)) for path in paths]
    if tool == "mlflow":
        write_mlflow(runs, Path(folder), Path(final))
        return
    for run in runs:
        write_wandb(run, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
