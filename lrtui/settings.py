"""What a person has set: settings.toml in the user's config folder, the environment, the command line.

Each setting is checked by itself, and a wrong one costs only itself: its default is used, and one line says
what is wrong and what would be right. Nothing here writes the file, and nothing heavy is imported.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lrtui.runs.files import absolute, read_file
from lrtui.runs.text import one_line, printable

CONFIG_DIR_VARIABLE = "LRTUI_CONFIG_DIR"
FILE_NAME = "settings.toml"
LARGEST = 256 * 1024
"""Bytes of a settings file; a larger one isn't ours."""

THEMES = ("dark", "light", "colour-blind", "colour-blind-light", "ansi-dark", "ansi-light")
MOST_SLOTS = 64

DEFAULT = "default"
"""Where a setting comes from that nobody has set."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be set.

    Attributes:
        name: as in the file; `LRTUI_NAME` in the environment.
        default: what holds when nobody says anything.
        help: what it is for, in one line.
        read: makes the value of what a file (TOML's types) or the environment (text) says; raises
            ValueError with what it must be.
        read_text: the same for the environment, where that is another matter; None if it can't say it.
    """

    name: str
    default: Any
    help: str
    read: Callable[[Any], Any]
    read_text: Callable[[str], Any] | None

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"LRTUI_{self.name.upper()}"


@dataclass(frozen=True)
class Settings:
    """The settings in force.

    Attributes:
        theme: one of `THEMES`; None lets the app choose by what the terminal can show.
        mouse: whether the app listens to the mouse.
        ascii: draw with ASCII alone; None lets the locale decide.
        slots: how many runs train together, and others wait; None for one a GPU, or one for every two cores.
        standby: keep a worker ready that has loaded torch, so that the next run starts at once.
        runs_dir: where runs live; None for the user's data folder.
        keys: key or keys (with commas between them) of bindings, by the id of the binding.
        origins: where each one comes from: `DEFAULT`, the file, a variable, an option.
        complaints: what was wrong and wasn't taken, a line each.
    """

    theme: str | None = None
    mouse: bool = True
    ascii: bool | None = None
    slots: int | None = None
    standby: bool = True
    runs_dir: Path | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()

    def origin(self, name: str) -> str:
        """Where a setting comes from."""
        return self.origins.get(name, DEFAULT)


def config_folder() -> Path:
    """Where the settings lie: $LRTUI_CONFIG_DIR, else lrtui's folder in the user's config folder."""
    named = os.environ.get(CONFIG_DIR_VARIABLE)
    if named:
        return absolute(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("lrtui"))


def settings_path() -> Path:
    """The settings file, whether it is there or not."""
    return config_folder() / FILE_NAME


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force: the file's, over them the environment's, over them those of the command line.

    Args:
        flags: what was said on the command line, by name and already checked; None was not said.

    Never raises for what a person wrote: what is wrong stands in `complaints`.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    complaints: list[str] = []
    path = settings_path()
    _take_file(path, values, origins, complaints)
    for setting in SETTINGS.values():
        text = os.environ.get(setting.variable)
        if not text or setting.read_text is None:
            continue
        try:
            values[setting.name] = setting.read_text(text)
            origins[setting.name] = setting.variable
        except ValueError as error:
            complaints.append(f"{setting.variable} = {printable(text, 40)}: {error}; it is passed over")
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = value
            origins[name] = f"--{name.replace('_', '-')}"
    return Settings(**values, origins=origins, complaints=tuple(complaints))


def _take_file(path: Path, values: dict[str, Any], origins: dict[str, str], complaints: list[str]) -> None:
    shown = printable(str(path))
    try:
        written = _read(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError) as error:  # the last: brackets in brackets in brackets
        complaints.append(f"{shown} can't be read ({one_line(error)}): correct it or move it away")
        return
    for name, value in written.items():
        setting = SETTINGS.get(name)
        if setting is None:
            complaints.append(
                f"{shown}: there is no setting {printable(name, 40)!r}; {_known(name, SETTINGS)}"
            )
            continue
        try:
            values[name] = setting.read(value)
            origins[name] = FILE_NAME
        except ValueError as error:
            complaints.append(f"{shown}: {name} = {printable(repr(value), 40)}: {error}; its default is used")
    for binding, keys in list(values.get("keys", {}).items()):
        try:
            values["keys"][binding] = _key_list(keys)
        except ValueError as error:
            del values["keys"][binding]
            complaints.append(f"{shown}: keys: {printable(binding, 40)} {error}; its own keys stay")


def _read(path: Path) -> dict[str, Any]:
    data = read_file(path, LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024} KiB")
    return tomllib.loads(data.decode("utf-8"))


def _known(name: str, names: Mapping[str, Any]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"


# How each is read.


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("must be true or false")


def _truth_or_auto(value: Any) -> bool | None:
    if value == "auto":
        return None
    try:
        return _truth(value)
    except ValueError:
        raise ValueError('must be true, false or "auto"') from None


def _theme(value: Any) -> str | None:
    if value == "auto":
        return None
    if value in THEMES:
        return str(value)
    raise ValueError(f"must be auto, {', '.join(THEMES[:-1])} or {THEMES[-1]}")


def _slots(value: Any) -> int | None:
    if value == "auto":
        return None
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_SLOTS:
        raise ValueError(f"must be a whole number from 1 to {MOST_SLOTS}, or auto")
    return number


def _folder(value: Any) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be the path of a folder")
    if not value.startswith(("/", "~")):
        raise ValueError("must begin with / or ~, so that it means one folder wherever lrtui is opened")
    return absolute(value)


def _keys(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError('must be a table of keys by what they do, such as "train.start" = "ctrl+s"')
    return dict(_flat(value))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Bindings by their whole ids: TOML makes tables of tables of a name with dots."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _key_list(keys: Any) -> str:
    """One key or several, as Textual's keymaps have them: with commas between."""
    listed = keys if isinstance(keys, list) else [keys]
    if not listed or not all(isinstance(key, str) and key.strip() and key.isprintable() for key in listed):
        raise ValueError('must be a key such as "ctrl+s", or a list of keys')
    return ",".join("comma" if key.strip() == "," else key.strip() for key in listed)


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("theme", None, f"Colours: auto, {', '.join(THEMES)}.", _theme, _theme),
        Setting("mouse", True, "Whether the app listens to the mouse.", _truth, _truth),
        Setting(
            "ascii", None, "Draw with ASCII alone; auto goes by the locale.", _truth_or_auto, _truth_or_auto
        ),
        Setting("slots", None, "How many runs train together; others wait for their turn.", _slots, _slots),
        Setting("standby", True, "Keep a worker ready, so that a run starts at once.", _truth, _truth),
        Setting("runs_dir", None, "Where runs live.", _folder, absolute),
        Setting("keys", {}, "Other keys, by what they do.", _keys, None),
    )
}


# What goes by the locale.


def ascii_only(settings: Settings) -> bool:
    """Whether to draw with ASCII alone: as it was set, else by what the terminal is said to understand."""
    return settings.ascii if settings.ascii is not None else not says_utf8()


def says_utf8() -> bool:
    """Whether the locale and Python's own streams are for UTF-8.

    A locale that isn't set at all is taken for UTF-8, as Python takes it: so it is in most containers. One
    that is set to C or POSIX isn't, though Python would write UTF-8 there, too.
    """
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return False
    # LC_CTYPE goes last: Python itself sets it where the locale is C.
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or os.environ.get("LC_CTYPE") or "C.UTF-8"
    if named in ("C", "POSIX"):
        own = os.environ.get("LC_CTYPE", "")
        return not os.environ.get("LC_ALL") and own not in ("", "C", "POSIX", *_SET_BY_PYTHON) and _utf8(own)
    return _utf8(named)


_SET_BY_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")


def _utf8(locale: str) -> bool:
    """Whether the name of a locale has no encoding in it but UTF-8."""
    _, dot, encoding = locale.partition("@")[0].partition(".")
    return not dot or encoding.lower().replace("-", "") == "utf8"
