"""What a WFS says that it has and can: its types, their CRS's, and the formats of its answers (OGC 09-025r2, 8)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.transport import Response, Transport
from dtwin_plugin.translate import mark

from .answers import TIMEOUT, one_line, refused, require_size, server_of

GML32 = "application/gml+xml; version=3.2"
_EXCEPTIONS = ("ExceptionReport", "ServiceExceptionReport")


@dataclass(frozen=True)
class FeatureType:
    """A type of features.

    Attributes
    ----------
    name : str
        With its prefix, as the service wants it.
    crs : tuple of str
        Its default first, in the service's own spelling.
    extent : tuple of float or None
        Longitude and latitude of the corners.
    """

    name: str
    title: str
    crs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    extent: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Capabilities:
    """A service: its version, types and formats, and how many features it gives at once (None: it does not say)."""

    version: str
    title: str
    types: tuple[FeatureType, ...]
    formats: tuple[str, ...]
    page: int | None = None

    def one(self, name: str | None, url: str) -> FeatureType:
        """Return the type of a name, with or without its prefix, or of a title.

        Raises
        ------
        InputError
            If there is none, or several and none is named.
        """
        if name is None and len(self.types) == 1:
            return self.types[0]
        wanted = (name or "").casefold()
        for item in self.types:
            if wanted in (item.name.casefold(), item.name.rpartition(":")[2].casefold(), item.title.casefold()):
                return item
        known = ", ".join(item.name for item in self.types[:100]) or mark("none")
        if name is None:
            raise InputError(
                "{server} has {count} types of features; which one is not said.",
                hint="Choose one of {known}.",
                server=server_of(url),
                count=len(self.types),
                known=known,
            )
        raise InputError(
            "{server} has no type {name}; it has {known}.", server=server_of(url), name=repr(name), known=known
        )

    def format_of(self, item: FeatureType) -> str:
        """Return the format to ask for: GeoJSON if there is one, else GML."""
        for offered in (*item.formats, *self.formats):
            if "json" in offered.lower() and "jsonp" not in offered.lower() and "javascript" not in offered.lower():
                return offered
        return next((text for text in (*item.formats, *self.formats) if "3.2" in text), GML32)


def capabilities(transport: Transport, url: str) -> Capabilities:
    """Ask what a service has.

    Raises
    ------
    UnavailableError
        If it does not answer, or refuses.
    FormatError
        If the answer is no capabilities of a WFS 2.
    """
    response = transport.get(url, {"service": "WFS", "version": "2.0.0", "request": "GetCapabilities"}, timeout=TIMEOUT)
    if response.status != 200:
        raise refused(response, url)
    root = xml_of(response, url)
    if safe_xml.local(root.tag) != "WFS_Capabilities":
        raise FormatError(
            "{server} is no WFS: it answers with {found}.",
            hint="Check its address.",
            server=server_of(url),
            found=safe_xml.local(root.tag)[:80],
        )
    version = root.get("version", "")
    if not version.startswith("2."):
        raise FormatError(
            "{server} speaks WFS {found}; version 2.0 is read here.",
            hint="Ask the owner of the service for version 2.0 or an OGC API.",
            server=server_of(url),
            found=version[:20] or "?",
        )
    types = [item for item in _named(root, "FeatureType") if safe_xml.text(item, "Name")]
    operations = safe_xml.child(root, "OperationsMetadata")
    return Capabilities(
        version,
        safe_xml.text(root, "ServiceIdentification", "Title") or "",
        tuple(map(_type, types)),
        _formats(operations),
        _count_default(operations),
    )


def xml_of(response: Response, url: str) -> Any:
    """Return the root of an answer; an exception report is raised as what it says, whatever the HTTP status.

    Raises
    ------
    UnavailableError
        If it reports an exception.
    FormatError
        If it is no XML.
    """
    require_size(response, url)
    root = safe_xml.parsed(response.body, server_of(url))
    if safe_xml.local(root.tag) in _EXCEPTIONS:
        texts = [(item.text or "").strip() for item in root.iter() if safe_xml.local(item.tag) in _TEXTS and item.text]
        raise UnavailableError(
            "{server} refused the request: {reason}",
            hint="Check the name and the area.",
            server=server_of(url),
            reason=one_line(" ".join(texts)) or mark("no reason given."),
        )
    return root


_TEXTS = ("ExceptionText", "ServiceException")


def _type(item: Any) -> FeatureType:
    crs = [text for name in ("DefaultCRS", "OtherCRS") for text in _texts(item, name)]
    formats = safe_xml.child(item, "OutputFormats")
    name = safe_xml.text(item, "Name") or ""
    return FeatureType(
        name,
        safe_xml.text(item, "Title") or name,
        tuple(crs),
        tuple(_texts(formats, "Format")) if formats is not None else (),
        _box(item),
    )


def _box(item: Any) -> tuple[float, ...] | None:
    corners = [safe_xml.text(item, "WGS84BoundingBox", name) or "" for name in ("LowerCorner", "UpperCorner")]
    try:
        numbers = tuple(float(text) for corner in corners for text in corner.split())
    except ValueError:
        return None
    return numbers if len(numbers) == 4 and all(map(math.isfinite, numbers)) else None


def _formats(operations: Any) -> tuple[str, ...]:
    if operations is None:
        return ()
    for operation in _named(operations, "Operation"):
        if operation.get("name") == "GetFeature":
            for parameter in _named(operation, "Parameter"):
                if parameter.get("name") == "outputFormat":
                    return tuple((value.text or "").strip() for value in _named(parameter, "Value"))
    return ()


def _count_default(operations: Any) -> int | None:
    for constraint in _named(operations, "Constraint") if operations is not None else ():
        if constraint.get("name") == "CountDefault":
            found = safe_xml.text(constraint, "DefaultValue") or ""
            return int(found) if found.isdigit() and len(found) < 10 and int(found) else None
    return None


def _named(element: Any, name: str) -> Iterator[Any]:
    return (item for item in element.iter() if safe_xml.local(item.tag) == name)


def _texts(element: Any, name: str) -> list[str]:
    return [(item.text or "").strip() for item in element if safe_xml.local(item.tag) == name and item.text]
