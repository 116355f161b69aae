"""How the app writes rates and counts in running text. Nothing else."""

from __future__ import annotations


def rate_text(value: float) -> str:
    """A rate with four significant digits: `0.05`, `1e-3`, `2.5e-5`."""
    return _digits(value, 4)


def exact_text(value: float) -> str:
    """A rate that was asked for, with seven significant digits: enough to tell neighbouring updates apart."""
    return _digits(value, 7)


def _digits(value: float, digits: int) -> str:
    if value != 0 and abs(value) < 0.01:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:.{digits}g}".replace("e+0", "e").replace("e+", "e")


def count_text(value: int) -> str:
    """A count with thousands set apart: `1,000,000`."""
    return f"{value:,}"


def epoch_text(value: float) -> str:
    """An epoch with as many decimals as help: `3`, `2.5`, `12.03`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def many(count: int, what: str) -> str:
    """`1 update`, `400 updates`."""
    return f"{count_text(count)} {what}" + ("" if count == 1 else "s")
