"""Results as servers send them: as a document, raw, in parts, or by links (OGC 18-062r2, 7.11.4 and 7.13)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Union

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.transport import Response

from ..json_text import parsed
from ..media import Link, Value, essence, value_of
from .deviations import Deviations

Results = dict[str, Union[Value, Link]]
_GEOJSON = ("FeatureCollection", "Feature", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString",
            "MultiPolygon", "GeometryCollection")  # fmt: skip
_MOST = 1000  # results, parts and links
_HEADER_LINK = re.compile(r'<([^<>]{1,2000})>\s*((?:;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;]*)\s*)*)')


def results_of(response: Response, names: Sequence[str], deviations: Deviations) -> Results:
    """Return the values of an answer by the names of the outputs.

    Parameters
    ----------
    names : sequence of str
        Of the outputs that were asked.

    Raises
    ------
    FormatError
        If it is no result that is understood.
    """
    kind = response.headers.get("content-type", "")
    if response.status == 204 or (not response.body and "link" in response.headers):
        return _linked(response.headers.get("link", ""))
    if essence(kind).startswith("multipart/"):
        return _parts(response.body, kind, names)
    is_json = essence(kind) in ("application/json", "text/json") or (not kind and response.body[:1] in (b"{", b"["))
    if not is_json:
        if len(names) != 1:
            deviations.note("OP11", response.url, essence(kind))
        return {names[0]: Value(response.body, kind)} if names else {}
    document = parsed(response.body, "the result")
    return _document(document, names, response.url, deviations)


def _document(document: Any, names: Sequence[str], url: str, deviations: Deviations) -> Results:
    """Return the values of a document; of one raw value in JSON too, which looks alike."""
    found = document
    if isinstance(found, Mapping) and "outputs" in found and not set(names) & set(found):
        deviations.note("OP11", url, "outputs")
        found = found["outputs"]
    rows = found if isinstance(found, list) else [found]
    if rows and all(_is_named(row, names) for row in rows):
        deviations.note("OP11", url, "id, value")
        return {row["id"]: value_of({k: v for k, v in row.items() if k != "id"}, row["id"]) for row in rows[:_MOST]}
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], Mapping) and set(names) & set(found[0]):
        deviations.note("OP11", url, "a list")
        found = found[0]
    if isinstance(found, Mapping) and not _is_geojson(found, names) and (set(names) & set(found) or len(names) != 1):
        return {name: value_of(found[name], name) for name in names if name in found}
    if len(names) == 1:  # raw: the value itself
        return {names[0]: value_of(found, names[0], "application/json")}
    raise FormatError(
        "The result has none of the outputs {names}.", hint="Refresh the server.", names=", ".join(names)[:300]
    )


def _is_geojson(found: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Tell whether it is the one output itself, though that is called as a member of GeoJSON is: "features".

    Without what stands beside it, coordinates in RD New would be taken for degrees.
    """
    return len(names) == 1 and found.get("type") in _GEOJSON


def _is_named(row: Any, names: Sequence[str]) -> bool:
    return isinstance(row, Mapping) and row.get("id") in names and ("value" in row or "href" in row)


def _parts(body: bytes, kind: str, names: Sequence[str]) -> Results:
    """Return the parts of multipart/related, by their Content-ID (OGC 18-062r2, 7.11.4, table 12)."""
    message = message_from_bytes(
        b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body, policy=HTTP
    )
    if not message.is_multipart():
        raise FormatError("The result has several parts, but not as it says.", hint="Tell who keeps the server.")
    found: Results = {}
    for number, part in enumerate(list(message.iter_parts())[:_MOST]):  # type: ignore[attr-defined]
        told = str(part.get("Content-ID", "")).strip("<> ").partition("@")[0]
        name = told if told in names else part.get_filename("").partition(".")[0]
        name = name if name in names else names[number] if number < len(names) else ""
        media_type = str(part.get("Content-Type", ""))
        if name and part.get("Content-Location"):
            found[name] = Link(str(part["Content-Location"]), media_type)
        elif name:
            data: Any = part.get_payload(decode=True)
            if data is None:
                raise FormatError(
                    "The result {output} has parts of its own.", hint="Tell who keeps the server.", output=name
                )
            is_json = essence(media_type) == "application/json"
            found[name] = value_of(parsed(data, name), name, media_type) if is_json else Value(data, media_type)
    return found


def _linked(header: str) -> Results:
    """Return the links of a Link header (RFC 8288) by their relation, which is the name of an output.

    >>> _linked('<https://a.nl/r.tif>; rel="depth"; type=image/tiff')
    {'depth': Link(href='https://a.nl/r.tif', media_type='image/tiff')}
    """
    found: Results = {}
    for url, more in _HEADER_LINK.findall(header[:100_000])[:_MOST]:
        told = dict(re.findall(r';\s*([\w*-]+)\s*=\s*"?([^";]*)"?', more))
        if told.get("rel"):
            found[told["rel"].rpartition("/")[2] or told["rel"]] = Link(url, told.get("type", "").strip())
    return found
