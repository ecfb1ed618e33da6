"""The objects of all deliveries together: each once, as the newest delivery has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import IO, cast

from dtwin_plugin.data.crs import RD, is_rd
from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.gml import Shape, crs_of
from dtwin_plugin.sources.stop import stop_if_asked

from .documents import Document, Found
from .names import ASKED, DELIVERY, OPERATOR, TYPES
from .objects import Item, item_of

_HOLDERS = ("featureMember", "member")
_MOST = 2_000_000  # objects: a delivery of the largest area allowed, 500 x 500 m, has some ten thousands
_EARLY = datetime(1, 1, 1, tzinfo=timezone.utc)


@dataclass
class Delivery:
    """What was delivered.

    Attributes
    ----------
    items : dict of str to Item
        By id.
    counts : dict of str to Counter
        Objects of each type in each document, as they stand there.
    repeated : int
        Objects of which another delivery has a newer state.
    degrees : int
        Geometries that were left out because they are in degrees, though they say RD.
    found : Found
        The documents and the files beside them.
    """

    found: Found
    items: dict[str, Item] = field(default_factory=dict)
    origin: dict[str, Document] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    repeated: int = 0
    degrees: int = 0

    def of(self, *types: str) -> Iterator[Item]:
        """Yield the objects of some types, in the order of the files."""
        wanted = set(types)
        return (item for item in self.items.values() if item.type in wanted)

    def operators(self) -> dict[str, str]:
        """Return the names of the operators by their code ("KL1040")."""
        rows = (item.row for item in self.of(OPERATOR))
        return {row["code"]: row["name"] for row in rows if row.get("code") and row.get("name")}

    def operator_code(self, item: Item) -> str | None:
        """Return the code of the operator that an object is of, which its id begins with."""
        prefix = item.id.rpartition("nl.imkl-")[2].partition(".")[0]
        return prefix if prefix and prefix != item.id else None


def gather(found: Found, progress: Progress) -> Delivery:
    """Read all documents; of an object that is in several, that of the newest delivery and version stays.

    Raises
    ------
    FormatError
        If a document is no XML, or has more objects than a delivery can.
    Cancelled
        If the user stops it.
    """
    read: list[tuple[tuple[datetime, str, int], Document, list[Item]]] = []
    result = Delivery(found)
    for index, document in enumerate(found.documents):
        progress.report(index / len(found.documents), "Reading {file}", file=document.label)
        items = list(_items(document, progress))
        label = document.label if document.label not in result.counts else "/".join(document.member.names)
        result.counts[label] = Counter(item.type for item in items)
        times = [item.row["delivered_at"] for item in items if item.row.get("delivered_at")]
        read.append(((max(times, default=_EARLY), document.version, index), document, items))
    read.sort(key=lambda entry: entry[0])
    for number, (_, document, items) in enumerate(read):
        for place, item in enumerate(items):
            key = item.id or f"{number}/{place}"
            if key in result.items:
                result.repeated += result.origin[key] is not document
                key = key if result.origin[key] is not document else f"{key}/{place}"
            result.items[key], result.origin[key] = item, document
    for item in result.items.values():
        wrong = [name for name, shape in item.shapes.items() if _in_degrees(shape)]
        result.degrees += len(wrong)
        for name in wrong:
            del item.shapes[name]
    return result


def _in_degrees(shape: Shape) -> bool:
    """Tell whether a geometry that says RD has longitude and latitude of the Netherlands: it would lie off the map."""
    x, y = shape.parts[0][0][0, :2]
    return (1 < x < 10 and 49 < y < 57 or 1 < y < 10 and 49 < x < 57) and is_rd(crs_of(shape.srs) or RD)


def _items(document: Document, progress: Progress) -> Iterator[Item]:
    with document.member.open() as raw:
        stream = cast("IO[bytes]", _Watched(raw, progress))
        count = 0
        for element in safe_xml.elements(stream, {*_HOLDERS, *TYPES}, document.label):
            holder = safe_xml.local(element.tag) in _HOLDERS
            for item in element if holder else (element,):
                if not isinstance(item.tag, str):
                    continue
                count += 1
                if count > _MOST:
                    raise FormatError(
                        "{file} has more than {limit} objects, which no delivery has.",
                        hint="Do not trust it.",
                        file=document.label,
                        limit=_MOST,
                    )
                yield item_of(item, document.label)


class _Watched:
    """A stream that asks at each piece whether the user wants to stop."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        self._stream, self._progress = stream, progress

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises Cancelled."""
        stop_if_asked(self._progress)
        return self._stream.read(size)


def request_of(delivery: Delivery) -> list[dict[str, object]]:
    """Return what is known of each delivery: its request, number, moment and whether it is complete."""
    asked = {item.id: item.row for item in delivery.of(ASKED)}
    rows = []
    for item in delivery.of(DELIVERY):
        about = asked.get(next(iter(item.refs("request_ref")), ""), {})
        number = item.id.rpartition("_")[2].partition("-")[0]
        about = about or next((row for row in asked.values() if row.get("request") == number), {})
        rows.append({
            "request": about.get("request") or number,
            "request_type": about.get("request_type"),
            "works": about.get("works"),
            "start": about.get("start"),
            "finish": about.get("finish"),
            "delivered": item.row.get("delivered"),
            "number": item.row.get("number"),
            "complete": item.row.get("complete"),
        })  # fmt: skip
    return rows
