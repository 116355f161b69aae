"""The footer: the keys that work now, as many as there is room for, and none of them cut in two.

Which keys there are is the screens' business; F1 and the palette have those that have no room.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyBar(Footer):
    """Textual's footer, without the half of a key at its right end."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    async def recompose(self) -> None:
        """Show other keys."""
        await super().recompose()
        # Each key watches whether the bar is compact, and Textual lets go of those that are gone only when
        # that is set again: they would pile up with every key that changes what can be done.
        self.mutate_reactive(Footer.compact)
        self._whole_keys()

    def on_resize(self) -> None:
        """There is room for more, or fewer."""
        self._whole_keys()

    def _whole_keys(self) -> None:
        """Hide what doesn't fit, by its words: they are known before they are laid out."""
        used = 0
        for child in self.children:
            used += _columns(child)
            child.visible = used - 1 <= self.app.size.width


def _columns(child: Widget) -> int:
    """Columns that a key takes with a blank before and after it, or a group of keys, or its words."""
    keys = [child] if isinstance(child, FooterKey) else list(child.query(FooterKey))
    if not keys:
        return child.get_content_width(child.container_size, child.app.size)
    words = sum(cell_len(f"{key.key_display} {key.description}".strip()) for key in keys)
    return words + 2
