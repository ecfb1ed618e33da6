"""What columns of tables of boreholes and tests are called, and which tables are such."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from types import MappingProxyType

COLUMNS = 500  # of one table; the widest there is has 60

# Name here -> names in tables, in small letters without spaces, dots and underscores; the first that is there counts.
_NAMES = MappingProxyType(
    {
        "id": ("nr", "id", "boreid", "boringid", "boringnr", "boring", "boornummer", "boorpunt", "broid", "nitgnr",
               "holeid", "borehole", "cpt", "cptid", "sondering", "sonderingnr", "testid", "name", "naam"),
        "x": ("x", "xrd", "rdx", "xcoordinaat", "xcoord", "xcoordinate", "easting"),
        "y": ("y", "yrd", "rdy", "ycoordinaat", "ycoord", "ycoordinate", "northing"),
        "surface": ("surface", "maaiveld", "mv", "mvnap", "maaiveldhoogte", "groundlevel", "surfacelevel", "z", "znap"),
        "top": ("top", "bovenkant", "bovenkantlaag", "van", "dieptevan", "from", "depthtop", "topdepth"),
        "bottom": ("bottom", "botm", "onderkant", "onderkantlaag", "tot", "dieptetot", "to", "depthbottom",
                   "bottomdepth"),
        "soil": ("lith", "lithology", "lithologie", "lithologycode", "soil", "soilname", "grondsoort",
                 "hoofdgrondsoort"),
        "depth": ("depth", "diepte"),
        "penetration_length": ("penetrationlength", "length", "sondeerlengte", "sondeertrajectlengte"),
        "cone_resistance": ("coneresistance", "qc", "conusweerstand", "cone", "puntdruk"),
        "corrected_cone_resistance": ("correctedconeresistance", "qt"),
        "net_cone_resistance": ("netconeresistance", "qn"),
        "friction": ("localfriction", "fs", "friction", "sleevefriction", "plaatselijkewrijving", "wrijvingsweerstand"),
        "friction_ratio": ("frictionratio", "rf", "wrijvingsgetal"),
        "pore_pressure": ("porepressureu2", "u2", "porepressure", "waterspanning", "waterspanningu2"),
        "pore_pressure_u1": ("porepressureu1", "u1"),
        "pore_pressure_u3": ("porepressureu3", "u3"),
        "inclination": ("inclinationresultant", "inclination", "helling", "hellingresultante"),
        "sand_median": ("zm", "sandmedian", "zandmediaan", "d50"),
        "sand_median_class": ("zmk", "sandmedianclass", "zandmediaanklasse"),
        "clay_admixture": ("ak",),
        "sand_admixture": ("az",),
    }
)  # fmt: skip
TEXTS = ("id", "soil", "sand_median_class", "clay_admixture", "sand_admixture")
_UNNAMED = ("", "unnamed: 0", "__index_level_0__", "index", "fid")


def known(names: Iterable[str]) -> dict[str, str]:
    """Return which column is what: the name here -> the name in the table.

    >>> known(["", "nr", "X", "y", "Top", "bottom", "lith", "desc"])
    {'id': 'nr', 'x': 'X', 'y': 'y', 'top': 'Top', 'bottom': 'bottom', 'soil': 'lith'}
    """
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    return {
        key: next(plain[known] for known in spellings if known in plain)
        for key, spellings in _NAMES.items()
        if any(known in plain for known in spellings)
    }


def others(names: Iterable[str]) -> list[str]:
    """Return the columns that are none of these, without the index that a writer added."""
    names = list(names)
    taken = set(known(names).values())
    return [name for name in names if name not in taken and name.lower() not in _UNNAMED]


def kind_of(names: Iterable[str]) -> str | None:
    """Return "borehole" or "cpt" by the names of the columns, None where it is neither.

    >>> kind_of(["nr", "x", "y", "top", "bottom", "lith"]), kind_of(["nr", "x", "y", "depth", "qc"]), kind_of(["x"])
    ('borehole', 'cpt', None)
    """
    found = known(names)
    if not {"id", "x", "y"} <= set(found):
        return None
    if "cone_resistance" in found and ({"depth", "penetration_length"} & set(found)):
        return "cpt"
    layered = {"top", "bottom"} <= set(found) and bool({"soil", "surface"} & set(found))
    return "borehole" if layered else None


def delimiter_of(line: str) -> str:
    """Return what stands between the names in a line."""
    return max((",", ";", "\t"), key=line.count)


def cut(line: str) -> list[str]:
    """Return the names in a line, none where it is no line of a table."""
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter_of(line)), [])]
    except csv.Error:
        return []


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
