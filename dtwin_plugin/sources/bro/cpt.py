"""Cone penetration tests: the text block of a BRO document as curves below the surface.

References
----------
BRO, catalogue of the cone penetration test 1.1, chapter "Resultaat sondering": the order of the 25 columns and the code
-999999 for a missing value. NEN-EN-ISO 22476-1:2012, 6.5: depth from penetration length and inclination.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.sources.gef.cpt import friction_ratio
from dtwin_plugin.sources.gef.depth import completed, resultant
from dtwin_plugin.sources.safe_xml import local

from .record import Record, positions_of, site_of, wrong
from .tree import date, first, found, number, own, plain_number, snake, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = dict[str, NDArray[np.float64]]

ORDER = (
    "penetrationLength", "depth", "elapsedTime", "coneResistance", "correctedConeResistance", "netConeResistance",
    "magneticFieldStrengthX", "magneticFieldStrengthY", "magneticFieldStrengthZ", "magneticFieldStrengthTotal",
    "electricalConductivity", "inclinationEW", "inclinationNS", "inclinationX", "inclinationY", "inclinationResultant",
    "magneticInclination", "magneticDeclination", "localFriction", "poreRatio", "temperature", "porePressureU1",
    "porePressureU2", "porePressureU3", "frictionRatio",
)  # fmt: skip
# Names of `Logs`, where they are not those of the BRO in small letters.
_NAMES = {"localFriction": "friction", "inclinationResultant": "inclination", "porePressureU2": "pore_pressure"}
ALWAYS = (
    "penetration_length",
    "depth",
    "cone_resistance",
    "friction",
    "friction_ratio",
    "pore_pressure",
    "inclination",
)
UNITS = {
    "depth": "m", "penetration_length": "m", "elapsed_time": "s", "cone_resistance": "MPa", "friction": "MPa",
    "corrected_cone_resistance": "MPa", "net_cone_resistance": "MPa", "friction_ratio": "%", "pore_pressure": "MPa",
    "pore_pressure_u1": "MPa", "pore_pressure_u3": "MPa", "inclination": "degree", "inclination_ew": "degree",
    "inclination_ns": "degree", "inclination_x": "degree", "inclination_y": "degree", "temperature": "°C",
    "electrical_conductivity": "S/m", "magnetic_inclination": "degree", "magnetic_declination": "degree",
    "magnetic_field_strength_x": "nT", "magnetic_field_strength_y": "nT", "magnetic_field_strength_z": "nT",
    "magnetic_field_strength_total": "nT",
}  # fmt: skip
_MISSING = -999999.0
_PLAIN = re.compile(r"[0-9.eE+\-\s]+")
_MOST = 1_000_000  # rows of one test; 2 mm apart that is 2 km


def column_name(name: str) -> str:
    """Return what a column of the BRO is called in `Logs`."""
    return _NAMES.get(name, snake(name))


def read(element: Any, file: str) -> Record:
    """Return a cone penetration test; raises FormatError where its numbers cannot be told apart."""
    site = {
        **site_of(element, file),
        "date": date(element, "phenomenonTime", "finalProcessingDate", "researchReportDate"),
        "final_depth": number(element, "finalDepth"),
        "predrilled_depth": number(element, "predrilledDepth"),
        "standard": text(element, "cptStandard"),
        "method": text(element, "cptMethod"),
        "quality_class": text(element, "qualityClass"),
        "stop_criterion": text(element, "stopCriterion"),
        "groundwater_depth": number(element, "groundwaterLevel"),
        "cone_type": text(element, "conePenetrometerType"),
        "cone_area": plain_number(element, "coneSurfaceArea"),
        "area_ratio": plain_number(element, "coneSurfaceQuotient"),
    }
    rows = curves(_table(element, file))
    return Record("cpt", local(element.tag), site, positions_of(element, file), rows, UNITS)


def curves(raw: Rows) -> Rows:
    """Return measured columns by the names of `Logs`, by penetration length.

    The depth is computed from the length and the inclination where it was not given, and the friction ratio where none
    was.

    Parameters
    ----------
    raw : dict of str to ndarray
        Columns by the names of the BRO, NaN = missing.

    Examples
    --------
    >>> angles = np.array([36.86989764584402, 0.0])  # 3-4-5
    >>> rows = curves({"penetrationLength": np.array([2.0, 1.0]), "inclinationResultant": angles})
    >>> rows["depth"].round(6).tolist()
    [1.0, 1.8]
    """
    count = len(next(iter(raw.values()))) if raw else 0
    empty = np.full(count, np.nan)
    rows = {column_name(name): values for name, values in raw.items()}
    rows = {name: values for name, values in rows.items() if name in ALWAYS or np.isfinite(values).any()}
    for name in ALWAYS:
        rows.setdefault(name, empty)
    along = np.where(np.isnan(rows["penetration_length"]), rows["depth"], rows["penetration_length"])
    order = np.argsort(along, kind="stable")  # NaN goes last
    rows = {name: values[order] for name, values in rows.items()}
    rows["depth"] = completed(rows["depth"], rows["penetration_length"], _leaning(rows))
    if not np.isfinite(rows["friction_ratio"]).any():
        rows["friction_ratio"] = friction_ratio(rows["friction"], rows["cone_resistance"])
    return rows


def _leaning(rows: Rows) -> NDArray[np.float64]:
    """Return the angle with the vertical [degree], from two at right angles where the resultant is not given."""
    angle = rows["inclination"]
    for one, other in (("inclination_x", "inclination_y"), ("inclination_ew", "inclination_ns")):
        if one in rows and other in rows:
            angle = np.where(np.isnan(angle), resultant(rows[one], rows[other]), angle)
    return angle


def _table(element: Any, file: str) -> Rows:
    """Return the measured columns by the names of the document."""
    result = first(element, "cptResult", "conePenetrationTestResult")
    values = first(result, "values") if result is not None else None
    if values is None or not (values.text or "").strip():
        return {}
    encoding = first(result, "TextEncoding")
    separators = {"tokenSeparator": ",", "blockSeparator": ";", "decimalSeparator": "."}
    stated = {
        name: (encoding.get(name) if encoding is not None else None) or usual for name, usual in separators.items()
    }
    table = numbers(values.text, stated["tokenSeparator"], stated["blockSeparator"], stated["decimalSeparator"], file)
    names = _names(element, result, table.shape[1], file)
    return {name: table[:, index] for index, name in enumerate(names)}


def numbers(written: str, token: str, block: str, decimal: str, file: str) -> NDArray[np.float64]:
    """Return a text block of SWE (OGC 08-094r1, 8.5.2) as rows of numbers; missing is NaN.

    >>> numbers("1,5 2;2,5 -999999;", " ", ";", ",", "a.xml").tolist()
    [[1.5, 2.0], [2.5, nan]]
    """
    blocks = [item for item in written.strip().split(block) if item.strip()]
    if len(blocks) > _MOST:
        raise wrong(file, "values", f"{len(blocks)} rows")
    found = _quickly(blocks, token, decimal)
    table = _one_by_one(blocks, token, decimal, file) if found is None else found
    table[(table == _MISSING) | ~np.isfinite(table)] = np.nan
    return table


def _quickly(blocks: list[str], token: str, decimal: str) -> NDArray[np.float64] | None:
    """Return rows that are plain numbers, all of one length; None where they are anything else."""
    widths = {item.count(token) for item in blocks}
    if len(widths) != 1 or not token.strip():
        return None
    written = token.join(blocks).replace(decimal, ".").replace(token, " ")
    if not _PLAIN.fullmatch(written):
        return None
    table = np.fromstring(written, sep=" ")  # stops at what is no number, which its size then tells
    width = widths.pop() + 1
    return table.reshape(-1, width) if len(table) == len(blocks) * width else None


def _one_by_one(blocks: list[str], token: str, decimal: str, file: str) -> NDArray[np.float64]:
    """Return rows of which numbers may lack, or be separated by any space; raises FormatError."""
    rows = [item.split(token) if token.strip() else item.split() for item in blocks]
    width = len(rows[0]) if rows else 0
    if any(len(row) != width for row in rows):
        raise wrong(file, "values", "rows of different length")
    tokens = [item.replace(decimal, ".").strip() for row in rows for item in row]
    try:
        return np.array([float(item) if item else math.nan for item in tokens]).reshape(len(rows), width)
    except ValueError as error:
        raise wrong(file, "values", str(error)) from error


def _names(element: Any, result: Any, width: int, file: str) -> tuple[str, ...]:
    """Return what the columns are: as the document defines them, or by the order of the standard."""
    defined = tuple(item.get("name") for item in found(result, "field") if item.get("name"))
    if len(defined) == width:
        return defined
    holder = first(element, "parameters")
    listed = [] if holder is None else [(local(item.tag), own(item)) for item in holder]
    names = tuple(name for name, _ in listed)
    if width == len(ORDER) and (not names or set(names) <= set(ORDER)):
        return ORDER
    measured = tuple(name for name, there in listed if there == "ja")
    for chosen in (names, measured):
        if len(chosen) == width and width:
            return chosen
    raise wrong(file, "values", f"{width} columns; expected {len(ORDER)}")
