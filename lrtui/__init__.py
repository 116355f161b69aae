"""lrtui: the learning-rate laboratory in the terminal.

Importing the package is cheap and pulls in neither torch nor textual; the parts live in the sub-packages. For
scripts of one's own there are `lrtui.start` and `lrtui.schedule`, which are loaded when they are first used
(their types stand in `__init__.pyi`).
"""

__version__ = "0.1.0"

__all__ = ["__version__", "schedule", "start"]

_LAZY = {"start": "lrtui.runs.own_loop", "schedule": "lrtui.integrations.schedule"}


def __getattr__(name: str) -> object:
    """Load what scripts use, on first use (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module 'lrtui' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Also what isn't loaded yet."""
    return sorted({*globals(), *_LAZY})
