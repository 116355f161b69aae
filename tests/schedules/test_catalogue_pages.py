"""The catalogue's pages and the parity table come from declarations, and pick up a new family unasked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lrtui.schedules import Family, Horizon, catalogue, check, drawable
from lrtui.schedules.pages import example, page, parity_table
from tests.schedules.dialects.call_examples import CALLS

HERE = Path(__file__).parent


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_a_page_says_all_that_is_declared(entry: Family) -> None:
    text = " ".join(page(entry, 90).split())
    said = [entry.name, entry.title, entry.summary, entry.formula, *entry.aliases, *entry.references]
    for parameter in entry.parameters:
        said += [parameter.name, parameter.help]
    for library, dialect in entry.dialects.items():
        said += [library, dialect.name, dialect.differs]
    for words in said:
        assert " ".join(words.split()) in text
    assert all(len(line) <= 90 for line in page(entry, 90).splitlines())
    shown = example(entry)
    assert shown is not None
    horizon = Horizon(1000, 50)
    check(drawable(shown, horizon), horizon)
    assert entry.name in str(shown)


DELIBERATE = {
    ("linear", "torch"): "test_linear_of_length_zero_is_a_deliberate_difference",
    ("cosine", "torch"): "test_cosine_holds_where_torch_rises_again",
    ("multistep", "timm"): "test_milestones_are_one_update_early",
    ("multistep", "keras"): "test_piecewise_boundaries_fall_one_update_later",
    ("sgdr", "torch"): "test_a_restart_that_torchs_step_to_an_epoch_misses",
    ("sgdr", "timm"): "test_timm_misses_a_restart_that_integers_find",
    ("piecewise", "keras"): "test_piecewise_boundaries_fall_one_update_later",
    ("sgdr", "keras"): "test_keras_misses_a_restart_that_integers_find",
    ("tanh", "timm"): "test_tanh_holds_where_timm_jumps",
    ("rex", "pytorch_optimizer"): "test_rex_never_uses_its_peak",
    ("chebyshev", "pytorch_optimizer"): "test_chebyshev_starts_two_updates_late",
    ("wsd", "pytorch_optimizer"): "test_wsd_jumps_up_to_a_floor_it_ignored",
    ("slanted_triangular", "pytorch_scheduler"): "test_slanted_triangular_follows_the_paper",
    ("one_cycle", "torch"): "test_one_cycle_holds_where_torch_goes_negative",
}
"""The test that shows each difference that is on purpose, among that library's parity tests."""


def test_every_deliberate_difference_has_a_test() -> None:
    rows = {(family, library) for family, library, _, _, deliberate in parity_table() if deliberate}
    assert rows == set(DELIBERATE)
    for (_, library), name in DELIBERATE.items():
        texts = [path.read_text() for path in (HERE / "parity").glob(f"test_parity_{library}*.py")]
        assert any(f"def {name}(" in text for text in texts), name


LIBRARIES = ("torch", "timm", "transformers", "optax", "keras", "pytorch_optimizer", "pytorch_scheduler")


def test_every_row_of_the_parity_table_is_compared() -> None:
    """As an expression or a name in the library's parity tests, or in the calls that are read beside it."""
    missing = []
    for family, library, theirs, _, _ in parity_table():
        if library not in LIBRARIES:
            continue
        tests = " ".join(path.read_text() for path in (HERE / "parity").glob(f"test_parity_{library}*.py"))
        tests += (HERE / "parity" / "test_parity_metric.py").read_text() if library == "torch" else ""
        said = " ".join([tests, *CALLS.get(library, ())])
        names = re.findall(r"\w{4,}", re.sub(r"\(.*?\)", "", theirs))
        called = [rf"\b{family}\(", rf"['\"]{family}['\"]", *(rf"\b{name}\b" for name in names)]
        if not any(re.search(pattern, said) for pattern in called):
            missing.append((family, library))
    assert not missing


NEW_FAMILY = """
import dataclasses, sys
sys.path.insert(0, HERE)
from dataclasses import dataclass
import numpy as np
from lrtui.schedules import Horizon, catalogue, family, parse
from lrtui.schedules.core import Shape
from lrtui.schedules.pages import example, page, parity_table
from lrtui.schedules.parameters import choice, rate, steps
from lrtui.schedules.registry import Dialect, register

@register("bathtub", title="Bathtub", summary="High, low, high.", formula="lr * |2z - 1|", references=("a",),
          aliases=("tub",), dialects={"torch": Dialect("BathtubLR(T)", "It leaks.", deliberate=True)})
@dataclass(frozen=True)
class Bathtub(Shape):
    lr: float = rate(0.1, "The rate at both ends.")
    side: str = choice("both", "Which side.", ("both", "left"))
    steps: object = steps()

    def _curve(self, t, extent, horizon):
        return self.lr * np.abs(2 * t / extent - 1)

assert family("tub") in catalogue()
schedule = parse("tub(1, side=left, steps=10) >> cosine(0.1)")
assert str(schedule) == "bathtub(1, side=left, steps=10) >> cosine(0.1)", schedule
assert schedule([0, 5, 9], Horizon(100)).tolist() == [1, 0, 0.8]
assert [p.parse(p.format(v)) for p, v in zip(family("bathtub").parameters, schedule.parts[0].values.values())]
assert "BathtubLR(T). It leaks." in page(family("bathtub"))
assert ("bathtub", "torch", "BathtubLR(T)", "It leaks.", True) in parity_table()
assert str(example(family("bathtub"))) == "bathtub(0.1)"
import schedule_strategies
assert any(entry.name == "bathtub" for entry in schedule_strategies._role("shape"))
from lrtui.ui.rearrange import new_part
from lrtui.ui.shapes import family_shape
assert str(new_part(family("bathtub"))) == "bathtub(0.1)"
assert len(set(family_shape(family("bathtub")))) > 2

import asyncio
from textual.app import App
from lrtui.ui.widgets.field import Field
from lrtui.ui.widgets.parameter_form import ParameterForm

class Window(App):
    def compose(self):
        yield ParameterForm()

async def form():
    async with Window().run_test() as pilot:
        shown = pilot.app.query_one(ParameterForm)
        await shown.show(parse("bathtub(1, side=left)"), ())
        return {field.parameter.name: field.input.value for field in pilot.app.query(Field)}

assert asyncio.run(form()) == {"lr": "1", "side": "left", "steps": ""}
from click.testing import CliRunner
from lrtui.cli.command import lrtui
assert "High, low, high." in CliRunner().invoke(lrtui, ["schedules", "tub"]).output
"""


def test_a_new_family_is_one_module_and_nothing_else(tmp_path: Path) -> None:
    program = tmp_path / "new_family.py"
    program.write_text(NEW_FAMILY.replace("HERE", repr(str(HERE))))
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
