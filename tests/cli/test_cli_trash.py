from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import lrtui
from lrtui.cli.command import main


def runs(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as left:
        main(["runs", *words])
    said = capsys.readouterr()
    assert left.value.code == code, said
    return said.out if code == 0 else said.err


def test_removed_listed_restored_and_emptied(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ids = []
    for name in ("one", "two"):
        with lrtui.start(name=name, lr="cosine(0.1)", total_steps=1) as run:
            run.epoch(test_acc=0.9)
        ids.append(run.id)
    assert runs(capsys, "trash") == "the trash is empty\n"
    assert runs(capsys, "rm", "one", "-y") == f"removed {ids[0]}\n"
    assert not (runs_dir / ids[0]).exists()
    listed = runs(capsys, "trash")
    assert listed.startswith(f"{ids[0]}  deleted")
    assert "cosine(0.1)" in listed
    (row,) = json.loads(runs(capsys, "trash", "--json"))
    assert row["id"] == ids[0]
    assert Path(row["path"]).is_dir()
    assert "lrtui runs restore" in runs(capsys, "show", ids[0], code=2)
    assert runs(capsys, "restore", ids[0]) == f"restored {ids[0]}\n"
    assert "acc" in runs(capsys, "show", "one")
    assert "no run 'nobody' in the trash" in runs(capsys, "restore", "nobody", code=2)
    runs(capsys, "rm", *ids, "-y")
    assert "add --yes" in runs(capsys, "empty-trash", code=2)
    assert "--older-than 7: must be a time such as 30m" in runs(
        capsys, "empty-trash", "--older-than", "7", code=2
    )
    assert runs(capsys, "empty-trash", "-y", "--older-than", "1h") == "there is nothing to delete\n"
    assert runs(capsys, "empty-trash", "-y") == "deleted 2 runs for good\n"
    assert [path.name for path in runs_dir.rglob("*")] == [".trash"]


def test_for_good_at_once(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lrtui.start(name="one", lr="cosine(0.1)", total_steps=1):
        pass
    assert "removed" in runs(capsys, "rm", "one", "-y", "--for-good")
    assert runs(capsys, "trash") == "the trash is empty\n"
