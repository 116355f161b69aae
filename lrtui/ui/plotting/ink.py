"""What the style keys of a frame look like on dark, light and 16-colour terminals, and frames as ANSI text.

The series colours are those of Okabe and Ito ("Color Universal Design", 2008), which stay apart for most
colour-blind people; dark and light terminals get them in an order that begins with the ones readable there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .model import Cells, Frame

ThemeName = Literal["dark", "light", "ansi", "ansi-light", "plain"]

_OKABE_ITO_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#0072B2", "#BBBBBB")
_OKABE_ITO_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B27800", "#000000", "#56B4E9", "#777777")
_ANSI = ("bright_cyan", "yellow", "green", "magenta", "red", "bright_yellow", "blue", "white")
_ANSI_LIGHT = ("blue", "red", "green", "magenta", "cyan", "black", "bright_blue", "bright_black")
_FAINT_DARK = ("#2F627F", "#7F580A", "#0E6B4F", "#7D4C68", "#8A4413", "#857E2B", "#135D8C", "#666666")
_FAINT_LIGHT = ("#6FA8CC", "#DC8F62", "#5FB89B", "#D394B8", "#C79D55", "#808080", "#8CC4EA", "#A8A8A8")

_ANSI_CODES = {
    name: str(30 + index)
    for index, name in enumerate(("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"))
} | {
    f"bright_{name}": str(90 + index)
    for index, name in enumerate(("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"))
}


@dataclass(frozen=True, slots=True)
class Ink:
    """How a style key is written: `color` is `#RRGGBB`, an ANSI name such as `bright_cyan`, or None."""

    color: str | None = None
    bold: bool = False
    dim: bool = False


def inks(theme: ThemeName = "dark") -> dict[str, Ink]:
    """The ink of every style key in `model.STYLES`.

    `dark` and `light` use colours of 24 bits (a terminal with fewer gets the nearest), `ansi` and
    `ansi-light` only the sixteen of the terminal's own, on a dark and a light ground, `plain` none.
    """
    if theme == "plain":
        table = {f"series{i}": Ink() for i in range(8)} | {f"faint{i}": Ink(dim=True) for i in range(8)}
        grey, quiet, strong = Ink(), Ink(dim=True), Ink(bold=True)
    elif theme in ("ansi", "ansi-light"):
        names = _ANSI if theme == "ansi" else _ANSI_LIGHT
        table = {f"series{i}": Ink(color) for i, color in enumerate(names)}
        table |= {f"faint{i}": Ink(color, dim=True) for i, color in enumerate(names)}
        grey, quiet, strong = Ink(), Ink(dim=True), Ink(bold=True)
    else:
        full, pale = (_OKABE_ITO_LIGHT, _FAINT_LIGHT) if theme == "light" else (_OKABE_ITO_DARK, _FAINT_DARK)
        table = {f"series{i}": Ink(color) for i, color in enumerate(full)}
        table |= {f"faint{i}": Ink(color) for i, color in enumerate(pale)}
        grey = Ink("#5A5A5A" if theme == "light" else "#9E9E9E")
        quiet = Ink("#C4C4C4" if theme == "light" else "#4A4A4A")
        strong = Ink(bold=True)
    return table | {
        "": Ink(),
        "frame": quiet if theme in ("dark", "light") else Ink(dim=True),
        "tick": grey,
        "grid": quiet,
        "mark": grey,
        "cursor": strong,
        "label": grey,
        "title": strong,
    }


def to_ansi(lines: Frame | list[Cells], theme: ThemeName = "dark") -> str:
    """A frame, or lines of (text, style key), as text with ANSI colours, lines joined by newlines.

    Trailing blanks are left out; every line ends with its colours reset. `plain` has no colour codes at all.
    """
    table = inks(theme)
    rows = lines.lines if isinstance(lines, Frame) else lines
    return "\n".join(_line(row, table, theme) for row in rows)


def _line(cells: Cells, table: dict[str, Ink], theme: ThemeName) -> str:
    if theme == "plain":
        return "".join(text for text, _ in cells).rstrip()
    cells = list(cells)
    while cells and not cells[-1][0].strip():
        cells.pop()
    out = []
    for text, key in cells:
        codes = _codes(table.get(key, Ink()))
        out.append(f"\x1b[{codes}m{text}\x1b[0m" if codes and text.strip() else text)
    return "".join(out)


def _codes(ink: Ink) -> str:
    codes = (["1"] if ink.bold else []) + (["2"] if ink.dim else [])
    if ink.color and ink.color.startswith("#"):
        codes.append("38;2;{};{};{}".format(*(int(ink.color[i : i + 2], 16) for i in (1, 3, 5))))
    elif ink.color:
        codes.append(_ANSI_CODES[ink.color])
    return ";".join(codes)
