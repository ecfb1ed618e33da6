"""What soils are called in boreholes, as lithoclasses of GeoTOP: codes of NEN 5104, and Dutch and English names.

References
----------
NEN 5104 (1989) Geotechniek - Classificatie van onverharde grondmonsters: tables 1 to 5 (main soils, admixtures) and 7
(classes of the sand median).
NEN-EN-ISO 14688-1 (2019): names of soils and of their fractions.
TNO - Geological Survey of the Netherlands: GeoTOP, lithoclasses: sand is fine below 150 um, and coarse above 300 um.
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType

from dtwin_plugin.data.soils import UNKNOWN

_ANTHROPOGENIC, _PEAT, _CLAY, _LOAM, _SAND, _FINE, _MEDIUM, _COARSE, _GRAVEL, _SHELLS = range(10)

# A main soil in capitals and its admixtures: Kz3h1 is very sandy, slightly humic clay.
_CODE = re.compile(r"([GZLKV])((?:[gzlkshmv](?:[1-4xXmM])?)*)")
_MAIN = {"G": _GRAVEL, "Z": _SAND, "L": _LOAM, "K": _CLAY, "V": _PEAT}
# Codes of DINO for what is no soil of NEN 5104.
_OTHER = MappingProxyType(
    {
        **dict.fromkeys(("NBE", "GM", "ONB", "-"), UNKNOWN),  # not described; no sample
        **dict.fromkeys(("BRK", "DET", "DY", "GY", "HO", "HUM", "LIG"), _PEAT),
        **dict.fromkeys(("SHE", "SCH", "SCHE"), _SHELLS),
        **dict.fromkeys(("STN", "KEI", "GRI"), _GRAVEL),
        **dict.fromkeys(("KLEI", "KL"), _CLAY),
        **dict.fromkeys(("LEEM", "LSS", "KEIL"), _LOAM),
        **dict.fromkeys(("AS", "BST", "BTN", "PUI", "PU", "SLK", "VUI"), _ANTHROPOGENIC),
    }
)
_NOUNS = MappingProxyType(
    {
        **dict.fromkeys(
            ("puin", "slakken", "baksteen", "beton", "asfalt", "mijnsteen", "huisvuil", "sintels", "antropogeen",
             "rubble", "concrete"), _ANTHROPOGENIC),
        **dict.fromkeys(
            ("veen", "bruinkool", "detritus", "gyttja", "dy", "hout", "humus", "moerig", "peat", "wood", "lignite",
             "organic", "organisch"), _PEAT),
        **dict.fromkeys(("klei", "clay"), _CLAY),
        **dict.fromkeys(("leem", "zavel", "silt", "löss", "loess", "loss", "keileem", "loam"), _LOAM),
        **dict.fromkeys(("zand", "sand"), _SAND),
        **dict.fromkeys(("grind", "keien", "kei", "stenen", "blokken", "gravel", "cobbles", "boulders"), _GRAVEL),
        **dict.fromkeys(("schelpen", "schelpgruis", "schelp", "schelpenmateriaal", "shells", "shell"), _SHELLS),
    }
)  # fmt: skip
_SANDY = re.compile(r"\b(zandige?|sandy)\b")
_CLAYEY = re.compile(r"\b(kleiige?|clayey)\b")
_WITH = re.compile(r"\b(met|with)\b")
_WORDS = re.compile(r"[A-ZÀ-Þ]?[a-zà-ÿ]+|[A-ZÀ-Þ]+")
_SPAN = re.compile(r"(\d+)tot(\d+)")
# The longer words stand first: "matig fijn" is not "fijn".
_SIZES = (
    (re.compile(r"matig ?(fijn|grof)|middel ?(fijn|grof)|\bmedium"), _MEDIUM),
    (re.compile(r"fijn|\bfine"), _FINE),
    (re.compile(r"grof|\bcoarse"), _COARSE),
)
_SIZE_CODES = (
    (re.compile(r"ZUF|ZZF|ZFC"), _FINE),  # 63-150 um
    (re.compile(r"ZMF|ZMG|ZMC"), _MEDIUM),  # 150-300 um
    (re.compile(r"ZZG|ZUG|ZGC"), _COARSE),  # 300-2000 um
)


def lithoclass(text: str | None, median: float = math.nan, size: str | None = None) -> int:
    """Return the lithoclass of a soil by its code or its name, -1 where neither tells it.

    Parameters
    ----------
    text : str
        A code ("Kz3", "Zs1", "V") or words, also joined ("sterk zandige klei", "zwakSiltigZand").
    median : float
        Median of the sand fraction; up to 2 it is taken as mm, above as um, which sand cannot confuse.
    size : str, optional
        Class of the sand median: a code ("ZMF"), words ("matig fijn") or limits ("fijn63tot200um").

    Examples
    --------
    >>> [lithoclass(code) for code in ("Ks2", "Kz1", "V", "Zk", "Zs1", "Gz2", "NBE")]
    [2, 3, 1, 3, 4, 8, -1]
    >>> [lithoclass(name) for name in ("sterkZandigeKlei", "zwakSiltigZandMetGrind", "kleiig veen", "detritus", "?")]
    [3, 4, 1, 1, -1]
    >>> lithoclass("Zs1", 270.0), lithoclass("zand", 0.11), lithoclass("Z", size="ZUG"), lithoclass("zeer fijn zand")
    (6, 5, 7, 5)
    """
    text = (text or "").strip().strip("'\"")
    found = of_code(text)
    if found is None:
        found = of_name(text)
        size = size or text
    return _sand(median, size) if found == _SAND else found


def of_code(code: str) -> int | None:
    """Return the lithoclass of a code of NEN 5104 or DINO, None where it is none.

    Sand is one class here; sandy clay, clayey sand and loam are one class in GeoTOP.
    """
    if code.upper() in _OTHER:
        return _OTHER[code.upper()]
    parts = _CODE.fullmatch(code)
    if parts is None:
        return None
    main = _MAIN[parts[1]]
    mixed = (parts[1] == "K" and "z" in parts[2]) or (parts[1] == "Z" and "k" in parts[2])
    return _LOAM if mixed else main


def of_name(name: str) -> int:
    """Return the lithoclass of a name by its last noun before "met", -1 where it has none that is known."""
    text = " ".join(_WORDS.findall(name)).lower()
    words = _WITH.split(text)[0].split()
    main = next((_NOUNS[word] for word in reversed(words) if word in _NOUNS), UNKNOWN)
    mixed = (main == _CLAY and _SANDY.search(text)) or (main == _SAND and _CLAYEY.search(text))
    return _LOAM if mixed else main


def _sand(median: float, size: str | None) -> int:
    """Return the class of sand by its median, else by the class of its median, else undivided."""
    size = size or ""
    if not median > 0 and (limits := _SPAN.search(size)):
        median = (float(limits[1]) + float(limits[2])) / 2
    if median > 0:
        median = median * 1000 if median <= 2 else median  # [um]
        return _FINE if median < 150 else _MEDIUM if median < 300 else _COARSE
    for pattern, found in _SIZE_CODES:
        if pattern.match(size):
            return found
    words = " ".join(_WORDS.findall(size)).lower()
    return next((found for pattern, found in _SIZES if pattern.search(words)), _SAND)
