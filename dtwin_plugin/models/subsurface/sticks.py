"""Logs as layers and tables that a map shows: sites, layers as sticks in the ground, curves, levels and samples.

Rows of all of them have the column "number", that of their site in `sites_of`, and "site", its name in the source: one
name may be there twice, as a test that was delivered as GEF and as XML is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Logs
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.data.soils import LITHOCLASSES, UNKNOWN

from .ground import bilinear
from .soil_behaviour import NO_ZONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Floats = NDArray[np.float64]

SIDES = 8  # of a column in space: thin enough for thousands, and round enough
STICK_UNITS = {"top": "m", "bottom": "m", "z_min": "m NAP", "z_max": "m NAP", "thickness": "m"}
CURVE_UNITS = {
    "number": "1", "site": "1", "depth": "m", "height": "m", "cone_resistance": "MPa", "friction": "MPa",
    "friction_ratio": "percent", "pore_pressure": "MPa", "inclination": "degree", "behaviour_index": "1", "zone": "1",
}  # fmt: skip
SAMPLE_COLUMNS = ("number", "site", "time", "parameter", "value", "unit", "quality")
_UNDER_GROUND = ("cpt", "borehole")  # of which the surface is needed to place them in space


def grounded(logs: Logs, ground: Grid | None) -> Logs:
    """Return logs of which surfaces that are not known are those of a terrain, and where each has it from.

    Parameters
    ----------
    logs : Logs
    ground : Grid or None
        Heights [m NAP].

    Returns
    -------
    Logs
        With the column "surface_from" of the sites: "source", "terrain", or None where there is none.
    """
    surface = logs.sites.columns["surface"].astype(np.float64)
    origin = np.full(len(surface), None, object)
    origin[np.isfinite(surface)] = "source"
    xy = places(logs.sites)
    if ground is not None:
        found = bilinear(ground, xy[:, 0], xy[:, 1])
        fill = ~np.isfinite(surface) & np.isfinite(found)
        surface, origin[fill] = np.where(fill, found, surface), "terrain"
    return replace(logs, sites=logs.sites.with_columns({"surface": surface, "surface_from": origin}))


def places(sites: Features) -> Floats:
    """Return x, y of each point, NaN where its place is not known."""
    return sites.geometries.bounds()[:, :2]


def sites_of(logs: Sequence[Logs], others: Sequence[tuple[str, Features]] = ()) -> Features | None:
    """Return all places as points with their attributes, those of logs first; None where there are none.

    Parameters
    ----------
    logs : sequence of Logs
        In this order their sites are numbered, from 1.
    others : sequence of (str, Features)
        Kind and points of what has no rows.

    Returns
    -------
    Features
        Columns "number", "kind", "rows", "deepest" [m below the surface], and those of the sources.
    """
    pieces: list[Features] = []
    for piece in logs:
        pieces.append(
            piece.sites.with_columns({
                "kind": np.full(len(piece), piece.kind, object),
                "rows": np.diff(piece.starts),
                "deepest": deepest(piece),
            })
        )  # fmt: skip
    pieces += [piece.with_columns({"kind": np.full(len(piece), kind, object)}) for kind, piece in others]
    pieces = [piece for piece in pieces if len(piece)]
    if not pieces:
        return None
    joined = Features.concatenate(pieces)
    first = {"number": np.arange(1, len(joined) + 1, dtype=np.int64)}
    for name in ("id", "kind", "surface"):
        if name in joined.columns:
            first[name] = joined.columns[name]
    units = {name: unit for name, unit in {**joined.units, "deepest": "m", "surface": "m NAP"}.items()}
    return replace(joined, columns={**first, **joined.columns}, units=units, name="sites")


def deepest(logs: Logs) -> Floats:
    """Return how deep the rows of each site go [m below the surface]; NaN where that is not what they tell."""
    name = {"cpt": "depth", "borehole": "bottom"}.get(logs.kind)
    result = np.full(len(logs), np.nan)
    if name is not None and len(logs.rows[name]):
        filled = np.diff(logs.starts) > 0
        result[filled] = np.fmax.reduceat(logs.rows[name], logs.starts[:-1][filled])
    return result


def sticks_of(logs: Logs, first: int, kind: str) -> Features:
    """Return the layers of boreholes as vertical lines in space, those that have a place and a thickness.

    Parameters
    ----------
    logs : Logs
        Of kind "borehole"; tests as `soil_behaviour_logs.layers_of` gives them.
    first : int
        Number of the first site.
    kind : str
        Of the sites: "borehole" or "cpt".

    Returns
    -------
    Features
        Lines from top to bottom [m NAP], a row a layer.

    Examples
    --------
    >>> sites = Features(
    ...     Geometries.points(np.array([[84_000.0, 447_000.0]])),
    ...     {"id": np.array(["B1"], object), "surface": np.array([1.5])},
    ... )
    >>> rows = {
    ...     "top": np.array([0.0, 0.5]),
    ...     "bottom": np.array([0.5, 2.0]),
    ...     "soil": np.array(["Kz", "V"], object),
    ...     "lithoclass": np.array([3, 1]),
    ... }
    >>> sticks = sticks_of(Logs("borehole", sites, np.array([0, 2]), rows), 1, "borehole")
    >>> sticks.geometries.coordinates[:, 2].tolist(), sticks.columns["class_name"][1]
    ([1.5, 1.0, 1.0, -0.5], 'Organic material (peat)')
    """
    top, bottom, owner = logs.rows["top"], logs.rows["bottom"], logs.site_of
    z_top, z_bottom = logs.heights("top"), logs.heights("bottom")
    xy = places(logs.sites)[owner]
    chosen = np.flatnonzero(np.isfinite(z_top) & np.isfinite(z_bottom) & (bottom > top) & np.isfinite(xy).all(axis=1))
    lithoclass = logs.rows.get("lithoclass", np.full(len(top), UNKNOWN, np.int64))
    zone = logs.rows.get("zone", np.full(len(top), NO_ZONE, np.int64))
    order = np.arange(len(top)) - logs.starts[:-1][owner] + 1
    columns: dict[str, NDArray[Any]] = {
        "number": first + owner,
        "site": logs.sites.columns["id"][owner],
        "kind": np.full(len(top), kind, object),
        "layer": order.astype(np.int64),
        "top": top,
        "bottom": bottom,
        "z_max": z_top,
        "z_min": z_bottom,
        "thickness": bottom - top,
        "soil": logs.rows["soil"],
        "lithoclass": lithoclass,
        "class_name": _names(lithoclass),
        "zone": zone,
    }
    for name in ("sand_median", "colour", "desc", "remarks"):
        if name in logs.rows:
            columns[name] = logs.rows[name]
    columns = {name: values[chosen] for name, values in columns.items()}
    return Features(_vertical(xy[chosen], z_top[chosen], z_bottom[chosen]), columns, STICK_UNITS, RD_NAP, "layers")


def screens_of(logs: Logs, first: int) -> Features:
    """Return the screens of wells as vertical lines in space, with what is known of their tubes.

    Parameters
    ----------
    logs : Logs
        Of kind "well"; tops and bottoms are heights [m NAP].
    """
    owner = logs.site_of
    xy = places(logs.sites)[owner]
    top, bottom = logs.rows["top"], logs.rows["bottom"]
    chosen = np.flatnonzero(np.isfinite(top) & np.isfinite(bottom) & (top > bottom) & np.isfinite(xy).all(axis=1))
    columns: dict[str, NDArray[Any]] = {
        "number": first + owner,
        "site": logs.sites.columns["id"][owner],
        "kind": np.full(len(owner), "well", object),
        "z_max": top,
        "z_min": bottom,
        "thickness": top - bottom,
        "lithoclass": np.full(len(owner), UNKNOWN, np.int64),  # a screen is no soil
        "zone": np.full(len(owner), NO_ZONE, np.int64),
    }
    columns |= {name: values for name, values in logs.rows.items() if name not in ("top", "bottom")}
    columns = {name: values[chosen] for name, values in columns.items()}
    units = {**logs.units, **{name: unit for name, unit in STICK_UNITS.items() if name in columns}}
    return Features(_vertical(xy[chosen], top[chosen], bottom[chosen]), columns, units, RD_NAP, "screens")


def screens_of_levels(logs: Logs, first: int) -> Features | None:
    """Return the screens in which levels were measured, None where the source does not tell them.

    Parameters
    ----------
    logs : Logs
        Of kind "levels", of which the sites may have "screen_top" and "screen_bottom" [m NAP] and "tube".
    """
    known = logs.sites.columns
    if "screen_top" not in known or "screen_bottom" not in known:
        return None
    count = len(logs)
    rows = {
        "tube": known.get("tube", np.full(count, None, object)),
        "top": known["screen_top"].astype(np.float64),
        "bottom": known["screen_bottom"].astype(np.float64),
    }
    return screens_of(Logs("well", logs.sites, np.arange(count + 1, dtype=np.int64), rows), first)


def _vertical(xy: Floats, top: Floats, bottom: Floats) -> Geometries:
    """Return a line of two points at each place, from top to bottom."""
    count = len(xy)
    ends = np.empty((count, 2, 3))
    ends[:, :, :2] = xy[:, np.newaxis]
    ends[:, 0, 2], ends[:, 1, 2] = top, bottom
    steps = np.arange(count + 1, dtype=np.int64)
    return Geometries("line", ends.reshape(-1, 3), steps * 2, steps, steps)


def columns_of(sticks: Features, diameter: float) -> Features:
    """Return the outline of a column around each vertical line, for a 3D view that extrudes it from z_min to z_max.

    Parameters
    ----------
    sticks : Features
        Of `sticks_of` or `screens_of`.
    diameter : float
        Of the columns [m]: much more than that of a cone or a tube, so that they are seen.

    Examples
    --------
    >>> line = Geometries.build("line", [[[[(10, 20, 1), (10, 20, -1)]]]])
    >>> around = columns_of(Features(line, {"z_min": np.array([-1.0])}), 2.0)
    >>> around.geometries.bounds().round(3).tolist()
    [[9.0, 19.0, 11.0, 21.0]]
    """
    xy = sticks.geometries.coordinates[::2, :2]
    angle = 2 * np.pi * np.arange(SIDES + 1) / SIDES
    angle[-1] = 0.0  # closed to the last bit
    around = diameter / 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    steps = np.arange(len(xy) + 1, dtype=np.int64)
    rings = (xy[:, np.newaxis] + around).reshape(-1, 2)
    shapes = Geometries("polygon", rings, steps * (SIDES + 1), steps, steps)
    return Features(shapes, sticks.columns, sticks.units, name="columns")


def curve_of(logs: Logs, first: int) -> dict[str, NDArray[Any]]:
    """Return the rows of cone penetration tests as a table, by `CURVE_UNITS`.

    Parameters
    ----------
    logs : Logs
        Of kind "cpt", with the columns of `soil_behaviour_logs.with_behaviour`.
    """
    owner = logs.site_of
    unknown = np.full(len(owner), np.nan)
    own = {"number": first + owner, "site": logs.sites.columns["id"][owner], "height": logs.heights("depth")}
    return {name: own[name] if name in own else logs.rows.get(name, unknown) for name in CURVE_UNITS}


def series_of(logs: Logs, first: int) -> Features:
    """Return groundwater levels as points with a moment each, without the rows that have neither.

    Parameters
    ----------
    logs : Logs
        Of kind "levels"; "time" in UTC, "level" [m NAP].
    """
    owner = logs.site_of
    time, level = logs.rows["time"], logs.rows["level"]
    chosen = np.flatnonzero(~np.isnat(time) & np.isfinite(level))
    columns: dict[str, NDArray[Any]] = {"number": first + owner, "site": logs.sites.columns["id"][owner]}
    for name in ("well", "tube"):
        if name in logs.sites.columns:
            columns[name] = logs.sites.columns[name][owner]
    columns |= {"time": time, "level": level, "depth": logs.sites.columns["surface"][owner] - level}
    columns |= {name: values for name, values in logs.rows.items() if name not in columns}
    return Features(
        logs.sites.geometries.take(owner[chosen]),
        {name: values[chosen] for name, values in columns.items()},
        {"level": "m NAP", "depth": "m"},
        logs.sites.crs,
        "levels",
    )


def samples_of(logs: Logs, first: int) -> dict[str, NDArray[Any]]:
    """Return the composition of groundwater as a table, moments as text (ISO 8601)."""
    owner = logs.site_of
    time = logs.rows["time"]
    known = np.empty(len(time), object)
    known[:] = [None if np.isnat(moment) else str(moment) for moment in time]
    nothing = np.full(len(owner), None, object)
    own = {"number": first + owner, "site": logs.sites.columns["id"][owner], "time": known}
    return {name: own[name] if name in own else logs.rows.get(name, nothing) for name in SAMPLE_COLUMNS}


def without_surface(logs: Logs) -> list[str]:
    """Return the names of tests and boreholes that cannot stand in space: the height of their surface is not known."""
    if logs.kind not in _UNDER_GROUND:
        return []
    return [str(name) for name in logs.sites.columns["id"][~np.isfinite(logs.sites.columns["surface"])]]


def joined(pieces: Sequence[dict[str, NDArray[Any]]]) -> dict[str, list[Any]]:
    """Return tables one below the other, as lists with None where nothing is known."""
    counts = [len(next(iter(piece.values()), ())) for piece in pieces]
    whole = table.concatenate(pieces, counts)
    return {name: [None if value != value else value for value in values.tolist()] for name, values in whole.items()}


def _names(lithoclass: NDArray[np.int64]) -> NDArray[Any]:
    known = {**LITHOCLASSES, UNKNOWN: None}
    result = np.empty(len(lithoclass), object)
    result[:] = [known.get(number) for number in lithoclass.tolist()]
    return result
