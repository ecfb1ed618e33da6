"""Which parts of a base map are roads for vehicles."""

from __future__ import annotations

import numpy as np

from dtwin_plugin.data import Features

# Functions of the BGT (IMGeo 2.2, Functie van wegdeel) that vehicles drive on; those of carriageways all begin so.
_CARRIAGEWAY = "rijbaan"
_OTHERS = frozenset({"ov-baan", "woonerf", "inrit", "overweg", "voetgangersgebied", "transitie"})


def roads_of(areas: Features) -> Features:
    """Return the parts that vehicles drive on, on the ground: of a BGT layer the carriageways and what joins them.

    Footways, cycleways and parking places are no roads for a car, and a road on a bridge is not in the water below it.
    Areas without a column `klasse` are all taken to be roads.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> square = [[[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]]
    >>> columns = {
    ...     "klasse": np.array(["wegdeel", "wegdeel", "pand", "wegdeel"], object),
    ...     "functie": np.array(["rijbaan lokale weg", "voetpad", None, "rijbaan lokale weg"], object),
    ...     "relatieve_hoogteligging": np.array([0, 0, 0, 1]),
    ... }
    >>> len(roads_of(Features(Geometries.build("polygon", [square] * 4), columns)))
    1
    """
    if "klasse" not in areas.columns:
        return areas
    kinds = np.array([str(kind).lower() == "wegdeel" for kind in areas.columns["klasse"].tolist()], bool)
    if "functie" in areas.columns:
        uses = [str(use or "").lower() for use in areas.columns["functie"].tolist()]
        kinds &= np.array([not use or use.startswith(_CARRIAGEWAY) or use in _OTHERS for use in uses], bool)
    if "relatieve_hoogteligging" in areas.columns:
        level = np.nan_to_num(np.asarray(areas.columns["relatieve_hoogteligging"], float))
        kinds &= level == 0
    return areas.take(np.flatnonzero(kinds))
