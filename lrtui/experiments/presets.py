"""The chapter's experiments, ready to preview and to train, each with what to look for.

The numbers are those of the chapter "Learning Rate Scheduling"; the words are ours, and say what runs of ten
epochs showed (batch size 256, plain SGD, seed 0, the full data). The embedded data give 40 updates an epoch
instead of 235: there every curve starts later and jumps more. A preset is data: it neither parses its
schedule nor trains anything. The chapter changes rates once an epoch, hence `per_epoch`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass


class PresetError(ValueError):
    """No preset has the name asked for. The message is one line and names the nearest one."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One experiment of the chapter.

    Attributes:
        name: What to type: lower case, words joined by hyphens.
        title: What to show above a chart.
        expression: The schedule, in the expression language.
        epochs: How many epochs the experiment is trained for unless told otherwise.
        lesson: A sentence or two on what to look for.
    """

    name: str
    title: str
    expression: str
    epochs: int
    lesson: str


_PRESETS = (
    Preset(
        name="fixed",
        title="A fixed rate",
        expression="constant(0.3)",
        epochs=10,
        lesson=(
            "The baseline for all the others. Training accuracy climbs evenly, to about 0.90 after ten "
            "epochs; test accuracy stays a little below it and jumps by a few points from epoch to epoch: "
            "a rate this large never settles."
        ),
    ),
    Preset(
        name="squareroot",
        title="Square-root decay",
        expression="per_epoch(inverse_power(0.1, timescale=1ep))",
        epochs=10,
        lesson=(
            "The rate that the theory of convex problems asks for. On the full data the calmest test "
            "curve of all, but the rate shrinks before much has been learnt: after ten epochs it is still "
            "four points behind the fixed rate, 0.84 against 0.88."
        ),
    ),
    Preset(
        name="factor",
        title="Factor decay with a floor",
        expression="floor(per_epoch(exponential(2, gamma=0.9, decay_steps=1ep)), 0.01)",
        epochs=10,
        lesson=(
            "A tenth off every epoch, but from a rate of 2, which drives this network into a dead corner "
            "within its first epoch: a loss of 2.303 is ln 10, a blind guess among ten classes, and no "
            "later rate brings it back."
        ),
    ),
    Preset(
        name="multifactor",
        title="Halved at milestones",
        expression="per_epoch(multistep(0.5, milestones=[5ep, 30ep], gamma=0.5))",
        epochs=10,
        lesson=(
            "Stay high while it helps, then cut. In the epoch after the rate is halved, the sixth, "
            "training accuracy makes a step, and on the full data test accuracy hardly jumps from there "
            "on: 0.89 after ten epochs. The second cut, at 30, needs a longer run."
        ),
    ),
    Preset(
        name="cosine",
        title="Cosine decay",
        expression="per_epoch(cosine(0.5, final_lr=0.01, steps=20ep))",
        epochs=20,
        lesson=(
            "High for long, a swift descent, a gentle landing. Test accuracy jumps while the rate is "
            "high and climbs steadily as it comes down; after ten of the twenty epochs, at a rate of "
            "still 0.29, it is already at 0.89, the best of the chapter with the halved rate."
        ),
    ),
    Preset(
        name="warmup-cosine",
        title="Warmup, then cosine",
        expression="warmup(5ep) >> per_epoch(cosine(0.5, final_lr=0.01, steps=15ep))",
        epochs=20,
        lesson=(
            "Five epochs of rising rate keep random weights from being thrown about, which makes a "
            "higher peak bearable. This network bears 0.5 without: after ten epochs, near its peak, it "
            "is a point behind plain cosine's 0.89 and never ahead on the way. Give it all its twenty "
            "epochs."
        ),
    ),
)


def presets() -> tuple[Preset, ...]:
    """All presets, in the chapter's order."""
    return _PRESETS


def preset(name: str) -> Preset:
    """The preset called `name`; letter case, spaces, hyphens and underscores make no difference.

    Raises:
        PresetError: No preset has that name; the message names the nearest one, or all of them.
    """
    if (found := known(name)) is not None:
        return found
    by_key = {_key(each.name): each for each in _PRESETS}
    near = difflib.get_close_matches(_key(name), list(by_key), n=1, cutoff=0.5)
    if near:
        raise PresetError(f"there is no preset {name!r}; did you mean {by_key[near[0]].name!r}?")
    names = ", ".join(each.name for each in _PRESETS)
    raise PresetError(f"there is no preset {name!r}; the presets are {names}")


def known(name: str | None) -> Preset | None:
    """The preset of a name that a file has; None if there is no such preset, or no name."""
    return next((each for each in _PRESETS if name and _key(each.name) == _key(name)), None)


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " -_")
