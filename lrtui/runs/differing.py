"""What specs say, where they differ, and which are one experiment but for the seed. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from lrtui.runs.spec import RunSpec
from lrtui.runs.text import printable

_NOT_OF_THE_EXPERIMENT = ("name", "lrtui", "spec_version", "preset", "threads", "device")
"""What two runs of the same experiment may differ in, besides the seed."""


class Difference(msgspec.Struct, frozen=True):
    """A field of the spec in which runs differ.

    Attributes:
        field: its name; what an own loop says of itself has the name it was given.
        values: as text, one a run, in the order of the runs; empty where a run has no such field.
    """

    field: str
    values: tuple[str, ...]


def differences(specs: Sequence[RunSpec | None]) -> list[Difference]:
    """The fields that aren't the same in all specs; names and versions of the layout aside.

    One spec that can't be read beside two and more that can differs in nothing but what these differ in.
    """
    tables = [_flat(spec) for spec in specs]
    known = [table for table in tables if table]
    known = known if len(known) > 1 else tables
    fields = dict.fromkeys(field for table in tables for field in table)
    found = []
    for field in fields:
        values = [table.get(field) for table in tables]
        if any(table.get(field) != known[0].get(field) for table in known):
            texts = tuple("" if value is None else printable(_text(value), 300) for value in values)
            found.append(Difference(printable(field, 100), texts))
    return found


def described(spec: RunSpec) -> list[tuple[str, str]]:
    """The fields of a spec that say something, each with its value as text; its name and layout aside."""
    return [
        (printable(field, 100), printable(_text(value), 1000))
        for field, value in _flat(spec).items()
        if value not in ("", (), [])
    ]


def same_but_for_seed(specs: Sequence[RunSpec | None]) -> list[list[int]]:
    """The places of the specs, those of one experiment together, in the order of its first run."""
    groups: dict[str, list[int]] = {}
    for place, spec in enumerate(specs):
        groups.setdefault(experiment(spec) or f"?{place}", []).append(place)
    return list(groups.values())


def experiment(spec: RunSpec | None) -> str:
    """A short key that specs share which differ in the seed alone; empty without a spec."""
    if spec is None:
        return ""
    table = {name: value for name, value in _flat(spec).items() if name not in _NOT_OF_THE_EXPERIMENT}
    table.pop("seed", None)
    text = repr(sorted((name, repr(value)) for name, value in table.items()))
    return blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def _flat(spec: RunSpec | None) -> dict[str, Any]:
    """The fields of a spec by name, those of `hyper` among them."""
    if spec is None:
        return {}
    table = spec.plain()
    hyper = table.pop("hyper", {})
    for name in ("name", "spec_version"):
        table.pop(name, None)
    return {**{name: value for name, value in hyper.items() if name not in table}, **table}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_text(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)
