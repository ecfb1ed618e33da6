"""The two forms of glTF: JSON, and JSON with its bytes in one binary file (GLB)."""

from __future__ import annotations

import json
import struct
from typing import Any

from dtwin_plugin.errors import FormatError

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_LARGEST_JSON = 200_000_000
_MOST_VALUES = 20_000_000  # a tile of a tileset has some 40; each is up to 100 bytes as a Python object


def parse_json(data: bytes, file: str) -> dict[str, Any]:
    """Return a JSON object; raises FormatError if it is none."""
    if len(data) > _LARGEST_JSON:
        raise FormatError("{file} has {count} bytes of JSON, more than is read.", file=file, count=len(data))
    values = data.count(b",") + data.count(b"{") + data.count(b"[")
    if values > _MOST_VALUES:
        raise FormatError("{file} has {count} values of JSON, more than is read.", file=file, count=values)
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "{file} is not valid JSON: {reason}.", hint="Download or export it again.", file=file, reason=error
        ) from error
    if not isinstance(found, dict):
        raise FormatError("{file} is JSON, but no object; expected a tileset or a glTF.", file=file)
    return found


def open_container(data: bytes, file: str) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk (empty if there is none) of a glTF or GLB.

    Raises
    ------
    FormatError
        If it is neither, another version than 2, or shorter than it states.
    """
    document, binary = _chunks(data, file) if data[:4] == b"glTF" else (parse_json(data, file), b"")
    asset = document.get("asset")
    version = str(asset.get("version", "")) if isinstance(asset, dict) else ""
    if not version.startswith("2"):
        raise FormatError(
            "{file} is glTF version {found}; expected 2.x.",
            hint="Export it as glTF 2.0.",
            file=file,
            found=repr(version),
        )
    return document, binary


def _chunks(data: bytes, file: str) -> tuple[dict[str, Any], bytes]:
    if len(data) < 20:
        raise _short(file)
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise FormatError(
            "{file} is glTF version {found}; expected 2.x.", hint="Export it as glTF 2.0.", file=file, found=version
        )
    if length > len(data):
        raise _short(file)
    document: dict[str, Any] | None = None
    binary, at = b"", 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + size]
        if len(chunk) < size:
            raise _short(file)
        if kind == _JSON and document is None:
            document = parse_json(chunk, file)
        elif kind == _BIN and not binary:
            binary = chunk
        at += 8 + size
    if document is None:
        raise FormatError("{file} is a GLB without a JSON chunk.", hint="Download or export it again.", file=file)
    return document, binary


def _short(file: str) -> FormatError:
    return FormatError("{file} is shorter than it states.", hint="Download or export it again.", file=file)
