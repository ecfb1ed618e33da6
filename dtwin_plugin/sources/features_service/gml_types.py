"""Which attributes of a WFS type are numbers: its schema tells, GML itself has texts only."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.transport import Transport

from .answers import TIMEOUT
from .capabilities import xml_of

_WHOLE = ("int", "integer", "long", "short", "nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong")
_REAL = ("decimal", "double", "float")


def numbers_of(transport: Transport, url: str, version: str, name: str) -> dict[str, type]:
    """Return int or float for each attribute that is a number; nothing where the service does not tell."""
    params = {"service": "WFS", "version": version, "request": "DescribeFeatureType", "typeNames": name}
    try:
        response = transport.get(url, params, timeout=TIMEOUT)
        root = xml_of(response, url)
    except (FormatError, UnavailableError):
        return {}
    found: dict[str, type] = {}
    for element in root.iter():
        if safe_xml.local(element.tag) == "element" and element.get("name"):
            kind = (element.get("type") or _base(element)).rpartition(":")[2]
            if kind in _WHOLE or kind in _REAL:
                found[element.get("name")] = int if kind in _WHOLE else float
    return found


def _base(element: Any) -> str:
    """Return the type that an element restricts, "" if it does not."""
    restriction = safe_xml.child(element, "simpleType", "restriction")
    return str(restriction.get("base") or "") if restriction is not None else ""
