"""Polygons in space that bound objects: buildings, bridges, trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from . import columns as table
from .crs import RD_NAP
from .geometries import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .extent import Extent

UNKNOWN = "Unknown"  # the semantics of a surface that has none
SHELL = "shell"  # surface column that tells which surfaces bound a body together, where the source knows: `shell_name`


@dataclass(frozen=True)
class Surfaces:
    """Polygons in space with their semantics, each belonging to an object at a level of detail.

    Attributes
    ----------
    geometries : Geometries
        One feature a surface: a polygon with z [m NAP], possibly with holes.
    semantics : ndarray
        str per surface as CityJSON names it ("GroundSurface", "WallSurface", "RoofSurface", …, "Unknown").
    objects : ndarray
        int64 per surface: the row of its object.
    columns : dict of str to ndarray
        A value per object row. Always there: "id", "type", "lod" (text, "2.2"; "" unknown) and "parent" (id or None).
        An object that is read at several levels of detail has a row for each.
    surface_columns : dict of str to ndarray
        A value per surface, from semantic attributes ("b3_azimut"), and which shell it belongs to (`SHELL`).

    Examples
    --------
    >>> roof = Geometries.build("polygon", [[[[(0, 0, 3), (4, 0, 3), (4, 3, 3), (0, 3, 3), (0, 0, 3)]]]])
    >>> rows = {"id": ["a"], "type": ["Building"], "lod": ["1.2"], "parent": [None]}
    >>> house = Surfaces(roof, np.array(["RoofSurface"]), np.array([0]), table.from_rows([{"id": "a"}]) | rows)
    >>> len(house), house.object_count
    (1, 1)
    """

    geometries: Geometries
    semantics: NDArray[Any]
    objects: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    surface_columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    crs: str = RD_NAP
    name: str = ""

    def __post_init__(self) -> None:
        missing = {"id", "type", "lod", "parent"} - set(self.columns)
        if missing:
            raise InputError("Surfaces need the object columns {missing}.", missing=sorted(missing))
        for values in (self.semantics, self.objects, *self.surface_columns.values()):
            if len(values) != len(self.geometries):
                raise InputError("Surfaces need one semantics, object and value a surface.")
        if len(self.objects) and not 0 <= int(self.objects.min()) <= int(self.objects.max()) < self.object_count:
            raise InputError("A surface names an object row that does not exist.")

    def __len__(self) -> int:
        return len(self.geometries)

    @property
    def object_count(self) -> int:
        """Number of object rows."""
        return len(self.columns["id"])

    @property
    def extent(self) -> Extent | None:
        """The rectangle around all surfaces, None if there is no coordinate."""
        return self.geometries.extent(self.crs)

    def take(self, chosen: NDArray[np.int64]) -> Surfaces:
        """Return the chosen surfaces, in the order given; all object rows stay."""
        return replace(
            self,
            geometries=self.geometries.take(chosen),
            semantics=self.semantics[chosen],
            objects=self.objects[chosen],
            surface_columns={name: values[chosen] for name, values in self.surface_columns.items()},
        )

    def of_objects_with(self, marked: NDArray[np.bool_]) -> Surfaces:
        """Return the surfaces of all objects that have a marked one; the parts of a building go together."""
        names, parents = self.columns["id"], self.columns["parent"]
        families = np.array([str(name if parent is None else parent) for name, parent in zip(names, parents)], object)
        touched = set(families[np.unique(self.objects[marked])])
        rows = np.array([family in touched for family in families], bool)
        return self.take(np.flatnonzero(rows[self.objects]))

    @classmethod
    def concatenate(cls, pieces: Sequence[Surfaces]) -> Surfaces:
        """Join surfaces of one CRS."""
        starts = np.cumsum([0] + [piece.object_count for piece in pieces[:-1]])
        return cls(
            Geometries.concatenate([piece.geometries for piece in pieces]),
            np.concatenate([piece.semantics for piece in pieces]),
            np.concatenate([piece.objects + start for piece, start in zip(pieces, starts)]),
            table.concatenate([piece.columns for piece in pieces], [piece.object_count for piece in pieces]),
            table.concatenate([piece.surface_columns for piece in pieces], [len(piece) for piece in pieces]),
            {name: unit for piece in pieces for name, unit in piece.units.items()},
            pieces[0].crs,
            pieces[0].name,
        )


def shell_name(kind: str, geometry: int, solid: int, shell: int) -> str:
    """Return the name of a shell within its object row: what geometry it is part of, and of which solid in that.

    >>> shell_name("Solid", 0, 0, 1), parsed_shell("Solid 0 0 1"), parsed_shell(None)
    ('Solid 0 0 1', ('Solid', 0, 0, 1), ('', 0, 0, 0))
    """
    return f"{kind} {geometry} {solid} {shell}"


def parsed_shell(name: str | None) -> tuple[str, int, int, int]:
    """Return the kind of geometry, and the numbers of geometry, solid and shell; an empty kind where it is unknown."""
    parts = str(name).split(" ")
    if len(parts) != 4 or not all(part.isdigit() for part in parts[1:]):
        return "", 0, 0, 0
    return parts[0], int(parts[1]), int(parts[2]), int(parts[3])
