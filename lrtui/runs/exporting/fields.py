"""The fields of a spec that say something, flat and as plain values, for tables and hyper-parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lrtui.runs.spec import OWN, RunSpec

_OWN_SAYS = ("schedule", "name", "task", "updates", "updates_per_epoch")
_OWN_ONLY = ("updates", "updates_per_epoch")
_OF_THE_FILE = ("spec_version", "lrtui", "hyper")


def spec_fields(spec: RunSpec) -> dict[str, bool | int | float | str]:
    """The fields by name, those that are empty and those of the file's layout left out.

    Of an own loop, what its script said comes by the script's names; a name that is a field's already, too,
    becomes `hyper.NAME`. Nested values come as `NAME.KEY`, lists as text.
    """
    own = spec.task == OWN
    found: dict[str, bool | int | float | str] = {}
    for name, value in msgspec.to_builtins(spec).items():
        says = name in _OWN_SAYS if own else name not in _OWN_ONLY
        if says and name not in _OF_THE_FILE and value not in (None, "", [], ()):
            found[name] = value if isinstance(value, (bool, int, float, str)) else _listed(value)
    if own:
        for name, value in _flat(spec.hyper):
            key = name
            while key in found:
                key = f"hyper.{key}"
            found[key] = value
    return found


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bool | int | float | str]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, (bool, int, float, str)):
            yield name, value
        elif value is not None:
            yield name, str(value)


def _listed(values: Sequence[Any]) -> str:
    """A list of words as they are, one of tables as JSON."""
    words = all(isinstance(value, str) for value in values)
    return ", ".join(values) if words else json.dumps(values, allow_nan=False)
