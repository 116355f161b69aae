"""Charts as pure functions over plotext; no textual."""
