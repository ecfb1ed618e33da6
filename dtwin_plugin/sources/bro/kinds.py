"""Which objects of the BRO are read, and by what."""

from __future__ import annotations

import re
from typing import Any, Callable

from dtwin_plugin.sources.safe_xml import local

from . import cpt, groundwater, layers, networks
from .record import Record

# The beginning of an element's name, and who reads it. BHR is BHR-P.
READERS: dict[str, Callable[[Any, str], Record]] = {
    "CPT": cpt.read,
    "BHR_GT": layers.read,
    "BHR_G": layers.read,
    "BHR_P": layers.read,
    "BHR": layers.read,
    "SFR": layers.read,
    "GMW": groundwater.well,
    "GLD": groundwater.levels,
    "GAR": groundwater.samples,
    "GMN": networks.network,
    "GUF": networks.use,
    "FRD": networks.resistance,
}
_OBJECT = re.compile(r"([A-Z]{3}(?:_(?:GT|G|P|GLD))?)_[A-Za-z]\w*$")
# Objects of a name of their own in documents that are sent to the register.
_INTAKE = re.compile(r"(CPT|BHR_GT|BHR_G|BHR_P|BHR|SFR|GMW|GLD|GAR|GMN|GUF|FRD)(_|$)")


def kind_of(name: str) -> str | None:
    """Return what an object is by its element; None where it is no object of the BRO.

    >>> kind_of("CPT_O"), kind_of("BHR_GT_CompleteReport_V1"), kind_of("BHR_O"), kind_of("EPC_O"), kind_of("Point")
    ('CPT', 'BHR_GT', 'BHR', 'EPC', None)
    """
    known = _INTAKE.match(name)
    if known:
        return known.group(1)
    other = _OBJECT.match(name)
    return other.group(1) if other else None


def read(element: Any, file: str) -> Record | None:
    """Return what an object is; None where it is of a kind that is not read.

    Raises
    ------
    FormatError
        If its numbers are none.
    """
    kind = kind_of(local(element.tag)) or ""
    reader = READERS.get(kind)
    if reader is None:
        return None
    record = reader(element, file)
    record.site["object"] = kind.replace("_", "-")
    return record
