"""What the columns of the NWB (Nationaal Wegenbestand) say of a road.

The file has no speeds and no classes of its own: what is taken here from road authority, kind of carriageway and speed
is an assumption, and a column of a user goes before it.

References
----------
NDW (2024). Handleiding NWB, version 1.1: BST_CODE, WEGBEHSRT, RIJRICHTNG. What the letters of RIJRICHTNG and the
numbers of FRC mean is unconfirmed.
"""

from __future__ import annotations

from .osm_values import BACKWARD, BOTH, CLOSED, FORWARD

_DIRECTIONS = {"H": FORWARD, "T": BACKWARD, "B": BOTH}
_BY_KIND = {
    **dict.fromkeys(("FP", "BVP"), "cycleway"),
    **dict.fromkeys(("VP", "RP", "VZ"), "footway"),
    **dict.fromkeys(("PKP", "PKB", "BST", "PP", "PC", "PR", "BU", "OVB", "CADO"), "service"),
    "VD": "ferry",
    "VV": "",  # of aeroplanes
}
_NO_CARS = ("BU", "OVB", "CADO")  # for buses, trams and ambulances
_LINKS = ("OPR", "AFR", "PST", "VBD", "VBI", "VBS", "VBR", "VBK", "VBW", "DST", "TN")
_BY_FRC = ("motorway", "trunk", "primary", "secondary", "tertiary", "tertiary", "unclassified", "residential")


def nwb_direction(text: str | None, kind: str | None) -> str | None:
    """Return the direction in which cars may drive along a line; None where that is not told.

    >>> nwb_direction("H", "RB"), nwb_direction("t", None), nwb_direction("B", "BU"), nwb_direction("O", "RB")
    ('forward', 'backward', 'closed', None)
    """
    if (kind or "").strip().upper() in _NO_CARS:
        return CLOSED
    return _DIRECTIONS.get((text or "").strip().upper())


def nwb_class(kind: str | None, authority: str | None, letter: str | None, frc: float, speed: float) -> str:
    """Return the class of a road; "" for what is no road.

    Parameters
    ----------
    kind, authority, letter : str or None
        BST_CODE, WEGBEHSRT, and ROUTELTR (A, N) where a file has it.
    frc : float
        Functional class of the road, 0 to 7; NaN where not known.
    speed : float
        km/h, NaN where not known.

    Examples
    --------
    >>> nan = float("nan")
    >>> nwb_class("HR", "R", "A", nan, nan), nwb_class("AFR", "R", None, nan, nan), nwb_class("RB", "P", None, nan, nan)
    ('motorway', 'motorway_link', 'secondary')
    >>> nwb_class("RB", "G", None, nan, 50.0), nwb_class("RB", "G", None, nan, nan)
    ('tertiary', 'residential')
    """
    code, owner = (kind or "").strip().upper(), (authority or "").strip().upper()
    if code in _BY_KIND:
        return _BY_KIND[code]
    of_state = owner == "R" or (letter or "").strip().upper() == "A"
    if code in _LINKS:
        return "motorway_link" if of_state else "primary_link" if owner == "P" else "tertiary_link"
    if frc in range(len(_BY_FRC)):
        return _BY_FRC[int(frc)]
    if of_state:
        return "trunk" if (letter or "").strip().upper() == "N" or code not in ("HR", "") else "motorway"
    if owner == "P":
        return "secondary"
    if speed > 0:
        return "tertiary" if speed >= 45 else "residential" if speed > 20 else "living_street"
    return "unclassified" if owner == "W" else "residential"
