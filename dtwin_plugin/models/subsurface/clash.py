"""Planned objects against everything in the ground: what clashes, what is too close, what nobody can say, what is free.

The outcome of a pair is by the distance as drawn and by the least distance that both uncertainties leave possible:

- clash: they touch where they are drawn;
- too close: they are drawn nearer to each other than is required;
- uncertain: drawn far enough, but within the uncertainties they may be too near, or a depth is not known at all;
- free: wherever both may lie, they keep the distance.

So nothing whose depth was assumed is free as long as it may be too near within the uncertainty of that assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import numbers_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from .bodies import Bodies, bars, prisms
from .distances import Pairs, near
from .required import Required

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OUTCOMES = ("free", "uncertain", "too close", "clash")
FREE, UNCERTAIN, TOO_CLOSE, CLASH = range(4)
_ASSUMED = ("assumed", "standard")  # sources of a depth that nobody measured
_KIND_COLUMNS = ("kind", "theme", "thema", "type")
_ID_COLUMNS = ("object_id", "id", "lokaalid", "fid")


@dataclass(frozen=True)
class Objects:
    """Objects as bodies, with what tells them apart.

    Attributes
    ----------
    bodies : Bodies
        Their owners number the objects of all layers together.
    ids, kinds : list of str
        One an object.
    counts : list of int
        Objects of each layer, in the order in which they were given.
    """

    bodies: Bodies
    ids: list[str]
    kinds: list[str]
    counts: list[int]


def objects(
    layers: Sequence[Features | None], kind: str, doubt_xy: float, doubt_z: float = np.nan, diameter: float = 0.0
) -> Objects:
    """Return the objects of layers: lines with heights and a diameter, and polygons with a top and bottom.

    Parameters
    ----------
    layers : sequence of Features or None
        Lines with z [m NAP] and the column "diameter" [mm]; polygons with the columns "bottom" and "top" [m NAP].
        Columns "xy_uncertainty" and "z_uncertainty" [m] are used where they are there.
    kind : str
        Of objects without a column that tells it.
    doubt_xy, doubt_z : float
        Uncertainty of objects that state none [m]; NaN means unknown.
    diameter : float
        Of lines that state none [mm].

    Raises
    ------
    InputError
        If polygons have no top or bottom.
    """
    pieces: list[Bodies] = []
    ids: list[str] = []
    kinds: list[str] = []
    counts: list[int] = []
    for layer in layers:
        counts.append(0 if layer is None else len(layer))
        if layer is None or not len(layer):
            continue
        pieces.append(_bodies(layer, doubt_xy, doubt_z, diameter).numbered_from(len(ids)))
        ids += _texts(layer, _ID_COLUMNS, "")
        kinds += _texts(layer, _KIND_COLUMNS, kind)
    if not pieces:
        zero = np.zeros(0)
        pieces = [bars(Features(Geometries.build("line", [])), zero, zero, zero)]
    return Objects(Bodies.concatenate(pieces), ids, kinds, counts)


def _bodies(layer: Features, doubt_xy: float, doubt_z: float, diameter: float) -> Bodies:
    flat = _numbers(layer, "xy_uncertainty", doubt_xy)
    stated = _numbers(layer, "z_uncertainty", np.nan)
    upright = np.where(np.isnan(stated), doubt_z, stated)
    if "z_source" in layer.columns:
        assumed = np.isin(layer.columns["z_source"].astype(str), _ASSUMED)
        upright = np.where(assumed & ~(stated > 0), np.nan, upright)
    if layer.geometries.kind == "line" and "bottom" not in layer.columns:
        return bars(layer, _numbers(layer, "diameter", diameter) / 1000, flat, upright)
    for name in ("bottom", "top"):
        if name not in layer.columns:
            raise InputError(
                "{layer} has no column {column}, so that nobody knows how deep its objects are.",
                hint="Run Give depth to objects first.",
                layer=layer.name or "The layer",
                column=name,
            )
    bottom, top, radius = (_numbers(layer, name, np.nan) for name in ("bottom", "top", "radius"))
    if layer.geometries.kind == "polygon":  # its outline has the radius already
        radius = np.zeros(len(layer))
    return prisms(layer, bottom, top, radius, flat, upright)


def _numbers(layer: Features, name: str, default: float) -> Floats:
    values = numbers_of(layer.columns, name, len(layer))
    return np.where(np.isnan(values), default, values)


def _texts(layer: Features, names: Sequence[str], default: str) -> list[str]:
    found = next((layer.columns[name] for name in names if name in layer.columns), None)
    if found is None:
        return [default or str(number + 1) for number in range(len(layer))]
    return [default if value is None or value != value or value == "" else str(value) for value in found.tolist()]


@dataclass(frozen=True)
class Found:
    """What lies too near.

    Attributes
    ----------
    planned, present : ndarray
        int64: numbers of the two objects; each pair once, by its worst place.
    outcome : ndarray
        int64: index into `OUTCOMES`; none is free.
    pairs : Pairs
        Distances and places of the same pairs.
    worst : ndarray
        int64: the outcome of every planned object.
    """

    planned: NDArray[np.int64]
    present: NDArray[np.int64]
    outcome: NDArray[np.int64]
    pairs: Pairs
    worst: NDArray[np.int64]


def clashes(planned: Objects, present: Objects, table: Required, progress: Progress | None = None) -> Found:
    """Return every pair that is not free, and the outcome of every planned object."""
    kinds, kind_of = np.unique(np.array(planned.kinds, object).astype(str), return_inverse=True)
    themes, theme_of = np.unique(np.array(present.kinds, object).astype(str), return_inverse=True)
    pairs = near(
        planned.bodies,
        present.bodies,
        kind_of.astype(np.int64)[planned.bodies.owner] if len(planned.bodies) else np.zeros(0, np.int64),
        theme_of.astype(np.int64)[present.bodies.owner] if len(present.bodies) else np.zeros(0, np.int64),
        table.matrix(kinds.tolist(), themes.tolist()),
        progress,
    )
    outcome = np.where(pairs.drawn <= 0, CLASH, np.where(pairs.drawn < pairs.required, TOO_CLOSE, UNCERTAIN))
    first, second = planned.bodies.owner[pairs.first], present.bodies.owner[pairs.second]
    # Of the bodies of two objects the pair with the worst outcome, then the one with the least room.
    order = np.lexsort((np.nan_to_num(pairs.drawn, nan=np.inf), pairs.least - pairs.required, -outcome, second, first))
    first, second, outcome = first[order], second[order], outcome[order]
    new = np.ones(len(order), bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    chosen = order[new]
    worst = np.zeros(len(planned.ids), np.int64)
    np.maximum.at(worst, first, outcome)
    kept = Pairs(*(getattr(pairs, name)[chosen] for name in Pairs.__dataclass_fields__))
    return Found(first[new], second[new], outcome[new].astype(np.int64), kept, worst)


def evidence(found: Found, planned: Objects, present: Objects) -> Features:
    """Return a line in space between the nearest places of each pair, with the distances and the outcome."""
    places = found.pairs.places.copy()
    unknown = np.isnan(found.pairs.drawn)
    for body, own, other in ((planned.bodies, 2, 5), (present.bodies, 5, 2)):
        rows = found.pairs.first if own == 2 else found.pairs.second
        nowhere = unknown & ~body.known[rows]
        places[nowhere, own] = places[nowhere, other]
    count = len(found.planned)
    steps = np.arange(count + 1, dtype=np.int64)
    shapes = Geometries("line", places.reshape(-1, 3), 2 * steps, steps, steps)
    most = np.where(np.isinf(found.pairs.most), np.nan, found.pairs.most)
    columns: dict[str, Any] = {
        "outcome": _objects([OUTCOMES[number] for number in found.outcome]),
        "planned": _objects([planned.ids[number] for number in found.planned]),
        "planned_kind": _objects([planned.kinds[number] for number in found.planned]),
        "present": _objects([present.ids[number] for number in found.present]),
        "theme": _objects([present.kinds[number] for number in found.present]),
        "distance": found.pairs.drawn,
        "distance_least": found.pairs.least,
        "distance_most": most,
        "required": found.pairs.required,
        "certain": most < found.pairs.required,
    }
    units = {name: "m" for name in ("distance", "distance_least", "distance_most", "required")}
    return Features(shapes, columns, units, name="conflicts")


def judged(layer: Features, found: Found, first: int) -> Features:
    """Return planned objects, which count from `first`, with their outcome and the number of conflicts."""
    number = np.arange(first, first + len(layer))
    conflicts = np.bincount(found.planned, minlength=first + len(layer))[number]
    room = np.full(first + len(layer) + 1, np.inf)
    mine = found.planned < len(room)
    np.minimum.at(room, found.planned[mine], (found.pairs.least - found.pairs.required)[mine])
    short = room[number]
    return layer.with_columns(
        {
            "outcome": _objects([OUTCOMES[code] for code in found.worst[number]]),
            "conflicts": conflicts.astype(np.int64),
            "short_by": np.where(np.isinf(short), np.nan, -short),
        },
        {"short_by": "m"},
    )


def _objects(values: Sequence[str]) -> NDArray[Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result
