"""A value as it travels: bytes or JSON with its media type, inline, as a body, or as a link to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from dtwin_plugin.errors import FormatError

from ..json_text import dumped, parsed

JSON = "application/json"
BINARY = "application/octet-stream"
TEXT = "text/plain"
_QUALIFIED = {"value", "mediaType", "encoding", "schema", "format"}
_ENCODINGS = ("base64", "binary", "utf-8", "utf8", "")


@dataclass(frozen=True)
class Link:
    """A value by reference (OGC 18-062r2, 7.11.2.2): where it is, and its media type where told.

    >>> Link("https://a.nl/b.tif", "image/tiff").as_json()
    {'href': 'https://a.nl/b.tif', 'type': 'image/tiff'}
    """

    href: str
    media_type: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as it stands in a request or a result."""
        return {"href": self.href, **({"type": self.media_type} if self.media_type else {})}


@dataclass(frozen=True)
class Value:
    """A value with its media type.

    Attributes
    ----------
    data : bytes or plain data of JSON
    media_type : str
        "" where nobody says so.

    Examples
    --------
    >>> Value(b"abc", "image/tiff").as_json()
    {'value': 'YWJj', 'encoding': 'base64', 'mediaType': 'image/tiff'}
    >>> Value(2.5, "application/json").as_json(), Value({"a": 1}, "application/json").as_json()
    (2.5, {'value': {'a': 1}, 'mediaType': 'application/json'})
    """

    data: Any
    media_type: str = ""

    def as_json(self) -> Any:
        """Return it as it stands in a request or a result document (OGC 18-062r2, 7.11.2.3: qualified values)."""
        kind = {"mediaType": self.media_type} if self.media_type else {}
        if isinstance(self.data, bytes):
            if _is_text(self.media_type):
                return {"value": self.data.decode("utf-8"), **kind}
            return {"value": base64.b64encode(self.data).decode("ascii"), "encoding": "base64", **kind}
        # An object stands under "value", so that it is not taken for a link or a qualified value itself; a bounding box
        # is an own kind of value (clause 7.11.2.1, bbox.yaml).
        if isinstance(self.data, dict) and "bbox" not in self.data:
            return {"value": self.data, **kind}
        return self.data

    def as_bytes(self) -> bytes:
        """Return it as the body of an answer."""
        if isinstance(self.data, bytes):
            return self.data
        return self.data.encode("utf-8") if isinstance(self.data, str) else dumped(self.data)

    def as_data(self, what: str) -> Any:
        """Return it as plain data; raises FormatError where it is no JSON."""
        if isinstance(self.data, bytes):
            return parsed(self.data, what)
        # servers of XML origin send GeoJSON and CityJSON as a text within JSON
        if isinstance(self.data, str) and self.data.lstrip()[:1] in ("{", "["):
            return parsed(self.data, what)
        return self.data


def essence(media_type: str) -> str:
    """Return a media type without its parameters, in lower case (RFC 9110, 8.3.1).

    >>> essence("Image/TIFF; application=geotiff")
    'image/tiff'
    """
    return media_type.partition(";")[0].strip().lower()


def value_of(document: Any, what: str, media_type: str = "") -> Union[Value, Link]:
    """Return an inline value of a request or a result document, taken out of what qualifies it.

    Parameters
    ----------
    media_type : str
        Of a value that says none.

    Raises
    ------
    FormatError
        If its encoding is unknown or is not kept to.

    Examples
    --------
    >>> value_of({"value": "YWJj", "encoding": "base64", "mediaType": "image/tiff"}, "a")
    Value(data=b'abc', media_type='image/tiff')
    >>> value_of({"href": "https://a.nl/b.tif", "type": "image/tiff"}, "a"), value_of(3, "a").data
    (Link(href='https://a.nl/b.tif', media_type='image/tiff'), 3)
    """
    if not isinstance(document, Mapping):
        return Value(document, media_type)
    if isinstance(document.get("href"), str):
        return Link(document["href"], _text(document.get("type")) or media_type)
    if "value" not in document or not set(document) <= _QUALIFIED:
        return Value(dict(document), media_type)
    form = document["format"] if isinstance(document.get("format"), Mapping) else {}
    kind = _text(document.get("mediaType")) or _text(form.get("mediaType")) or media_type
    encoding = (_text(document.get("encoding")) or _text(form.get("encoding"))).lower()
    if encoding not in _ENCODINGS:
        raise FormatError("{what} has the encoding {found}; base64 is read.", what=what, found=encoding)
    if encoding in ("base64", "binary") and isinstance(document["value"], str):
        return Value(from_base64(document["value"], what), kind)
    return Value(document["value"], kind)


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes of a base64 text, lines or not; raises FormatError."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("{what} is not base64, as was told.", what=what) from error


def _is_text(media_type: str) -> bool:
    return essence(media_type).startswith("text/") or essence(media_type).endswith(("xml", "+json"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
