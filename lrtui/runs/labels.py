"""What people add to a run afterwards: another name, tags, notes, in one small file of its folder.

The run itself never changes by it: neither its spec, nor its id. All text is printable; whatever stands in a
file of somebody else becomes so when it is read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from lrtui.runs.files import alone, read_file, write_file
from lrtui.runs.text import printable

FILE = "labels.toml"
LONGEST_NAME = 200
LONGEST_TAG = 50
LONGEST_NOTES = 20_000
MOST_TAGS = 100
_LARGEST_FILE = 1_000_000


class LabelError(ValueError):
    """A label that can't be; the message is one line."""


class Labels(msgspec.Struct, frozen=True):
    """A run's labels.

    Attributes:
        name: the name that replaces the one the run was made with; empty for none.
        tags: words, in the order they were given, each once.
        notes: lines of text; may be empty.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""


def read_labels(folder: Path) -> Labels:
    """The labels of the run in a folder; what is missing or can't be read is empty. Never raises."""
    try:
        data = tomllib.loads(read_file(folder / FILE, _LARGEST_FILE).decode())
    except (OSError, ValueError, RecursionError):
        return Labels()
    name, tags, notes = data.get("name"), data.get("tags"), data.get("notes")
    words = [word for word in tags if isinstance(word, str)] if isinstance(tags, list) else []
    return Labels(
        name=printable(name.strip(), LONGEST_NAME) if isinstance(name, str) else "",
        tags=tuple(dict.fromkeys(printable(word, LONGEST_TAG) for word in words[:MOST_TAGS] if word.strip())),
        notes=printable_lines(notes)[:LONGEST_NOTES] if isinstance(notes, str) else "",
    )


def change_labels(folder: Path, change: Callable[[Labels], Labels]) -> Labels:
    """Change a run's labels; two who do so at once lose neither's change (where the file system has locks).

    Raises:
        LabelError: if `change` does.
        OSError: if the folder can't be written.
    """
    # The folder itself is locked, for a moment; `lock` in it says something else.
    with alone(folder, folder=True):
        labels = change(read_labels(folder))
        values: dict[str, Any] = {
            name: value for name, value in msgspec.structs.asdict(labels).items() if value
        }
        import tomli_w

        write_file(folder / FILE, tomli_w.dumps(values, multiline_strings=True).encode())
    return labels


def renamed(labels: Labels, name: str) -> Labels:
    """The labels with another name; an empty one brings back the name the run was made with."""
    name = name.strip()
    if printable(name) != name:
        raise LabelError("a name must be one line of visible characters")
    if len(name) > LONGEST_NAME:
        raise LabelError(f"a name has at most {LONGEST_NAME} characters, not {len(name)}")
    return msgspec.structs.replace(labels, name=name)


def tagged(labels: Labels, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Labels:
    """The labels with some tags more and some less; upper and lower case make no difference."""
    gone = {tag.casefold() for tag in remove}
    tags = {tag.casefold(): tag for tag in labels.tags if tag.casefold() not in gone}
    for tag in add:
        if not re.fullmatch(r"[^\s:,\"'<>=!-][^\s:,\"'<>=!]*", tag) or printable(tag) != tag:
            raise LabelError(
                f"{printable(tag, 60)!r} is no tag: a tag is one word, such as good or baseline-2"
            )
        if len(tag) > LONGEST_TAG:
            raise LabelError(f"a tag has at most {LONGEST_TAG} characters, not {len(tag)}")
        tags.setdefault(tag.casefold(), tag)
    if len(tags) > MOST_TAGS:
        raise LabelError(f"a run has at most {MOST_TAGS} tags")
    return msgspec.structs.replace(labels, tags=tuple(tags.values()))


def noted(labels: Labels, notes: str) -> Labels:
    """The labels with these notes in place of the old ones."""
    notes = printable_lines(notes).strip("\n")
    if len(notes) > LONGEST_NOTES:
        raise LabelError(f"notes have at most {LONGEST_NOTES:,} characters, not {len(notes):,}")
    return msgspec.structs.replace(labels, notes=notes)


def printable_lines(text: str) -> str:
    """Lines of printable text; tabs become blanks, every kind of line end one, and the rest an escape."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    return "\n".join(printable(line.rstrip()) for line in lines)
