"""The house's rules that only a fresh interpreter can show: what opening the app or a command loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "textual", "plotext", "numpy", "lark")


def loaded_after(code: str) -> set[str]:
    """Which of the heavy libraries are loaded once `code` has run in an interpreter of its own."""
    report = (
        f"import json, sys; print('\\n' + json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def command(*arguments: str) -> str:
    """Code that runs a command of `lrtui` and goes on after its exit."""
    return f"""
from lrtui.cli import main
try:
    main({list(arguments)!r})
except SystemExit as end:
    assert not end.code
"""


def test_help_loads_nothing_heavy() -> None:
    assert loaded_after(command("--help")) == set()
    assert loaded_after(command("train", "--help")) == set()


@pytest.mark.parametrize("form", ["plot", "csv", "json"])
def test_preview_loads_neither_torch_nor_textual(form: str) -> None:
    loaded = loaded_after(command("preview", "warmup(5ep) >> cosine(0.5)", "--format", form))
    assert not loaded & {"torch", "torchvision", "textual"}


def test_commands_about_runs_load_neither_torch_nor_textual() -> None:
    for arguments in (["schedules", "cosine"], ["runs"]):
        assert not loaded_after(command(*arguments)) & {"torch", "torchvision", "textual"}


def test_the_app_loads_textual_but_no_torch() -> None:
    """All screens open, a schedule previewed: still no torch in the process."""
    code = """
import asyncio
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp

async def use():
    app = LrtuiApp(RunStore())
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("f3", "f4", "f2", "f1", "escape"):
            await pilot.press(key)
            await pilot.pause()

asyncio.run(use())
"""
    loaded = loaded_after(code)
    assert "textual" in loaded
    assert not loaded & {"torch", "torchvision"}


def test_importing_any_module_but_training_and_integrations_loads_no_torch() -> None:
    root = Path(__file__).parent.parent / "lrtui"
    modules = [
        ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(root.rglob("*.py"))
        if not {"training", "integrations"} & set(path.parts) and path.name != "__main__.py"
    ]
    assert len(modules) > 20
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in modules)
    assert not loaded_after(code) & {"torch", "torchvision"}
