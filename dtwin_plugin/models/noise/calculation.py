"""A run of road noise: layers to a scene and receivers, and what comes of the roads to those."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.data.walls import FacadePoints
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part

from ..attributes import column_of, numbers_of
from ..base import Values, wanted
from .air import absorption
from .bands import PERIODS, day_evening_night
from .junctions import Sections, sections_of
from .map_levels import levels_on_map, widest_of
from .receivers import Placing, on_facades, on_grid, on_ground
from .road_checks import driving
from .road_levels import levels_of_roads, outlines_of
from .road_shares import RoadShares, groups_of, joined_shares, road_shares
from .roads import HEIGHT, Roads, roads_of, slopes_of
from .srm1 import chunks_1
from .srm_emission import srm_powers
from .srm_table import AIR, CNOSSOS, SRM1, SRM2
from .srm_table import HEIGHT as SOURCE
from .stored import StoredTransfer, fingerprint, read_transfer
from .surroundings import (
    HEIGHTS,
    absorption_of,
    barriers_on,
    ground_of,
    scene_from,
    softness_of,
    tops_of,
    walls_around,
    widened,
)
from .traffic import Traffic, names_from, powers_of, renamed
from .transfer import Audible, Paths, Transfer, audible, chunks_of, joined, levels_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from .scene import Scene

    Floats = NDArray[np.float64]

_NONE = FacadePoints(np.empty((0, 3)), np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
_DECK = 10.0  # m wide: of bridges, where no roads are asked for
_MOST_CELLS = 4_000_000  # receivers on a grid in one run


@dataclass(frozen=True)
class Site:
    """What is calculated on.

    Attributes
    ----------
    receivers : ndarray
        x, y, z and height of the ground [m], shape (n, 4): on facades, then single ones, then those of the grid.
    facades : FacadePoints
        Those on facades.
    rows : ndarray
        int64, the feature of each single receiver.
    grid : Grid or None
        Cells of the map, without values.
    cells : ndarray
        int64, the number of the cell of each receiver on the grid.
    sections : Sections, optional
        What the pieces of the roads belong to.
    decks : ndarray, optional
        Height of bridges at each coordinate of the layer of roads [m NAP].
    """

    ground: Grid
    scene: Scene
    roads: Roads
    receivers: Floats
    facades: FacadePoints
    rows: NDArray[np.int64]
    grid: Grid | None
    cells: NDArray[np.int64]
    sections: Sections | None = None
    decks: Floats | None = None


def site_of(values: Values) -> Site:
    """Return the scene and the receivers of a run.

    Raises
    ------
    InputError
        If there is no road, or nothing to calculate for.
    """
    above = HEIGHT if values["method"] == CNOSSOS else SOURCE
    lines = values["roads"].geometries
    ground = widened(ground_of(values["terrain"]), lines.bounds(), values["distance"])
    level = levels_of_roads(renamed(values["roads"], names_from(values["columns"])), ground)
    roads = roads_of(lines, above, level.decks if values["method"] == CNOSSOS else None, level.silent)
    if not len(roads.pieces):
        if level.silent.any():
            text = "All roads lie in tunnels or are no streets, and so are silent."
            raise InputError(text, hint="Look at their columns tunnel and class.")
        raise InputError("The roads have no line with a length.", hint="Choose a layer of lines.")
    roads, sections = sections_of(roads, lines, values["junctions"] if values["method"] == CNOSSOS else None)
    return replace(site_around(values, roads, ground), sections=sections, decks=level.decks)


def site_around(values: Values, roads: Roads, ground: Grid) -> Site:
    """Return the scene and the receivers around roads, of which there may be none where something else sounds.

    The ground may be wider than the terrain; receivers lie on the terrain.

    Raises
    ------
    InputError
        If there is nothing to calculate for.
    """
    buildings, barriers = values["buildings"], values["barriers"]
    land = ground_of(values["terrain"])
    softness = softness_of(ground, values["cover"], values["softness"], roads)
    walls, screens, tops, takes, count = None, None, np.empty(0), np.empty(0), 0
    if buildings is not None and len(buildings):
        count, takes = len(buildings), absorption_of(buildings)
        tops, base, _ = tops_of(buildings, ground, values["building_height"])
        with np.errstate(invalid="ignore"):
            stands = np.isfinite(tops) & ~(tops <= base)
        walls = walls_around(buildings.geometries, tops, stands)
        tops = np.where(np.isfinite(base) & _within(values, buildings.geometries.bounds()), tops, np.nan)
    if barriers is not None and len(barriers):
        screens, rows = barriers_on(barriers, ground, count)
        takes = np.concatenate([takes, absorption_of(barriers)[rows]])
    decks = outlines_of(roads, values.get("deck_width") or _DECK)
    scene = scene_from(ground, softness, walls, screens, count, decks, takes)
    facades, on_walls = _NONE, np.empty((0, 4))
    if count:
        how = Placing(values["spacing"], values["storey"], values["height"], values["offset"])
        facades, on_walls = on_facades(scene, buildings.geometries, tops, land, how)
    rows, single = _single(values, scene)
    grid, cells, on_cells = _on_grid(values, scene, land)
    receivers = np.concatenate([on_walls, single, on_cells])
    if not len(receivers):
        raise InputError(
            "There is nothing to calculate for.", hint="Give buildings, receivers, or a distance of points on the map."
        )
    return Site(ground, scene, roads, receivers, facades, rows, grid, cells)


def _within(values: Values, bounds: Floats) -> NDArray[np.bool_]:
    """Return which boxes touch the study area; all where there is none."""
    area = values["area"].extent if values["area"] is not None else None
    if area is None:
        return np.ones(len(bounds), bool)
    low, high = (area.x_min, area.y_min), (area.x_max, area.y_max)
    return np.asarray(((bounds[:, :2] <= high) & (bounds[:, 2:] >= low)).all(axis=1))


def _single(values: Values, scene: Scene) -> tuple[NDArray[np.int64], Floats]:
    """Return the feature of each single receiver, and its place."""
    given = values["receivers"]
    if given is None or not len(given):
        return np.empty(0, np.int64), np.empty((0, 4))
    rows = np.repeat(np.arange(len(given)), np.diff(given.geometries.coordinate_spans())).astype(np.int64)
    name = column_of(given, HEIGHTS)
    own = numbers_of(given, name, least=0.0) if name else np.full(len(given), np.nan)
    above = np.where(np.isnan(own), values["receiver_height"], own)[rows]
    return rows, on_ground(scene, given.geometries.coordinates[:, :2], above)


def _on_grid(values: Values, scene: Scene, ground: Grid) -> tuple[Grid | None, NDArray[np.int64], Floats]:
    """Return the cells of the map, the number of those that are calculated, and their places."""
    size = values["grid_spacing"]
    if not size or not wanted(values, "grid", "contours"):
        return None, np.empty(0, np.int64), np.empty((0, 4))
    area = values["area"].extent if values["area"] is not None else None
    area, over = area or ground.extent, ground.extent
    left, right = max(area.x_min, over.x_min), min(area.x_max, over.x_max)
    bottom, top = max(area.y_min, over.y_min), min(area.y_max, over.y_max)
    columns, rows = int((right - left) / size + 1e-6), int((top - bottom) / size + 1e-6)
    if columns < 2 or rows < 2 or rows * columns > _MOST_CELLS:
        raise InputError(
            "The map would have {columns} by {rows} points; expected 2 by 2 to {most} in all.",
            hint="Choose another distance of points on the map or another study area.",
            columns=max(columns, 0),
            rows=max(rows, 0),
            most=_MOST_CELLS,
        )
    grid = Grid(np.full((rows, columns), np.nan, np.float32), left, top, size, ground.crs, "dB", name="Lden")
    places, cells = on_grid(scene, grid, values["receiver_height"])
    return grid, cells, places


def powers(values: Values, site: Site) -> Floats:
    """Return the sound power of the sections of roads [dB], shape (sections, 3, 8)."""
    traffic, lines = driving(values), values["roads"].geometries
    if values["method"] != CNOSSOS:
        return srm_powers(traffic, values["method"], values["deduction"])
    slopes, sections = slopes_of(lines, site.ground, site.decks), site.sections
    if sections is None:
        return powers_of(traffic, slopes, values["temperature"])
    rows = sections.roads
    some = Traffic(traffic.flows[rows], traffic.speeds[rows], traffic.surfaces[rows])
    return powers_of(some, slopes[rows], values["temperature"], sections.kinds, sections.away)


def paths_of(values: Values) -> tuple[Paths, Floats]:
    """Return how sound is followed, and what air takes by octave band [dB/m]."""
    sector = values["sector"] if values["method"] == SRM2 else 0.0
    how = Paths(
        values["distance"],
        values["ratio"],
        bool(values["sideways"]),
        values["reflections"],
        values["reflection_order"],
        sector,
    )
    return how, absorption(values["temperature"], values["humidity"]) if values["method"] == CNOSSOS else AIR


def levels(
    values: Values, site: Site, progress: Progress
) -> tuple[Floats, StoredTransfer | None, tuple[RoadShares, list[str]] | None]:
    """Return the levels of day, evening and night at all receivers [dB], and where wanted what came of the roads.

    The last are the loudest roads at receivers that are not of the map, with the names of the groups. Without stored
    paths memory is bounded by a chunk of receivers.
    """
    groups, names = None, list[str]()
    if wanted(values, "sources"):
        groups, names = groups_of(values["roads"], (values["group"] or "").strip())
        groups = groups if site.sections is None else groups[site.sections.roads]
    singled = len(site.receivers) - len(site.cells)
    power = powers(values, site)
    favourable = np.array([values[f"favourable_{period}"] for period in PERIODS]) / 100.0
    how, air = paths_of(values)
    keep = wanted(values, "transfer")
    # with the others more is asked than levels of this traffic, or roads are cut otherwise
    plain = values["method"] == CNOSSOS and not keep and groups is None
    loud = audible(power, favourable, values["cutoff"]) if plain and values["cutoff"] > 0.0 else None
    kept, shares = list[Transfer](), list[RoadShares]()
    done = 0

    def of(rows: NDArray[np.int64]) -> Floats:
        """Return the levels at some receivers, the first ones among them first."""
        nonlocal done
        receivers, first, found = site.receivers[rows], done, [np.empty((0, len(PERIODS)))]
        done += len(rows)
        part = Part(progress, first / len(site.receivers), done / len(site.receivers))
        for chunk in _chunks(values, site, receivers, (air, how), loud, len(power), part):
            found.append(levels_of(chunk, power, favourable))
            if keep:
                kept.append(chunk)
            if groups is not None and first < singled:
                some = chunk.head(singled - first)
                shares.append(road_shares(some, power, favourable, groups, values["most"], first))
            first += len(chunk)
        return np.concatenate(found)

    widest = widest_of(values, site)
    rows = np.arange(len(site.receivers) if widest == 1 else singled)
    found = of(rows)
    if widest > 1:
        found = np.concatenate([found, levels_on_map(site, widest, of)])
    mark = fingerprint(site.scene, site.roads, site.receivers, air, how) if keep else ""
    loudest = None if groups is None else (joined_shares(shares), names)
    return found, StoredTransfer(joined(kept), mark) if keep else None, loudest


def _chunks(
    values: Values,
    site: Site,
    receivers: Floats,
    how: tuple[Floats, Paths],
    loud: Audible | None,
    roads: int,
    progress: Progress,
) -> Iterable[Transfer]:
    """Return what comes to receivers, stored or calculated."""
    if values["stored"]:
        mark = fingerprint(site.scene, site.roads, receivers, *how)
        return [read_transfer(values["stored"], mark, len(receivers), roads)]
    if values["method"] == SRM1:
        return chunks_1(site.scene, site.roads, receivers, values["distance"], driving(values), progress)
    return chunks_of(site.scene, site.roads, receivers, *how, loud=loud, progress=progress)


def with_lden(periods: Floats) -> Floats:
    """Return day, evening, night and Lden, shape (n, 4) [dB]; NaN where no traffic is within the distance.

    >>> with_lden(np.array([[60.0, 55.0, 50.0], [-np.inf, -np.inf, -np.inf]])).round(1).tolist()
    [[60.0, 55.0, 50.0, 60.0], [nan, nan, nan, nan]]
    """
    every = np.column_stack([periods, day_evening_night(periods)])
    return np.where(np.isneginf(every), np.nan, every)
