"""How training can be broken off from outside.  Knows nothing else, so that everything may import it."""

from __future__ import annotations


class Interrupted(Exception):  # noqa: N818 -- it says what happened to the run, and that is no error
    """The run is to stop between two updates; the message says why."""


class Vanished(Exception):  # noqa: N818
    """The run's folder is gone: nobody will ever see what this worker does."""
