"""One CityJSON document, of which the city objects are parsed one at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable

from dtwin_plugin.errors import FormatError

from .batch import MAX_OBJECTS, MAX_TEXT, Batch, Family
from .families import Families, Objects
from .header import Header, header_of
from .objects import checked
from .text import Scanner
from .vertices import parse_vertices

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LATE = ("type", "version", "transform", "metadata", "geometry-templates", "appearance", "extensions")
_TRIES = 50  # names that are tried as members of the document; they also occur within city objects


class Document:
    """A document in memory as bytes.

    Its members may come in any order, and in most files the vertices come last. They are looked up from the end, so
    that the city objects, most of the file, are parsed once and need not be kept.
    """

    def __init__(self, data: bytes, file: str, look: Callable[[], None]) -> None:
        self._data, self._file, self._look = data, file, look
        self._start = 3 if data.startswith(codecs.BOM_UTF8) else 0
        self._members: dict[str, Any] = {}
        self._known: dict[int, int] = {}  # where a late member's name begins: where its value ends
        self._vertices: NDArray[np.float64] | None = None
        self._objects: int | None = None  # the byte where the city objects begin
        self._passed = False  # whether it was read to its end to find them
        self._find()
        self.header: Header = header_of(self._members, file)
        for name, value in (("CityObjects", self._objects), ("vertices", self._vertices)):
            if value is None:
                raise FormatError("{file} has no member {name}.", file=file, name=f'"{name}"')
        self.vertices = self.header.real(self._vertices)  # type: ignore[arg-type]

    def batches(self) -> Iterator[Batch]:
        """Yield the city objects in batches, each family whole."""
        families: list[Objects] = []
        size = text = 0
        for objects, length in self._entries():
            families.append(objects)
            size, text = size + len(objects), text + length
            if size >= MAX_OBJECTS or text >= MAX_TEXT:
                del objects
                yield self._batch(families)
                size = text = 0
        yield self._batch(families)

    def _batch(self, families: list[Objects]) -> Batch:
        """Return a batch and empty the list, so that the objects are freed as soon as who asked is done with them."""
        batch = [Family(objects, 0, len(self.vertices)) for objects in families]
        families.clear()
        return Batch(batch, self.vertices, self._scanner.base / len(self._data))

    def _entries(self) -> Iterator[tuple[Objects, int]]:
        """Yield families of checked city objects and the characters read for them."""
        scanner = self._scanner = Scanner(self._data, self._file, self._objects or 0)
        waiting = Families()
        length = 0
        for name, item, text in _objects(scanner, self._file):
            length += len(text)
            for family in waiting.add(name, item, text):
                yield family, length
                length = 0
        for family in waiting.rest():
            yield family, 0
        if not self._passed:
            self._check_rest(scanner)

    def _check_rest(self, scanner: Scanner) -> None:
        """Check that what follows the city objects is what was found from the end."""
        scanner.where = "the members after the city objects"
        if scanner.peek() == "}":
            scanner.at += 1
        else:
            scanner.take(",")
            scanner.peek()
            name_at = scanner.byte
            for name in scanner.members_within():
                if name_at in self._known:
                    scanner.jump(self._known[name_at])
                elif name in _LATE or name == "vertices":
                    raise FormatError(
                        "{file} has the member {name} twice, or where it cannot be found beforehand.",
                        hint='Put it before "CityObjects".',
                        file=self._file,
                        name=f'"{name}"',
                    )
                else:
                    scanner.value()
                name_at = _next_name(scanner)
        self._check_end(scanner)

    def _check_end(self, scanner: Scanner) -> None:
        if scanner.peek():
            raise FormatError("{file} has text after the end of the JSON.", file=self._file)

    def _find(self) -> None:
        """Find all members but the city objects, of which only the place is kept."""
        scanner = Scanner(self._data, self._file, self._start)
        if scanner.peek() != "{":
            raise FormatError("{file} is no CityJSON: expected a JSON object.", file=self._file)
        for name in scanner.members():
            scanner.where = f'"{name}"'
            if name == "CityObjects":
                scanner.peek()
                self._objects = scanner.byte
                if self._find_late(self._objects):
                    return
                for number, _ in enumerate(_objects(scanner, self._file)):
                    if number % 500 == 0:
                        self._look()
            elif name == "vertices":
                self._take_vertices(scanner)
            else:
                self._members[name] = scanner.value()
        self._check_end(scanner)
        self._passed = True

    def _find_late(self, low: int) -> bool:
        """Find the members after the city objects from the end; tell whether all that is needed is found."""
        end = None
        if self._vertices is None:
            end = self._find_member("vertices", low, None)
            if end is None:
                return False
        again = True
        while again:
            missing = [name for name in _LATE if name not in self._members]
            places = (self._find_member(name, low, end) for name in missing)
            place = next((place for place in places if place is not None), None)
            again = place is not None
            end = place if again else end
        # a member of another name may hide one of these; then the city objects are passed over first
        needed = ("type", "version") if self._members.get("version") == "1.0" else ("type", "version", "transform")
        return all(name in self._members for name in needed)

    def _find_member(self, name: str, low: int, end: int | None) -> int | None:
        """Take the members from the last one of a name on, before byte `end`, and return where it is."""
        place = len(self._data) if end is None else end
        for _ in range(_TRIES):
            place = self._data.rfind(f'"{name}"'.encode(), low, place)
            if place < 0:
                return None
            if self._members_from(place, end):
                return place
        return None

    def _members_from(self, place: int, end: int | None) -> bool:
        """Take the members from byte `place` up to the one whose name is at `end` (None: to the end of the document).

        They are members of the document itself if, and only if, they end there: within a city object more than one
        bracket would close after them.
        """
        scanner = Scanner(self._data, self._file, place)
        before, known = self._vertices, {}
        members: dict[str, Any] = {}
        name_at = place
        try:
            for name in scanner.members_within():
                if name == "vertices":
                    self._take_vertices(scanner)
                elif name == "CityObjects":
                    return False
                else:
                    members[name] = scanner.value()
                known[name_at] = scanner.byte
                name_at = _next_name(scanner)
                if name_at == end:
                    break
            right = name_at == end if end is not None else not scanner.peek()
        except FormatError:
            right = False
        if not right:
            self._vertices = before
            return False
        self._known.update(known)
        self._members = {**members, **self._members}
        return True

    def _take_vertices(self, scanner: Scanner) -> None:
        scanner.peek()
        self._vertices, end = parse_vertices(self._data, scanner.byte, self._file, self._look)
        scanner.jump(end)


def _next_name(scanner: Scanner) -> int:
    """Return where the name after the next comma begins; the position stays before the comma."""
    if scanner.peek() != ",":
        return -1
    comma = scanner.place
    scanner.at += 1
    scanner.peek()
    name_at = scanner.byte
    scanner.go_back(comma)
    return name_at


def _objects(scanner: Scanner, file: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the id, the checked object and its JSON text."""
    scanner.where = '"CityObjects"'
    if scanner.peek() != "{":
        scanner.value()
        if scanner.peek() != "}":
            scanner.take(",")  # says so if it is no JSON at all
        raise FormatError('{file}: "CityObjects" is no object.', file=file)
    for name in scanner.members():
        scanner.where = f"city object {name}"
        item, start = scanner.value_and_text()
        yield name, checked(name, item, file), scanner.text[start : scanner.at]
        scanner.where = f"the city objects after {name}"
