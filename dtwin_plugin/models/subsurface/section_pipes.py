"""Cables and pipes in a section: the ellipse of each that crosses the line, and what runs alongside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data.themes import NONE, THEMES
from dtwin_plugin.translate import tr

from .section_line import SectionLine, rings_of
from .section_shapes import Shape, box, numbers_of, values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Array = NDArray[np.float64]

CORNERS = 48  # of an ellipse: its outline is off by 0.2 % of the radius
LONGEST = 20.0  # diameters: what is cut longer runs along the line, and is no ellipse that anybody can read
_ALONG = np.cos(np.radians(30.0))  # a pipe runs along a line where it turns away less than this
_STEP = 0.5  # m: how exactly it is known where a pipe comes within the distance


class Pipes(NamedTuple):
    """What is known of each line: radius [m], uncertainties [m] (infinite where nobody knows), names."""

    radius: Array
    sideways: Array
    upright: Array
    facts: list[dict[str, Any]]


def known(lines: Features, assumed: float) -> Pipes:
    """Return what the columns of lines tell; `assumed` is the uncertainty on the map where none is stated [m]."""
    sideways, upright = numbers_of(lines, "xy_uncertainty"), numbers_of(lines, "z_uncertainty")
    diameter = numbers_of(lines, "diameter")
    diameter[diameter <= 0] = np.nan
    names = ("theme", "id", "z_source", "label")
    facts = []
    for index, (theme, source, z_source, label) in enumerate(zip(*(values_of(lines, name) for name in names))):
        look = THEMES.get(str(theme), NONE)
        facts.append(
            {"theme": theme, "colour": look.colour, "label": str(label or "") or tr(look.label), "source": source,
             "z_source": z_source, "diameter": diameter[index], "xy_uncertainty": sideways[index],
             "z_uncertainty": upright[index]}
        )  # fmt: skip
    return Pipes(
        diameter / 2000.0,
        np.where(np.isfinite(sideways), np.maximum(sideways, 0.0), assumed),
        np.where(np.isfinite(upright), np.maximum(upright, 0.0), np.inf),
        facts,
    )


def ellipse(radius: float, way: Array, along: Array) -> Array:
    """Return the outline of a round bar cut by an upright plane, around its middle, shape (corners, 2) [m].

    A point p of the plane is on the bar where p.p - (p.a)^2 = r^2, with a the direction of the bar; a level bar at an
    angle t to the plane is so cut to a width of 2 r / sin t.

    Parameters
    ----------
    way : ndarray
        Direction of the bar, x, y and z, of length 1.
    along : ndarray
        Direction of the plane on the map, x and y, of length 1.

    Examples
    --------
    >>> outline = ellipse(0.5, np.array([0.5, 3**0.5 / 2, 0.0]), np.array([1.0, 0.0]))  # 60 degrees
    >>> np.round(np.ptp(outline, axis=0), 6).tolist()
    [1.154701, 1.0]
    """
    forward, up = float(way[:2] @ along), float(way[2])
    form = np.array([[1 - forward**2, -forward * up], [-forward * up, 1 - up**2]])
    sizes, axes = np.linalg.eigh(form)
    turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
    sizes = np.maximum(sizes, 1.0 / LONGEST**2)
    outline: Array = (axes * (radius / np.sqrt(sizes))) @ np.array([np.cos(turn), np.sin(turn)])
    return outline.T


def pipes(line: SectionLine, lines: Features | None, assumed: float, alongside: float) -> tuple[list[Shape], int]:
    """Return cables and pipes at the line, and how many crossings have no height.

    Parameters
    ----------
    lines : Features or None
        With heights of the axis [m NAP] and the columns theme, diameter [mm], xy_uncertainty, z_uncertainty [m],
        z_source, id.
    assumed : float
        Uncertainty on the map of lines that state none [m].
    alongside : float
        How far from the line what runs along it is still shown [m].

    Returns
    -------
    list of Shape, int
        Of each crossing a point, an ellipse where the diameter is known, and a rectangle in which it may lie; of what
        runs alongside lines and bands. What has no height has a rectangle without ends.
    """
    if lines is None or not len(lines):
        return [], 0
    about, found, unknown = known(lines, assumed), [], 0
    bounds, margin = lines.geometries.bounds(), max(alongside, 0.0)
    low, high = line.points.min(axis=0) - margin, line.points.max(axis=0) + margin
    near = (bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1)
    for feature in np.flatnonzero(near).tolist():
        rings = rings_of(lines.geometries, feature)
        if not lines.geometries.has_z:
            rings = [np.column_stack([ring, np.full(len(ring), np.nan)]) for ring in rings]
        crossing, lost = _crossing(line, rings, about, feature)
        found += crossing
        unknown += lost
        if alongside > 0:
            for ring in rings:
                found += _alongside(line, ring, about, feature, alongside)
    return found, unknown


def _crossing(line: SectionLine, rings: list[Array], about: Pipes, feature: int) -> tuple[list[Shape], int]:
    begins = np.concatenate([ring[:-1] for ring in rings])
    ends = np.concatenate([ring[1:] for ring in rings])
    hits = line.crossings(begins, ends)
    shapes: list[Shape] = []
    unknown, before = 0, -np.inf
    for at in np.argsort(hits.along).tolist():
        along, edge = float(hits.along[at]), int(hits.edge[at])
        if along - before < 1e-6:  # m: its two pieces meet on the line
            continue
        before = along
        step = ends[edge] - begins[edge]
        flat = float(np.hypot(*step[:2]))
        direction = line.directions[hits.segment[at]]
        sine = abs(float(direction[0] * step[1] - direction[1] * step[0])) / flat
        height = float(begins[edge, 2] + hits.share[at] * step[2])
        unknown += not np.isfinite(height)
        facts = {**about.facts[feature], "angle": float(np.degrees(np.arcsin(min(sine, 1.0))))}
        shapes += _at(along, height, step, direction, sine, facts, about, feature)
    return shapes, unknown


def _at(
    along: float, height: float, step: Array, direction: Array, sine: float, facts: dict[str, Any], about: Pipes,
    feature: int,
) -> list[Shape]:  # fmt: skip
    """Return one crossing: where it may lie, its outline and its middle."""
    radius, shapes = float(about.radius[feature]), []
    half = np.zeros(2)
    if np.isfinite(radius) and np.isfinite(height):
        outline = ellipse(radius, step / np.linalg.norm(step), direction)
        half = np.ptp(outline, axis=0) / 2
        shapes.append(Shape("polygon", outline + (along, height), "cable", facts))
    wide = half[0] + about.sideways[feature] / max(sine, 1.0 / LONGEST)
    tall = half[1] + (about.upright[feature] if np.isfinite(height) else np.inf)
    middle = height if np.isfinite(height) else 0.0
    around = box(along - wide, along + wide, middle - tall, middle + tall)
    shapes.insert(0, Shape("polygon", around, "uncertainty", dict(facts)))
    # without a height there is a point at the ground that tells what it is
    place, kind = (height, "cable") if np.isfinite(height) else (np.inf, "uncertainty")
    shapes.append(Shape("point", np.array([(along, place)]), kind, dict(facts)))
    return shapes


def _alongside(line: SectionLine, ring: Array, about: Pipes, feature: int, alongside: float) -> list[Shape]:
    """Return the stretches of a pipe that run along the line, as a line and as a band in which it may lie."""
    points = _finer(ring, line, alongside)
    if len(points) < 2:
        return []
    along, beside = line.nearest(points)
    step = np.diff(points[:, :2], axis=0)
    length = np.hypot(*step.T)
    middle = line.segment_of((along[:-1] + along[1:]) / 2)
    ahead = np.abs((step * line.directions[middle]).sum(axis=1)) >= _ALONG * length
    within = (np.abs(beside) <= alongside) & (along >= 0) & (along <= line.length) & np.isfinite(points[:, 2])
    good = np.concatenate([[False], within[:-1] & within[1:] & ahead & (length > 0), [False]])
    shapes = []
    for first, last in zip(
        np.flatnonzero(np.diff(good.astype(int)) == 1), np.flatnonzero(np.diff(good.astype(int)) == -1)
    ):
        run = slice(int(first), int(last) + 1)
        axis = np.column_stack([along[run], points[run, 2]])
        facts = {**about.facts[feature], "offset": float(beside[run].mean()), "angle": 0.0}
        radius = float(np.nan_to_num(about.radius[feature]))
        shapes.append(Shape("polygon", _band(axis, radius + float(about.upright[feature])), "uncertainty", facts))
        if radius:
            shapes.append(Shape("polygon", _band(axis, radius), "cable", facts))
        shapes.append(Shape("line", axis, "cable", facts))
    return shapes


def _band(axis: Array, half: float) -> Array:
    """Return the outline of what lies within a height of a line."""
    return np.concatenate([axis - (0.0, half), axis[::-1] + (0.0, half)])


def _finer(ring: Array, line: SectionLine, margin: float) -> Array:
    """Return the points of a line and, where it may come near, points between them."""
    low, high = line.points.min(axis=0) - margin, line.points.max(axis=0) + margin
    pieces = []
    for begin, end in zip(ring[:-1], ring[1:]):
        near = (np.minimum(begin, end)[:2] <= high).all() and (np.maximum(begin, end)[:2] >= low).all()
        length = float(np.hypot(*(end - begin)[:2]))
        count = int(min(max(1, np.ceil(length / _STEP)), 20_000)) if near else 1
        pieces.append(begin + (np.arange(count) / count)[:, None] * (end - begin))
    return np.concatenate([*pieces, ring[-1:]]) if pieces else ring
