"""The lrtui command."""
