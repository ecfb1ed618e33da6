"""Bans on turning, from the names that the roads of a layer have to the links that were made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data.columns import number_of

from .link_columns import columns_of, texts_of
from .network_findings import TURN, Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    from .network_build import Roads
    from .road_columns import Columns

ONLY = "only"  # of the column kind: all other turns from that road at that place are banned


class Ban(NamedTuple):
    """A turn from one road of a layer to another.

    Attributes
    ----------
    one, two : str
        What the layer calls the roads: `link`, else `source`.
    via : tuple of float or None
        x and y of the junction [m]; None where the roads meet once.
    penalty : float
        Minutes; NaN for a ban.
    only : bool
        Whether every other turn is banned.
    """

    one: str
    two: str
    via: tuple[float, float] | None = None
    penalty: float = np.nan
    only: bool = False


def bans_of(turns: Features) -> list[Ban]:
    """Return the bans of points at junctions, with `from_link`, `to_link` and maybe `penalty` [min] and `kind`."""
    ones, twos = (texts_of(columns_of(turns.columns, name)) for name in ("from_link", "to_link"))
    count = len(ones)
    penalties = [number_of(value) for value in columns_of(turns.columns, "penalty") or [None] * count]
    kinds = texts_of(columns_of(turns.columns, "kind") or [""] * count)
    first = turns.geometries.coordinate_spans()[:-1]
    places = [tuple(map(float, turns.geometries.coordinates[one, :2])) for one in first]
    return [
        Ban(one, two, (place[0], place[1]), penalty, kind.lower().startswith(ONLY))
        for one, two, place, penalty, kind in zip(ones, twos, places, penalties, kinds)
    ]


def turns_of(bans: Sequence[Ban], roads: Roads, columns: Columns) -> tuple[dict[str, list[Any]], list[Finding]]:
    """Return turns between links as `from_link`, `via_node`, `to_link`, `penalty`, and the bans that name no two roads.

    "Only" turns become bans on all others at that place, but for turning back.
    """
    names = _names(roads, columns)
    at: dict[int, list[int]] = {}
    for link, pair in enumerate(roads.ends):
        for node in {int(n) for n in pair}:
            at.setdefault(node, []).append(link)
    found: dict[tuple[int, int, int], float] = {}
    lost = []
    for ban in bans:
        ways = _ways(ban, names, roads)
        if not ways:
            lost.append(_lost(ban, names, roads))
        for one, node, two in ways:
            if not ban.only:
                found[one, node, two] = ban.penalty
                continue
            for other in at[node]:
                if other not in (one, two):
                    found[one, node, other] = np.nan
    keys = list(found)
    table: dict[str, list[Any]] = {
        "from_link": [one + 1 for one, _, _ in keys],
        "via_node": [node + 1 for _, node, _ in keys],
        "to_link": [two + 1 for _, _, two in keys],
        "penalty": [found[key] for key in keys],
    }
    return table, lost


def _names(roads: Roads, columns: Columns) -> dict[str, list[int]]:
    """Return the links by what the layer calls the road that they are a piece of."""
    links = columns.numbers["link"]
    sources = texts_of(columns.texts["source"])
    found: dict[str, list[int]] = {}
    for link, row in enumerate(roads.lines.rows):
        name = str(int(links[row])) if links[row] == links[row] else sources[row]
        found.setdefault(name, []).append(link)
    return found


def _ways(ban: Ban, names: dict[str, list[int]], roads: Roads) -> list[tuple[int, int, int]]:
    """Return the pieces of both roads that meet, with their node: all, or those at the place of the ban."""
    pairs = [
        (one, int(node), two)
        for one in names.get(ban.one, [])
        for two in names.get(ban.two, [])
        if one != two or ban.one == ban.two
        for node in np.intersect1d(roads.ends[one], roads.ends[two])
    ]
    if ban.via is None or not pairs:
        return pairs
    away = np.array([np.hypot(*(roads.nodes[node] - ban.via)) for _, node, _ in pairs])
    return [pair for pair, distance in zip(pairs, away) if distance <= away.min() + 1e-6]


def _lost(ban: Ban, names: dict[str, list[int]], roads: Roads) -> Finding:
    links = names.get(ban.one) or names.get(ban.two)
    place: tuple[float, float] | NDArray[np.float64] = (np.nan, np.nan)
    if ban.via is not None:
        place = ban.via
    elif links:
        place = roads.nodes[roads.ends[links[0], 1]]
    elif len(roads.nodes):
        place = roads.nodes[0]
    return Finding(TURN, float(place[0]), float(place[1]), {"one": ban.one, "two": ban.two}, source=ban.one)
