"""Which objects and levels of detail are wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Callable

from .families import Objects
from .objects import relations

Geometries = list[tuple[str, dict[str, Any]]]  # level of detail and geometry
LodOf = Callable[[dict[str, Any], str], str]


@dataclass(frozen=True)
class Selection:
    """What is wanted of each family.

    Attributes
    ----------
    lod : str or None
        A level of detail ("2.2"), "highest", or None for all. The highest is that of each object; a flat outline
        (LoD 0) is left out where another object of the family has more.
    types : collection of str or None
        Types of objects, or of the objects that they are part of; None for all.
    """

    lod: str | None = None
    types: Collection[str] | None = None

    def of(self, objects: Objects, lod_of: LodOf) -> list[tuple[str, dict[str, Any], Geometries]]:
        """Return the wanted objects of a family and their wanted geometries."""
        chosen = []
        for identifier, item in objects.items():
            if self.types is not None and not self._wanted(identifier, item, objects):
                continue
            geometries = [(lod_of(geometry, identifier), geometry) for geometry in item.get("geometry") or ()]
            if self.lod is not None:
                geometries = self._at_lod(geometries)
            if geometries:
                chosen.append((identifier, item, geometries))
        if self.lod == "highest" and len(chosen) > 1:
            solid = [entry for entry in chosen if _rank(entry[2][0][0]) >= 1]
            return solid or chosen
        return chosen

    def _wanted(self, identifier: str, item: dict[str, Any], objects: Objects) -> bool:
        types = self.types or ()
        if item["type"] in types:
            return True
        seen = {identifier}
        parents = relations(item)[0]
        while parents and parents[0] in objects and parents[0] not in seen:
            seen.add(parents[0])
            item = objects[parents[0]]
            if item["type"] in types and item["type"] != "CityObjectGroup":
                return True
            parents = relations(item)[0]
        return False

    def _at_lod(self, geometries: Geometries) -> Geometries:
        if self.lod != "highest":
            return [entry for entry in geometries if entry[0] == self.lod]
        highest = max((lod for lod, _ in geometries), key=_rank, default="")
        return [entry for entry in geometries if entry[0] == highest]


def _rank(lod: str) -> float:
    """Return a number that orders levels of detail; one that is no number comes first."""
    try:
        return float(lod)
    except ValueError:
        return -1.0
