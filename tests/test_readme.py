"""The README says what is so: its commands, its example of a family, the names it lists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from lrtui.cli.command import lrtui as command
from lrtui.experiments import presets
from lrtui.schedules import parse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_and_every_preset_is_in_it() -> None:
    for name in command.commands:
        assert f"lrtui {name}" in README
    for preset in presets():
        assert f"`{preset.name}`" in README


def test_its_expressions_are_schedules() -> None:
    (block,) = re.findall(r"It reads in time order:\n\n((?:    .+\n)+)", README)
    lines = block.strip().splitlines()
    assert len(lines) >= 5
    for line in lines:
        parse(line.strip())


def test_its_example_of_a_family_works_as_written() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    code = f"""
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
from lrtui.schedules.core import Rates, Shape, Updates
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import rate, steps
from lrtui.schedules.registry import register
{snippet}
from lrtui.schedules import parse
print(parse("triangle(0.4)").rates(Horizon(4)).tolist())
"""
    # Another process, so that the example doesn't stay in this one's catalogue.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.stdout == "[0.0, 0.2, 0.4, 0.2]\n", done.stderr


def test_its_pictures_exist_and_need_nothing_from_elsewhere() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert len(pictures) >= 2
    for picture in pictures:
        svg = (ROOT / picture).read_text(encoding="utf-8")
        assert svg.startswith("<svg")
        assert 'url("http' not in svg
        assert "@import" not in svg
