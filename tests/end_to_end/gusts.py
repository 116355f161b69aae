"""What a storm is made of: keys, broken sequences, pastes, bytes that are no text, mouse; and its runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from lrtui.runs.run import Run
from lrtui.runs.store import RunStore
from lrtui.runs.trash import FOLDER
from tests.end_to_end.terminal import KEYS
from tests.ui.fake_runs import finished, live, spec

PRINTABLE = [chr(code) for code in range(0x20, 0x7F) if chr(code) != "q"]
LIKELY = [
    "f1",
    "f2",
    "f3",
    "f4",
    "tab",
    "up",
    "down",
    "left",
    "right",
    "enter",
    "escape",
    *" mxlsndyeopuikhcw/",
]
NAMED = [name for name in KEYS if name not in ("ctrl+c", "ctrl+q", "ctrl+z")]
MODIFIED = [
    "\x1b[1;5A",
    "\x1b[1;2D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[3~",
    "\x1b[Z",
    "\x1bx",
    "\x1b[15~",
    "\x1b[24~",
]
KITTY = ["\x1b[97u", "\x1b[97;5u", "\x1b[27u", "\x1b[57399u", "\x1b[13;2u", "\x1b[228;;228u"]
BROKEN = [
    *("\x1b", "\x1b[", "\x1b[1;", "\x1bO", "\x1b[<0;", "\x1b]0;title", "\x1bP", "\x1b[201~"),
    *(
        "\x1b[99999999u",
        "\x1b[55296u",
        "\x1b[1;;99999999999u",
        "\x1b[48;9999;9999;0;0t",
        "\x1b[;;;;m",
        "\x1b[?62;22c",
    ),
    *("\x1b[5;5R", "\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b]11;rgb:ff/ff/ff\x07", "\x1b[M !!"),
    *("\x1b[<0;-3;4M", "\x9b31m", f"\x1b[{'9' * 40}S"),
]
BUTTONS = [0, 1, 2, 3, 4, 8, 16, 32, 35, 64, 65, 66, 67, 128]
TEXT = ["ü", "漢字", "👩‍👩‍👧", "e\u0301", "\u202e", "\u200b", "\u2028", "\ufeff", "\x00", "\x07", "\x7f"]
NO_TEXT = [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\x80\x81"]
PASTES = [
    *("cosine(0.1)", "StepLR(opt, 30)", "a\nb\r\nc\td", "", "\x00\x01\x02", "warmup(1ep) >> ", "[/x] [bold]"),
    *("🦊" * 50, "1" * 3000, "cosine(" * 200, "acc>0.89 tag:good", "../../../nowhere", "\x1b[31mred"),
]
SIZES = [(80, 24), (120, 40), (60, 20), (200, 60), (20, 6), (3, 2), (1, 1), (400, 3)]


def pasted(text: str) -> bytes:
    return f"\x1b[200~{text}\x1b[201~".encode()


def mouse(dice: random.Random) -> bytes:
    """One report: a press, a release, a drag, a move, a wheel, inside the screen or far from it."""
    x, y = dice.choice([(dice.randrange(1, 121), dice.randrange(1, 37)), (1, 1), (999, 999), (99999999, 1)])
    if dice.random() < 0.4:
        return f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode()
    return f"\x1b[<{dice.choice(BUTTONS)};{x};{y}{dice.choice('Mm')}".encode()


KINDS: list[tuple[float, Callable[[random.Random], bytes]]] = [
    (40, lambda dice: KEYS.get(key := dice.choice(LIKELY), key).encode()),
    (20, lambda dice: dice.choice(PRINTABLE).encode()),
    (12, lambda dice: KEYS[dice.choice(NAMED)].encode()),
    (4, lambda dice: dice.choice(MODIFIED).encode()),
    (2, lambda dice: dice.choice(KITTY).encode()),
    (5, lambda dice: dice.choice(BROKEN).encode()),
    (2, lambda dice: dice.choice(TEXT).encode()),
    (2, lambda dice: dice.choice(NO_TEXT)),
    (2, lambda dice: pasted(dice.choice(PASTES))),
    (0.3, lambda dice: b"\x1b[200~" + dice.choice(PASTES).encode()),  # whose end never comes
    (6, mouse),
    (2, lambda dice: dice.choice([b"\x1b[I", b"\x1b[O"])),
    (0.3, lambda dice: dice.choice([b"q", b"\x03", b"\x11", b"\x1a"])),
    (1, lambda dice: dice.randbytes(dice.randrange(1, 12)).replace(b"\x11", b"").replace(b"q", b"")),
]


def gust(dice: random.Random) -> bytes:
    """What comes next from the keyboard, the mouse or the line."""
    (make,) = dice.choices([make for _, make in KINDS], [weight for weight, _ in KINDS])
    return make(dice)


def make_runs(root: Path) -> dict[str, bytes]:
    """Finished, diverged and damaged runs, and one that trains; the logs of all that are over, by id."""
    store = RunStore(root)
    finished(store, spec("odd [/x]"))
    finished(store, spec("b", schedule="warmup(1ep) >> cosine(0.3)"), best=0.89, gauges=True)
    finished(store, spec("c"), outcome="stopped")
    finished(store, spec("wild", schedule="constant(100)"), outcome="diverged")
    finished(store, spec("torn")).events_path.write_bytes(
        b'{"event":"started","time":1}\n{"event":"rep\x00\xff\n{'
    )
    (finished(store, spec("no spec")).path / "spec.toml").write_bytes(b"schedule = \xff\n")
    (finished(store, spec("commands")).path / "commands.jsonl").write_bytes(b"\x00{]\n")
    (root / "20261101-101010-empty-aaaa").mkdir()
    logs = {run.id: run.events_path.read_bytes() for run in store.runs() if run.events_path.exists()}
    live(store.create(spec("live", epochs=10_000)))
    return logs


def assert_undamaged(root: Path, logs: dict[str, bytes]) -> None:
    """Assert that every run that was there and wasn't deleted for good has all that it had logged."""
    folders = [*root.glob("2*"), *(root / FOLDER).glob("*")]
    for folder in folders:
        name = folder.name.rpartition("~")[2]
        if name in logs:
            assert Run(folder).events_path.read_bytes().startswith(logs[name]), f"{folder} has lost events"
