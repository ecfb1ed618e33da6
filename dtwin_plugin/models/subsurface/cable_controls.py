"""Points on lines where the depth or the height is known, and what follows from them between these points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Array = NDArray[np.float64]

NEAREST = 0.01  # m: a depth that names no line is drawn on it; in the real deliveries it lies within 0.4 mm
FURTHEST = 5.0  # m: a depth that a line names but that lies further off was measured elsewhere
CLASSES = {"tot30cm": 0.3, "tot50cm": 0.5, "tot100cm": 1.0}  # accuracy classes of IMKL [m]
UNKNOWN = 1.0  # m: what is not said is taken for the widest class


@dataclass(frozen=True)
class Controls:
    """Known depths on lines, one row each.

    Attributes
    ----------
    line, along : ndarray
        Number of the line, and distance along all lines behind each other [m].
    kind : ndarray
        "geometry", "nap" (level in m NAP) or "surface" (level in m below the ground), of the top of the object.
    level, uncertainty : ndarray
        [m].
    unused : int
        Depths that lie on no line, or too far from the one that names them.
    """

    line: NDArray[np.int64]
    along: Array
    kind: NDArray[Any]
    level: Array
    uncertainty: Array
    unused: int = 0


def accuracy(value: Any) -> float:
    """Return the uncertainty of a class of IMKL [m].

    >>> accuracy("tot30cm"), accuracy(None), accuracy("onbekend")
    (0.3, 1.0, 1.0)
    """
    return CLASSES.get(str(value), UNKNOWN)


def controls_of(lines: Features, depths: Features | None, along: Array) -> Controls:
    """Return the depths of points as levels on their lines.

    Parameters
    ----------
    lines : Features
        With columns "id", "network" and "diameter" [mm].
    depths : Features or None
        Points with columns "object", "network", "kind", "level", "accuracy", "reference".
    along : ndarray
        Distance of each coordinate of the lines, all lines behind each other [m].
    """
    found: list[tuple[int, float, str, float, float]] = []
    unused = 0
    by_id: dict[str, int] = {name: n for n, name in enumerate(lines.columns["id"].tolist())}
    grouped: dict[Any, list[int]] = {}
    for number, name in enumerate(lines.columns["network"].tolist()):
        grouped.setdefault(name, []).append(number)
    networks = {name: np.array(numbers, np.int64) for name, numbers in grouped.items()}
    box = lines.geometries.bounds()
    nowhere = np.empty(0, np.int64)
    for row in range(len(depths) if depths is not None else 0):
        assert depths is not None
        value = {name: depths.columns[name][row] for name in ("object", "network", "kind", "accuracy", "reference")}
        point = depths.geometries.coordinates[row, :2]
        named = value["object"] is not None
        furthest = FURTHEST if named else NEAREST
        own = [by_id[value["object"]]] if named and value["object"] in by_id else []
        chosen = np.array(own, np.int64) if named else networks.get(value["network"], nowhere)
        near = (box[chosen, :2] <= point + furthest).all(axis=1) & (box[chosen, 2:] >= point - furthest).all(axis=1)
        placed = _placed(lines, chosen[near].tolist(), point, along, furthest)
        unused += not placed
        for line, distance in placed:
            level = _top(float(depths.columns["level"][row]), value, lines.columns["diameter"][line])
            found.append((line, distance, str(value["kind"]), level, accuracy(value["accuracy"])))
    return Controls(
        np.array([item[0] for item in found], np.int64),
        np.array([item[1] for item in found], float),
        np.array([item[2] for item in found], object),
        np.array([item[3] for item in found], float),
        np.array([item[4] for item in found], float),
        unused,
    )


def _top(level: float, value: dict[str, Any], diameter: Any) -> float:
    """Return the level of the top, where another part of the pipe was measured; the wall is not known and left out."""
    reference = str(value["reference"] or "").lower()
    size = float(diameter) / 1000 if diameter is not None and diameter == diameter else 0.0
    up = size if "onderkant" in reference else size / 2 if "hart" in reference else 0.0
    return level - up if value["kind"] == "surface" else level + up


def _placed(lines: Features, chosen: list[int], point: Array, along: Array, furthest: float) -> list[tuple[int, float]]:
    """Return the lines that are within a distance of a point, and how far along all lines it lies on each."""
    spans, found = lines.geometries.coordinate_spans(), []
    for line in chosen:
        xy = lines.geometries.coordinates[spans[line] : spans[line + 1], :2]
        s = along[spans[line] : spans[line + 1]]
        if len(xy) < 2:
            continue
        step = np.diff(xy, axis=0)
        square = (step**2).sum(axis=1)
        share = np.clip(((point - xy[:-1]) * step).sum(axis=1) / np.where(square > 0, square, 1.0), 0, 1)
        off = np.hypot(*(xy[:-1] + share[:, None] * step - point).T)
        best = int(off.argmin())
        if off[best] <= furthest:
            found.append((line, float(s[best] + share[best] * (s[best + 1] - s[best]))))
    return found


def between(
    distance: Array, along: Array, level: Array, uncertainty: Array, reach: float, slope: float
) -> tuple[Array, Array]:
    """Return level and uncertainty at distances along one line; NaN beyond the reach of the outermost points.

    Between two points the level is straight, before the first and after the last it stays, as far as the reach. The
    uncertainty is that of the points, and grows with the distance to the nearest of them by the slope.

    >>> level, sure = between(
    ...     np.array([5.0, 12.0, 40.0]), np.array([0.0, 10.0]), np.array([1.0, 2.0]), np.array([0.3, 0.3]), 25.0, 0.01
    ... )
    >>> level.tolist(), sure.round(3).tolist()
    ([1.5, 2.0, nan], [0.35, 0.32, nan])
    """
    order = np.argsort(along, kind="stable")
    along, level, uncertainty = along[order], level[order], uncertainty[order]
    after = np.clip(np.searchsorted(along, distance), 0, len(along) - 1)
    before = np.clip(after - 1, 0, None)
    nearest = np.minimum(np.abs(distance - along[before]), np.abs(distance - along[after]))
    inside = (distance >= along[0] - reach) & (distance <= along[-1] + reach)
    sure = np.interp(distance, along, uncertainty) + slope * nearest
    return np.where(inside, np.interp(distance, along, level), np.nan), np.where(inside, sure, np.nan)
