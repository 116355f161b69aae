"""Charts as pure functions over plotext: series and axes in, a frame of styled cells out. Loads no textual.

`render` draws, `legend` names, `to_ansi` prints; the app's Chart and the command line's preview stand on
these.
"""

from __future__ import annotations

from .frame import render
from .ink import Ink, ThemeName, inks, to_ansi
from .legend import legend, legend_lines, value_at
from .limits import windows
from .model import PALETTE_SIZE, STYLES, Axis, Cells, Frame, Mark, Series, Window
from .ticks import ticks, write

__all__ = [
    "PALETTE_SIZE",
    "STYLES",
    "Axis",
    "Cells",
    "Frame",
    "Ink",
    "Mark",
    "Series",
    "ThemeName",
    "Window",
    "inks",
    "legend",
    "legend_lines",
    "render",
    "ticks",
    "to_ansi",
    "value_at",
    "windows",
    "write",
]
