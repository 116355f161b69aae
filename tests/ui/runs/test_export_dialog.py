"""The export dialog's formats, chosen as a person chooses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec, until
from looking import listed
from textual.widgets import Input, Static

from lrtui.runs import export
from lrtui.runs.export import ABOUT, ENDINGS, FORMATS
from lrtui.runs.exporting import parquet
from lrtui.runs.exporting.files import MissingError
from lrtui.runs.store import RunStore
from lrtui.ui.screens.export_dialog import LABELS, ExportDialog
from lrtui.ui.widgets.lines import ChoiceBar


async def test_every_format_is_named_explained_and_fits_on_a_small_screen(root: Path) -> None:
    run = finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.push_screen(ExportDialog(RunStore(root), (run.id,), root.parent))
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        await pilot.pause()
        bar = app.screen.query_one(ChoiceBar)
        assert bar.text.split() == ["F6", *LABELS]
        assert len(bar.text) <= bar.size.width
        for form in (*FORMATS, FORMATS[0]):
            about = app.screen.query_one("#about", Static)
            words = "the chart of test acc against epochs" if form in ("svg", "png") else ABOUT[form]
            assert words in str(about.render())
            assert about.size.height == 1
            assert Path(app.screen.query_one(Input).value).name == run.id + (ENDINGS[form][0] or f"-{form}")
            await pilot.press("f6")
        # Where there is no room for all, the chosen one stands there alone.
        await pilot.resize_terminal(60, 20)
        await until(lambda: bar.text.split() == ["F6", "json", "2/10"], "the chosen one alone")
        await pilot.resize_terminal(80, 24)
        await until(lambda: bar.text.split() == ["F6", *LABELS], "all of them")
        # A click takes a format that isn't the next one.
        await pilot.click(ChoiceBar, offset=(bar.text.index("html"), 0))
        assert app.screen.query_one(Input).value.endswith(".html")
        await pilot.press("enter")
        await until(lambda: not isinstance(app.screen, ExportDialog), "it is written")
        assert "<svg" in (root.parent / f"{run.id}.html").read_text()


async def test_a_files_ending_says_its_format(root: Path) -> None:
    finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        about = app.screen.query_one("#about", Static)
        field = app.screen.query_one(Input)
        field.value = ""
        for ending, form in ((".pq", "parquet"), (".JSON", "json"), ("", "json"), (".htm", "html")):
            field.value = f"mine{ending}"
            await pilot.pause()
            assert ABOUT[form] in str(about.render()), ending
        # Any ending of the format before gives way to that of the next one.
        await pilot.press("f6")
        assert field.value == "mine.svg"
        field.value = str(root.parent / "mine.json")
        await pilot.press("enter")
        await until(lambda: not isinstance(app.screen, ExportDialog), "it is written")
        assert len(json.loads((root.parent / "mine.json").read_text())["runs"]) == 1


async def test_a_folder_that_has_the_run_already_may_be_overwritten(root: Path) -> None:
    pytest.importorskip("tensorboard")
    run = finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        for asked in (False, True):
            app.push_screen(ExportDialog(RunStore(root), (run.id,), root.parent))
            await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
            if not asked:  # the second time it is the format to begin with
                await pilot.press(*["f6"] * FORMATS.index("tensorboard"))
            await pilot.press("enter")
            if asked:
                problem = app.screen.query_one("#problem", Static)
                await until(lambda shown=problem: "exists" in str(shown.render()), "the question")
                await pilot.press("enter")
            await until(lambda: not isinstance(app.screen, ExportDialog), "it is written")
        assert list((root.parent / f"{run.id}-tensorboard" / run.id).iterdir())


async def test_a_missing_package_is_said_in_the_dialog(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def require() -> None:
        raise MissingError("pip install 'lrtui[parquet]'")

    monkeypatch.setattr(parquet, "require", require)
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == "pyarrow" else True)
    run = finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ExportDialog(RunStore(root), (run.id,), root.parent))
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        await pilot.press(*["f6"] * FORMATS.index("parquet"))
        about = str(app.screen.query_one("#about", Static).render())
        assert "needs pip install 'lrtui[parquet]'" in about
        await pilot.press("enter")
        problem = app.screen.query_one("#problem", Static)
        await until(lambda: "lrtui[parquet]" in str(problem.render()), "what is missing")


async def test_format_and_folder_are_those_of_the_last_time(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(RunStore(root), spec("a"))
    there = root.parent / "there"
    there.mkdir()
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("e", "f6")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        app.screen.query_one(Input).value = "there/mine.json"
        await pilot.press("enter")
        await until((there / "mine.json").exists, "it is written")
        await until(lambda: not isinstance(app.screen, ExportDialog), "the dialog's end")
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        assert Path(app.screen.query_one(Input).value) == there / f"{run.id}.json"
        await pilot.press("escape")
        # In another working folder, its own is meant.
        other = root.parent / "other"
        other.mkdir()
        monkeypatch.chdir(other)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        assert Path(app.screen.query_one(Input).value) == other / f"{run.id}.json"


async def test_names_that_lead_nowhere_are_answered_in_one_line(root: Path) -> None:
    finished(RunStore(root), spec("a"))
    (root.parent / "file").touch()
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        problem = app.screen.query_one("#problem", Static)
        for text, words in [
            ("", "Type a file's name"),
            ("results/", "behind the folder's"),
            ("~nobody-of-this-name/x.csv", "Nobody here is called nobody-of-this-name"),
            ("absent/x.csv", "there is no folder"),
            ("file/x.csv", "is a file and no folder"),
            ("x" * 300, "choose a shorter name"),
            ("..", "is a folder: name a file"),
        ]:
            app.screen.query_one(Input).value = text
            await pilot.press("enter")
            await until(lambda words=words: words in str(problem.render()), f"{words} about {text!r}")
        app.screen.query_one(Input).value = "mine.csv"
        await pilot.press("enter")
        await until((root.parent / "mine.csv").exists, "a relative name is one in the working folder")
