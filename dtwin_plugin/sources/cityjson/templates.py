"""Geometry templates: a tree that stands in a thousand places is stored once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

from .collect import Collector, Flat
from .header import Header, is_numbers
from .objects import DEPTHS, lod_of, wrong
from .pieces import Piece
from .vertices import checked_array

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Templates:
    """The templates of a file, flattened when an object first uses them."""

    def __init__(self, header: Header) -> None:
        self._file, self._members = header.file, header.templates
        self._vertices: NDArray[np.float64] | None = None
        self._flat: dict[int, tuple[Flat, NDArray[np.float64]]] = {}

    def template(self, geometry: dict[str, Any], identifier: str) -> tuple[int, dict[str, Any]]:
        """Return the number and the geometry of the template that an instance uses; raises FormatError without one."""
        number, templates = geometry.get("template"), self._members.get("templates")
        count = len(templates) if isinstance(templates, list) else 0
        if type(number) is not int or not 0 <= number < count:
            expected = f"a number below {count}, the templates there are"
            raise wrong(self._file, identifier, '"template" of a GeometryInstance', expected, number)
        template = templates[number]  # type: ignore[index]
        if (
            not isinstance(template, dict)
            or template.get("type") not in DEPTHS
            or not isinstance(template.get("boundaries"), list)
        ):
            message = "{file}: geometry template {number} is no geometry with surfaces; expected one of {kinds}."
            raise FormatError(message, file=self._file, number=number, kinds=", ".join(DEPTHS))
        return number, template

    def lod(self, geometry: dict[str, Any], identifier: str) -> str:
        """Return the level of detail of a geometry; of an instance, that of its template."""
        if geometry["type"] == "GeometryInstance":
            geometry = self.template(geometry, identifier)[1]
        return lod_of(geometry, identifier, self._file)

    def flat(self, number: int, template: dict[str, Any]) -> tuple[Flat, NDArray[np.float64]]:
        """Return the surfaces of a template and their coordinates, shape (n, 3)."""
        if number not in self._flat:
            if self._vertices is None:
                rows = self._members.get("vertices-templates")
                self._vertices = checked_array(rows, self._file, '"vertices-templates"')
            name = f"geometry template {number}"
            collector = Collector(self._file)
            collector.add(name, template)
            flat = collector.finish()
            count = len(self._vertices)
            if len(flat.indices) and not 0 <= int(flat.indices.min()) <= int(flat.indices.max()) < count:
                expected = f"numbers below {count}, the template vertices there are"
                raise wrong(self._file, name, "a vertex", expected, int(flat.indices.max()))
            self._flat[number] = flat, self._vertices[flat.indices]
        return self._flat[number]

    def placement(self, geometry: dict[str, Any], identifier: str, vertices: int) -> tuple[list[float], int]:
        """Return the checked matrix [16, by rows] of an instance and the vertex that it stands at."""
        matrix, boundaries = geometry.get("transformationMatrix"), geometry["boundaries"]
        if not is_numbers(matrix, 16):
            what = '"transformationMatrix" of a GeometryInstance'
            raise wrong(self._file, identifier, what, "16 numbers", matrix)
        if len(boundaries) != 1 or type(boundaries[0]) is not int or not 0 <= boundaries[0] < vertices:
            expected = f"one vertex number below {vertices}"
            raise wrong(self._file, identifier, '"boundaries" of a GeometryInstance', expected, boundaries)
        return matrix, boundaries[0]  # type: ignore[return-value]


def instances(
    template: tuple[Flat, NDArray[np.float64]],
    matrices: NDArray[np.float64],
    places: NDArray[np.float64],
    rows: NDArray[np.int64],
    table_start: int,
) -> Piece:
    """Return the surfaces of a template at k places.

    Parameters
    ----------
    template : tuple
        Surfaces and coordinates.
    matrices : ndarray
        Shape (k, 4, 4), from the template's coordinates to those around the place (CityJSON 2.0, 3.4).
    places : ndarray
        Shape (k, 3), coordinates that are added.
    """
    flat, xyz = template
    count = len(matrices)
    homogeneous = np.column_stack([xyz, np.ones(len(xyz))])
    placed = np.einsum("kij,nj->kni", matrices, homogeneous)
    weight = placed[..., 3:]
    coordinates = placed[..., :3] / np.where(weight == 0, 1.0, weight) + places[:, None, :]
    semantics = np.where(flat.semantics < 0, -1, flat.semantics + table_start)
    return Piece(
        coordinates.reshape(-1, 3),
        np.tile(flat.rings, count),
        np.tile(flat.surfaces, count),
        np.tile(flat.geometries, count),
        rows,
        np.tile(semantics, count),
        np.tile(flat.shells, count),
    )
