"""The README says what is so: its commands, its example of a family, the names it lists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click

from lrtui.cli.command import lrtui as command
from lrtui.experiments import presets
from lrtui.runs.store import RunStore
from lrtui.schedules import parse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def snippet(heading: str) -> str:
    """The only piece of Python under a heading."""
    section = README.split(f"# {heading}\n")[1].split("\n#")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return code


def test_every_command_and_every_preset_is_in_it() -> None:
    for name, each in command.commands.items():
        assert f"lrtui {name}" in README
        if isinstance(each, click.Group):
            named = " ".join(re.findall(rf"lrtui {name} (\S+)", README)).replace("|", " ").split()
            assert set(each.commands) <= set(named)
    for preset in presets():
        assert f"`{preset.name}`" in README


def test_its_expressions_are_schedules() -> None:
    (block,) = re.findall(r"It reads in time order:\n\n((?:    .+\n)+)", README)
    lines = block.strip().splitlines()
    assert len(lines) >= 5
    for line in lines:
        parse(line.strip())


def test_its_example_of_a_family_works_as_written() -> None:
    code = f"""
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
from lrtui.schedules.core import Rates, Shape, Updates
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import rate, steps
from lrtui.schedules.registry import register
{snippet("Adding a schedule family")}
from lrtui.schedules import parse
print(parse("triangle(0.4)").rates(Horizon(4)).tolist())
"""
    # Another process, so that the example doesn't stay in this one's catalogue.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.stdout == "[0.0, 0.2, 0.4, 0.2]\n", done.stderr


def test_its_own_loop_works_as_written(runs_dir: Path) -> None:
    code = f"""
class optimizer: param_groups = [dict(lr=0.0)]
def train_one_batch(): return 0.5
{snippet("Your own training loop")}
print(run.id, step, lr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    run_id, step, lr = done.stdout.split()
    assert step == "999"
    assert 0 < float(lr) < 1e-6
    assert str(RunStore(runs_dir).get(run_id).state()) == "completed"


def test_its_pictures_exist_and_need_nothing_from_elsewhere() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert len(pictures) >= 2
    for picture in pictures:
        svg = (ROOT / picture).read_text(encoding="utf-8")
        assert svg.startswith("<svg")
        assert 'url("http' not in svg
        assert "@import" not in svg
