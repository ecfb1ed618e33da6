"""Structures and open water of a run: the fields, the checks, and where in the grid they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.translate import mark

from ...base import Field, Values
from ...problem import ERROR, WARNING, Problem
from .structures_table import CULVERT, FLOW, FREE, LEVEE, LEVEL, PUMP, TUNNEL, TYPES, WEIR, Structure, structures_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid
    from dtwin_plugin.progress import Progress

    from .structures import Structures
    from .structures_levels import WaterLevels

INPUTS = (
    Field(
        "structures",
        "Structures",
        "features",
        geometry="line",
        optional=True,
        doc="Lines from one side to the other with a column type: culvert, tunnel, weir, pump; or along the crest: "
        "levee. Their columns stand on the page of the sewer.",
    ),
    Field(
        "open_water",
        "Open water",
        "features",
        geometry="polygon",
        optional=True,
        doc="Areas that are kept at a level [m NAP], get a flow [m3/s], or let water out freely.",
    ),
)
ADVANCED = (
    Field(
        "water_series",
        "Levels and flows through time",
        "table",
        columns={"name": "1", "minutes": "min", "value": "1"},
        optional=True,
        advanced=True,
        doc="Level [m NAP] or flow [m3/s] of the open water whose column series has this name; linear between rows.",
    ),
)
OUTPUTS = (
    Field(
        "structure_flow",
        "Flow through structures",
        "table",
        columns={"minutes": "min", "name": "1", "type": "1", "discharge": "m3 s-1"},
        optional=True,
        doc="Mean discharge of each structure in the minute that ends at each time; below 0 against its line.",
    ),
)
NEEDS = {CULVERT: ("width",), TUNNEL: ("width", "height"), WEIR: ("crest", "width"), PUMP: ("capacity",), LEVEE: ()}
WIDEST, DEEPEST = 30.0, 12.0  # m: a culvert that is larger is given in mm
_SHOWN = 5


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the structures and the open water."""
    for name, known, default in (("structures", tuple(NEEDS), ""), ("open_water", (LEVEL, FLOW, FREE), LEVEL)):
        features = values.get(name)
        if features is None or not len(features):
            continue
        found = structures_of(features, default)
        unknown = [f"{item.said or '-'}: {item.place}" for item in found if item.kind not in known]
        if unknown:
            expected = ", ".join(TYPES[kind][0] for kind in known)
            yield _problem(
                "DT140",
                name,
                mark("Structures of a type that is not known: {places}; expected one of {expected}."),
                unknown,
                expected=expected,
            )
        usable = [item for item in found if item.kind in known]
        yield from _check_places(name, usable, values)
        yield from (_check_structures(usable) if name == "structures" else _check_water(usable, values))


def _check_places(name: str, found: list[Structure], values: Values) -> Iterator[Problem]:
    """List what lies outside; where the user chose a part of the terrain, what its edge cuts is left out."""
    outside = [item.place for item in found if not _is_inside(item, values["terrain"])]
    if outside and values.get("extent") is not None:
        text = mark("Structures that lie outside the chosen area, wholly or in part, and are left out: {places}.")
        yield warning("DT141", name, text, outside)
    elif outside:
        text = mark("Structures that lie outside the terrain: {places}; move or remove them.")
        yield _problem("DT141", name, text, outside)


def _is_inside(item: Structure, terrain: Grid) -> bool:
    """Return whether a structure lies in the terrain; a pump may end outside it, a levee or open water lie in part."""
    if not len(item.points):
        return False
    row, column = cells_of(item.points, terrain)
    inside = (row >= 0) & (row < terrain.shape[0]) & (column >= 0) & (column < terrain.shape[1])
    if item.kind == PUMP:
        return bool(inside[0])
    if item.kind in (CULVERT, TUNNEL, WEIR):
        return bool(inside[0] and inside[-1])
    return bool(inside.any()) or item.kind in (LEVEL, FLOW, FREE)


def _check_structures(found: list[Structure]) -> Iterator[Problem]:
    lacking = [f"{item.place} {', '.join(item.missing(*NEEDS[item.kind]))}" for item in found]
    lacking = [text for item, text in zip(found, lacking) if item.missing(*NEEDS[item.kind])]
    lacking += [
        f"{item.place} crest"
        for item in found
        if item.kind == LEVEE and item.missing("crest") and item.missing("raise")
    ]
    if lacking:
        yield _problem(
            "DT142", "structures", mark("Structures that lack a number: {places}; fill these columns."), lacking
        )
    odd = [item.place for item in found if not _plausible(item)]
    if odd:
        yield _problem(
            "DT143",
            "structures",
            mark(
                "Structures with a size that cannot be: {places}; expected above 0, in m (not mm), and m3/h for pumps."
            ),
            odd,
        )


def _plausible(item: Structure) -> bool:
    """Return whether sizes are above 0 and in metres; what is not given is not judged."""
    values = item.values
    pipe = item.kind in (CULVERT, TUNNEL)
    limits = {
        "width": WIDEST if pipe else 1000.0,
        "height": DEEPEST if pipe else np.inf,
        "roughness": 1.0,
        "factor": 10.0,
        "capacity": 1e6,
    }
    sizes = all(not (values[name] <= 0 or values[name] > most) for name, most in limits.items())
    levels = all(not abs(values[name]) > 400.0 for name in ("crest", "bottom_a", "bottom_b", "on", "off"))
    order = not values["on"] < values["off"]
    return sizes and levels and order and not values["length"] < 0 and not values["loss"] < 0


def _check_water(found: list[Structure], values: Values) -> Iterator[Problem]:
    names = set(map(str, (values.get("water_series") or {"name": []})["name"]))
    lost = [f"{item.place} {item.series}" for item in found if item.series and item.series not in names]
    if lost:
        yield _problem(
            "DT145", "water_series", mark("Open water names a series that the table does not have: {places}."), lost
        )
    for kind, column in ((LEVEL, "level"), (FLOW, "flow")):
        lacking = [
            f"{item.place} {column}" for item in found if item.kind == kind and not item.series and item.missing(column)
        ]
        if lacking:
            yield _problem(
                "DT142", "open_water", mark("Structures that lack a number: {places}; fill these columns."), lacking
            )
    far = [item.place for item in found if item.kind == LEVEL and abs(item.values["level"]) > 400]
    if far:
        yield _problem("DT144", "open_water", mark("Levels of open water that are no m NAP: {places}."), far)


def _problem(code: str, name: str, text: str, places: list[str], level: str = ERROR, **others: Any) -> Problem:
    shown = "; ".join(places[:_SHOWN]) + (f" (+{len(places) - _SHOWN})" if len(places) > _SHOWN else "")
    return replace(
        Problem(code, name, "{places}.", {"places": shown}, level), message=text, values={"places": shown, **others}
    )


def warning(code: str, name: str, text: str, places: list[str], **others: Any) -> Problem:
    """Return a warning about places, of which it names the first five."""
    return _problem(code, name, text, places, WARNING, **others)


def error(code: str, name: str, text: str, places: list[str], **others: Any) -> Problem:
    """Return an error about places, of which it names the first five."""
    return _problem(code, name, text, places, ERROR, **others)


def cells_of(points: NDArray[np.float64], grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of points (n, 2) [m], below 0 or too large outside the grid."""
    column = np.floor((points[:, 0] - grid.x_min) / grid.cell_size).astype(np.int64)
    return np.floor((grid.y_max - points[:, 1]) / grid.cell_size).astype(np.int64), column


def linked(
    values: Values, terrain: Grid, bed: NDArray[np.floating], progress: Progress | None = None
) -> Structures | None:
    """Return the structures between two places; None without any.

    Parameters
    ----------
    terrain : Grid
        The cells of the run.
    bed : ndarray
        What water flows over [m], shape (rows, cols).
    progress : Progress, optional
        Is told what stands where there is no height, and is left out.
    """
    from .structures import LINKED, Structures

    features = values.get("structures")
    found = [] if features is None else [item for item in structures_of(features) if item.kind in LINKED]
    ends = [_ends(item, terrain, bed) for item in found]
    used = [k for k, (start, _) in enumerate(ends) if start[0] >= 0]
    lost = [item.place for item, (start, _) in zip(found, ends) if start[0] < 0]
    if lost and progress is not None:
        progress.warn(
            "{count} structures have no ground at an end and are left out: {places}.",
            count=len(lost),
            places="; ".join(lost[:_SHOWN]),
        )
    if not used:
        return None
    start, end = (np.array([ends[k][side] for k in used], np.int64).T for side in (0, 1))
    return Structures([found[k] for k in used], (start[0], start[1]), (end[0], end[1]), bed, terrain.cell_size)


def _ends(item: Structure, terrain: Grid, bed: NDArray[np.floating]) -> tuple[tuple[int, int], tuple[int, int]]:
    start = lowest_near(item.points[0], terrain, bed)
    end = lowest_near(item.points[-1], terrain, bed) if len(item.points) > 1 else (-1, -1)
    if item.kind != PUMP and end[0] < 0:
        return (-1, -1), end
    return start, end


def lowest_near(point: NDArray[np.float64], terrain: Grid, bed: NDArray[np.floating]) -> tuple[int, int]:
    """Return row and column of the lowest cell that touches the one at a point, (-1, -1) where none has a height.

    The end of a culvert is drawn on the bank more often than in the ditch.

    Parameters
    ----------
    point : ndarray
        x, y [m], shape (2,).
    bed : ndarray
        Heights of the cells of the terrain [m NAP], shape (rows, cols); NaN has none.

    >>> from dtwin_plugin.data import Grid
    >>> bed = np.array([[3.0, 1.0, 2.0], [3.0, 3.0, np.nan]])
    >>> lowest_near(np.array([2.5, 0.5]), Grid(bed, 0.0, 2.0, 1.0), bed)
    (0, 1)
    """
    row, column = (int(found[0]) for found in cells_of(point[None, :], terrain))
    if not (0 <= row < bed.shape[0] and 0 <= column < bed.shape[1]):
        return -1, -1
    top, left = max(row - 1, 0), max(column - 1, 0)
    around = bed[top : row + 2, left : column + 2]
    if not np.isfinite(around).any():
        return -1, -1
    low = np.unravel_index(int(np.nanargmin(around)), around.shape)
    return top + int(low[0]), left + int(low[1])


def raised(values: Values, terrain: Grid, bed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the bed with the levees of the structures in it: no lower than their crest under their line.

    Parameters
    ----------
    bed : ndarray
        Heights of the cells of the terrain [m NAP], shape (rows, cols); it is not changed, and NaN stays NaN.
    """
    features = values.get("structures")
    levees = [] if features is None else [item for item in structures_of(features) if item.kind == LEVEE]
    if not levees:
        return bed
    result = np.array(bed)
    for item in levees:
        for row, column in _line_cells(item.parts, terrain):
            ground = bed[row, column]
            crest = item.values["crest"]
            result[row, column] = max(ground, ground + item.values["raise"] if np.isnan(crest) else crest)
    return np.where(np.isnan(bed), bed, result).astype(np.float32)


def _line_cells(parts: Iterable[NDArray[np.float64]], grid: Grid) -> Iterator[tuple[int, int]]:
    """Yield the cells of lines, each next to the one before by an edge, so that no water passes a corner."""
    rows, columns = grid.shape
    for points in parts:
        for first, last in zip(points[:-1], points[1:]):
            steps = max(1, int(np.ceil(np.abs(last - first).max() / grid.cell_size * 4)))
            along = first + np.linspace(0.0, 1.0, steps + 1)[:, None] * (last - first)
            row, column = cells_of(along, grid)
            for k in range(len(row)):
                if k and row[k] != row[k - 1] and column[k] != column[k - 1]:
                    if 0 <= row[k - 1] < rows and 0 <= column[k] < columns:
                        yield int(row[k - 1]), int(column[k])
                if 0 <= row[k] < rows and 0 <= column[k] < columns:
                    yield int(row[k]), int(column[k])


def open_water(values: Values, terrain: Grid, bed: NDArray[np.floating]) -> WaterLevels | None:
    """Return the open water of a run; None without any.

    `bed` has the heights of the terrain [m NAP], shape (rows, cols): where it is NaN there is no water.
    """
    from dtwin_plugin.data.rasterise import labels

    from .structures_levels import WaterLevels

    features = values.get("open_water")
    if features is None or not len(features):
        return None
    label = labels(features.geometries, terrain)
    label[np.isnan(bed)] = 0
    return WaterLevels(structures_of(features, LEVEL), label, np.asarray(bed, float), values.get("water_series"))
