"""Metrics to draw schedules on: where they are from is said in words that are safe to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrtui.experiments.traces import TraceError, trace_of_file


def test_a_file_is_named_by_its_last_part_made_printable(tmp_path: Path) -> None:
    path = tmp_path / "odd\x1b[31m.csv"
    path.write_text("epoch,val_loss\n1,0.5\n2,nan\n3,0.25\n")
    trace = trace_of_file(path)
    assert trace.words == "odd\\x1b[31m.csv"
    assert trace.metrics[::2] == (0.5, 0.25)
    assert trace_of_file(path, "epoch").words == "epoch of odd\\x1b[31m.csv"


@pytest.mark.parametrize(
    ("content", "column", "said"), [("", None, "empty"), ("a\n1\n", "b", "no column 'b'")]
)
def test_what_is_no_trace_is_one_printable_line(
    tmp_path: Path, content: str, column: str | None, said: str
) -> None:
    path = tmp_path / "odd\x1b[31m.csv"
    path.write_text(content)
    with pytest.raises(TraceError, match=said) as caught:
        trace_of_file(path, column)
    assert str(caught.value).isprintable()
    with pytest.raises(TraceError, match="No such file"):
        trace_of_file(tmp_path / "none")
