"""City objects that belong together: a building and its parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .objects import relations

Objects = dict[str, dict[str, Any]]

_KEPT = 500  # city objects that may wait as Python objects; more wait as JSON text, which takes a tenth


@dataclass
class _Waiting:
    """Objects that are related, and the ids that they name but that did not come yet."""

    objects: dict[str, dict[str, Any] | str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)


class Families:
    """Takes city objects in any order and gives whole families: what is linked by "parents" and "children".

    A document may have all parts first and all buildings last. A CityObjectGroup makes no family of its members.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, list[_Waiting]] = {}  # by the id that is missing
        self._groups: set[str] = set()
        self._count = 0

    def add(self, identifier: str, item: dict[str, Any], text: str | None) -> Iterator[Objects]:
        """Take an object, yield the families that it completes; `text` is its JSON, None to keep the object itself."""
        parents, children = relations(item)
        if item.get("type") == "CityObjectGroup":
            self._groups.add(identifier)
            yield {identifier: item}
            for waiting in self._wanted.pop(identifier, ()):
                waiting.missing.discard(identifier)
                yield from self._complete(waiting)
            return
        callers = self._wanted.pop(identifier, [])
        if not callers and not parents and not children:
            yield {identifier: item}
            return
        own = self._joined(callers)
        own.objects[identifier] = item if text is None or self._count < _KEPT else text
        own.missing.discard(identifier)
        self._count += 1
        for other in (*parents, *children):
            if other not in own.objects and other not in self._groups:
                own.missing.add(other)
                callers = self._wanted.setdefault(other, [])
                if not any(caller is own for caller in callers):
                    callers.append(own)
        yield from self._complete(own)

    def rest(self) -> Iterator[Objects]:
        """Yield the families of which members never came."""
        done: set[int] = set()
        for callers in self._wanted.values():
            for waiting in callers:
                if id(waiting) not in done:
                    done.add(id(waiting))
                    yield _parsed(waiting)

    def _joined(self, pieces: list[_Waiting]) -> _Waiting:
        """Return one piece with the objects of all, in place of them."""
        if not pieces:
            return _Waiting()
        first = max(pieces, key=lambda piece: len(piece.objects))
        for piece in pieces:
            if piece is first:
                continue
            first.objects.update(piece.objects)
            first.missing |= piece.missing
            for other in piece.missing:
                callers = [caller for caller in self._wanted.get(other, ()) if caller is not piece]
                if callers or other in self._wanted:
                    self._wanted[other] = callers if any(c is first for c in callers) else [*callers, first]
        return first

    def _complete(self, waiting: _Waiting) -> Iterator[Objects]:
        if not waiting.missing:
            self._count -= len(waiting.objects)
            yield _parsed(waiting)


def _parsed(waiting: _Waiting) -> Objects:
    return {name: json.loads(item) if isinstance(item, str) else item for name, item in waiting.objects.items()}
