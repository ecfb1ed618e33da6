"""The time that an arc takes at a flow, compiled; called by `costs` and by the kernels of assignment.

An arc has a free time t0 [min], a steepness b (alpha of a conical arc), the inverse of its capacity and a power (0 of a
conical arc). `kind` tells which formula holds.

References
----------
BPR : Bureau of Public Roads (1964), Traffic Assignment Manual: t = t0 (1 + b (v/c)^p).
S90 : Spiess (1990), Conical volume-delay functions, Transportation Science 24(2), 153-158, equation 8.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
CONSTANT, QUARTIC, BPR, CONICAL = 0, 1, 2, 3
_OPTIONS = {"nogil": True, "cache": may_cache("assign traffic"), "error_model": "numpy"}
njit = load_numba("assign traffic").njit(**_OPTIONS)
LEAST = 1e-6  # of the capacity: below it the slope of a power under 1 is taken here, as it has no end at 0


@njit
def time_at(kind: int, free: float, b: float, inverse: float, power: float, flow: float) -> float:
    """Return the time on an arc [min] at a flow [pcu h-1]."""
    if kind == CONSTANT:
        return free
    ratio = max(flow, 0.0) * inverse
    if kind == QUARTIC:
        square = ratio * ratio
        return free * (1.0 + b * square * square)
    if kind == BPR:
        return float(free * (1.0 + b * ratio**power))
    beta, left = (2.0 * b - 1.0) / (2.0 * b - 2.0), b * (1.0 - ratio)
    return float(free * (2.0 + np.sqrt(left * left + beta * beta) - left - beta))


@njit
def slope_at(kind: int, free: float, b: float, inverse: float, power: float, flow: float) -> float:
    """Return how much the time on an arc grows with a vehicle more [min h pcu-1]."""
    if kind == CONSTANT:
        return 0.0
    ratio = max(flow, 0.0) * inverse
    if kind == QUARTIC:
        return free * b * 4.0 * ratio * ratio * ratio * inverse
    if kind == BPR:
        if power < 1.0:
            ratio = max(ratio, LEAST)
        return float(free * b * power * ratio ** (power - 1.0) * inverse)
    beta, left = (2.0 * b - 1.0) / (2.0 * b - 2.0), b * (1.0 - ratio)
    return float(free * b * inverse * (1.0 - left / np.sqrt(left * left + beta * beta)))


@njit
def integral_at(kind: int, free: float, b: float, inverse: float, power: float, flow: float) -> float:
    """Return the time on an arc integrated from no flow to a flow: its part of Beckmann's objective."""
    if kind == CONSTANT:
        return free * flow
    ratio = max(flow, 0.0) * inverse
    if kind == QUARTIC or kind == BPR:
        p = 4.0 if kind == QUARTIC else power
        return float(free * flow * (1.0 + b * ratio**p / (p + 1.0)))
    beta, left = (2.0 * b - 1.0) / (2.0 * b - 2.0), b * (1.0 - ratio)
    return float(free / inverse * ((2.0 - b - beta) * ratio + b * ratio * ratio / 2.0
                                   + (_root(b, beta) - _root(left, beta)) / b))  # fmt: skip


@njit
def _root(x: float, beta: float) -> float:
    """Return the integral of sqrt(x^2 + beta^2) from 0 to x."""
    return float(0.5 * (x * np.sqrt(x * x + beta * beta) + beta * beta * np.arcsinh(x / beta)))


@njit
def times_of(kind: Array, free: Array, b: Array, inverse: Array, power: Array, flow: Array, time: Array) -> None:
    """Write the times of all arcs [min], each array with shape (arcs,)."""
    for a in range(len(flow)):
        time[a] = time_at(kind[a], free[a], b[a], inverse[a], power[a], flow[a])


@njit
def slopes_of(kind: Array, free: Array, b: Array, inverse: Array, power: Array, flow: Array, slope: Array) -> None:
    """Write the slopes of all arcs."""
    for a in range(len(flow)):
        slope[a] = slope_at(kind[a], free[a], b[a], inverse[a], power[a], flow[a])


@njit
def integrals_of(kind: Array, free: Array, b: Array, inverse: Array, power: Array, flow: Array, found: Array) -> None:
    """Write the integrals of all arcs."""
    for a in range(len(flow)):
        found[a] = integral_at(kind[a], free[a], b[a], inverse[a], power[a], flow[a])
