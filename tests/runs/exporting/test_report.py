from __future__ import annotations

import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from helpers_runs import START, a_short_run, a_spec, epoch, finished, log, report, started
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.events import Event
from lrtui.runs.export import ExistsError, ExportError, export
from lrtui.runs.exporting import curves, markdown
from lrtui.runs.exporting.report import report as put_together
from lrtui.runs.own_spec import own_spec
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from lrtui.runs.text import printable

HOSTILE = "</td><script>alert(1)</script> | *a* _b_ [l](http://x) `c` &lt; $d$ www.x.y <b>"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "table", "thead", "tbody", "tr",
    "th", "td", "span", "ul", "li", "svg", "rect", "text", "path", "line", "circle",
}  # fmt: skip


class Page(HTMLParser):
    """The tags, attributes and cells of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.texts: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        self.inside = self.inside or tag == "td"
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "td"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.inside:
            self.cells[-1] += data


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    good, bad = store.create(a_spec(name="good")), store.create(a_spec(name="bad", seed=7, epochs=3))
    log(good, a_short_run())
    huge = [report(step, START + step, train_loss=10.0 ** (step / 4)) for step in range(0, 40, 2)]
    notes = [Event("diagnosis", START + 50, {"kind": "diverged", "message": "Try a lower rate\x1b[31m"})]
    log(bad, [started(), *huge, report(41, START + 41, train_loss=math.nan), *notes])
    log(bad, [finished(START + 65, "diverged", "the loss is nan")])
    for run in (good, bad):
        run.lock_path.touch()
    return [good, bad]


def page(runs: list[Run], path: Path) -> Page:
    export(runs, "html", path, overwrite=True)
    return Page(path.read_text())


def test_what_a_report_says(runs: list[Run]) -> None:
    found = put_together(runs)
    good, bad = (dict(zip(found.overview.head, row, strict=True)) for row in found.overview.rows)
    assert good == {
        "Run": "good",
        "State": "completed",
        "Best test accuracy": "60.00% (epoch 1)",
        "Final": "50.00%",
        "Epochs": "2 of 2",
        "Duration": "0:08",
        "Schedule": "cosine(0.5, final_lr=0.01)",
        "Data": "Fashion-MNIST, embedded subset (10,000/2,000)",
        "Id": runs[0].id,
    }
    assert (bad["State"], bad["Final"], bad["Epochs"], bad["Duration"]) == ("diverged", "–", "0 of 3", "1:05")
    assert found.notes == (
        ("bad", "diverged: the loss left all bounds"),
        ("bad", "the loss is nan"),
        ("bad", "Try a lower rate\\x1b[31m"),
    )
    differs, same = found.tables
    assert differs.head == ("Run", "epochs", "seed")
    assert differs.rows == (("good", "2", "0"), ("bad", "3", "7"))
    assert ("batch_size", "256") in same.rows
    assert not {row[0] for row in same.rows} & {"epochs", "seed", "name", "hyper", "updates"}


def test_loss_accuracy_and_rate_are_drawn(runs: list[Run]) -> None:
    loss, accuracy, rate = put_together(runs).charts
    assert [chart.title for chart in (loss, accuracy, rate)] == ["Loss", "Accuracy", "Learning rate"]
    assert (loss.log, accuracy.log, rate.log) == (True, False, False)
    assert (loss.x, accuracy.y_kind) == ("epoch", "percent")
    assert loss.note == "pale: train_loss; clear: test_loss"
    assert [(line.title, line.style) for line in loss.lines] == [
        ("good: train_loss", "faint"), ("bad: train_loss", "faint"), ("good: test_loss", "marks"),
    ]  # fmt: skip
    assert loss.legend == [("good", 0), ("bad", 1)]
    assert {line.colour for line in rate.lines} == {0, 1}
    assert [chart.log for chart in put_together(runs, log=True).charts] == [True, False, True]


def test_a_single_run_shows_its_whole_spec(runs: list[Run]) -> None:
    found = put_together(runs[:1])
    (spec,) = found.tables
    assert (found.title, spec.title) == ("Run good", "Spec")
    assert ("optimizer", "sgd") in spec.rows
    assert not put_together(runs[:1]).charts[0].log


def test_runs_of_one_name_are_told_apart(store: RunStore) -> None:
    twins = [store.create(a_spec(name="twin")) for _ in range(2)]
    labels = [row[0] for row in put_together(twins).overview.rows]
    assert labels == [f"twin ({run.id[-4:]})" for run in twins]


def test_own_loops_without_epochs_and_runs_without_anything(store: RunStore, tmp_path: Path) -> None:
    own = store.create(own_spec("mine", hyper={"width": 3}))
    log(
        own, [Event("report", START + step, {"step": step, "loss": 2.0, "val_acc": 0.5}) for step in range(9)]
    )
    broken = Run(store.create(a_spec()).path)
    broken.spec_path.write_bytes(b"\xff")
    broken.events_path.write_bytes(b"{}\nrubbish\n")
    found = put_together([own, broken])
    assert [chart.x for chart in found.charts] == ["update", "update"]
    assert ("width", "3", "–") in tuple(zip(*[found.tables[0].head, *found.tables[0].rows], strict=True))
    assert any("2 lines of the log" in text for _, text in found.notes)
    assert any("spec can't be read" in text for _, text in found.notes)
    assert put_together([broken]).charts == ()
    for form in ("html", "markdown"):
        export([own, broken], form, tmp_path / form)  # type: ignore[arg-type]


def test_the_page_holds_charts_and_tables_and_loads_nothing(runs: list[Run], tmp_path: Path) -> None:
    found = page(runs, tmp_path / "r.html")
    assert set(found.tags) == ALLOWED
    assert found.tags.count("svg") == 3
    assert found.tags.count("table") == 3
    text = (tmp_path / "r.html").read_text()
    assert not found.attributes & {"src", "href", "onload", "onclick"}
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text
    assert "\x1b" not in text
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(svg)


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_browser_opens_the_page_with_its_charts(runs: list[Run], tmp_path: Path) -> None:
    export(runs, "html", tmp_path / "r.html")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,2000", profile]
    picture = tmp_path / "r.png"
    done = subprocess.run(
        [str(BROWSER), *options, f"--screenshot={picture}", "--dump-dom", (tmp_path / "r.html").as_uri()],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    # An empty page of this size is a few KiB.
    assert picture.stat().st_size > 40_000
    found = Page(done.stdout)
    assert set(found.tags) == ALLOWED
    assert found.tags.count("svg") == 3


def test_hostile_names_are_only_text(store: RunStore, tmp_path: Path) -> None:
    run = store.create(msgspec.structs.replace(a_spec(), name=HOSTILE, preset=HOSTILE + "\x1b\u202e"))
    other = store.create(own_spec("x", hyper={HOSTILE: HOSTILE}))
    log(run, [started(data={"label": HOSTILE}), epoch(1, START, 0.5, **{HOSTILE + "loss": 0.5})])
    found = page([run, other], tmp_path / "r.html")
    assert set(found.tags) <= ALLOWED
    assert HOSTILE in found.cells
    assert HOSTILE + "\\x1b\\u202e" in found.cells
    export([run, other], "svg", tmp_path / "c.svg", metric=HOSTILE + "loss")
    root = ET.parse(tmp_path / "c.svg").getroot()
    assert any((element.text or "").startswith(HOSTILE[:59]) for element in root.iter())


def rendered(text: str) -> Page:
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"html": True, "linkify": False})
    return Page(parser.render(text))


def test_markdown_shows_the_same_tables_and_names_its_charts(runs: list[Run], tmp_path: Path) -> None:
    written = export(runs, "markdown", tmp_path / "a [r].md")
    text = (tmp_path / "a [r].md").read_text()
    found = rendered(text)
    assert found.tags.count("img") == 3
    assert found.cells == page(runs, tmp_path / "r.html").cells
    linked = {tmp_path / unquote(name) for name in re.findall(r"\]\(([^ )]+)\)", text)}
    names = {tmp_path / f"a [r].{name}.svg" for name in ("loss", "accuracy", "learning-rate")}
    assert linked == names == set(written) - {tmp_path / "a [r].md"}
    for name in names:
        assert ET.parse(name).getroot().tag.endswith("svg")


def test_pictures_are_not_overwritten_either(runs: list[Run], tmp_path: Path) -> None:
    (tmp_path / "r.loss.svg").write_text("mine")
    with pytest.raises(ExistsError, match=r"r\.loss\.svg exists"):
        export(runs, "markdown", tmp_path / "r.md")
    assert sorted(path.name for path in tmp_path.glob("r.*")) == ["r.loss.svg"]


def test_hostile_names_are_only_text_in_markdown_too(store: RunStore, tmp_path: Path) -> None:
    run = store.create(msgspec.structs.replace(a_spec(), name=HOSTILE))
    log(run, [Event("diagnosis", START, {"message": f"# x\n- {HOSTILE}"})])
    export([run], "markdown", tmp_path / "r.md")
    found = rendered((tmp_path / "r.md").read_text())
    assert set(found.tags) <= {
        "h1",
        "h2",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
        "strong",
    }
    assert HOSTILE in found.cells
    assert f"Run {HOSTILE}" in "".join(found.texts)


@given(st.text(st.characters(codec="utf-8"), max_size=30).map(printable).map(str.strip).filter(bool))
def test_any_text_in_a_cell_of_markdown(text: str) -> None:
    found = rendered(f"| a | b |\n| --- | --- |\n| {markdown.escape(text)} | x |\n")
    assert found.cells == [text, "x"]
    assert set(found.tags) == {"table", "thead", "tbody", "tr", "th", "td"}


def test_a_chart_of_one_metric(runs: list[Run], tmp_path: Path) -> None:
    assert export(runs, "svg", tmp_path / "c.svg") == [tmp_path / "c.svg"]
    text = (tmp_path / "c.svg").read_text()
    assert "test_acc of 2 runs" in text
    assert ET.fromstring(text).tag.endswith("svg")
    chart = curves.metric_chart(curves.records(runs, ("seconds",)), "train_loss", "seconds", log=True)
    assert (chart.x, chart.x_kind, chart.log) == ("time since the start", "seconds", True)
    assert chart.lines[0].x.tolist() == [1, 2, 3, 5, 6, 7]
    (x, y) = curves.records(runs[:1], ("examples",))[0].curves["lr", "examples"]
    assert (x[0], y[0]) == (2500, 0.5)


@pytest.mark.parametrize(
    ("metric", "x", "log", "message"),
    [
        (
            "nope\x1b",
            "epoch",
            False,
            r"no metric 'nope\\x1b' in these runs: there is epoch_seconds, examples_per_sec, ",
        ),
        ("gone", "epoch", False, "gone has no finite values against epoch: choose another x"),
        ("minus", "epoch", True, "minus has no positive values: a log axis can't show them"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    runs: list[Run], tmp_path: Path, metric: str, x: str, log: bool, message: str
) -> None:
    from helpers_runs import log as write

    write(runs[0], [report(90, START + 9, gone=math.nan, minus=-1.0)])
    with pytest.raises(ExportError, match=message) as caught:
        export(runs, "svg", tmp_path / "c.svg", metric=metric, x=x, log=log)  # type: ignore[arg-type]
    assert str(caught.value).isprintable()
    assert not (tmp_path / "c.svg").exists()


def test_long_logs_become_small_charts(store: RunStore, tmp_path: Path) -> None:
    run = store.create(a_spec())
    log(run, [started(), *[report(step, START + step, train_loss=1 + step % 7) for step in range(20_000)]])
    (record,) = curves.records([run])
    assert all(x.size < 4100 and x.base is None for x, _ in record.curves.values())
    export([run], "html", tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 400_000
