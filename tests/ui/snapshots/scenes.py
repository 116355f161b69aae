"""What is pictured: a table of screens and states, each with its runs and the keys that lead there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import folders
from textual.pilot import Pilot
from textual.widgets import Input

from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.train import TrainScreen

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
THEMES = {"dark": "lrtui-dark", "light": "lrtui-light", "ansi": "ansi-dark", "ansi-light": "ansi-light",
          "colour-blind": "lrtui-colour-blind"}  # fmt: skip

Look = tuple[str, str]
"""A size and a theme, by their names here."""

SMALL: tuple[Look, ...] = (("80x24", "dark"),)
PLAIN: tuple[Look, ...] = (*SMALL, ("120x40", "dark"))
THEMED: tuple[Look, ...] = tuple((size, theme) for size in SIZES for theme in ("dark", "light", "ansi"))
EVERY: tuple[Look, ...] = (*THEMED, ("80x24", "ansi-light"), ("80x24", "colour-blind"))

Step = str | Callable[[Pilot[None]], Awaitable[None] | None]
"""A key, or something that a key can't do in a moment; the app comes to rest after each of the latter."""


@dataclass(frozen=True)
class Scene:
    """A state of a screen, how it comes about, and in which sizes and themes it is pictured."""

    screen: str
    state: str
    runs: Callable[[Path], folders.Open]
    steps: tuple[Step, ...] = ()
    looks: tuple[Look, ...] = PLAIN


def typed(field: str, text: str) -> Step:
    """Type into a field: at once, as if pasted."""

    def put(pilot: Pilot[None]) -> None:
        pilot.app.screen.query(field).first(Input).value = text

    return put


def line(text: str) -> Step:
    """Write the schedule's expression."""
    return typed("ExpressionInput", text)


def follow(pilot: Pilot[None]) -> None:
    """Show the newest run in Train."""
    app, screen = pilot.app, pilot.app.screen
    assert isinstance(app, LrtuiApp)
    assert isinstance(screen, TrainScreen)
    screen.follow(app.store.runs()[0].id)


def rest(pilot: Pilot[None]) -> None:
    """Let what was asked for arrive before the next key."""


def pins(*rates: str) -> Iterator[Step]:
    """Pin one schedule after the other."""
    for rate in rates:
        yield from (line(rate), "escape", "p")


def marks(count: int) -> tuple[Step, ...]:
    """Mark the first runs."""
    return ("space", "down") * count


SAVED = {
    "quick": "linear(0.3, final_lr=0)",
    "wsd": "warmup(2%) >> constant(0.2, steps=78%) >> linear(0.2, final_lr=0)",
    "long-tail": "cosine(0.5, final_lr=0.01)",
}


def saved(pilot: Pilot[None]) -> None:
    """Have three schedules saved already."""
    from lrtui.experiments.saved import save

    for name, text in SAVED.items():
        save(name, text)


SIX = tuple(pins("cosine(0.1)", "cosine(0.2)", "linear(0.3)", "exponential(0.4, gamma=0.9, decay_steps=1ep)",
                 "one_cycle(0.5)", "polynomial(0.6, power=2)"))  # fmt: skip
HOLD = ("v", "right", "ctrl+right", "ctrl+right")

SCENES = (
    # screen, state, runs, what is done, pictured in
    Scene("explore", "first", folders.none, (), EVERY),
    Scene("explore", "empty", folders.none, ("i", line(""))),
    Scene("explore", "wrong", folders.none, ("i", line("warmup(1ep) >> cosin(0.5)")), THEMED),
    Scene(
        "explore",
        "wrong-value",
        folders.none,
        ("s", "end", rest, typed("ParameterForm FieldInput", "-3")),
        SMALL,
    ),
    Scene("explore", "pinned", folders.none, ("p", line("linear(0.4)"), *HOLD), THEMED),
    Scene("explore", "six-pinned", folders.none, (*SIX, line("constant(0.25)"), "escape"), THEMED),
    Scene("explore", "resumed", folders.none, (*HOLD, "ctrl+right", "o")),
    Scene("explore", "log", folders.none, ("l", "x")),
    Scene("explore", "found", folders.none, ("slash", *"cos"), SMALL),
    Scene("explore", "code", folders.none, ("k",), (*PLAIN, ("80x24", "light"), ("80x24", "ansi"))),
    Scene("explore", "about", folders.none, ("h",), SMALL),
    Scene("explore", "units", folders.none, ("n",), SMALL),
    Scene("explore", "saved", folders.none, (saved, "ctrl+s"), SMALL),
    Scene("explore", "metric", folders.several, (line("plateau(0.1)"), "escape", "g"), SMALL),
    Scene("explore", "help", folders.none, ("f1",), SMALL),
    Scene("explore", "palette", folders.several, ("ctrl+p", rest, *"cos"), SMALL),
    # A training.
    Scene("train", "empty", folders.none, (), EVERY),
    Scene("train", "unfolded", folders.none, ("m", "escape")),
    Scene("train", "wrong", folders.none, (typed("#spec-batch_size", "20000"),), THEMED),
    Scene("train", "mid-run", folders.training, (), EVERY),
    Scene("train", "finished", folders.finished, (follow,), THEMED),
    Scene("train", "diverged", folders.diverged, (follow,), THEMED),
    Scene("train", "crashed", folders.crashed, (follow,), SMALL),
    Scene("train", "queued", folders.queued, ("n", follow), SMALL),
    Scene("train", "one-chart", folders.training, ("m",), SMALL),
    Scene("train", "zoomed", folders.finished, (follow, "v", "left", "left", "plus", "plus")),
    Scene("train", "cooldown", folders.training, ("c",)),
    Scene("train", "rate", folders.training, ("a", *"x3"), SMALL),
    Scene("train", "happenings", folders.training, ("h",), SMALL),
    Scene("train", "output", folders.crashed, (follow, "o"), SMALL),
    Scene("train", "kill", folders.training, ("K",), SMALL),
    Scene("train", "queue", folders.queued, ("Q",), SMALL),
    Scene("train", "again", folders.finished, (follow, "s"), SMALL),
    Scene("train", "help", folders.training, ("f1",), SMALL),
    # Runs compared.
    Scene("runs", "empty", folders.none, (), EVERY),
    Scene("runs", "mid-run", folders.several, (), EVERY),
    Scene("runs", "finished", folders.finished, (), THEMED),
    Scene("runs", "diverged", folders.several, ("end", "up"), THEMED),
    Scene("runs", "several", folders.several, marks(6)),
    Scene("runs", "twelve", folders.twelve, marks(12), EVERY),
    Scene("runs", "wrong", folders.several, ("slash", *"acc>>1"), THEMED),
    Scene("runs", "none-pass", folders.several, ("slash", *"acc>1"), SMALL),
    Scene("runs", "smoothed", folders.several, (*marks(3), "m", "m", "y", "l")),
    Scene("runs", "folded", folders.seeds, ("a", "g")),
    Scene("runs", "differing", folders.seeds, (*marks(3), "D")),
    Scene("runs", "tags", folders.several, (*marks(2), "t", *"good"), SMALL),
    Scene("runs", "notes", folders.several, ("n", *"stable"), SMALL),
    Scene("runs", "target", folders.several, ("G", "x", "enter"), SMALL),
    Scene("runs", "export", folders.several, (*marks(2), "e"), SMALL),
    Scene("runs", "again", folders.several, ("end", "s"), SMALL),
    Scene("runs", "delete", folders.several, ("down", *marks(2), "d"), SMALL),
    Scene("runs", "trash", folders.several, ("end", "d", rest, "d", rest, "T"), SMALL),
    Scene("runs", "help", folders.several, ("f1",), SMALL),
)

REQUIRED = {
    "explore": ("first", "wrong", "pinned", "six-pinned"),
    "train": ("empty", "wrong", "mid-run", "finished", "diverged"),
    "runs": ("empty", "wrong", "mid-run", "finished", "diverged", "twelve"),
}
"""States that are pictured in both sizes, each of them dark, light and in the terminal's own colours."""
