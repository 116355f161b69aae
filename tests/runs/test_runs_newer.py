"""A run that a newer version of lrtui made: shown as far as it is understood, not repeated as another."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers_runs import a_spec

from lrtui.cli.command import lrtui
from lrtui.runs.interventions import repeat
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    run = store.create(a_spec(schedule="constant(0.1)"))
    newer = 'spec_version = 99\nlrtui = "9.9"\nfancy = [1]\n"esc\\u001b" = 2\n'
    kept = [
        line
        for line in run.spec_path.read_text().splitlines()
        if "version" not in line and "lrtui" not in line
    ]
    run.spec_path.write_text("\n".join(kept) + "\n" + newer)
    return run


def test_what_is_passed_over_is_said(run: Run) -> None:
    assert run.passed_over == ("fancy", "esc\\x1b")
    assert run.summary().schedule == "constant(0.1)"
    done = CliRunner().invoke(lrtui, ["runs", "show", run.id, "--runs-dir", str(run.path.parent)])
    assert (
        "note      of the spec, this version of lrtui doesn't know and passes over fancy, esc\\x1b"
        in done.output
    )


def test_it_is_not_repeated_as_something_else(run: Run) -> None:
    with pytest.raises(
        SpecError, match=r"doesn't know what fancy, esc\\x1b in its spec means.* wrote it \(9.9\)"
    ):
        repeat(run)


def test_a_run_of_this_version_passes_nothing_over(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    assert run.passed_over == ()
    assert repeat(run).schedule == run.spec.schedule
    assert Run(tmp_path / "nothing").passed_over == ()
