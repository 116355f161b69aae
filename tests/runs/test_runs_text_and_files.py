from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrtui.runs import files
from lrtui.runs.files import LineAppender, LineFollower, write_file
from lrtui.runs.text import json_printable, one_line, printable, slug


@given(st.text(st.characters(codec=None), max_size=40))
def test_printable_is_one_line_without_anything_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert all(character.isprintable() or character.isspace() for character in shown)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    shown.encode()  # no lone surrogates either
    assert printable(shown) == shown


def test_printable_keeps_names_and_names_what_it_hides() -> None:
    assert printable("größe 学习率 café 🙂") == "größe 学习率 café 🙂"
    assert printable("\x1b[31mred\x07") == "\\x1b[31mred\\x07"
    assert printable("a\nb\u202ec\udc80") == "a\\nb\\u202ec\\udc80"
    assert printable("\U000e0001") == "\\U000e0001"
    assert printable("abcdef", limit=4) == "abc…"


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3), max_leaves=5))
def test_json_that_a_terminal_is_shown_reads_back(value: object) -> None:
    for indent in (None, 2):
        shown = json_printable(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(shown) == value
        assert all(character == "\n" or printable(character) == character for character in shown)


def test_one_line_of_an_error() -> None:
    assert one_line(ValueError("a\n  b\x1b")) == "a b\\x1b"
    assert one_line(OSError(13, "Permission denied", "/secret")) == "Permission denied"
    assert one_line(MemoryError()) == "MemoryError"


def test_slug() -> None:
    assert slug("  Größe: Nr. 1!  ") == "groe-nr-1" or slug("  Größe: Nr. 1!  ") == "grosse-nr-1"
    assert slug("学习率") == ""
    assert slug("a" * 23 + "-b") == "a" * 23


def test_lines_arrive_once_and_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "log"
    follower = LineFollower(path)
    assert follower.poll() == []
    assert follower.missing
    path.write_bytes(b"one\ntw")
    assert follower.poll() == [b"one"]
    assert follower.pending == 2
    with path.open("ab") as file:
        file.write(b"o\n\n  \nthree\n")
    assert follower.poll() == [b"two", b"three"]
    assert follower.poll() == []
    assert not follower.missing


@given(st.binary(max_size=200), st.lists(st.integers(0, 30), max_size=20), st.integers(1, 16))
def test_however_a_file_grows_the_lines_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("grow") / "log"
    follower = LineFollower(path, chunk=chunk)
    lines: list[bytes] = []
    at = 0
    path.touch()
    for cut in [*cuts, len(data)]:
        with path.open("ab") as file:
            file.write(data[at : at + cut])
        at += cut
        lines += follower.poll()
        while follower.behind:
            lines += follower.poll()
    assert lines == [line for line in data.split(b"\n")[:-1] if line.strip()]
    assert follower.pending == len(data.split(b"\n")[-1])


def test_a_file_that_is_cut_or_replaced_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\nthr")
    follower = LineFollower(path)
    assert follower.poll() == [b"one", b"two"]
    path.write_bytes(b"new\n")
    assert follower.poll() == [b"new"]
    assert follower.restarts == 1
    other = tmp_path / "other"
    other.write_bytes(b"quite another\nand longer\n")
    other.replace(path)
    assert follower.poll() == [b"quite another", b"and longer"]
    assert follower.restarts == 2


def test_a_file_that_vanishes_says_so_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n")
    follower = LineFollower(path)
    follower.poll()
    path.rename(tmp_path / "away")
    assert follower.poll() == []
    assert follower.missing
    (tmp_path / "away").rename(path)
    with path.open("ab") as file:
        file.write(b"two\n")
    assert follower.poll() == [b"two"]
    assert follower.restarts == 0


def test_a_folder_or_a_pipe_in_place_of_a_log_neither_raises_nor_waits(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        follower = LineFollower(tmp_path / name)
        assert follower.poll() == []
        assert follower.missing


def test_an_endless_line_is_dropped_instead_of_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 100)
    path = tmp_path / "log"
    path.write_bytes(b"one\n" + b"x" * 1000 + b"\ntwo\n")
    follower = LineFollower(path, chunk=64)
    lines = follower.poll()
    while follower.behind:
        lines += follower.poll()
        assert follower.pending <= 164
    assert lines == [b"one", b"two"]
    assert follower.overlong == 1


def test_appending_after_a_torn_line_loses_only_that_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"a":1}\n{"b"')
    appender = LineAppender(path)
    appender.append(b'{"c":3}')
    appender.append(b'{"d":4}')
    appender.close()
    appender.close()
    assert path.read_bytes() == b'{"a":1}\n{"b"\n{"c":3}\n{"d":4}\n'


def test_a_write_the_disk_refuses_halfway_leaves_the_next_line_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appender = LineAppender(tmp_path / "log")
    real_write = os.write
    answers = iter([3, OSError(28, "No space left on device")])

    def short_write(fd: int, data: bytes) -> int:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return real_write(fd, data[:answer])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short_write)
        with pytest.raises(OSError, match="No space"):
            appender.append(b"abcdef")
    appender.append(b"whole")
    appender.close()
    assert (tmp_path / "log").read_bytes() == b"abc\nwhole\n"


def test_files_are_the_users_alone_and_replaced_whole(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_file(tmp_path / "spec", b"one")
        LineAppender(tmp_path / "log").close()
    finally:
        os.umask(old)
    for name in ("spec", "log"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    write_file(tmp_path / "spec", b"two")
    assert (tmp_path / "spec").read_bytes() == b"two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "spec"]


@settings(max_examples=20)
@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda line: b"\n" not in line), max_size=20))
def test_what_is_appended_is_what_is_followed(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "log"
    appender = LineAppender(path)
    for line in lines:
        appender.append(line)
    appender.close()
    assert LineFollower(path).poll() == [line for line in lines if line.strip()]
