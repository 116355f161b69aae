"""Values of any kind made plain: what TOML, JSON and a terminal can hold.

Hyper-parameters come from scripts and from files of others; here they become safe to keep and to show.
Metrics are converted in `own_log`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

from lrtui.runs.text import printable

_MOST_VALUES = 500
_LONGEST_TEXT = 500
_DEEPEST = 3


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a script says of itself as values that TOML, JSON and a terminal can hold.

    Truth values, whole and finite numbers stay; text becomes one printable line; tuples become lists; arrays
    of a single number become that; anything else, None and infinities included, becomes its text.
    """
    some = islice(values.items(), _MOST_VALUES)
    return {printable(str(name), 100): _plain(value, _DEEPEST) for name, value in some}


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if depth and isinstance(value, Mapping):
        some = islice(value.items(), _MOST_VALUES)
        return {printable(str(name), 100): _plain(item, depth - 1) for name, item in some}
    if depth and isinstance(value, (list, tuple)):
        return [_plain(item, depth - 1) for item in value[:_MOST_VALUES]]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _plain(value.item(), 0)
    return printable(str(value), _LONGEST_TEXT)
