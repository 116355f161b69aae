"""The Textual app. Importing this package alone loads no textual."""
