"""Running the real `lrtui` command in a process of its own, without a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LRTUI = str(Path(sys.executable).with_name("lrtui"))


def lrtui(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run `lrtui` with these arguments and return what came of it."""
    return subprocess.run(
        [LRTUI, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
        timeout=timeout,
        **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
    )


def strict_json(text: str) -> Any:
    """Parse JSON as the standard has it: the words NaN and Infinity are errors."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def events_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The events that `--json` printed: every line of stdout must be one."""
    return [strict_json(line) for line in done.stdout.splitlines()]
