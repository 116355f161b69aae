"""Run generated code, or calls as people write them, in the real libraries: the rate of every update.

The libraries live in processes of their own: one for torch and what is built on it, one for jax. A process
serves all the tests of a test process, since importing a library takes longer than all that is asked of it.
Run as a script it is such a server: a JSON request a line on stdin, a JSON answer a line on stdout.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from typing import IO, Any

import pytest

Case = tuple[str, str, int, int, float | None]
"""Library, source, updates, updates a step(), the optimizer's lr where the source doesn't say it."""

SERVER = {"torch": "torch", "timm": "torch", "transformers": "torch", "optax": "jax", "keras": "jax"}
"""The process that serves a library."""

NEEDS = {
    "torch": ("torch",),
    "timm": ("torch", "timm"),
    "transformers": ("torch", "transformers"),
    "optax": ("jax", "optax"),
    "keras": ("jax", "keras"),
}


def needs(library: str) -> None:
    """Skip the test unless a library is installed."""
    if any(importlib.util.find_spec(name) is None for name in NEEDS[library]):
        pytest.skip(f"{library} isn't installed")


def rates_of(cases: list[Case], *, float64: bool = True) -> list[Any]:
    """What a library says, in order: a list of rates for each case, or a string if the library raised."""
    servers = {SERVER[library] for library, *_ in cases}
    assert len(servers) == 1, "one library at a time"
    answers: list[Any] = _ask(servers.pop(), {"cases": cases, "float64": float64})
    return answers


def run_program(program: str, payload: Any) -> Any:
    """What `main(payload)` of a program returns in the process that has torch."""
    answer = _ask("torch", {"program": program, "payload": payload})
    assert "error" not in answer, answer["error"]
    return answer["result"]


def _ask(server: str, request: dict[str, Any]) -> Any:
    process, errors = _started(server)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        errors.seek(0)
        raise AssertionError(f"the process with {server} died: {errors.read()[-3000:]}")
    return json.loads(line)


@cache
def _started(server: str) -> tuple[subprocess.Popen[str], IO[str]]:
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    atexit.register(process.kill)
    return process, errors


def _torch(space: dict[str, Any], lr: float | None) -> tuple[Any, Any]:
    import torch

    base = space.get("BASE_LR", space.get("arguments", {}).get("learning_rate", space.get("PEAK", lr)))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base, momentum=0.9)
    if "make_scheduler" in space:
        return optimizer, space["make_scheduler"](optimizer)
    return optimizer, eval(space["call"], {**space, "opt": optimizer, "optimizer": optimizer})


def _follow(library: str, source: str, updates: int, every: int, lr: float | None) -> list[float]:
    import numpy as np

    space: dict[str, Any] = {}
    if source.lstrip().startswith(("#", "import", "from")) or "\n" in source:
        exec(source, space)
    else:
        space["call"] = source
        exec(IMPORTS[library], space)
    if library == "optax":
        import jax
        import jax.numpy as jnp

        schedule = space.get("schedule") or eval(space["call"], space)
        one = jax.vmap(lambda count: jnp.asarray(schedule(count), dtype=float))
        return list(map(float, np.asarray(one(jnp.arange(updates)))))
    if library == "keras":
        import jax
        import jax.numpy as jnp

        rate = space["learning_rate"] if "learning_rate" in space else eval(space["call"], space)
        if isinstance(rate, float):
            return [rate] * updates
        return list(map(float, np.asarray(jax.vmap(rate)(jnp.arange(updates)))))
    optimizer, scheduler = _torch(space, lr)
    rates = []
    for update in range(updates):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if library == "timm":
            scheduler.step_update(num_updates=update + 1)
            scheduler.step(update + 1)
        elif (update + 1) % every == 0 and update + 1 < updates:
            scheduler.step()
    return rates


IMPORTS = {
    "torch": "import math, torch\nimport numpy as np\nfrom torch.optim.lr_scheduler import *\n"
    "from torch.optim.swa_utils import SWALR",
    "optax": "import optax\nfrom optax import *\nfrom optax.schedules import *",
    "keras": "import keras\nfrom keras.optimizers.schedules import *",
    "transformers": "import transformers\nfrom transformers import get_scheduler\n"
    "from transformers.optimization import *",
    "timm": "import timm\nfrom timm.scheduler import *\nfrom timm.scheduler.wsd_lr import WSDLRScheduler",
}


def _rates(cases: list[Case], float64: bool) -> list[Any]:
    libraries = {library for library, *_ in cases}
    if SERVER[next(iter(libraries))] == "jax":
        import jax

        jax.config.update("jax_enable_x64", float64)
    if "keras" in libraries:
        import keras

        keras.config.set_floatx("float64" if float64 else "float32")
    answers: list[Any] = []
    for case in cases:
        try:
            answers.append(_follow(*case))
        except Exception as error:  # noqa: BLE001 - it belongs to the answer
            answers.append(f"{type(error).__name__}: {error}")
    return answers


def _result(program: str, payload: Any) -> dict[str, Any]:
    space: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            exec(program, space)
            return {"result": space["main"](payload)}
    except Exception as error:  # noqa: BLE001 - it belongs to the answer
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    warnings.simplefilter("ignore")
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        request = json.loads(line)
        if "program" in request:
            answer: Any = _result(request["program"], request["payload"])
        else:
            answer = _rates(request["cases"], request["float64"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
