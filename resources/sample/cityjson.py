"""CityJSON 2.0 in the conventions of the 3DBAG, as one object and as a sequence of features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from . import EXTENT, X_ORIGIN, Y_ORIGIN
from .buildings import Building
from .solids import GROUND, ROOF, WALL, Face, slope_and_azimuth

SCALE = 0.001
TRANSFORM = {"scale": [SCALE] * 3, "translate": [X_ORIGIN, Y_ORIGIN, 0.0]}
REFERENCE = "https://www.opengis.net/def/crs/EPSG/0/7415"


class Vertices:
    """Vertices in whole millimetres, each kept once."""

    def __init__(self) -> None:
        self.index: dict[tuple[int, int, int], int] = {}

    def of(self, ring: Sequence[Sequence[float]]) -> list[int]:
        """Return the numbers of the vertices of a ring, repeats left out."""
        keys = [tuple(round(c / SCALE) for c in point) for point in ring]
        numbers = [self.index.setdefault(key, len(self.index)) for key in keys]
        return [n for i, n in enumerate(numbers) if n != numbers[i - 1]]

    def listed(self) -> list[list[int]]:
        """Return the vertices in the order of their numbers."""
        return [list(key) for key in self.index]


def _solid(faces: list[Face], lod: str, vertices: Vertices) -> dict:
    surfaces: list[dict] = [{"type": GROUND}, {"type": WALL, "on_footprint_edge": True}]
    number, values, boundaries = {GROUND: 0, WALL: 1}, [], []
    for kind, rings in faces:
        boundaries.append([vertices.of(ring) for ring in rings])
        if kind != ROOF:
            values.append(number[kind])
            continue
        slope, azimuth = slope_and_azimuth(rings[0])
        heights = [p[2] for p in rings[0]]
        surfaces.append(
            {
                "type": ROOF,
                "b3_h_min": round(min(heights), 3),
                "b3_h_max": round(max(heights), 3),
                "b3_hellingshoek": round(slope, 1),
                "b3_azimut": None if azimuth is None else round(azimuth, 1),
            }
        )
        values.append(len(surfaces) - 1)
    return {
        "type": "Solid",
        "lod": lod,
        "boundaries": [boundaries],
        "semantics": {"surfaces": surfaces, "values": [values]},
    }


def _objects(building: Building, vertices: Vertices) -> dict[str, dict]:
    """Return the Building with its footprint and its BuildingParts with their solids."""
    floor = [(x, y, building.base) for x, y in building.house.outline]
    children = [f"{building.identity}-{i}" for i in range(len(building.parts))]
    objects: dict[str, dict] = {
        building.identity: {
            "type": "Building",
            "attributes": building.attributes,
            "geometry": [{"type": "MultiSurface", "lod": "0", "boundaries": [[vertices.of(floor)]]}],
            "children": children,
        }
    }
    for child, levels in zip(children, building.parts):
        geometry = [_solid(faces, lod, vertices) for lod, faces in levels.items()]
        objects[child] = {
            "type": "BuildingPart",
            "attributes": {},
            "geometry": geometry,
            "parents": [building.identity],
        }
    return objects


def _extent(vertices: list[list[int]]) -> list[float]:
    v = np.asarray(vertices)
    shift = np.array(TRANSFORM["translate"])
    return [round(float(c), 3) for c in np.concatenate([v.min(axis=0) * SCALE + shift, v.max(axis=0) * SCALE + shift])]


def _head(extent: list[float]) -> dict:
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": TRANSFORM,
        "metadata": {
            "title": "Waterdam (fictional)",
            "referenceSystem": REFERENCE,
            "geographicalExtent": extent,
            "referenceDate": "2025-09-03",
        },
        "CityObjects": {},
        "vertices": [],
    }


def write_cityjson(buildings: list[Building], path: Path) -> None:
    """Write all buildings as one CityJSON object."""
    vertices, objects = Vertices(), {}
    for building in buildings:
        objects.update(_objects(building, vertices))
    listed = vertices.listed()
    model = _head(_extent(listed))
    model["CityObjects"], model["vertices"] = objects, listed
    path.write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")


def write_sequence(buildings: list[Building], path: Path) -> None:
    """Write all buildings as CityJSONSeq: a first line for all, then one feature a building."""
    top = max(p[2] for b in buildings for part in b.parts for _, rings in part["2.2"] for p in rings[0])
    low = min(b.base for b in buildings)
    head = _head([EXTENT[0], EXTENT[1], round(low, 3), EXTENT[2], EXTENT[3], round(top, 3)])
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(head, separators=(",", ":")) + "\n")
        for building in buildings:
            vertices = Vertices()
            objects = _objects(building, vertices)
            feature = {
                "type": "CityJSONFeature",
                "id": building.identity,
                "CityObjects": objects,
                "vertices": vertices.listed(),
            }
            stream.write(json.dumps(feature, separators=(",", ":")) + "\n")
