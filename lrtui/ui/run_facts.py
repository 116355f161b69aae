"""All that a run is made of: every field of its spec, what its worker found, what people noted of it.

Pure functions of a snapshot, for whoever wants to know more than the few words above the charts say.
"""

from __future__ import annotations

from lrtui.runs.differing import described
from lrtui.runs.events import Event
from lrtui.runs.text import printable
from lrtui.ui.run_view import RunView

Facts = list[tuple[str, str]]
"""Names and values, printable."""


def facts(view: RunView) -> Facts:
    """The spec's fields that say something, what its worker found when it started, tags and notes."""
    found: Facts = []
    if view.spec is not None:
        found += [(name.replace("_", " "), text) for name, text in described(view.spec)]
    elif view.spec_error:
        found.append(("spec", printable(f"can't be read: {view.spec_error}", 400)))
    found += _started(next((each for each in reversed(view.turns) if each.kind == "resumed"), view.started))
    if view.labels.tags:
        found.append(("tags", printable(" ".join(view.labels.tags), 400)))
    found += [("notes" if first else "", printable(line, 400)) for first, line in _lines(view.labels.notes)]
    found.append(("folder", printable(view.path, 400)))
    return found


def _lines(text: str) -> list[tuple[bool, str]]:
    return [(not place, line) for place, line in enumerate(text.splitlines())]


def _started(event: Event | None) -> Facts:
    if event is None:
        return []
    found: Facts = []
    device = " · ".join(str(event.get(each)) for each in ("device", "device_name") if event.get(each))
    if device:
        found.append(("trained on", printable(device, 100)))
    data = event.get("data")
    if isinstance(data, dict) and data.get("label"):
        found.append(("data found", printable(str(data["label"]), 200)))
    for name, label in (("parameters", "weights"), ("steps_per_epoch", "an epoch")):
        if isinstance(count := event.get(name), int):
            found.append((label, f"{count:,}" + (" updates" if name == "steps_per_epoch" else "")))
    versions = event.get("versions")
    if isinstance(versions, dict):
        said = ", ".join(f"{name} {version}" for name, version in list(versions.items())[:12])
        found.append(("versions", printable(said, 200)))
    return found
