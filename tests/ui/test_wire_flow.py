"""How much is sent to a terminal that doesn't read: by its device's room, and by its own answers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from lrtui.ui import wire_flow
from lrtui.ui.wire_flow import ASK, ASK_EVERY, MOST, Flow


@pytest.fixture
def room() -> Iterator[int]:
    """A device that takes everything."""
    fd = os.open(os.devnull, os.O_WRONLY)
    yield fd
    os.close(fd)


def answering(fd: int) -> Flow:
    flow = Flow(fd)
    assert flow.sending("x").endswith(ASK)
    assert flow.answered()
    return flow


def send_all(flow: Flow, size: int, most: int = 1000) -> tuple[int, int]:
    """Frames of a size until no more may be sent: how many bytes, how many questions."""
    sent = asked = 0
    for _ in range(most):
        if not flow.open():
            break
        text = flow.sending("x" * size)
        sent += size
        asked += text.endswith(ASK)
    return sent, asked


def test_a_terminal_that_never_answers_is_asked_once_and_believed(room: int) -> None:
    flow = Flow(room)
    assert send_all(flow, 500) == (500_000, 1)
    assert not Flow(room).answered()


def test_a_device_that_is_full_takes_nothing() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    flow = Flow(writer)
    assert flow.open()
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    assert not flow.open()
    os.read(reader, 1 << 20)
    assert flow.open()
    os.close(writer)
    assert flow.open()  # nothing to wait for any more: the write itself will say what is wrong
    os.close(reader)


def test_about_a_screenful_is_sent_without_an_answer(room: int) -> None:
    flow = answering(room)
    sent, asked = send_all(flow, 300)
    assert MOST < sent <= MOST + 600
    assert asked == MOST // ASK_EVERY
    for _ in range(asked):
        assert flow.answered()
    assert flow.open()
    assert not flow.answered()


def test_a_terminal_that_answers_gets_everything(room: int) -> None:
    flow = answering(room)
    for _ in range(1000):
        assert flow.open()
        if flow.sending("x" * 300).endswith(ASK):
            flow.answered()


def test_a_key_is_worth_one_more_update(room: int) -> None:
    flow = answering(room)
    send_all(flow, 3000)
    flow.alive()
    assert send_all(flow, 3000)[0] == 3000
    assert not flow.open()


def test_answers_that_got_lost_hold_nothing_up_for_good(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(wire_flow.time, "monotonic", lambda: now)
    flow = answering(room)
    send_all(flow, 1000)
    now += wire_flow.PATIENCE - 1
    assert not flow.open()
    now += 2
    assert send_all(flow, 1000)[0] > 1000
    now += wire_flow.PATIENCE + 1
    assert not flow.open()  # it waits longer each time
    now += wire_flow.PATIENCE + 1
    assert flow.open()
    assert flow.sending("x" * ASK_EVERY).endswith(ASK)
    assert flow.answered()


def test_after_a_stay_in_the_shell_old_answers_count_for_nothing(room: int) -> None:
    flow = answering(room)
    send_all(flow, 1000)
    flow.resume()
    assert flow.open()
    assert not flow.answered()


def test_after_a_redraw_old_answers_come_but_say_nothing_of_what_was_sent_since(room: int) -> None:
    flow = answering(room)
    asked = send_all(flow, 1000)[1]
    flow.restart()
    assert flow.open()
    asked_since = send_all(flow, 1000)[1]
    assert asked_since
    for _ in range(asked):
        assert flow.answered()
        assert not flow.open()
    for _ in range(asked_since):
        assert flow.answered()
    assert flow.open()
    assert not flow.answered()


def waited(flow: Flow) -> float:
    began = time.monotonic()
    while flow.waits_for_last_answer():
        time.sleep(0.005)
    return time.monotonic() - began


def test_leaving_waits_until_nothing_is_under_way_but_not_for_ever(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_flow, "LAST_WAIT", 0.2)
    monkeypatch.setattr(wire_flow, "FIRST_WAIT", 0.1)
    flow = answering(room)
    flow.sending("x" * ASK_EVERY)
    assert flow.last_question() == ASK
    assert not flow.sending("x" * 10 * ASK_EVERY).endswith(ASK)
    assert waited(flow) >= 0.2
    flow = answering(room)
    flow.sending("x" * ASK_EVERY)
    flow.restart()  # a redraw
    flow.last_question()
    assert flow.answered()
    assert flow.waits_for_last_answer()  # what was asked last is still to be answered
    assert flow.answered()
    assert waited(flow) < 0.1


def test_leaving_right_after_the_first_question_waits_for_the_answer_to_the_last(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_flow, "FIRST_WAIT", 0.2)
    flow = Flow(room)
    flow.sending("x")
    assert flow.last_question() == ASK
    assert flow.answered()  # to the first: it does answer, if late
    time.sleep(0.3)
    assert flow.waits_for_last_answer()
    assert flow.answered()
    assert not flow.waits_for_last_answer()


def test_leaving_gives_a_terminal_that_was_just_asked_its_time_and_a_mute_one_none(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_flow, "FIRST_WAIT", 0.1)
    flow = Flow(room)
    flow.sending("x")
    assert flow.last_question() == ASK
    assert 0.05 < waited(flow) < 5
    time.sleep(0.1)
    assert flow.last_question() == ""
    assert not flow.waits_for_last_answer()
    flow.resume()  # back from the shell
    assert flow.sending("x" * 2 * ASK_EVERY) == "x" * 2 * ASK_EVERY
