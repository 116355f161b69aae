"""The messages by which screens speak to each other through the app.

A screen never reaches into another one: it posts one of these, the app decides what is shown. Nothing here
does anything by itself.
"""

from __future__ import annotations

from textual.message import Message


class UseSchedule(Message):
    """Show a schedule in Explore, as the draft, in place of what is there."""

    def __init__(
        self, expression: str, preset: str | None = None, length: tuple[int, int] | None = None
    ) -> None:
        """Take the expression to show, and the preset it came from if there is one.

        ``length`` is what a run trained it for, its epochs and its batch size: on another horizon the same
        expression is another curve.
        """
        super().__init__()
        self.expression = expression
        self.preset = preset
        self.length = length


class TrainSchedule(Message):
    """Go to the Train screen with the draft as it is; starting the run is that screen's business."""


class ShowRun(Message):
    """Go to the Train screen and follow one run."""

    def __init__(self, run_id: str) -> None:
        """Take the id of the run, as the store knows it."""
        super().__init__()
        self.run_id = run_id
