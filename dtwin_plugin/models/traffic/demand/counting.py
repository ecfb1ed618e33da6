"""What stands in each zone: its own columns, dwellings counted from addresses of the BAG, and what a plan adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from ...attributes import column_of, numbers_of, places_of
from ...plan.shapes import polygons
from ..tables import name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

DWELLINGS = "dwellings"
# what Dutch files call a variable
_ALSO = {
    DWELLINGS: ("woningen", "aantal_woningen", "aantalwoningen", "aantal"),
    "jobs": ("banen", "arbeidsplaatsen", "werknemers"),
    "pupils": ("leerlingen", "scholieren"),
    "residents": ("inwoners", "bewoners", "aantal_inwoners"),
    "shop_floor": ("winkelvloer", "wvo", "bvo_winkels"),
}
_USES = ("gebruiksdoel", "gebruiksdoelen", "gebruiksdoel_verblijfsobject", "use")
_STATUS = ("status", "verblijfsobject_status", "pandstatus")
_TYPES = ("dwelling_type", "woningtype", "type")
_HOME = ("woonfunctie", "residential", "dwelling", "wonen")
# of the BAG: what is not there, not yet or no more
_GONE = ("ingetrokken", "niet gerealiseerd", "ten onrechte", "buiten gebruik", "gesloopt", "gevormd", "vergunning")


def own_column(zones: Features, variable: str) -> str | None:
    """Return the column that holds a variable, None where none does."""
    return column_of(zones, (variable, *_ALSO.get(variable, ())))


def dwellings_of(addresses: Features) -> tuple[NDArray[np.bool_], list[str], bool]:
    """Return which points are dwellings in use, the type of each, and whether their use was told.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> columns = {"gebruiksdoel": ["woonfunctie", "winkelfunctie"], "status": ["Verblijfsobject in gebruik"] * 2}
    >>> points = Features(Geometries.points(np.zeros((2, 2))), {k: np.array(v, object) for k, v in columns.items()})
    >>> dwellings_of(points)[0].tolist()
    [True, False]
    """
    use, status, kind = (column_of(addresses, names) for names in (_USES, _STATUS, _TYPES))
    counted = np.ones(len(addresses), bool)
    if use:
        counted &= [any(word in str(value).lower() for word in _HOME) for value in addresses.columns[use].tolist()]
    if status:
        gone = [any(word in str(value).lower() for word in _GONE) for value in addresses.columns[status].tolist()]
        counted &= ~np.array(gone, bool)
    types = [name_of(str(value or "")) for value in addresses.columns[kind].tolist()] if kind else [""] * len(addresses)
    return counted, types, use is not None


def zone_of(places: Floats, shapes: list[BaseGeometry]) -> NDArray[np.int64]:
    """Return the zone that each point lies in, the first where zones overlap; -1 outside all."""
    import shapely

    found = np.full(len(places), -1, np.int64)
    known = np.flatnonzero(np.isfinite(places[:, :2]).all(axis=1))
    tree = shapely.STRtree(shapes)
    point, zone = tree.query(shapely.points(places[known, :2]), predicate="intersects")
    order = np.lexsort((zone, point))[::-1]  # the first zone is written last
    found[known[point[order]]] = zone[order]
    return found


def counted_dwellings(zones: Features, addresses: Features) -> tuple[dict[str, Floats], int]:
    """Return the dwellings in each zone, in all and by type, and how many lie in no zone."""
    counted, types, _ = dwellings_of(addresses)
    zone = zone_of(places_of(addresses, 0.0), polygons(zones))
    inside = counted & (zone >= 0)
    found = {DWELLINGS: np.bincount(zone[inside], minlength=len(zones)).astype(float)}
    for kind in sorted({types[row] for row in np.flatnonzero(inside)} - {""}):
        chosen = inside & np.array([one == kind for one in types], bool)
        found[f"{DWELLINGS}_{kind}"] = np.bincount(zone[chosen], minlength=len(zones)).astype(float)
    return found, int((counted & (zone < 0)).sum())


def planned(zones: Features, plan: Features, variables: tuple[str, ...]) -> tuple[dict[str, Floats], float]:
    """Return what a plan adds to each zone, and how many dwellings of it lie in no zone.

    A part of the plan that lies in more zones is shared by area. Its columns are variables, or the number of dwellings
    with their type.

    Raises
    ------
    InputError
        If no column of it is a variable.
    """
    import shapely

    shapes, areas = polygons(zones), polygons(plan)
    tree = shapely.STRtree(shapes)
    share = np.zeros((len(plan), len(zones)))
    for row, area in enumerate(areas):
        if area.area > 0:
            near = np.sort(tree.query(area))
            share[row, near] = shapely.area(shapely.intersection(area, [shapes[k] for k in near])) / area.area
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1.0)  # zones that overlap count nothing twice
    names = {name: own_column(plan, name) for name in dict.fromkeys((*variables, DWELLINGS))}
    amounts = {name: np.nan_to_num(numbers_of(plan, own, 0.0)) for name, own in names.items() if own}
    if not amounts:
        raise InputError(
            "The plan has no column with what it adds; it has {found}.",
            hint="Name a column dwellings, or as a variable in the table of rates.",
            found=", ".join(plan.columns)[:200] or "-",
        )
    kind = column_of(plan, _TYPES)
    if kind and DWELLINGS in amounts:
        types = [name_of(str(value or "")) for value in plan.columns[kind].tolist()]
        for one in sorted(set(types) - {""}):
            amounts.setdefault(f"{DWELLINGS}_{one}", np.where([t == one for t in types], amounts[DWELLINGS], 0.0))
    outside = float((amounts.get(DWELLINGS, np.zeros(len(plan))) * (1.0 - share.sum(axis=1))).sum())
    return {name: values @ share for name, values in amounts.items()}, outside
