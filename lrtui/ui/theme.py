"""The app's own themes: accents from the Okabe-Ito palette, which stay apart for colour-blind eyes.

Only colours live here; which theme is used is the app's decision.
"""

from __future__ import annotations

from textual.theme import Theme

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

THEMES = (DARK, LIGHT)
ANSI = "ansi-dark"
