"""Buildings, bodies in the ground, boreholes and cone tests in a section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES, UNKNOWN
from dtwin_plugin.data.themes import THEMES
from dtwin_plugin.translate import mark, tr

from .section_line import SectionLine, on_ray, rings_of
from .section_shapes import Shape, box, number, numbers_of, values_of
from .soil_behaviour import ZONES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Array = NDArray[np.float64]
    Ground = Callable[[float], float]

BUILDING_COLOUR, UNKNOWN_COLOUR = "#ead9cd", "#DDDDDD"
BODY_COLOURS = ("#b08d57", "#8da0cb", "#e78ac3", "#66c2a5", "#a6761d", "#b3b3b3")
BUILDING, BODY = mark("Building"), mark("Body in the ground")
_FLAT = 1e-6  # m: a surface that takes less of the line is seen on its edge
_MOST_FACES = 200  # of one object over the line, between which crossings are looked for
IDS = ("site", "bro_id", "nr", "identificatie", "id", "name")


def buildings(line: SectionLine, shapes: Features | None, ground: Ground) -> tuple[list[Shape], int]:
    """Return the silhouettes of buildings, and how many on the line have no height.

    Parameters
    ----------
    shapes : Features or None
        Surfaces in space, a row for each object, level of detail and semantics ("id", "lod"); or footprints with the
        columns b3_h_maaiveld and b3_h_70p as of 3DBAG, bottom and top, or height [m NAP; m above the ground].
    ground : callable
        Height of the ground at a distance, for footprints that tell no bottom.
    """
    if shapes is None:
        return [], 0
    near = _near(line, shapes)
    return _from_surfaces(line, near) if near.geometries.has_z else _from_footprints(line, near, ground)


def _near(line: SectionLine, shapes: Features, margin: float = 0.0) -> Features:
    """Return the features whose box touches that of the line."""
    bounds, low, high = shapes.geometries.bounds(), line.points.min(axis=0) - margin, line.points.max(axis=0) + margin
    touches = (bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1)
    return shapes.take(np.flatnonzero(touches))


def _from_footprints(line: SectionLine, shapes: Features, ground: Ground) -> tuple[list[Shape], int]:
    bottoms = numbers_of(shapes, "b3_h_maaiveld", "bottom", "ground")
    tops = numbers_of(shapes, "b3_h_70p", "b3_h_max", "top", "roof")
    heights = numbers_of(shapes, "height", "hoogte")
    names, found, unknown = values_of(shapes, *IDS), [], 0
    for index in range(len(shapes)):
        for low, high in line.inside(shapes.geometries, index):
            bottom = bottoms[index] if np.isfinite(bottoms[index]) else ground((low + high) / 2)
            top = tops[index] if np.isfinite(tops[index]) else bottom + heights[index]
            if top > bottom:  # NaN does not
                found.append(_building(box(low, high, float(bottom), float(top)), names[index]))
            else:
                unknown += 1
    return found, unknown


def _building(points: Array, name: Any) -> Shape:
    facts = {"theme": "building", "colour": BUILDING_COLOUR, "label": tr(BUILDING), "source": name}
    return Shape("polygon", points, "building", facts)


def _from_surfaces(line: SectionLine, shapes: Features) -> tuple[list[Shape], int]:
    """Return the outline of each object between its lowest point and its highest faces, where there are faces."""
    levels = [str(value or "") for value in values_of(shapes, "lod")]
    objects: dict[Any, list[int]] = {}
    for index, name in enumerate(values_of(shapes, "id", *IDS)):
        objects.setdefault(index if name is None else name, []).append(index)
    found = []
    for name, rows in objects.items():
        finest = max(levels[row] for row in rows)
        rows = [row for row in rows if levels[row] == finest]
        faces = np.array([face for row in rows for face in _faces(line, shapes, row)]).reshape(-1, 4)
        if len(faces):
            bottom = min(float(ring[:, 2].min()) for row in rows for ring in rings_of(shapes.geometries, row))
            found += [_building(outline, name) for outline in _outlines(faces, bottom)]
    return found, 0


def _faces(line: SectionLine, shapes: Features, row: int) -> list[tuple[float, float, float, float]]:
    """Return where the line cuts the flat faces of a row: distance and height of begin and end of each cut."""
    geometries, found = shapes.geometries, []
    first, last = geometries.features[row], geometries.features[row + 1]
    parts = geometries.take(np.array([row]))
    for part in range(last - first):
        rings = slice(parts.parts[part], parts.parts[part + 1] + 1)
        low, high = parts.rings[rings][0], parts.rings[rings][-1]
        points = parts.coordinates[low:high]
        starts = np.ones(len(points) - 1, bool)
        starts[parts.rings[rings][1:-1] - low - 1] = False
        begins, ends = points[:-1][starts], points[1:][starts]
        for number_, way in enumerate(line.directions):
            found += _cut(line, number_, way, begins, ends)
    return found


def _cut(
    line: SectionLine, segment: int, way: Array, begins: Array, ends: Array
) -> list[tuple[float, float, float, float]]:
    along, share, crosses = on_ray(line.points[segment], way, begins, ends)
    heights = begins[:, 2] + share * (ends[:, 2] - begins[:, 2])
    at, z = along[crosses], heights[crosses]
    order = np.lexsort((z, at))
    at, z = at[order], z[order]
    first, size, found = float(line.along[segment]), float(line.along[segment + 1] - line.along[segment]), []
    for s0, z0, s1, z1 in zip(at[::2].tolist(), z[::2].tolist(), at[1::2].tolist(), z[1::2].tolist()):
        low, high = max(s0, 0.0), min(s1, size)
        if high - low > _FLAT:
            slope = (z1 - z0) / (s1 - s0)
            found.append((first + low, z0 + slope * (low - s0), first + high, z0 + slope * (high - s0)))
    return found


def _outlines(faces: Array, bottom: float) -> list[Array]:
    """Return the outline below the highest of faces, one for each stretch that has any.

    >>> _outlines(np.array([(0, 1, 2, 3), (2, 3, 4, 1), (6, 2, 7, 2)], float), 0.0)[1].tolist()
    [[6.0, 0.0], [7.0, 0.0], [7.0, 2.0], [6.0, 2.0]]
    """
    edges = np.unique(np.round(np.concatenate([faces[:, 0], faces[:, 2], _meetings(faces)]), 7))
    tops: list[list[tuple[float, float]]] = []
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist()):
        middle = (low + high) / 2
        over = faces[(faces[:, 0] < middle) & (faces[:, 2] > middle)]
        if high - low <= _FLAT or not len(over):
            continue
        slope = (over[:, 3] - over[:, 1]) / (over[:, 2] - over[:, 0])
        highest = int(np.argmax(over[:, 1] + slope * (middle - over[:, 0])))
        ends = [(at, float(over[highest, 1] + slope[highest] * (at - over[highest, 0]))) for at in (low, high)]
        if tops and tops[-1][-1][0] == low:
            tops[-1] += ends[1:] if abs(tops[-1][-1][1] - ends[0][1]) < _FLAT else ends
        else:
            tops.append(ends)
    return [np.array([(top[0][0], bottom), (top[-1][0], bottom), *reversed(top)]) for top in tops]


def _meetings(faces: Array) -> Array:
    """Return where faces cross each other between their ends."""
    if len(faces) > _MOST_FACES:
        return np.empty(0)
    slope = (faces[:, 3] - faces[:, 1]) / (faces[:, 2] - faces[:, 0])
    level = faces[:, 1] - slope * faces[:, 0]
    first, second = np.triu_indices(len(faces), 1)
    apart = slope[first] - slope[second]
    at = (level[second] - level[first]) / np.where(apart == 0, np.nan, apart)
    inside = at > np.maximum(faces[first, 0], faces[second, 0])
    found: Array = at[inside & (at < np.minimum(faces[first, 2], faces[second, 2]))]
    return found


def bodies(line: SectionLine, shapes: Features | None) -> tuple[list[Shape], int]:
    """Return outlines with the columns bottom and top [m NAP] cut by the line, and how many have no height."""
    if shapes is None:
        return [], 0
    near = _near(line, shapes)
    bottoms, tops = numbers_of(near, "bottom"), numbers_of(near, "top")
    kinds, names, colours = values_of(near, "kind", "theme"), values_of(near, *IDS), values_of(near, "colour")
    own = {name: place for place, name in enumerate(sorted({str(kind or "") for kind in kinds}))}
    sideways, upright = numbers_of(near, "xy_uncertainty"), numbers_of(near, "z_uncertainty")
    found, unknown = [], 0
    for index in range(len(near)):
        for low, high in line.inside(near.geometries, index):
            if not tops[index] > bottoms[index]:
                unknown += 1
                continue
            label = str(kinds[index] or "") or tr(BODY)
            place = own[str(kinds[index] or "")]
            theme = THEMES[label].colour if label in THEMES else BODY_COLOURS[place % len(BODY_COLOURS)]
            facts = {"theme": label, "label": tr(label), "colour": _colour(colours[index]) or theme,
                     "source": names[index], "xy_uncertainty": sideways[index],
                     "z_uncertainty": upright[index]}  # fmt: skip
            bottom, top = float(bottoms[index]), float(tops[index])
            more, over = (0.0 if not np.isfinite(v[index]) else float(v[index]) for v in (sideways, upright))
            if more or over:
                wider = box(max(low - more, 0.0), min(high + more, line.length), bottom - over, top + over)
                found.append(Shape("polygon", wider, "uncertainty", dict(facts)))
            found.append(Shape("polygon", box(low, high, bottom, top), "body", facts))
    return found, unknown


def _colour(value: Any) -> str:
    """Return a colour as #rrggbb, "" where a value is none.

    >>> _colour("#9D4E40"), _colour("red")
    ('#9D4E40', '')
    """
    text = str(value or "")
    return text if len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:]) else ""


def sticks(line: SectionLine, layers: Features | None, distance: float, width: float) -> tuple[list[Shape], int]:
    """Return boreholes and cone tests beside the line, seen square to it, and how many layers have no height.

    Parameters
    ----------
    layers : Features or None
        Upright lines [m NAP], one for each layer of soil, with the columns "lithoclass", "zone" (Robertson) or "soil",
        and the site they belong to.
    distance : float
        How far from the line they count [m].
    width : float
        Of the rectangles [m along the line].

    Returns
    -------
    list of Shape, int
        A rectangle for each layer, and a point at the top of each site with its name and its distance.
    """
    if layers is None or not len(layers):
        return [], 0
    spans = layers.geometries.coordinate_spans()
    filled = np.flatnonzero(np.diff(spans) > 0)
    along, beside = line.nearest(layers.geometries.coordinates[spans[filled]])
    near = (np.abs(beside) <= distance) & (along >= 0) & (along <= line.length)
    z = layers.geometries.coordinates[:, 2] if layers.geometries.has_z else np.full(spans[-1], np.nan)
    names, kinds = values_of(layers, *IDS), values_of(layers, "kind")
    keys = values_of(layers, "number", *IDS)  # one name may be there twice, as of a test that was delivered twice
    is_cpt = "zone" in layers.columns or "cone_resistance" in layers.columns
    heads: dict[Any, Shape] = {}
    found, unknown = [], 0
    for row, at, away in zip(filled[near].tolist(), along[near].tolist(), beside[near].tolist()):
        heights = z[spans[row] : spans[row + 1]]
        if not np.isfinite(heights).all() or np.ptp(heights) == 0:
            unknown += 1
            continue
        theme, label, colour = _soil(layers, row)
        kind = "cpt" if "cpt" in str(kinds[row] or "").lower() or (kinds[row] is None and is_cpt) else "borehole"
        facts = {"theme": theme, "label": label, "colour": colour, "source": names[row], "offset": away}
        bottom, top = float(heights.min()), float(heights.max())
        found.append(Shape("polygon", box(at - width / 2, at + width / 2, bottom, top), kind, facts))
        head = heads.get(keys[row])
        if head is None or head.points[0, 1] < top:
            title = {"label": str(names[row] or ""), "source": names[row], "offset": away, "colour": "#222222"}
            heads[keys[row]] = Shape("point", np.array([(at, top)]), kind, title)
    found.sort(key=lambda shape: -abs(shape.facts["offset"]))  # what is nearest lies in front
    return [*found, *heads.values()], unknown


def _soil(layers: Features, row: int) -> tuple[str, str, str]:
    """Return the class of a layer of soil, its name and its colour."""

    def value(name: str) -> Any:
        return layers.columns[name][row] if name in layers.columns else None

    own = _colour(value("colour"))
    words = str(value("soil") or value("class_name") or "")
    for column, table in (("lithoclass", {n: (t, COLOURS[n]) for n, t in LITHOCLASSES.items()}),
                          ("zone", {n: zone[:2] for n, zone in ZONES.items()})):  # fmt: skip
        code = number(value(column))
        if np.isfinite(code) and int(code) in table and int(code) != UNKNOWN:
            name, colour = table[int(code)]
            return name, tr(name), own or colour
    return words, words, own or UNKNOWN_COLOUR
