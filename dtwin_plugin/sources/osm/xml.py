"""OpenStreetMap XML (.osm), also packed with gzip or bzip2, as JOSM and the API write it."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from dtwin_plugin.errors import FormatError, file_error
from dtwin_plugin.sources.safe_xml import elements

from .elements import NODES, WAYS, Nodes, Piece, Relation, Way, is_restriction, is_road

_CHUNK = 50_000  # nodes


class XmlReader:
    """An .osm file; what an editor has marked as deleted is left out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, what: str) -> Iterator[Piece]:
        """Yield the nodes, the roads or the bans on turning.

        Raises
        ------
        FormatError
            If it is no XML, or has a node without an id or a place.
        """
        try:
            with self._opened() as stream:
                yield from _pieces(stream, what, self.path.name)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._damaged(str(error)) from error
        except OSError as error:
            raise file_error(error) from error
        except (KeyError, ValueError, OverflowError) as error:
            raise self._damaged(f"an element without {error}") from error

    def _opened(self) -> IO[bytes]:
        with self.path.open("rb") as stream:
            head = stream.read(3)
        if head[:2] == b"\x1f\x8b":
            return gzip.open(self.path)  # type: ignore[return-value]
        return bz2.open(self.path) if head == b"BZh" else self.path.open("rb")

    def _damaged(self, reason: str) -> FormatError:
        return FormatError(
            "{file} is damaged or no OpenStreetMap XML: {reason}.", hint="Download it again.",
            file=self.path.name, reason=reason[:80],
        )  # fmt: skip


def _pieces(stream: IO[bytes], what: str, file: str) -> Iterator[Piece]:
    ids: list[int] = []
    places: list[tuple[float, float]] = []
    for element in elements(stream, (what[:-1],), file):
        if element.get("action") == "delete" or element.get("visible") == "false":
            continue
        if what == NODES:
            ids.append(int(element.attrib["id"]))
            places.append((float(element.attrib["lon"]), float(element.attrib["lat"])))
            if len(ids) == _CHUNK:
                yield Nodes(np.array(ids, np.int64), np.array(places))
                ids, places = [], []
            continue
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
        if what == WAYS and is_road(tags):
            refs = np.array([int(one.attrib["ref"]) for one in element.iter("nd")], np.int64)
            yield [Way(int(element.attrib["id"]), tags, refs)]
        elif what != WAYS and is_restriction(tags):
            yield [Relation(int(element.attrib["id"]), tags, [_member(one) for one in element.iter("member")])]
    if ids:
        yield Nodes(np.array(ids, np.int64), np.array(places))


def _member(element: Any) -> tuple[str, int, str]:
    return element.attrib["type"], int(element.attrib["ref"]), element.get("role", "")
