"""Run generated code, or calls as people write them, in the real libraries: rates of every update as JSON.

Run as a script in a process of its own, so that no test process loads torch, jax or keras. It reads a list of
[library, source, updates, updates a step, optimizer's lr or null] and writes a list of rates or an error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from typing import Any

Case = tuple[str, str, int, int, float | None]


def rates_of(cases: list[Case], *, float64: bool = True) -> list[Any]:
    """What the libraries say, in order: a list of rates for each case, or a string if the library raised."""
    answer = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1" if float64 else "0"},
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    parsed: list[Any] = json.loads(answer.stdout.splitlines()[-1])
    return parsed


def _torch(space: dict[str, Any], lr: float | None) -> tuple[Any, Any]:
    import torch

    base = space.get("BASE_LR", space.get("arguments", {}).get("learning_rate", lr))
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
        import keras

        keras.config.set_floatx("float64" if os.environ["JAX_ENABLE_X64"] == "1" else "float32")
        rate = space["learning_rate"] if "learning_rate" in space else eval(space["call"], space)
        if isinstance(rate, float):
            return [rate] * updates
        import jax
        import jax.numpy as jnp

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
    "torch": "import torch\nfrom torch.optim.lr_scheduler import *\nfrom torch.optim.swa_utils import SWALR",
    "optax": "import optax\nfrom optax import *\nfrom optax.schedules import *",
    "keras": "import keras\nfrom keras.optimizers.schedules import *",
    "transformers": "import transformers\nfrom transformers import get_scheduler\n"
    "from transformers.optimization import *",
    "timm": "import timm\nfrom timm.scheduler import *\nfrom timm.scheduler.wsd_lr import WSDLRScheduler",
}


def main() -> None:
    warnings.simplefilter("ignore")
    answers: list[Any] = []
    for case in json.load(sys.stdin):
        try:
            answers.append(_follow(*case))
        except Exception as error:  # noqa: BLE001 - it belongs to the answer
            answers.append(f"{type(error).__name__}: {error}")
    print()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
