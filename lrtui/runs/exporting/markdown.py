"""A report as Markdown (with GitHub's tables), all text escaped; its charts are pictures in files beside it.

Pictures as data inside the file would be shown by few viewers, and by none of the code hosts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from lrtui.runs.exporting.report import Report, Table
from lrtui.runs.exporting.svg import Chart

# What is markup in the middle of a line, and what makes a link of a bare address.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$#@]|(?<=:)//|(?i:(?<=www)\.)")


def pictures(report: Report, path: Path) -> dict[Path, Chart]:
    """The files beside the report's own for its charts: `report.loss.svg` beside `report.md`."""
    stem = path.stem if path.suffix else path.name
    return {
        path.with_name(f"{stem}.{chart.title.lower().replace(' ', '-')}.svg"): chart
        for chart in report.charts
    }


def write_markdown(report: Report, charts: Mapping[Path, Chart], file: TextIO) -> None:
    """Write the report; `charts` are the files of its pictures, in the folder that it will be in."""
    for line in _lines(report, charts):
        file.write(line + "\n")


def escape(text: str) -> str:
    """Printable text as Markdown that shows just that, in a cell, in a heading, inside a line."""
    return _SPECIAL.sub(lambda match: "".join(f"\\{character}" for character in match[0]), text)


def _lines(report: Report, charts: Mapping[Path, Chart]) -> Iterator[str]:
    yield f"# {escape(report.title)}\n\n{escape(report.about)}\n"
    yield from _table(report.overview)
    if report.notes:
        yield "## Notes\n"
        for name, text in report.notes:
            yield f"- **{escape(name)}**: {escape(text)}"
        yield ""
    if charts:
        yield "## Curves\n"
        for path, chart in charts.items():
            yield f"![{escape(chart.title)}]({quote(os.fsencode(path.name))})\n"
    for table in report.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"## {escape(table.title)}\n"
    yield _row(table.head)
    yield _row(["--:" if column in table.numbers else "---" for column in range(len(table.head))], plain=True)
    for row in table.rows:
        yield _row(row)
    yield ""


def _row(cells: tuple[str, ...] | list[str], plain: bool = False) -> str:
    return "| " + " | ".join(cell if plain else escape(cell) or " " for cell in cells) + " |"
