"""The app's own themes: accents from the Okabe-Ito palette, which stay apart for colour-blind eyes.

Only colours live here; which theme is used is the app's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.theme import Theme

if TYPE_CHECKING:
    from lrtui.settings import Settings
    from lrtui.ui.state_file import StateFile

DARK = Theme(
    name="lrtui-dark",
    primary="#56B4E9",
    secondary="#0072B2",
    accent="#E69F00",
    warning="#F0E442",
    error="#FF7043",
    success="#2FC79A",
    foreground="#D8DEE4",
    background="#101418",
    surface="#161B21",
    panel="#1F262E",
    dark=True,
    variables={
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#263340",
        "footer-key-foreground": "#E69F00",
        "border-blurred": "#3A4652",
    },
)

LIGHT = Theme(
    name="lrtui-light",
    primary="#0072B2",
    secondary="#56B4E9",
    accent="#B35C00",
    warning="#9A6700",
    error="#B3261E",
    success="#00795A",
    foreground="#1B1F24",
    background="#FBFBF9",
    surface="#F2F2EE",
    panel="#E6E6E0",
    dark=False,
    variables={
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#D5DEE6",
        "footer-key-foreground": "#B35C00",
        "border-blurred": "#B8BCC0",
    },
)

COLOUR_BLIND = Theme(
    name="lrtui-colour-blind",
    primary="#56B4E9",
    secondary="#0072B2",
    accent="#F0E442",
    warning="#F0E442",
    error="#FF8C3B",
    success="#56B4E9",
    foreground="#F2F2F2",
    background="#000000",
    surface="#121212",
    panel="#242424",
    dark=True,
    variables={
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#33404A",
        "footer-key-foreground": "#F0E442",
        "border-blurred": "#6A6A6A",
    },
)
"""Blue, yellow and orange alone, far apart in lightness: nothing is told by red against green."""

COLOUR_BLIND_LIGHT = Theme(
    name="lrtui-colour-blind-light",
    primary="#005A9C",
    secondary="#0072B2",
    accent="#7A4A00",
    warning="#7A5C00",
    error="#B34700",
    success="#005A9C",
    foreground="#000000",
    background="#FFFFFF",
    surface="#F4F4F4",
    panel="#E2E2E2",
    dark=False,
    variables={
        "block-cursor-background": "#005A9C",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#C9D6E2",
        "footer-key-foreground": "#7A4A00",
        "border-blurred": "#8A8A8A",
    },
)

THEMES = (DARK, LIGHT, COLOUR_BLIND, COLOUR_BLIND_LIGHT)
ANSI = "ansi-dark"

NAMES = {
    "dark": DARK.name,
    "light": LIGHT.name,
    "colour-blind": COLOUR_BLIND.name,
    "colour-blind-light": COLOUR_BLIND_LIGHT.name,
    "ansi-dark": "ansi-dark",
    "ansi-light": "ansi-light",
}
"""What the settings call them, and their names in Textual."""

REMEMBERED = "theme"
MANY_COLOURS = ("256color", "kitty", "direct")
"""How TERM ends where there are more than sixteen colours; it is rich's rule, which writes the colours."""


@dataclass(frozen=True)
class Choice:
    """The theme to open with.

    Attributes:
        theme: its name in Textual; it may be one that is no longer there.
        fallback: the theme to take then.
        plain: whether no colour is to be used at all.
    """

    theme: str
    fallback: str
    plain: bool

    @classmethod
    def of(cls, settings: Settings, remembered: StateFile, environment: Mapping[str, str]) -> Choice:
        """Choose one.

        What was said for this opening wins, then what was chosen in the app since the file was changed, then
        the file, then what the terminal can show.
        """
        plain = "NO_COLOR" in environment
        few = few_colours(environment)
        own = NAMES.get(settings.theme or "")
        fallback = own or (ANSI if plain or few else DARK.name)
        said = settings.origin("theme")
        if said not in ("default", "settings.toml"):
            return cls(fallback, fallback, plain)
        kept: dict[str, Any] = remembered.recall(REMEMBERED, {})
        if kept.get("over") == settings.theme and isinstance(kept.get("theme"), str) and not plain:
            return cls(kept["theme"], fallback, plain)
        return cls(fallback, fallback, plain)


def few_colours(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is one of sixteen colours, or of none that is known."""
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return False
    return environment.get("TERM", "").strip().lower().rpartition("-")[2] not in MANY_COLOURS


def keep_theme(theme: str, settings: Settings, remembered: StateFile) -> None:
    """Remember a theme that was chosen in the app, until the settings file says another one."""
    over = settings.theme if settings.origin("theme") == "settings.toml" else None
    remembered.remember(REMEMBERED, {"theme": theme, "over": over})
