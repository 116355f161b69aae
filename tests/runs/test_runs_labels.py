from __future__ import annotations

import os
import stat
import threading

import pytest
from helpers_runs import a_spec
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.labels import Labels, change_labels, read_labels
from lrtui.runs.store import Run, RunStore, StoreError


def test_a_name_tags_and_notes_and_the_id_that_stays(store: RunStore) -> None:
    run = store.create(a_spec(name="first"))
    store.rename(run, "  the good one ")
    store.tag(run, ["good", "baseline"], [])
    store.tag(run, ["GOOD", "x"], ["Baseline", "absent"])
    store.note(run, "warm\r\nand\tcold\n")
    again = RunStore(store.root).get("the good one")
    assert again.id == run.id
    assert again.name == run.name == "the good one"
    row = again.summary()
    assert (row.name, row.tags, row.notes) == ("the good one", ("good", "x"), "warm\nand cold")
    assert again.spec == a_spec(name="first")
    store.rename(run, "")
    assert run.name == "first"
    assert run.labels == Labels(tags=("good", "x"), notes="warm\nand cold")
    path = run.path / "labels.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [each for each in run.path.iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("rename", ["a\nb"], "one line of visible"),
        ("rename", ["\x1b[31mred"], "one line of visible"),
        ("rename", ["a" * 201], "at most 200"),
        ("tag", [["two words"]], "one word"),
        ("tag", [["-minus"]], "one word"),
        ("tag", [[""]], "one word"),
        ("tag", [["a:b"]], "one word"),
        ("tag", [["\u202e"]], "one word"),
        ("tag", [["a" * 51]], "at most 50"),
        ("tag", [[f"t{i}" for i in range(101)]], "at most 100"),
        ("note", ["a" * 20_001], "at most 20,000"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(
    store: RunStore, method: str, arguments: list[object], message: str
) -> None:
    run = store.create(a_spec())
    with pytest.raises(StoreError, match=message) as caught:
        getattr(store, method)(run, *arguments)
    assert str(caught.value).isprintable()
    assert run.labels == Labels()


def test_a_folder_that_is_gone(store: RunStore) -> None:
    run = store.create(a_spec())
    store.delete(run)
    with pytest.raises(StoreError, match="can't be labelled"):
        store.rename(run, "a")
    assert run.labels == Labels()


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda t: f"name = {t!r}\ntags = [{t!r}]".encode(errors="replace"))
)
def test_a_damaged_file_is_no_labels_and_dangerous_ones_are_made_safe(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "labels.toml").write_bytes(data)
    labels = read_labels(folder)
    assert labels.name.isprintable() or " " in labels.name
    assert Run(folder).name


def test_escapes_in_somebody_elses_labels_are_written_out(store: RunStore) -> None:
    run = store.create(a_spec())
    text = 'name = "\\u001b[2Jx"\ntags = ["a\\u0007", 3, "a\\u0007", " "]\n'
    text += 'notes = "l1\\u001b]0;x\\u0007\\nl2"\nother = 1\n'
    (run.path / "labels.toml").write_text(text)
    row = run.summary()
    assert (row.name, row.tags, row.notes) == ("\\x1b[2Jx", ("a\\x07",), "l1\\x1b]0;x\\x07\nl2")
    (run.path / "labels.toml").write_text("name = 3\ntags = 4\nnotes = []")
    os.utime(run.path / "labels.toml", (5, 5))
    assert run.labels == Labels()


def test_two_at_once_lose_nothing(store: RunStore) -> None:
    run = store.create(a_spec())
    others = [RunStore(store.root) for _ in range(4)]

    def add(number: int) -> None:
        for index in range(5):
            others[number].tag(run, [f"t{number}-{index}"])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(run.labels.tags) == 20


def test_a_change_that_fails_leaves_the_file(store: RunStore) -> None:
    run = store.create(a_spec())
    store.tag(run, ["good"])

    def fail(_: Labels) -> Labels:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        change_labels(run.path, fail)
    assert run.labels.tags == ("good",)
