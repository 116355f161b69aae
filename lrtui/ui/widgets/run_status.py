"""The lines above the charts of a followed run: state, spec, progress, figures, and answers to commands.

What they say is made in `run_words`; the widget only shows it.
"""

from __future__ import annotations

from lrtui.runs.run import RunState
from lrtui.runs.spec import OWN
from lrtui.ui import run_words, words
from lrtui.ui.keys import key_for
from lrtui.ui.run_view import RunView
from lrtui.ui.widgets.lines import Line, Lines, Span

TALL = 30
"""From this many rows of the screen on, a line is kept free for what the worker may find wrong."""

_AFTERWARDS = (RunState.PAUSED, RunState.COMPLETED, RunState.STOPPED)


class RunStatus(Lines):
    """State, spec, progress and figures of one run, in a few lines."""

    _followed: tuple[RunView, Span | None] | None = None

    def follow(self, view: RunView, said: Span | None = None) -> None:
        """Show a snapshot; ``said`` is what there is to say of a command, and its colour."""
        self._followed = (view, said)
        if self.size.width:
            tall = self.screen.size.height >= TALL
            self.show(status(view, max(self.size.width, 40), said, tall=tall))

    def on_resize(self) -> None:
        """Sentences break elsewhere."""
        if self._followed is not None:
            self.follow(*self._followed)


def status(view: RunView, width: int, said: Span | None = None, *, tall: bool = False) -> list[Line]:
    """All lines for a snapshot at a width.

    A run keeps the number of its lines from its start until it has ended well: what moves would have to be
    sent again.
    """
    color = words.COLORS[view.state]
    lines: list[Line] = [run_words.headline(view, width), [(run_words.describe(view, width), "dim")]]
    color = "$warning" if view.silence.seconds else color
    sentence, color = said if said is not None else (run_words.state_sentence(view), color)
    wrapped = run_words.wrap(sentence, width)
    still = view.live or view.state in _AFTERWARDS
    most = 1 if still else 3
    if len(wrapped) > most:
        wrapped = [*wrapped[: most - 1], words.elide(" ".join(wrapped[most - 1 :]), width)]
    lines.extend([(part, color)] for part in wrapped)
    finding = run_words.diagnosis(view)
    if finding:
        lines.extend([(part, "$warning")] for part in _cut(finding, width, 1 if still else 2))
    elif tall and still:
        good = "nothing found wrong" + (" so far" if view.live else "")
        lines.append([(good if view.report is not None else "", "dim")])
    if view.live or view.report is not None or view.epoch is not None:
        lines.append(run_words.progress(view, width))
        lines.append([(run_words.figures(view, width), "")])
        more = run_words.load(view)
        if more or (view.spec is not None and view.spec.task != OWN):
            lines.append([(words.elide(more, width), "dim")])
    if view.skipped:
        lines.append([(f"{words.count(view.skipped, 'line')} of the log can't be read and left out", "dim")])
    return lines


def _cut(text: str, width: int, most: int) -> list[str]:
    """A sentence in so many lines at most; the last one says which key shows all of it."""
    wrapped = run_words.wrap(text, width)
    if len(wrapped) <= most:
        return wrapped
    hint = f" ({key_for('train.happenings')}: all of it)"
    last = words.elide(" ".join(wrapped[most - 1 :]), max(width - len(hint), 8))
    return [*wrapped[: most - 1], (last + hint)[:width]]
