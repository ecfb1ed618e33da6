"""A batch of families to a carrier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Geometries, Surfaces
from dtwin_plugin.data.columns import flatten, from_rows
from dtwin_plugin.data.surfaces import SHELL, UNKNOWN

from .attributes import with_parents
from .batch import Batch, Family
from .collect import Collector, shell_names
from .families import Objects
from .header import Header, header_of
from .objects import NO_SURFACES, checked, relations, wrong
from .pieces import Piece, coordinate_spans, joined, touching
from .rings import polygons
from .selection import Selection
from .templates import Templates, instances
from .vertices import checked_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROW_TYPES = {"id": object, "type": object, "lod": object, "parent": object}


@dataclass
class _Rows:
    """The object rows of a batch and the geometries that belong to them."""

    id: list[str] = field(default_factory=list)
    type: list[str] = field(default_factory=list)
    lod: list[str] = field(default_factory=list)
    parent: list[str | None] = field(default_factory=list)
    objects: list[Objects] = field(default_factory=list)  # its family
    family: list[int] = field(default_factory=list)
    geometry_rows: list[int] = field(default_factory=list)
    limits: list[tuple[int, int]] = field(default_factory=list)  # first vertex and number of vertices, a geometry
    # by template: template, matrix, vertex and row of each instance
    instances: dict[int, list[tuple[dict[str, Any], list[float], int, int]]] = field(default_factory=dict)


class Builder:
    """Makes a carrier of each batch.

    Parameters
    ----------
    place : callable
        Coordinates (n, 3) of the file to RD New and m NAP.

    Attributes
    ----------
    counts : Counter
        What was left out: "rings", and geometries by type.
    """

    def __init__(
        self,
        header: Header,
        selection: Selection,
        place: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        extent: Extent | None = None,
        name: str = "",
    ) -> None:
        self._file, self._selection, self._place = header.file, selection, place
        self._extent, self._name = extent, name
        self._templates = Templates(header)
        self.counts: Counter[str] = Counter()

    def build(self, batch: Batch) -> Surfaces | None:
        """Return the surfaces that are wanted, None if there are none.

        Raises
        ------
        FormatError
            If boundaries, semantics or templates are not what they should be; it names the object.
        """
        rows, collector = _Rows(), Collector(self._file)
        for number, family in enumerate(batch.families):
            self._add(number, family, rows, collector)
        pieces = [self._own(rows, collector, batch.vertices)]
        for number, entries in rows.instances.items():
            pieces.append(self._instances(number, entries, collector.table, batch.vertices))
        piece = joined(pieces)
        if not len(piece.xyz):
            return None
        xyz = self._place(piece.xyz)
        piece = replace(piece, xyz=xyz)
        if self._extent is not None:
            family_of = np.array(rows.family, np.int64)[piece.rows]
            touched = touching(piece, family_of, len(batch.families), self._extent.bounds)
            piece = piece.take(touched[family_of])
        shapes, chosen, dropped = polygons(piece.xyz, piece.rings, piece.surfaces)
        self.counts["rings"] += dropped
        if not len(shapes):
            return None
        return self._surfaces(shapes, piece, chosen, rows, collector.table)

    def _add(self, number: int, family: Family, rows: _Rows, collector: Collector) -> None:
        """Add the wanted objects and geometries of a family."""
        for identifier, item, geometries in self._selection.of(family.objects, self._templates.lod):
            row_of: dict[str, int] = {}
            number_of: Counter[str] = Counter()
            for lod, geometry in geometries:
                if geometry["type"] in NO_SURFACES:
                    self.counts[geometry["type"]] += 1
                    continue
                if lod not in row_of:
                    row_of[lod] = len(rows.id)
                    _add_row(rows, identifier, item, lod, number, family.objects)
                if geometry["type"] == "GeometryInstance":
                    template_number, template = self._templates.template(geometry, identifier)
                    matrix, vertex = self._templates.placement(geometry, identifier, family.count)
                    entry = (template, matrix, family.start + vertex, row_of[lod])
                    rows.instances.setdefault(template_number, []).append(entry)
                else:
                    collector.add(identifier, geometry, number_of[lod])
                    number_of[lod] += 1
                    rows.geometry_rows.append(row_of[lod])
                    rows.limits.append((family.start, family.count))

    def _own(self, rows: _Rows, collector: Collector, vertices: NDArray[np.float64]) -> Piece:
        """Return the geometries that are no instances, their vertex numbers checked."""
        flat = collector.finish()
        spans = coordinate_spans(flat.rings, flat.surfaces, flat.geometries)
        limits = np.array(rows.limits, np.int64).reshape(-1, 2)
        start, count = (np.repeat(limits[:, side], np.diff(spans)) for side in (0, 1))
        bad = (flat.indices < 0) | (flat.indices >= count)
        if bad.any():
            first = int(np.argmax(bad))
            geometry = int(np.searchsorted(spans, first, side="right")) - 1
            expected = f"a number below {count[first]}, the vertices there are"
            raise wrong(
                self._file, collector.source(geometry), 'a vertex in "boundaries"', expected, int(flat.indices[first])
            )
        xyz = vertices[flat.indices + start]
        geometry_rows = np.array(rows.geometry_rows, np.int64)
        return Piece(xyz, flat.rings, flat.surfaces, flat.geometries, geometry_rows, flat.semantics, flat.shells)

    def _instances(
        self, number: int, entries: list[Any], table: list[dict[str, Any]], vertices: NDArray[np.float64]
    ) -> Piece:
        templates, matrices, places, rows = zip(*entries)
        template = self._templates.flat(number, templates[0])
        start = len(table)
        table.extend(template[0].table)
        matrix = np.array(matrices, np.float64).reshape(-1, 4, 4)
        return instances(template, matrix, vertices[list(places)], np.array(rows, np.int64), start)

    def _surfaces(
        self,
        shapes: Geometries,
        piece: Piece,
        chosen: NDArray[np.int64],
        rows: _Rows,
        table: list[dict[str, Any]],
    ) -> Surfaces:
        """Return the carrier of the chosen surfaces, with the object rows that they have."""
        used, objects = np.unique(np.repeat(piece.rows, piece.geometries)[chosen], return_inverse=True)
        kept = used.tolist()
        known: dict[tuple[int, str], dict[str, Any]] = {}
        attributes = from_rows([with_parents(rows.id[row], rows.objects[row], known) for row in kept])
        columns = {name: _texts([getattr(rows, name)[row] for row in kept]) for name in _ROW_TYPES}
        semantics = piece.semantics[chosen]
        names = _texts([item["type"] for item in table] + [UNKNOWN])
        return Surfaces(
            shapes,
            names[semantics],
            objects.reshape(-1).astype(np.int64),
            {**columns, **attributes},
            {**_surface_columns(table, semantics), SHELL: shell_names(piece.shells[chosen])},
            name=self._name,
        )


def surfaces_of(
    objects: dict[str, Any],
    vertices: list[Any],
    transform: dict[str, Any] | None,
    *,
    lod: str | None = None,
    types: Collection[str] | None = None,
    file: str = "The answer",
) -> Surfaces:
    """Return the surfaces of parsed city objects in RD New and NAP, one family; without surfaces an empty carrier.

    As `surfaces_of_features` with one feature.
    """
    feature = {"CityObjects": objects, "vertices": vertices}
    return surfaces_of_features([feature], transform, lod=lod, types=types, file=file)


def surfaces_of_features(
    features: Sequence[dict[str, Any]],
    transform: dict[str, Any] | None,
    *,
    lod: str | None = None,
    types: Collection[str] | None = None,
    file: str = "The answer",
) -> Surfaces:
    """Return the surfaces of parsed CityJSONFeatures in RD New and NAP; without surfaces an empty carrier.

    Parameters
    ----------
    features
        Each with its "CityObjects" and "vertices".
    transform
        Of the CityJSON object that goes before them.
    lod, types
        As of `CityJsonSource`.
    file
        What errors call the origin.

    Raises
    ------
    FormatError
        If something is not as CityJSON has it; it names the object.
    """
    header = header_of({"type": "CityJSON", "version": "2.0", "transform": transform}, file)
    families, pieces, start = [], [np.empty((0, 3))], 0
    for feature in features:
        objects = feature.get("CityObjects", {})
        pieces.append(checked_array(feature.get("vertices", []), file, '"vertices"'))
        family = {name: checked(name, item, file) for name, item in objects.items()}
        families.append(Family(family, start, len(pieces[-1])))
        start += len(pieces[-1])
    batch = Batch(families, header.real(np.concatenate(pieces)), 1.0)
    found = Builder(header, Selection(lod, types), lambda xyz: xyz).build(batch)
    return empty() if found is None else found


def empty() -> Surfaces:
    """Return a carrier without surfaces."""
    none, zero = np.empty(0, np.int64), np.zeros(1, np.int64)
    shapes = Geometries("polygon", np.empty((0, 3)), zero, zero, zero)
    return Surfaces(shapes, np.empty(0, object), none, {name: np.empty(0, object) for name in _ROW_TYPES})


def _add_row(rows: _Rows, identifier: str, item: dict[str, Any], lod: str, family: int, objects: Objects) -> None:
    parents = relations(item)[0]
    rows.id.append(identifier)
    rows.type.append(item["type"])
    rows.lod.append(lod)
    rows.parent.append(parents[0] if parents else None)
    rows.objects.append(objects)
    rows.family.append(family)


def _surface_columns(table: list[dict[str, Any]], semantics: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return the attributes of semantic surfaces, a value a surface."""
    if all(len(item) == 1 for item in table):
        return {}
    used, inverse = np.unique(semantics, return_inverse=True)
    rows = [
        {} if row < 0 else {name: v for name, v in table[row].items() if name not in ("type", "parent", "children")}
        for row in used.tolist()
    ]
    return {name: values[inverse.reshape(-1)] for name, values in from_rows([flatten(row) for row in rows]).items()}


def _texts(values: list[Any]) -> NDArray[Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result
