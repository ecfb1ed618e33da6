"""Roads of an OpenStreetMap file as lines with their tags, and its bans on turning as points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import Cancelled, InputError, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.base import SourceInfo

from .elements import NODES, RELATIONS, WAYS, Reader, Relation, Way
from .pbf import PbfReader
from .xml import XmlReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

WGS84 = "EPSG:4326"
# longitudes and latitudes within which every place is in the area of RD New
_NETHERLANDS = (3.2, 50.73, 7.25, 53.55)
_MOST = 30_000_000  # nodes: 0.7 GB
# tags that a network is made of, and what people look for; the others would make a table of hundreds of columns
TAGS = (
    *("name", "ref", "highway", "route", "oneway", "oneway:motor_vehicle", "junction", "maxspeed", "lanes"),
    *("lanes:forward", "lanes:backward", "access", "vehicle", "motor_vehicle", "motorcar", "layer", "bridge", "tunnel"),
    *("surface", "toll", "cycleway", "sidewalk", "lit", "width"),
)
_VEHICLES = ("motorcar", "motor_vehicle")  # for which a ban may be told apart


class OsmRoadsSource:
    """Roads of an .osm.pbf or .osm file, in RD New; in UTM where they lie outside the Netherlands.

    Parameters
    ----------
    path : str or path
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._reader: Reader | None = None

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts: how many ways are roads, and of which class.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or damaged.
        """
        found: dict[str, int] = {}
        for way in self._all_ways(progress or Silent()):
            name = way.tags.get("highway", "ferry")
            found[name] = found.get(name, 0) + 1
        name = f"OpenStreetMap {'PBF' if isinstance(self._reader, PbfReader) else 'XML'}"
        return SourceInfo(name, "features", WGS84, None, sum(found.values()), {"types": found})

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield the roads that have a node in an area (None = all), whole, with a column for each tag of `TAGS`.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or damaged.
        Cancelled
            If the user stops it.
        """
        roads, _ = self.network(extent, progress)
        if len(roads):
            yield roads

    def network(
        self, extent: Extent | None = None, progress: Progress | None = None
    ) -> tuple[Features, Features | None]:
        """Return the roads, and the bans on turning with `from_link`, `to_link` (ids of ways), `penalty` and `kind`."""
        progress = progress or Silent()
        inside = None if extent is None else self._inside(extent, progress)
        ways = [
            way for some in self._pieces(WAYS, progress) for way in (some if inside is None else _near(some, inside))
        ]
        progress.report(0.5, "{done} roads", done=len(ways))
        ids, places = self._places(ways, progress)
        crs, kept, xy = _projected(places)
        if not kept.all():
            progress.warn(
                "{file}: {count} places outside the Netherlands are left out.",
                file=self.path.name, count=int((~kept).sum()),
            )  # fmt: skip
        ids = ids[kept]
        roads = _roads(ways, ids, xy, crs)
        return roads, self._turns({way.id for way in ways}, ids, xy, crs, progress)

    def _open(self) -> Reader:
        if self._reader is None:
            if str(self.path).startswith("/vsi") or not self.path.is_file():
                raise SourceError("{file} does not exist.", hint="Check the path.", file=str(self.path))
            self._reader = (PbfReader if self.path.name.lower().endswith(".pbf") else XmlReader)(self.path)
        return self._reader

    def _pieces(self, what: str, progress: Progress) -> Iterator[Any]:
        for piece in self._open().read(what):
            if progress.is_cancelled():
                raise Cancelled
            yield piece

    def _all_ways(self, progress: Progress) -> Iterator[Way]:
        for ways in self._pieces(WAYS, progress):
            yield from ways

    def _inside(self, extent: Extent, progress: Progress) -> NDArray[np.int64]:
        """Return the ids of the nodes in an area, in order."""
        west, south, east, north = policy.extent_from_rd(extent, WGS84)
        found = [np.empty(0, np.int64)]
        for nodes in self._pieces(NODES, progress):
            lon, lat = nodes.places.T
            found.append(nodes.ids[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)])
        return np.unique(np.concatenate(found))

    def _places(self, ways: list[Way], progress: Progress) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ids of the nodes of ways, in order, and where they are, without those that the file lacks."""
        wanted = np.unique(np.concatenate([way.refs for way in ways])) if ways else np.empty(0, np.int64)
        if len(wanted) > _MOST:
            raise InputError(
                "{file} has roads of {count} nodes; at most {most} are read at once.", hint="Choose an area.",
                file=self.path.name, count=len(wanted), most=_MOST,
            )  # fmt: skip
        places = np.full((len(wanted), 2), np.nan)
        for nodes in self._pieces(NODES, progress) if len(wanted) else ():
            at = np.searchsorted(wanted, nodes.ids).clip(max=len(wanted) - 1)
            mine = wanted[at] == nodes.ids
            places[at[mine]] = nodes.places[mine]
        known = np.isfinite(places).all(axis=1) & (np.abs(places) <= (180.0, 90.0)).all(axis=1)
        return wanted[known], places[known]

    def _turns(
        self, ways: set[int], ids: NDArray[np.int64], xy: NDArray[np.float64], crs: str, progress: Progress
    ) -> Features | None:
        rows, lost = [], 0
        for relations in self._pieces(RELATIONS, progress):
            for relation in relations:
                kind = _kind(relation)
                turn = _turn(relation) if kind else None
                if kind and (turn is None or len(ways & {turn[0], turn[2]}) == 2):
                    at = None if turn is None else int(np.searchsorted(ids, turn[1]))
                    if turn is None or at is None or at >= len(ids) or ids[at] != turn[1]:
                        lost += len(ways) > 0 and any(one in ways for _, one, _ in relation.members)
                    else:
                        rows.append((*xy[at], str(turn[0]), str(turn[2]), kind))
        if lost:
            progress.warn(
                "{file}: {count} bans on turning go by a way or have members that are not there: they do not count.",
                file=self.path.name, count=lost,
            )  # fmt: skip
        if not rows:
            return None
        columns = {"from_link": column([row[2] for row in rows]), "to_link": column([row[3] for row in rows])}
        columns["penalty"] = np.full(len(rows), np.nan)
        columns["kind"] = column([row[4] for row in rows])
        places = np.array([row[:2] for row in rows], float)
        return Features(Geometries.points(places), columns, {"penalty": "min"}, crs, "turns")


def _near(ways: list[Way], inside: NDArray[np.int64]) -> list[Way]:
    """Return the ways that have one of some nodes, whose ids are in order."""
    counts = [len(way.refs) for way in ways]
    if not sum(counts):
        return []
    owner = np.repeat(np.arange(len(ways)), counts)
    hits = np.bincount(owner, _among(np.concatenate([way.refs for way in ways]), inside), len(ways))
    return [ways[number] for number in np.flatnonzero(hits)]


def _among(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which ids are among those known, which are in order: in a time that hardly depends on how many these are.

    >>> _among(np.array([3, 9, 4]), np.array([1, 3, 4])).tolist()
    [True, False, True]
    """
    if not len(known):
        return np.zeros(len(ids), bool)
    found: NDArray[np.bool_] = known[np.searchsorted(known, ids).clip(max=len(known) - 1)] == ids
    return found


def _projected(places: NDArray[np.float64]) -> tuple[str, NDArray[np.bool_], NDArray[np.float64]]:
    """Return the CRS of the result, which places are in it, and those: RD New where most are in the Netherlands."""
    west, south, east, north = _NETHERLANDS
    inside = (places >= (west, south)).all(axis=1) & (places <= (east, north)).all(axis=1)
    if not len(places) or inside.mean() >= 0.5:
        return RD, inside, policy.to_rd(places[inside], WGS84) if inside.any() else np.empty((0, 2))
    crs = policy.utm_of(*np.median(places, axis=0))
    return crs, np.ones(len(places), bool), policy.between(places, WGS84, crs)


def _roads(ways: list[Way], ids: NDArray[np.int64], xy: NDArray[np.float64], crs: str) -> Features:
    """Return ways as lines, in parts where nodes are missing; those of which nothing is left are left out."""
    parts, rows = [], []
    refs = np.concatenate([way.refs for way in ways]) if ways else np.empty(0, np.int64)
    at, known = np.searchsorted(ids, refs).clip(max=max(len(ids) - 1, 0)), _among(refs, ids)
    first = 0
    for way in ways:
        span = slice(first, first := first + len(way.refs))
        lines = _runs(at[span], known[span], xy)
        if lines:
            parts.append(lines)
            rows.append(way)
    columns = {"osm_id": column([str(way.id) for way in rows])}
    for tag in TAGS:
        values = [way.tags.get(tag) for way in rows]
        if tag in ("highway", "name") or any(value is not None for value in values):
            columns[tag.replace(":", "_")] = column(values)
    return Features(Geometries.build("line", parts), columns, {}, crs, "roads")


def _runs(at: NDArray[np.int64], known: NDArray[np.bool_], xy: NDArray[np.float64]) -> list[list[Any]]:
    """Return the parts of a line between the places that are not known."""
    if known.all():
        return [[xy[at].tolist()]] if len(at) > 1 else []
    runs = np.split(np.arange(len(at)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    return [[xy[at[run]].tolist()] for run in runs if len(run) > 1 and known[run[0]]]


def _kind(relation: Relation) -> str:
    """Return what a ban says ("no_left_turn", "only_straight_on"), "" where it is not for cars at all times."""
    tags = relation.tags
    kind = next((tags[key] for key in (*(f"restriction:{one}" for one in _VEHICLES), "restriction") if key in tags), "")
    excepted = {one.strip() for one in tags.get("except", "").split(";")}
    return kind if kind.startswith(("no_", "only_")) and not excepted & set(_VEHICLES) else ""


def _turn(relation: Relation) -> tuple[int, int, int] | None:
    """Return from way, node and to way; None where it goes by a way, or lacks one of them."""
    found: dict[str, list[int]] = {}
    for kind, one, role in relation.members:
        found.setdefault(f"{kind} {role}", []).append(one)
    names = ("way from", "node via", "way to")
    if any(len(found.get(name, [])) != 1 for name in names):
        return None
    one, node, two = (found[name][0] for name in names)
    return one, node, two
