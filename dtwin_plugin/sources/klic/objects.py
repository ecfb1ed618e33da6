"""One object of IMKL as plain values: only the properties that are known, so that no contact comes along."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dtwin_plugin.sources.gml import GEOMETRIES, Shape, shape_of
from dtwin_plugin.sources.safe_xml import child, local, text

from .names import OPERATOR, PROPERTIES
from .values import free_text, instant, value

_XLINK, _NIL = "{http://www.w3.org/1999/xlink}href", "{http://www.w3.org/2001/XMLSchema-instance}nil"
_GML_ID = "{http://www.opengis.net/gml/3.2}id"


@dataclass
class Item:
    """An object.

    Attributes
    ----------
    type : str
        Element name.
    id : str
        Its gml:id, empty if it has none.
    row : dict
        Column to value (see `names.PROPERTIES`); ids of others as a list.
    shapes : dict of str to Shape
        Geometries by the name of the property that they are in.
    """

    type: str
    id: str
    row: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    @property
    def shape(self) -> Shape | None:
        """The first geometry."""
        return next(iter(self.shapes.values()), None)

    def refs(self, name: str) -> list[str]:
        """Return the ids of the objects that a column refers to, in the order of the file."""
        return self.row.get(name) or []


def item_of(element: Any, file: str) -> Item:
    """Return the object that an element is.

    Raises
    ------
    FormatError
        If a geometry has no coordinates that are numbers.
    """
    item = Item(local(element.tag), element.get(_GML_ID) or _any_id(element))
    for part in element:
        name = _name(part.tag)
        known = PROPERTIES.get(name)
        if known is not None:
            _add(item, part, *known)
        elif len(part) and _name(part[0].tag) in GEOMETRIES:
            shape = shape_of(part[0], file)
            if shape is not None:
                item.shapes[name] = shape
    if item.type == OPERATOR:
        about = child(element, "organisatie")  # an operator that sends in its part gives its code only
        item.row["name"] = None if about is None else free_text(text(about, "Organisatie", "naam") or "")
    return item


def _add(item: Item, part: Any, column: str, kind: str) -> None:
    if kind == "refs":
        # inside a link there may be one with a direction, which refers in its turn
        found = [href.rpartition("#")[2] for node in part.iter() if (href := node.get(_XLINK))]
        item.row.setdefault(column, []).extend(found)
        return
    if len(part) or part.get(_NIL) in ("true", "1"):
        return
    written = part.get(_XLINK) if kind == "code" and part.get(_XLINK) else part.text
    if not written:
        return
    if kind == "time" and column == "delivered":
        item.row["delivered_at"] = instant(written)
    found = value(kind, written, part.get("uom"))
    if found is None:
        return
    if column not in item.row:
        item.row[column] = found
    elif kind == "code" and found not in str(item.row[column]).split(", "):
        item.row[column] = f"{item.row[column]}, {found}"


def _any_id(element: Any) -> str:
    """Return the id of an element of another version of GML."""
    return next((str(found) for name, found in element.attrib.items() if local(name) == "id"), "")


@lru_cache(maxsize=4096)
def _name(tag: Any) -> str:
    return local(tag)
