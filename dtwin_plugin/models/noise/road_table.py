"""The coefficients of road traffic: a table that a municipality can add its own surfaces to.

References
----------
Delegated Directive (EU) 2021/1226 (2021), appendix F: tables F-1, F-3 and F-4; Directive (EU) 2015/996 (2015) for those
before.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

from .bands import BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

VEHICLES = ("1", "2", "3", "4a", "4b")  # light, medium, heavy, mopeds, motorcycles
EDITIONS = ("2021", "2015")
REFERENCE = "DEF"
# as Dutch files of roads have them, in small letters; bricks of a carriageway lie in herring-bone as a rule
SYNONYMS = {
    **dict.fromkeys(("dab", "asfalt", "sma 0/11", "referentiewegdek"), REFERENCE),
    **dict.fromkeys(("zoab", "enkellaags zoab"), "NL01"),
    **dict.fromkeys(("tweelaags zoab", "2-laags zoab"), "NL02"),
    **dict.fromkeys(("sma-nl5", "sma nl5"), "NL04"),
    **dict.fromkeys(("sma-nl8", "sma nl8"), "NL05"),
    **dict.fromkeys(("klinkers", "keperverband", "elementen in keperverband", "elementenverharding in keperverband"),
                    "NL10"),
    **dict.fromkeys(("elementen niet in keperverband", "elementenverharding niet in keperverband"), "NL11"),
    **dict.fromkeys(("stille elementen", "stille elementenverharding"), "NL12"),
    **dict.fromkeys(("dunne deklaag a", "dunne deklagen a"), "NL13"),
    **dict.fromkeys(("dunne deklaag b", "dunne deklagen b"), "NL14"),
}  # fmt: skip
_LARGEST = 1_000_000  # bytes


def surface_code(text: str) -> str:
    """Return the code of a surface by what a file of roads calls it; the text itself where that is not known.

    >>> surface_code("Klinkers"), surface_code(" NL05 "), surface_code("tar")
    ('NL10', 'NL05', 'tar')
    """
    return SYNONYMS.get(text.strip().lower(), text.strip())


@dataclass(frozen=True)
class Surface:
    """A road surface.

    Attributes
    ----------
    alpha : ndarray
        dB by vehicle and octave band, shape (5, 8).
    beta : ndarray
        dB by vehicle, times lg(speed / 70 km/h).
    lowest, highest : float
        Speeds for which it was measured [km/h].
    """

    title: str
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    lowest: float
    highest: float


@dataclass(frozen=True)
class RoadTable:
    """All coefficients; arrays are of shape (5, 8), by vehicle and octave band [dB]."""

    rolling_a: NDArray[np.float64]
    rolling_b: NDArray[np.float64]
    propulsion_a: NDArray[np.float64]
    propulsion_b: NDArray[np.float64]
    studded_a: NDArray[np.float64]
    studded_b: NDArray[np.float64]
    surfaces: dict[str, Surface]


@lru_cache(maxsize=4)
def table_of(edition: str = EDITIONS[0]) -> RoadTable:
    """Return the table of an edition of the directive, "2021" or "2015"."""
    return read_table(plugin_file("resources", "noise", f"road_{edition}.csv"))


def read_table(path: Path) -> RoadTable:
    """Return a table that was read from a CSV file with the columns of `resources/noise/road_2021.csv`.

    Raises
    ------
    InputError
        If a row has another column count, an unknown term or vehicle, or a value that is no number.
    """
    if path.stat().st_size > _LARGEST:
        raise InputError("{file} is larger than a table of road surfaces can be.", file=path.name)
    terms = {
        name: np.zeros((len(VEHICLES), len(BANDS)))
        for name in ("rolling_a", "rolling_b", "propulsion_a", "propulsion_b", "studded_a", "studded_b")
    }
    surfaces: dict[str, Surface] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if number > 1 and row:
                _take(row, terms, surfaces, f"{path.name}, line {number}")
    return RoadTable(**terms, surfaces=surfaces)


def _take(row: list[str], terms: dict[str, NDArray[np.float64]], surfaces: dict[str, Surface], where: str) -> None:
    bands = len(BANDS)
    if len(row) != 4 + bands + 3 or row[2] not in VEHICLES or row[0] not in (*terms, "surface"):
        raise InputError(
            "{where}: expected a term, name, vehicle (1, 2, 3, 4a or 4b), title, 8 bands, beta and two speeds.",
            hint="Keep the columns of the table that is shipped.",
            where=where,
        )
    vehicle = VEHICLES.index(row[2])
    levels = [_number(text, where) for text in row[4 : 4 + bands]]
    if row[0] != "surface":
        terms[row[0]][vehicle] = levels
        return
    beta, lowest, highest = (_number(text, where) for text in row[4 + bands :])
    known = surfaces.setdefault(
        row[1],
        Surface(row[3], np.zeros((len(VEHICLES), bands)), np.zeros(len(VEHICLES)), lowest, highest),
    )
    known.alpha[vehicle], known.beta[vehicle] = levels, beta


def _number(text: str, where: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise InputError("{where}: {text} is not a number.", hint="Write 1.5.", where=where, text=text[:30])
    return found
