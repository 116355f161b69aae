"""The shapes of a passage from one rate to another, shared by transitions and families with legs.

It knows nothing of phases: a passage is a start, an end and how far along it an update is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrtui.schedules.core import Rates, blend
from lrtui.schedules.errors import ScheduleError

FADES: Final = ("linear", "cosine", "sqrt", "square", "exponential")
"""Straight; half a cosine; 1 - sqrt(z); 1 - z^2; a constant factor an update. z runs from 0 to 1."""

FADES_AND_CONSTANT: Final = (*FADES, "constant")
"""Also `constant`: the passage's own rate throughout, and a jump at the join."""


def remaining(shape: str, t: NDArray[np.float64], extent: float) -> Rates:
    """Return how much of the way is left at times `t` of a passage `extent` long, from 1 down to 0.

    Linear 1 - z, cosine (1 + cos(pi z)) / 2, sqrt 1 - sqrt(z), square 1 - z^2, where z = t / extent.
    """
    left = (extent - t) / extent
    if shape == "cosine":
        wave = np.sin((0.5 * np.pi) * left)
        return np.asarray(wave * wave)
    if shape == "sqrt":
        return np.asarray(left / (1.0 + np.sqrt(t / extent)))  # 1 - sqrt(z) without cancellation
    if shape == "square":
        return np.asarray(left * (1.0 + t / extent))
    return np.asarray(left)


def fade(shape: str, start: float, end: float, t: NDArray[np.float64], extent: float) -> Rates:
    """Return the rates at times `t` in 0..extent of a passage from `start` to `end`, both met exactly.

    `exponential` is start * (end / start)^z, and both rates must be more than 0 (see `check_exponential`).
    """
    if shape != "exponential":
        return blend(start, end, remaining(shape, t, extent))
    if start == end:
        return np.full(t.shape, start)
    check_exponential(start, end)
    z = t / extent
    # Weights in the exponents meet both ends exactly; a ratio of them might overflow.
    rates = np.power(start, 1.0 - z) * np.power(end, z)
    return np.asarray(np.clip(rates, min(start, end), max(start, end)))


def check_exponential(*rates: float) -> None:
    """Raise ScheduleError if one of the ends of an exponential passage is 0, which no factor ever reaches."""
    if min(rates) <= 0:
        raise ScheduleError("an exponential passage needs rates above 0 at both of its ends")
