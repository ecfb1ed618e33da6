"""House connections: from the front of each house straight to the nearest main in its street."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..geometry import stations
from ..plots import House
from ..streets import Street
from .mains import AREA
from .networks import NETWORKS, Delivery, Line

# Network, and where along the front its connection enters; the sewer comes from the back of the hall.
_ENTRIES = (("LS", 0.25), ("GLD", 0.35), ("WTR", 0.45), ("DT", 0.30), ("RV", 0.60))
_LONGEST = 22.0  # m, of a connection: what is further away has one from elsewhere
_IN = 0.3  # m that it goes on behind the front


def connect(delivery: Delivery, streets: Iterable[Street], houses: Iterable[House], names: set[str]) -> None:
    """Connect the houses along some streets to the mains beside their own street.

    Parameters
    ----------
    names : set of str
        Of the streets whose connections are in the delivery; of others an operator has no drawing.
    """
    mains = {key: [line for line in delivery.lines.values() if line.network.key == key] for key, _ in _ENTRIES}
    middles = {street.name: street.line for street in streets if street.name in names}
    for house in houses:
        middle = middles.get(house.street)
        front = house.corner + 0.5 * house.width * house.u
        if middle is None or house.use != "woning" or not _inside(front):
            continue
        for key, share in _ENTRIES:
            entry = house.corner + share * house.width * house.u + _IN * house.v
            # only mains of its own street: those no further from its middle than the street is wide
            found = [place for line in mains[key] if (place := _nearest(line.points, entry)) is not None]
            found = [place for place in found if np.hypot(*(place - entry)) < _LONGEST]
            found = [place for place in found if _distance(middle, place) < 8.0]
            if found:
                near = min(found, key=lambda place: float(np.hypot(*(place - entry))))
                net = NETWORKS[key]
                course = np.round(np.array([near, entry]), 3)
                delivery.add(Line(net, course, diameter=net.service, service=True))


def _inside(place: np.ndarray) -> bool:
    return bool(AREA[0] < place[0] < AREA[2] and AREA[1] < place[1] < AREA[3])


def _distance(line: np.ndarray, place: np.ndarray) -> float:
    near = _nearest(line, place)
    return float(np.hypot(*(near - place))) if near is not None else np.inf


def _nearest(line: np.ndarray, place: np.ndarray) -> np.ndarray | None:
    """Return the place on a line that is nearest, None where that is an end of it."""
    step = np.diff(line, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip(((place - line[:-1]) * step).sum(axis=1) / square, 0.0, 1.0)
    foot = line[:-1] + share[:, None] * step
    best = int(np.argmin(((foot - place) ** 2).sum(axis=1)))
    along = stations(line)[best] + share[best] * np.sqrt(square[best])
    if along < 1e-6 or along > stations(line)[-1] - 1e-6:
        return None
    return foot[best]
