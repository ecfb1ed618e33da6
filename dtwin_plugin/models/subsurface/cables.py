"""Cables and pipes in space: the depth of each vertex by the best that is known, with its source and uncertainty.

The order is that of the house's reference, 5.2: heights of the geometry; height in NAP; ground minus measured depth,
straight between the measurements; ground minus the standard depth of the network; ground minus what is usual for the
theme. A line is cut where the source changes, so that each row has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import numbers_of
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.data.offsets import offsets_of

from .cable_controls import Controls, accuracy, between, controls_of
from .ground import bends, bilinear, bridged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Array = NDArray[np.float64]

# From the best to the worst; "none" where there is no ground to measure from, and above the ground.
SOURCES = ("geometry", "nap", "surface", "standard", "assumed", "none")
_RANK = {name: rank for rank, name in enumerate(SOURCES)}
# Usual depth of the top below the ground, and how far it may be off [m]: assumptions of the house after the depths that
# NEN 7171-1 gives services in a street; free-falling sewers lie as deep as their fall asks.
ASSUMED: Mapping[str, tuple[float, float]] = MappingProxyType({
    "landelijkHoogspanningsnet": (1.2, 1.0), "hoogspanning": (1.2, 1.0), "middenspanning": (0.8, 0.6),
    "laagspanning": (0.6, 0.5), "gasHogeDruk": (1.0, 0.6), "gasLageDruk": (0.8, 0.6),
    "buisleidingGevaarlijkeInhoud": (1.2, 1.0), "petrochemie": (1.2, 1.0), "datatransport": (0.6, 0.5),
    "rioolVrijverval": (1.8, 1.5), "rioolOnderOverOfOnderdruk": (1.0, 0.8), "warmte": (1.0, 0.8),
    "water": (1.0, 0.6), "wees": (0.8, 0.8), "overig": (0.8, 0.8),
})  # fmt: skip
_OTHER = (0.8, 0.8)
_PIECES = 20_000  # of one segment: at cells of 0.5 m it is 10 km long, and longer ones are a slip of the pen


@dataclass(frozen=True)
class Rule:
    """The numbers of the rule, each with its reason.

    Attributes
    ----------
    assumed : mapping
        Theme to usual depth and its uncertainty [m].
    standard_uncertainty : float
        Of the standard depth [m]: it is what was meant at laying, and streets are raised and lowered since.
    geometry_uncertainty : float
        Of heights in a geometry [m]: IMKL states none, so the best class that it has.
    ground_uncertainty : float
        Of a terrain model [m]: AHN is within 0.1 m (2 sigma).
    bridge_uncertainty : float
        More where the ground was filled in, below buildings and water [m].
    reach : float
        How far beyond the last measurement a depth still holds [m]: about one length of street between two houses.
    slope : float
        Growth of the uncertainty with the distance to a measurement [m/m]: the steepest usual fall of a pipe, 1 : 100.
    gap : float
        Widest gap in the ground that is filled [m].
    tolerance : float
        How far a line may be from following the ground [m]: half the uncertainty of the ground.
    """

    assumed: Mapping[str, tuple[float, float]] = field(default_factory=lambda: ASSUMED)
    standard_uncertainty: float = 0.5
    geometry_uncertainty: float = 0.3
    ground_uncertainty: float = 0.1
    bridge_uncertainty: float = 0.2
    reach: float = 25.0
    slope: float = 0.01
    gap: float = 50.0
    tolerance: float = 0.05


class Placed(NamedTuple):
    """Lines in space, how many depths could not be used, and how many rows have no height."""

    features: Features
    unused: int
    flat: int


class _Points(NamedTuple):
    """Positions on the lines: distance along all, place, numbers of line and part, and which are vertices."""

    along: Array
    xy: Array
    z: Array
    line: NDArray[np.int64]
    part: NDArray[np.int64]
    fixed: NDArray[np.bool_]


def place(lines: Features, depths: Features | None, ground: Grid | None, rule: Rule | None = None) -> Placed:
    """Return cables and pipes as lines of their axis in space (m NAP).

    Parameters
    ----------
    lines : Features
        Lines, 2D or with heights (NaN where unknown), with the columns "id", "theme", "network", "accuracy",
        "standard_depth" [m], "diameter" [mm], "vertical_position"; None or NaN where unknown.
    depths : Features, optional
        Points with the columns "object", "network", "kind", "level", "accuracy", "reference".
    ground : Grid, optional
        Heights of the ground [m NAP].

    Returns
    -------
    Placed
        Features with all columns of the lines, and "stretch" (number within the line), "z_source" (of `SOURCES`),
        "z_uncertainty" (the largest of its vertices), "xy_uncertainty" and "depth" (mean of the top below the ground)
        [m]. Heights are NaN where nothing can be known without ground. A segment has the source of its worse end.
    """
    rule = rule or Rule()
    count = len(lines)
    if not count:
        return Placed(lines.with_columns(_columns([], [], np.empty(0), np.empty(0), np.empty(0))), 0, 0)
    along = _along(lines.geometries)
    controls = controls_of(lines, depths, along)
    points = _positions(lines, along, controls, ground, rule)
    surface, filled = _ground(points, ground, rule)
    top, sure, source = _usual(lines, points, surface, filled, rule)
    _known(points, controls, surface, filled, (top, sure, source), rule)
    _from_geometry(points, (top, sure, source), rule)
    source[~np.isfinite(top)] = _RANK["none"]
    keep = bends(points.along, top, points.fixed | _changes(source, points), rule.tolerance)
    radius = np.nan_to_num(numbers_of(lines.columns, "diameter", len(lines)) / 2000.0)
    axis = np.column_stack([points.xy, top - radius[points.line]])[keep]
    depth = (surface - top)[keep]
    spread = _between(sure, np.flatnonzero(keep))
    return _cut(lines, points.line[keep], points.part[keep], axis, source[keep], spread, depth, controls.unused)


def _between(sure: Array, kept: NDArray[np.int64]) -> Array:
    """Return the largest uncertainty on the way from each position that stays to the next, those left out included."""
    return np.fmax(np.fmax.reduceat(sure, kept)[:-1], sure[kept[1:]])


def _along(shapes: Geometries) -> Array:
    """Return the distance of each coordinate, all lines behind each other, with a millimetre between parts."""
    xy = shapes.coordinates[:, :2]
    step = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T)])
    first = shapes.rings[:-1]
    starts = np.isin(first, shapes.coordinate_spans()[:-1])
    step[first[starts]] = 0.0  # from one line to the next is no way
    step[first] += 0.001
    return np.cumsum(step)


def _positions(lines: Features, along: Array, controls: Controls, ground: Grid | None, rule: Rule) -> _Points:
    """Return the vertices, the places of known depths and the ends of their reach, and where to ask for the ground."""
    shapes = lines.geometries
    lengths = np.diff(shapes.rings)
    part_of = np.repeat(np.arange(len(lengths)), lengths)
    starts, ends = along[shapes.rings[:-1]], along[shapes.rings[1:] - 1]
    line_of_part = np.repeat(np.arange(len(lines)), np.diff(shapes.features))
    extra = _ends_of_reach(controls, starts, line_of_part, rule.reach)
    regular = _between_vertices(along, part_of, ground.cell_size) if ground is not None else np.empty(0)
    wanted = np.concatenate([extra, regular])
    fixed = np.concatenate([np.ones(len(extra), bool), np.zeros(len(regular), bool)])
    part = np.searchsorted(starts, wanted, side="right") - 1
    inside = (part >= 0) & (wanted < ends[np.clip(part, 0, None)]) & ~np.isin(wanted, along)
    s = np.concatenate([along, wanted[inside]])
    order = np.argsort(s, kind="stable")
    s = s[order]
    part = np.concatenate([part_of, part[inside]])[order]
    xyz = np.column_stack([np.interp(s, along, axis) for axis in shapes.coordinates.T])
    z = xyz[:, 2] if shapes.has_z else np.full(len(s), np.nan)
    stays = np.concatenate([np.ones(len(along), bool), fixed[inside]])[order]
    return _Points(s, xyz[:, :2], z, line_of_part[part], part, stays)


def _ends_of_reach(controls: Controls, starts: Array, line: NDArray[np.int64], reach: float) -> Array:
    """Return where known depths are, and how far they hold along their own line."""
    wanted = np.concatenate([controls.along + shift for shift in (-reach, 0.0, reach)])
    part = np.clip(np.searchsorted(starts, wanted, side="right") - 1, 0, None)
    return wanted[line[part] == np.tile(controls.line, 3)]


def _between_vertices(along: Array, part: NDArray[np.int64], step: float) -> Array:
    """Return distances at regular steps within each segment."""
    length = np.diff(along)
    pieces = np.where(np.diff(part) == 0, np.clip(np.ceil(length / step), 1, _PIECES), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(length)), pieces - 1)
    if not len(segment):
        return np.empty(0)
    firsts = np.concatenate([[0], np.cumsum(pieces - 1)])[:-1]
    number = np.arange(len(segment)) - firsts[segment] + 1
    return along[segment] + length[segment] * number / pieces[segment]


def _ground(points: _Points, ground: Grid | None, rule: Rule) -> tuple[Array, NDArray[np.bool_]]:
    if ground is None:
        return np.full(len(points.along), np.nan), np.zeros(len(points.along), bool)
    return bridged(points.along, bilinear(ground, *points.xy.T), points.line, rule.gap)


def _usual(
    lines: Features, points: _Points, surface: Array, filled: NDArray[np.bool_], rule: Rule
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return height of the top, its uncertainty and source by the depth of the network or of the theme."""
    standard = numbers_of(lines.columns, "standard_depth", len(lines))
    themes = lines.columns.get("theme", np.full(len(lines), None, object)).tolist()
    usual = np.array([rule.assumed.get(str(theme), _OTHER) for theme in themes])
    position = lines.columns.get("vertical_position", np.full(len(lines), None, object))
    on_ground, above = position == "onGroundSurface", position == "suspendedOrElevated"
    stated = np.isfinite(standard) & ~on_ground & ~above
    depth = np.where(stated, standard, usual[:, 0])
    depth = np.where(on_ground, 0.0, np.where(above, np.nan, depth))
    spread = np.where(stated, rule.standard_uncertainty, usual[:, 1])
    source = np.where(stated, _RANK["standard"], _RANK["assumed"])
    of = points.line
    sure = np.hypot(spread[of], _ground_uncertainty(filled, rule))
    return surface - depth[of], sure, source[of].astype(np.int64)


def _ground_uncertainty(filled: NDArray[np.bool_], rule: Rule) -> Array:
    return rule.ground_uncertainty + rule.bridge_uncertainty * filled


def _known(
    points: _Points, controls: Controls, surface: Array, filled: NDArray[np.bool_], found: tuple[Any, Any, Any],
    rule: Rule,
) -> None:  # fmt: skip
    """Put what is known of the depth over what is usual, the best last."""
    top, sure, source = found
    for line in np.unique(controls.line):
        first, last = np.searchsorted(points.line, [line, line + 1])
        here = slice(int(first), int(last))
        for kind in ("surface", "nap", "geometry"):
            own = (controls.line == line) & (controls.kind == kind)
            if not own.any():
                continue
            spread = controls.uncertainty[own]
            if kind == "geometry":
                spread = np.full(len(spread), rule.geometry_uncertainty)
            level, spread = between(
                points.along[here], controls.along[own], controls.level[own], spread,
                rule.reach if kind != "geometry" or own.sum() == 1 else 0.0, rule.slope if kind != "geometry" else 0.0,
            )  # fmt: skip
            height = surface[here] - level if kind == "surface" else level
            if kind == "surface":
                spread = np.hypot(spread, _ground_uncertainty(filled[here], rule))
            better = np.isfinite(height)
            top[here] = np.where(better, height, top[here])
            sure[here] = np.where(better, spread, sure[here])
            source[here] = np.where(better, _RANK[kind], source[here])


def _from_geometry(points: _Points, found: tuple[Any, Any, Any], rule: Rule) -> None:
    """Put heights that the line itself has over all else."""
    own = np.isfinite(points.z)
    for values, new in zip(found, (points.z, rule.geometry_uncertainty, _RANK["geometry"])):
        values[own] = new[own] if isinstance(new, np.ndarray) else new


def _changes(source: NDArray[np.int64], points: _Points) -> NDArray[np.bool_]:
    """Return the positions on both sides of a change of source."""
    changes = (np.diff(source) != 0) & (np.diff(points.part) == 0)
    return np.concatenate([changes, [False]]) | np.concatenate([[False], changes])


def _cut(
    lines: Features, of: NDArray[np.int64], part: NDArray[np.int64], axis: Array, source: NDArray[np.int64],
    sure: Array, depth: Array, unused: int,
) -> Placed:  # fmt: skip
    """Return the positions as rows of one line and one source."""
    joined = np.diff(part) == 0  # segments; between parts there is none
    first = np.flatnonzero(joined)
    rank = np.maximum(source[first], source[first + 1])
    line = of[first]
    new_row = np.concatenate([[True], (np.diff(line) != 0) | (np.diff(rank) != 0)])
    new_ring = new_row | np.concatenate([[True], np.diff(first) != 1])
    row_starts = np.flatnonzero(new_row)
    ring_starts = np.flatnonzero(new_ring)
    ring_ends = np.concatenate([ring_starts[1:], [len(first)]])
    indices = [np.arange(first[a], first[b - 1] + 2) for a, b in zip(ring_starts, ring_ends)]
    rings = offsets_of([len(item) for item in indices])
    parts = np.arange(len(rings), dtype=np.int64)
    features = np.concatenate([np.searchsorted(ring_starts, row_starts), [len(ring_starts)]]).astype(np.int64)
    order = np.concatenate(indices)
    shapes = Geometries("line", axis[order], rings, parts, features)
    rows = line[row_starts]
    spans = rings[features]
    most = np.fmax.reduceat(sure[first], row_starts)
    known = np.isfinite(depth[order])
    number = np.add.reduceat(known.astype(float), spans[:-1])
    total = np.add.reduceat(np.where(known, depth[order], 0.0), spans[:-1])
    mean = np.where(number > 0, total / np.where(number > 0, number, 1.0), np.nan)
    names = [SOURCES[item] for item in rank[row_starts]]
    flat = sum(name == "none" for name in names)
    most = np.where(np.array(names, object) == "none", np.nan, most)
    spread = np.array([accuracy(item) for item in _accuracy(lines)])[rows]
    kept = {name: values[rows] for name, values in lines.columns.items()}
    columns = {**kept, **_columns(rows.tolist(), names, most, spread, mean)}
    units = {**lines.units, **dict.fromkeys(("z_uncertainty", "xy_uncertainty", "depth"), "m")}
    return Placed(Features(shapes, columns, units, RD_NAP, lines.name), unused, flat)


def _accuracy(lines: Features) -> list[Any]:
    return list(lines.columns.get("accuracy", np.full(len(lines), None, object)).tolist())


def _columns(rows: list[int], names: list[str], most: Array, spread: Array, mean: Array) -> dict[str, NDArray[Any]]:
    stretch: list[int] = []
    counts: dict[int, int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
        stretch.append(counts[row])
    return {
        "stretch": np.array(stretch, np.int64),
        "z_source": np.array(names, object),
        "z_uncertainty": np.round(most, 3),
        "xy_uncertainty": spread,
        "depth": np.round(mean, 3),
    }
