"""What is known of a register: which elements are its objects, and what their properties are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Callable, NamedTuple

from dtwin_plugin.sources.gml import GEOMETRIES
from dtwin_plugin.sources.safe_xml import local

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.]")
_CAPITALS = re.compile(r"([a-z]{2,}?)_?(bag|lv)_?(?=pnd|opr|vbo|num|oao)")
Row = dict[str, Any]


class Item(NamedTuple):
    """A row of one class with the GML element of its geometry, None if it has none.

    `extra` is what stands beside an object, such as a label: it is not counted as one.
    """

    klasse: str
    row: Row
    geometry: Any
    extra: bool = False


class Properties(NamedTuple):
    """What an object has: texts by name, geometry elements by the names of the properties that they are in."""

    row: Row
    geometries: list[tuple[str, Any]]


@dataclass(frozen=True)
class Profile:
    """A register.

    Attributes
    ----------
    name : str
        For people ("BAG 2.0").
    holders : tuple of str or None
        Local names of the elements that hold objects; None for the children of the root.
    bare : bool
        Whether the holders are the objects themselves.
    classes : mapping
        Element name to class name, where that is not the same in small letters.
    dropped : frozenset of str
        Properties that only hold others and add nothing to their names.
    rename : mapping
        Column name to a better one.
    geometries : tuple of str
        Properties of a geometry, the one that is shown first.
    flat : bool
        Whether heights are only zeros, and left out.
    numbers : frozenset of str
        Columns of numbers; all others are texts, as identifications have leading zeros.
    ends : tuple of str
        Columns with a moment after which an object is no longer valid.
    gone : mapping of str to frozenset
        Column to values in small letters that say that an object is no longer there.
    split : callable
        Turns an object into rows: `split(profile, element name, class, properties)`.
    """

    name: str
    holders: tuple[str, ...] | None = None
    bare: bool = False
    classes: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)
    geometries: tuple[str, ...] = ()
    flat: bool = True
    numbers: frozenset[str] = frozenset()
    ends: tuple[str, ...] = ()
    gone: Mapping[str, frozenset[str]] = field(default_factory=dict)
    split: Callable[[Profile, str, str, Any], Iterator[Item]] | None = None

    def class_of(self, element: str) -> str:
        """Return the name of the class of an element."""
        return self.classes.get(element, element.lower())

    def items(self, element: Any) -> Iterator[Item]:
        """Yield the rows of an object, that of the object itself first."""
        name = local(element.tag)
        if self.split is not None:
            yield from self.split(self, name, self.class_of(name), element)
        else:
            found = self.properties(element)
            yield Item(self.class_of(name), found.row, self.main(found.geometries))

    def main(self, geometries: list[tuple[str, Any]]) -> Any:
        """Return the geometry that is shown: of the properties known the first, else the first there is."""
        for name in self.geometries:
            for own, geometry in geometries:
                if own == name:
                    return geometry
        return geometries[0][1] if geometries else None

    def properties(self, element: Any, without: frozenset[str] = frozenset()) -> Properties:
        """Return the texts and the geometries within an object, but for some of its properties."""
        found = Properties({}, [])
        for child in element:
            if local(child.tag) not in without:
                self._gather(child, "", "", found)
        row = {self.rename.get(name, name): value for name, value in found.row.items()}
        return Properties({name: self._value(name, text) for name, text in row.items()}, found.geometries)

    def _gather(self, element: Any, path: str, prop: str, found: Properties) -> None:
        """Add what is within an element; a name is that of the properties on the way to it."""
        name = local(element.tag)
        is_type = name[:1].isupper()  # GML names a property and the type of its value in turn
        if not len(element):
            text = (element.text or "").strip() or _reference(element)
            if text and name:
                _add(found.row, path if is_type and path else path + "_" + snake(name) if path else snake(name), text)
        elif name in GEOMETRIES and _is_gml(element):
            found.geometries.append((prop, element))
        elif name not in ("boundedBy", "metaDataProperty"):
            if not is_type and name not in self.dropped:
                path = f"{path}_{snake(name)}" if path else snake(name)
            for child in element:
                self._gather(child, path, prop if is_type else name, found)

    def _value(self, name: str, text: str) -> Any:
        if name not in self.numbers:
            return text
        try:
            return int(text) if text.lstrip("-").isdigit() and len(text) < 19 else float(text)
        except ValueError:
            return None


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """Return a name as a column has it.

    >>> snake("relatieveHoogteligging"), snake("LV-publicatiedatum"), snake("identificatieBAGPND"), snake("lokaalID")
    ('relatieve_hoogteligging', 'lv_publicatiedatum', 'identificatie_bag_pnd', 'lokaal_id')
    """
    words = _WORDS.sub("_", name).lower()
    return _CAPITALS.sub(r"\1_\2_", words)


def _is_gml(element: Any) -> bool:
    namespace, mark, _ = element.tag.partition("}")
    return not mark or "opengis.net/gml" in namespace


def _reference(element: Any) -> str | None:
    """Return what an empty element refers to."""
    for name, value in element.attrib.items():
        if local(name) == "href":
            return str(value).lstrip("#")
    return None


def _add(row: Row, name: str, text: str) -> None:
    """Add a text to a row; several of one name stand behind each other."""
    if name not in row:
        row[name] = text
    elif text not in row[name].split(", "):
        row[name] = f"{row[name]}, {text}"
