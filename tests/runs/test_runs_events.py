from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_runs import START, a_short_run, epoch, finished, report
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.events import Event, EventError, EventFollower, EventWriter, decode, encode

keys = st.text(max_size=8).filter(lambda key: key not in ("event", "time", "nonfinite"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
times = st.floats(-1e11, 1e11)


def same(one: Any, other: Any) -> bool:
    """Equality under which nan equals nan and 1 isn't 1.0 or True."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


@given(st.text(max_size=8), times, st.dictionaries(keys, values, max_size=5))
def test_an_event_is_one_line_of_strict_json_and_comes_back(
    kind: str, time: float, fields: dict[str, Any]
) -> None:
    line = encode(Event(kind, time, fields))
    assert b"\n" not in line
    json.loads(line, parse_constant=refuse)
    back = decode(line)
    assert (back.kind, back.time) == (kind, time)
    assert same(back.fields, fields)


def test_what_is_not_finite_is_null_and_named() -> None:
    event = report(
        3, START, train_loss=float("nan"), lr=float("-inf"), evidence={"losses": [1.0, float("inf")]}
    )
    line = json.loads(encode(event))
    assert line["train_loss"] is None
    assert line["lr"] is None
    assert line["nonfinite"] == {"lr": "-inf", "train_loss": "nan", "evidence/losses/1": "inf"}
    assert list(line)[:3] == ["event", "time", "step"]


def test_names_that_look_like_paths_are_told_apart() -> None:
    fields = {"a": {"b": math.nan}, "a/b": math.inf, "a~1b": -math.inf, "c~/d": [1.0, math.nan]}
    assert same(decode(encode(Event("report", 1.0, fields))).fields, fields)


def test_numpy_numbers_are_plain_ones() -> None:
    fields = {
        "a": np.float32(0.5),
        "b": np.int64(3),
        "c": np.array([1.0, np.nan]),
        "d": np.bool_(True),
        "e": (1, 2),
    }
    back = decode(encode(Event("report", 1.0, fields)))
    assert same(back.fields, {"a": 0.5, "b": 3, "c": [1.0, float("nan")], "d": True, "e": [1, 2]})


@pytest.mark.parametrize("fields", [{"event": 1}, {"time": 1}, {"nonfinite": 1}, {"x": object()}])
def test_an_event_that_has_no_line_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        encode(Event("report", 1.0, fields))


def test_an_event_needs_a_time() -> None:
    with pytest.raises(EventError, match="time"):
        encode(Event("report", float("nan"), {}))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[1]",
        b"3",
        b'"text"',
        b"{}",
        b'{"event":"report"}',
        b'{"event":3,"time":1}',
        b'{"event":"report","time":"now"}',
        b'{"event":"report","time":true}',
        b'{"event":"report","time":null}',
        b'{"event":"report","time":1e300}',
        b'{"event":"report","time":NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"event":"report","time":1,"x":' + b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_event_is_an_event_error(line: bytes) -> None:
    with pytest.raises(EventError):
        decode(line)


@given(st.binary(max_size=80) | st.builds(json.dumps, values).map(str.encode))
def test_decoding_anything_gives_an_event_or_an_event_error(line: bytes) -> None:
    with contextlib.suppress(EventError):
        assert isinstance(decode(line), Event)


@given(st.data())
def test_a_damaged_line_never_raises_anything_else(data: st.DataObject) -> None:
    line = bytearray(encode(report(3, START, train_loss=float("nan"))))
    for _ in range(data.draw(st.integers(1, 4))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EventError):
        decode(bytes(line))


@pytest.mark.parametrize(
    "note",
    [
        '{"x":"nan"}',
        '{"a/b":"nan"}',
        '{"a/9":"inf"}',
        '{"y":"nan"}',
        '{"a/٣":"nan"}',
        "3",
        '{"x":[]}',
        '{"":"nan"}',
    ],
)
def test_a_note_that_fits_nothing_is_passed_over(note: str) -> None:
    event = decode(f'{{"event":"report","time":1,"x":0.5,"a":[1],"nonfinite":{note}}}'.encode())
    assert event.fields == {"x": 0.5, "a": [1]}


def test_following_a_log_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    follower = EventFollower(path)
    events = a_short_run()
    with EventWriter(path) as writer:
        for event in events[:4]:
            writer.append(event)
        assert follower.poll() == events[:4]
        with path.open("ab") as file:
            file.write(b"rubbish\n" + encode(events[4])[:-7])
        assert follower.poll() == []
        assert follower.skipped == 1
        with path.open("ab") as file:
            file.write(encode(events[4])[-7:] + b"\n")
        for event in events[5:]:
            writer.append(event)
    assert follower.poll() == events[4:]
    assert follower.skipped == 1
    assert not follower.behind
    path.unlink()
    assert follower.poll() == []
    assert follower.missing


def test_epochs_and_endings_are_synced_and_reports_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_size))
    with EventWriter(tmp_path / "log") as writer:
        writer.append(report(1, START))
        assert synced == []
        writer.append(epoch(1, START + 1))
        assert synced == [(tmp_path / "log").stat().st_size]
        writer.append(finished(START + 2))
        assert len(synced) == 2


def test_emit_stamps_the_time_of_now(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "log") as writer:
        event = writer.emit("diagnosis", kind="chance", message="stuck", evidence={})
    assert EventFollower(tmp_path / "log").poll() == [event]
    assert event.time > 1.7e9
    assert event.get("kind") == "chance"
    assert event.get("absent", 3) == 3
