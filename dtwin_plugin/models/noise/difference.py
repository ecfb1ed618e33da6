"""What differs between two results of noise: on a grid, at points and at buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from ..attributes import column_of, names_of, numbers_of
from ..change import CHANGES, change_of
from .exposure import LDEN_EDGES, class_names, classes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Geometries, Grid

    Floats = NDArray[np.float64]

SAME = 1.0  # dB, up to which a change is none: nobody hears it
NEAR = 0.5  # m: points of both results that are so near are one
Row = tuple[str, float, str]


def level_column(points: Features, name: str) -> str:
    """Return the column with the level, whether in capitals or not.

    Raises
    ------
    InputError
        If there is none.
    """
    found = column_of(points, (name,))
    if found is None:
        raise InputError(
            "The points have no column {name}; found {found}.",
            hint="Name a column with a level, such as lden or lnight.",
            name=name,
            found=", ".join(sorted(points.columns)) or "-",
        )
    return found


def on_points(before: Features, after: Features, name: str, much: float) -> Features:
    """Return the points after with their level before, after and the change [dB]; unknown where one is new."""
    old, new = (numbers_of(one, level_column(one, name)) for one in (before, after))
    match = matched(before.geometries, after.geometries)
    found = np.full(len(after), np.nan)
    found[match >= 0] = old[match[match >= 0]]
    return after.with_columns(*_columns(found, new, much))


def matched(before: Geometries, after: Geometries) -> NDArray[np.int64]:
    """Return which point before is that of each point after, within `NEAR`; -1 where none is."""
    from scipy.spatial import cKDTree

    wide = 3 if before.has_z and after.has_z else 2
    places = [_firsts(one)[:, :wide] for one in (before, after)]
    known = [np.flatnonzero(np.isfinite(one).all(axis=1)) for one in places]
    match = np.full(len(after), -1, np.int64)
    if not len(known[0]) or not len(known[1]):
        return match
    distance, which = cKDTree(places[0][known[0]]).query(places[1][known[1]], distance_upper_bound=NEAR)
    near = np.isfinite(distance)
    match[known[1][near]] = known[0][which[near]]
    return match


def _firsts(points: Geometries) -> Floats:
    """Return the first coordinate of each point; NaN of an empty one."""
    spans = points.coordinate_spans()
    found = np.full((len(points), points.coordinates.shape[1]), np.nan)
    filled = np.diff(spans) > 0
    found[filled] = points.coordinates[spans[:-1][filled]]
    return found


def on_buildings(
    buildings: Features, points: tuple[Features, Features] | None, grids: tuple[Grid, Grid] | None, name: str,
    much: float,
) -> Features:  # fmt: skip
    """Return buildings with the level at their most exposed facade before and after [dB]; by points where given."""
    if points is not None:
        old, new = (_loudest(buildings, one, name) for one in points)
    else:
        assert grids is not None  # one of both is given
        old, new = (_around(buildings, one) for one in grids)
    return buildings.with_columns(*_columns(old, new, much))


def _loudest(buildings: Features, points: Features, name: str) -> Floats:
    """Return the highest level of the points that name each building; NaN where none does."""
    owner = column_of(points, ("building",))
    if owner is None:
        raise InputError(
            "The points have no column building, so that it is not known which building they stand at.",
            hint="Give points on facades, or leave the buildings out.",
        )
    rows = {one: row for row, one in enumerate(names_of(buildings))}
    at = np.array([rows.get(str(one), -1) for one in points.columns[owner].tolist()], np.int64)
    levels = numbers_of(points, level_column(points, name))
    found = np.full(len(buildings), np.nan)
    np.fmax.at(found, at[at >= 0], levels[at >= 0])
    return found


def _around(buildings: Features, grid: Grid) -> Floats:
    """Return the highest level in the cells around each building; NaN where none is known."""
    from ..flood.buildings import depth_at_objects
    from ..flood.consequences.consequences import labels_of

    return depth_at_objects(_first(grid), labels_of(buildings.geometries, grid), len(buildings))[0]


def _first(grid: Grid) -> Floats:
    return grid.values.reshape(-1, *grid.shape)[0].astype(float)


def on_grid(before: Grid, after: Grid) -> tuple[Floats, Floats]:
    """Return the levels of both on the cells of the first, NaN where one is not known.

    Raises
    ------
    InputError
        If no cell has both.
    """
    from dtwin_plugin.data.resample import aligned

    old, new = _first(before), _first(aligned(after, before))
    known = np.isfinite(old) & np.isfinite(new)
    if not known.any():
        raise InputError("Both results share no cell with data.", hint="Choose two results of one area.")
    return np.where(known, old, np.nan), np.where(known, new, np.nan)


def _columns(old: Floats, new: Floats, much: float) -> tuple[dict[str, Any], dict[str, str]]:
    old, new = (np.where(np.isfinite(one), one, np.nan) for one in (old, new))
    columns = {
        "level_before": old.round(2),
        "level_after": new.round(2),
        "level_change": (new - old).round(2),
        "change": change_of(old, new, SAME, much),
    }
    return columns, dict.fromkeys(("level_before", "level_after", "level_change"), "dB")


def rows_of(kind: str, old: Floats, new: Floats, much: float, each: float = 1.0, unit: str = "1") -> list[Row]:
    """Return how much there is of a kind in each class of level before and after, and of change.

    Parameters
    ----------
    kind : str
        What is counted, in the plural.
    each : float
        What one counts for, such as the area of a cell.
    """
    rows = []
    for when, levels in (("before", old), ("after", new)):
        names = classes_of(levels, LDEN_EDGES)
        rows += [(f"{kind} of {one} dB {when}", each * float((names == one).sum()), unit) for one in
                 class_names(LDEN_EDGES)]  # fmt: skip
    classes = change_of(old, new, SAME, much)
    return [*rows, *((f"{kind} with {one} noise", each * float((classes == one).sum()), unit) for one in CHANGES)]
