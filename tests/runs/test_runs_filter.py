from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.runs.filter import FIELDS, FilterError, parse_filter
from lrtui.runs.summary import RunState, RunSummary

BASE: dict[str, Any] = {
    "id": "20261122-213045-cosine-k3f9",
    "name": "Good one",
    "state": RunState.COMPLETED,
    "reason": "all done",
    "schedule": "warmup(5ep) >> cosine(0.5)",
    "preset": None,
    "model": "lenet",
    "optimizer": "sgd(momentum=0.9)",
    "seed": 3,
    "data": "Fashion-MNIST, embedded",
    "device": "cpu",
    "best_test_acc": 0.9,
    "last_test_acc": 0.85,
    "last_epoch": 7,
    "epochs": 10,
    "step": 279,
    "done": 280,
    "updates": 400,
    "progress": 0.7,
    "created": 0.0,
    "duration": 90.0,
    "age": 3 * 3600.0,
    "skipped": 0,
    "tags": ("good", "Base-2"),
    "notes": "first line\nsecond",
}
RUN = RunSummary(**BASE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "schedule:cosine",
        "schedule:COSINE acc>0.89 tag:good",
        "acc>=0.9",
        "acc=0.9",
        "acc<=90%",
        "acc!=0.5",
        "best>.8",
        "last<0.9",
        "-tag:bad",
        "tag:base-2",
        "tag=good",
        "tag!=bad",
        "state:comp",
        "-state:crashed",
        'name:"good one"',
        '"good one"',
        "cosine",
        "-linear",
        "epoch>6 epochs:10 step=280 updates=4e2 progress>50%",
        "seed:3",
        "age<4h age>2h age<1d",
        "duration>1m duration<=90s",
        "took=90",
        "note:second",
        "second",
        "model:lenet optimizer:momentum data:embedded device:cpu",
        "preset!=factor",
        "Accuracy>0.1",
        "k3f9",
    ],
)
def test_what_passes(text: str) -> None:
    assert parse_filter(text)(RUN)


@pytest.mark.parametrize(
    "text",
    [
        "schedule:linear",
        "schedule:cosine acc>0.9",
        "acc<0.9",
        "acc>91%",
        "-cosine",
        "tag:goo",
        "state:stopped",
        "name!=good",
        "age>1d",
        "-acc>0.1",
        "preset:factor",
        "nothing-like-it",
        "seed!=3",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not parse_filter(text)(RUN)


def test_of_the_unknown_nothing_holds() -> None:
    run = RunSummary(**{**BASE, "best_test_acc": None, "updates": None, "seed": None})
    for text in ("acc>0", "acc<=1", "acc!=0.5", "updates<9e9", "seed:0"):
        assert not parse_filter(text)(run)
    assert parse_filter("-acc>0.5")(run)


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("cosine shedule:x", "no field is called 'shedule': did you mean schedule", 7),
        ("zzz:1", "fields are id, name", 0),
        ("acc>high", "acc is compared with a number, such as acc>0.89", 0),
        ("age<2x", "such as age<2h", 0),
        ("seed>1h", "such as seed>10", 0),
        ("epochs>5%", "such as epochs>10", 0),
        ("schedule>cosine", "write schedule:cosine", 0),
        ("tag:", "lacks what to look for", 0),
        ("-", "lacks what to look for", 0),
        ("state:asleep", "states are queued, starting, running", 0),
        ('name:"open', "a quote must end", 0),
        ("\x1b:1", "can't be understood|lacks|no field", 0),
    ],
)
def test_errors_are_one_line_with_the_remedy(text: str, message: str, position: int) -> None:
    if text == "\x1b:1":
        assert not parse_filter(text)(RUN)  # a word like any other
        return
    with pytest.raises(FilterError, match=message) as caught:
        parse_filter(text)
    assert caught.value.position == position
    assert str(caught.value).isprintable()


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from([*FIELDS, ":", ">", "<=", "-", " ", '"', "1", "%", "a"])).map("".join)
)
def test_any_text_is_a_filter_or_a_one_line_error(text: str) -> None:
    message = ""
    try:
        passes = parse_filter(text)
    except FilterError as error:
        message = str(error)
    else:
        assert passes(RUN) in (True, False)
    assert message.isprintable()
