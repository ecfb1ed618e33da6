"""Roads at another level: on a bridge, or in a tunnel.

A road on a bridge is a source above its deck; the edge of the deck is the first that its sound passes (C 2.5.6). Its
deck is no obstacle to other sound. A road in a tunnel is silent: portals are not modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..attributes import column_of, numbers_of
from .scene import BUILDING, Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    from .roads import Roads

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEVEL = ("level", "relatieve_hoogteligging", "relatievehoogteligging", "hoogteniveau")  # columns, 0 for the ground
DECK = ("deck_height", "dekhoogte")  # columns, m above the ground
TUNNEL = ("tunnel",)
CLASS = ("class",)
NO_STREETS = ("connector", "ferry")  # classes of links of a network of roads on which nobody drives along houses
_YES = ("1", "1.0", "true", "yes", "ja", "t", "j", "y", "in tunnel", "tunnel")
_HIGHEST = 200.0  # m: the highest decks there are lie some 270 m above a valley, none of them near here
_SUNK = 1.0  # m below the ground: more than heights of terrain under a bridge are wrong by
_BEYOND = 1.0  # m: outlines of pieces reach so far over each other


class Levels(NamedTuple):
    """Where roads lie.

    Attributes
    ----------
    silent : ndarray
        bool, the roads that lie in a tunnel, and links that are no streets.
    bridge : ndarray
        bool, the roads on a bridge.
    decks : ndarray
        Height of the deck at each coordinate of the layer [m NAP]; NaN for what is on no bridge, or not known.
    """

    silent: Flags
    bridge: Flags
    decks: Floats


def levels_of_roads(roads: Features, ground: Grid) -> Levels:
    """Return which roads lie in tunnels and on bridges, and how high.

    On a bridge is a road with a `LEVEL` above 0, or a height in a column of `DECK`. The height is that above the ground
    at each of its points, or else z of the line [m NAP].

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries, Grid
    >>> lines = Geometries.build("line", [[[[(1, 1), (9, 1)]]]] * 2)
    >>> roads = Features(lines, {"deck_height": np.array([np.nan, 6.0]), "tunnel": np.array(["yes", None], object)})
    >>> found = levels_of_roads(roads, Grid(np.full((5, 5), 2.0, np.float32), 0, 10, 2))
    >>> found.silent.tolist(), found.decks.tolist()
    ([True, False], [nan, nan, 8.0, 8.0])
    """
    silent, bridge = in_tunnels(roads) | no_streets(roads), on_bridges(roads)
    name = column_of(roads, DECK)
    shapes = roads.geometries
    many = np.diff(shapes.coordinate_spans())
    high = np.repeat(numbers_of(roads, name) if name else np.full(len(roads), np.nan), many)
    place = shapes.coordinates
    with np.errstate(invalid="ignore"):
        decks = np.where(high > 0, ground.sample(*place[:, :2].T).astype(float) + high, np.nan)
    if shapes.has_z:
        decks = np.where(np.isnan(decks), place[:, 2], decks)
    return Levels(silent, bridge, np.where(np.repeat(bridge, many), decks, np.nan))


def in_tunnels(roads: Features) -> Flags:
    """Return which roads lie in a tunnel."""
    silent = np.zeros(len(roads), bool)
    if name := column_of(roads, TUNNEL):
        silent[:] = [str(value).strip().lower() in _YES for value in roads.columns[name].tolist()]
    return silent


def no_streets(roads: Features) -> Flags:
    """Return which links of a network are none that can be heard: ways of zones to the network, and ferries."""
    found = np.zeros(len(roads), bool)
    if name := column_of(roads, CLASS):
        found[:] = [str(value) in NO_STREETS for value in roads.columns[name].tolist()]
    return found


def on_bridges(roads: Features) -> Flags:
    """Return which roads lie on a bridge, whether its height is known or not."""
    bridge = np.zeros(len(roads), bool)
    for names in (LEVEL, DECK):
        if name := column_of(roads, names):
            with np.errstate(invalid="ignore"):
                bridge |= numbers_of(roads, name) > 0
    return bridge & ~in_tunnels(roads)


def unknown_decks(roads: Features, levels: Levels) -> Flags:
    """Return which roads on a bridge have no height of its deck at one of their points."""
    return _any(roads, np.isnan(levels.decks)) & levels.bridge


def odd_decks(roads: Features, levels: Levels, ground: Grid) -> Flags:
    """Return which decks lie below the ground, or higher than any bridge."""
    with np.errstate(invalid="ignore"):
        above = levels.decks - ground.sample(*roads.geometries.coordinates[:, :2].T).astype(float)
        return _any(roads, (above < -_SUNK) | (above > _HIGHEST))


def _any(roads: Features, wrong: Flags) -> Flags:
    """Return for which roads it is so at one of their coordinates."""
    spans = roads.geometries.coordinate_spans()
    gone = np.concatenate([[0], np.cumsum(wrong)])
    return np.asarray(gone[spans[1:]] > gone[spans[:-1]])


def outlines_of(roads: Roads, wide: float) -> Pieces | None:
    """Return the outlines of the decks of all pieces on bridges, `wide` m; None where there is no bridge."""
    pieces = roads.pieces
    if pieces.shape[1] < 8 or not np.isfinite(pieces[:, 6]).any():
        return None
    some = pieces[np.isfinite(pieces[:, 6])]
    a, b = some[:, :2], some[:, 3:5]
    way = (b - a) / np.maximum(np.hypot(*(b - a).T), 1e-9)[:, None]
    out = 0.5 * wide * np.column_stack([way[:, 1], -way[:, 0]])  # to the right
    a, b = a - _BEYOND * way, b + _BEYOND * way
    low, high = some[:, 6], some[:, 7]
    corners = (a + out, b + out, b - out, a - out)  # counter-clockwise: the outside is on the right of each
    tops = (low, high, high, low)
    sides = [np.column_stack([corners[k], corners[(k + 1) % 4], tops[k], tops[(k + 1) % 4]]) for k in range(4)]
    owners = np.tile(np.arange(len(some)), 4)
    return Pieces(np.concatenate(sides), np.full(4 * len(some), BUILDING), owners)
