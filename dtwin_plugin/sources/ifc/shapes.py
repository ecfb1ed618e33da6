"""Shapes of elements as polygons in space, made one after the other by ifcopenshell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Progress

from ..stop import stop_if_asked
from .opening import library

if TYPE_CHECKING:
    from numpy.typing import NDArray


_EXACT, _QUICK = "opencascade", "hybrid-cgal-simple-opencascade"  # kernels of ifcopenshell
# What may stand between a surface and its element; faces of a solid are none of it.
_HOLDERS = ("IfcGeometric", "IfcRectangularTrimmed", "IfcCurveBounded", "IfcShape", "IfcProductDefinitionShape",
            "IfcRepresentationMap", "IfcMappedItem")  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """The faces of an element.

    Attributes
    ----------
    step : int
        Instance of the element.
    vertices : ndarray
        Shape (n, 3), in metres in the model.
    faces : sequence
        Per face its rings, the outer one first, each a sequence of vertex numbers; not closed.
    """

    step: int
    vertices: NDArray[np.float64]
    faces: Sequence[Sequence[Sequence[int]]]


def shapes(model: Any, elements: Sequence[Any], progress: Progress, merged: bool = True) -> Iterator[Shape]:
    """Yield the shape of each element that has one; faces in one plane are one polygon with its holes.

    With `merged=False` they are triangles, made by a kernel that never spends minutes on one element.
    An element whose faces cannot be merged is given in triangles as well.
    """
    made = set()
    for shape in _made(model, elements, progress, _EXACT, merged=True) if merged else ():
        made.add(shape.step)
        yield shape
    left = [element for element in elements if element.id() not in made]
    endless = _endless(model)
    yield from _made(model, [item for item in left if item.id() not in endless], progress, _QUICK, merged=False)
    yield from _made(model, [item for item in left if item.id() in endless], progress, _EXACT, merged=False)


def _endless(model: Any) -> set[int]:
    """Return the elements with a bare surface that a curve sweeps: with some curves the quick kernel never ends."""
    found: set[int] = set()
    todo, seen = list(model.by_type("IfcSweptSurface")), set()
    while todo:
        item = todo.pop()
        if item.id() in seen:
            continue
        seen.add(item.id())
        if item.is_a("IfcProduct"):
            found.add(item.id())
        else:
            around = model.get_inverse(item)
            todo += [other for other in around if other.is_a("IfcProduct") or other.is_a().startswith(_HOLDERS)]
    return found


def _made(model: Any, elements: Sequence[Any], progress: Progress, kernel: str, merged: bool) -> Iterator[Shape]:
    lib = library()
    if not elements:
        return
    wrapper = lib.ifcopenshell_wrapper
    settings = lib.geom.settings()
    settings.set("use-world-coords", True)
    if merged:
        settings.set("triangulation-type", wrapper.POLYHEDRON_WITH_HOLES)
    iterator = lib.geom.iterator(settings, model, 1, include=list(elements), geometry_library=kernel)
    if not iterator.initialize():
        return
    done = 0
    while True:
        stop_if_asked(progress)
        shape = iterator.get()
        geometry = shape.geometry
        vertices = np.frombuffer(geometry.verts_buffer, np.float64).reshape(-1, 3).copy()
        yield Shape(int(shape.id), vertices, geometry.polyhedral_faces_with_holes if merged else _triangles(geometry))
        done += 1
        progress.report(min(1.0, done / len(elements)), "element {count} of {total}", count=done, total=len(elements))
        if not iterator.next():
            return


def _triangles(geometry: Any) -> list[list[list[int]]]:
    """Return triangles as polygons of one ring."""
    corners = np.frombuffer(geometry.faces_buffer, np.int32).reshape(-1, 3)
    return [[triangle] for triangle in corners.tolist()]


def middle(model: Any, elements: Sequence[Any], progress: Progress, count: int = 5) -> NDArray[np.float64] | None:
    """Return the middle of the shapes of some elements [m], None if none has one."""
    some = elements[:: max(1, len(elements) // count)][:count]
    boxes = [
        shape.vertices for shape in shapes(model, some, progress, merged=False) if np.isfinite(shape.vertices).all()
    ]
    points = np.array([(item.min(axis=0) + item.max(axis=0)) / 2 for item in boxes if len(item)])
    return np.median(points, axis=0) if len(points) else None
