"""A report as one HTML page, complete in itself: no script, nothing loaded, all text escaped."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TextIO

from lrtui.runs.exporting.report import Report, Table
from lrtui.runs.exporting.svg import COLOURS, draw

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
  color: #222; background: #fff; max-width: 1280px; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.about { color: #666; margin: .2rem 0 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
  border-bottom: 1px solid #e4e4e4; }
th { color: #666; font-weight: 600; border-bottom-color: #aaa; }
td { overflow-wrap: break-word; max-width: 22rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.name { font-weight: 600; }
td.name { position: relative; padding-left: 1.3rem; min-width: 8rem; max-width: 14rem; }
.name, .code, li { overflow-wrap: anywhere; }
.key { position: absolute; left: 0; top: .6rem; width: .8rem; height: .8rem; border-radius: .15rem; }
.code { font: .8rem/1.6 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; min-width: 11rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 1rem; }
.charts svg { width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } tr, svg { break-inside: avoid; } }
"""


def write_html(report: Report, file: TextIO) -> None:
    """Write the page."""
    for part in _parts(report):
        file.write(part + "\n")


def _parts(report: Report) -> Iterator[str]:
    title = html.escape(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    # Should anything ever get past the escaping, it could still neither run nor load.
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f'<h1>{title}</h1>\n<p class="about">{html.escape(report.about)}</p>'
    yield from _table(report.overview)
    if report.notes:
        yield "<h2>Notes</h2>\n<ul>"
        for name, text in report.notes:
            yield f'<li><span class="name">{html.escape(name)}</span>: {html.escape(text)}</li>'
        yield "</ul>"
    if report.charts:
        yield '<h2>Curves</h2>\n<div class="charts">'
        for chart in report.charts:
            yield draw(chart, 640, 380)
        yield "</div>"
    for table in report.tables:
        yield from _table(table)
    yield "</body>\n</html>"


def _table(table: Table) -> Iterator[str]:
    yield f'<h2>{html.escape(table.title)}</h2>\n<div class="wide">\n<table>\n<thead><tr>'
    for column, name in enumerate(table.head):
        number = ' class="number"' if column in table.numbers else ""
        yield f"<th{number}>{html.escape(name)}</th>"
    yield "</tr></thead>\n<tbody>"
    for place, row in enumerate(table.rows):
        yield "<tr>"
        for column, text in enumerate(row):
            kind, key = "", ""
            if column in table.numbers:
                kind = ' class="number"'
            elif column == 0 and table.colours:
                colour = COLOURS[table.colours[place] % len(COLOURS)]
                kind, key = ' class="name"', f'<span class="key" style="background:{colour}"></span>'
            elif table.head[column] in ("Schedule", "schedule", "Id"):
                kind = ' class="code"'
            yield f"<td{kind}>{key}{html.escape(text)}</td>"
        yield "</tr>"
    yield "</tbody>\n</table>\n</div>"
