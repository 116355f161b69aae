from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lrtui


def compare(*words: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "lrtui", "runs", "compare", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def made(seed: int, best: float) -> str:
    with lrtui.start(name=f"s{seed}", lr="cosine(0.1)", total_steps=4, steps_per_epoch=2, seed=seed) as run:
        for step, _ in run.rates():
            if step % 2:
                run.epoch(test_acc=best if step == 3 else 0.1)
    return run.id


def test_two_seeds_side_by_side(runs_dir: Path) -> None:
    ids = [made(1, 0.9), made(2, 0.8)]
    text = compare("s1", ids[1], "--target", "85%")
    lines = {
        line[: line.index("  ")] if "  " in line.strip() else line: line for line in text.splitlines() if line
    }
    assert lines["seed"].split() == ["seed", "1", "2"]
    assert "schedule" not in text
    assert "0.8500 ± 0.0707" in text
    assert lines["reached 0.85"].split()[-1] == "never"
    document = json.loads(compare("s1", "s2", "--json", "--target", "0.85"))
    assert [run["figures"]["best"] for run in document["runs"]] == [0.9, 0.8]
    assert [run["figures"]["target_step"] for run in document["runs"]] == [4, None]
    assert document["differences"] == [{"field": "seed", "values": ["1", "2"]}]
    assert "--target x: must be a number" in compare("s1", "s2", "--target", "x", code=2)
    assert "name at least two runs" in compare("s1", ids[0], code=2)
    assert "none of these runs has it; they have epoch_seconds, lr, test_acc" in compare(
        "s1", "s2", "--metric", "nonsense", code=2
    )


def test_the_list_folds_seeds_and_says_when_a_target_was_reached(runs_dir: Path) -> None:
    ids = [made(1, 0.9), made(2, 0.8)]

    def runs(*words: str) -> str:
        command = [sys.executable, "-m", "lrtui", "runs", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        assert "Traceback" not in done.stderr
        return done.stdout or done.stderr

    rows = json.loads(runs("--json", "--target", "85%"))
    assert {row["id"]: row["target_epoch"] for row in rows} == {ids[0]: 2, ids[1]: None}
    assert not {"rises", "experiment"} & set(rows[0])
    (row,) = json.loads(runs("--json", "--seeds", "--target", "0.8"))
    assert (sorted(row["members"]), row["target_epoch"], row["best"]["count"]) == (sorted(ids), 2, 2)
    table = runs("--seeds", "--target", "0.8")
    assert "2 seeds" in table
    assert "0.850 ±0.071" in table
    assert "2 ep" in table
    assert "--target: 85: must be an accuracy" in runs("--target", "85")
