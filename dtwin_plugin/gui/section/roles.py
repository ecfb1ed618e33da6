"""What each layer of a project is for a section, known by its columns and its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorLayer, QgsWkbTypes

from dtwin_plugin.translate import mark

Geometry = Qgis.GeometryType


class Role(NamedTuple):
    """An input of the section: its name, what people read, which layers may have it, and which are taken for it."""

    name: str
    title: str
    may: Callable[[QgsMapLayer], bool]
    is_likely: Callable[[QgsMapLayer], bool]


def _names(layer: QgsMapLayer) -> set[str]:
    return {name.lower() for name in layer.fields().names()} if isinstance(layer, QgsVectorLayer) else set()


def _is_vector(layer: QgsMapLayer, geometry: Qgis.GeometryType) -> bool:
    return isinstance(layer, QgsVectorLayer) and layer.geometryType() == geometry and not _is_section(layer)


def _is_section(layer: QgsMapLayer) -> bool:
    """Tell whether a layer is of a section itself."""
    return {"kind", "theme", "colour", "angle", "offset"} <= _names(layer)


def _polygons(layer: QgsMapLayer) -> bool:
    return _is_vector(layer, Geometry.Polygon)


def _lines(layer: QgsMapLayer) -> bool:
    return _is_vector(layer, Geometry.Line)


def _raster(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"


def _is_terrain(layer: QgsMapLayer) -> bool:
    return _raster(layer) and bool(layer.elevationProperties().isEnabled())


def _is_groundwater(layer: QgsMapLayer) -> bool:
    return _raster(layer) and any(word in layer.name().lower() for word in ("groundwater", "grondwater"))


def _is_voxels(layer: QgsMapLayer) -> bool:
    return _polygons(layer) and {"class", "class_name", "z_min", "z_max"} <= _names(layer)


def _is_sticks(layer: QgsMapLayer) -> bool:
    return _lines(layer) and {"site", "lithoclass"} <= _names(layer)


def _is_cables(layer: QgsMapLayer) -> bool:
    has_z = isinstance(layer, QgsVectorLayer) and QgsWkbTypes.hasZ(layer.wkbType())
    return _lines(layer) and has_z and {"theme", "diameter"} <= _names(layer)


def _is_bodies(layer: QgsMapLayer) -> bool:
    return _polygons(layer) and {"bottom", "top"} <= _names(layer) and "z_min" not in _names(layer)


def _is_buildings(layer: QgsMapLayer) -> bool:
    names = _names(layer)
    return _polygons(layer) and ({"surface", "lod"} <= names or {"b3_h_maaiveld", "b3_h_70p"} <= names)


ROLES = (
    Role("terrain", mark("Terrain"), _raster, _is_terrain),
    Role("voxels", mark("Voxels"), _polygons, _is_voxels),
    Role("sticks", mark("Boreholes and cone tests"), _lines, _is_sticks),
    Role("present_lines", mark("Cables and pipes"), _lines, _is_cables),
    Role("present_areas", mark("Other things in the ground"), _polygons, _is_bodies),
    Role("buildings", mark("Buildings"), _polygons, _is_buildings),
    Role("groundwater", mark("Groundwater level"), _raster, _is_groundwater),
)


def may_be(role: Role, layers: Iterable[QgsMapLayer]) -> list[QgsMapLayer]:
    """Return the layers that may have a role, the likely ones first."""
    found = [layer for layer in layers if layer.isValid() and role.may(layer)]
    return sorted(found, key=lambda layer: (not role.is_likely(layer), layer.name().lower()))


def likely(role: Role, layers: Iterable[QgsMapLayer]) -> QgsMapLayer | None:
    """Return the layer that is taken for a role, None where there is none."""
    found = may_be(role, layers)
    return found[0] if found and role.is_likely(found[0]) else None


def layers_of(project: QgsProject) -> list[QgsMapLayer]:
    """Return the layers of a project, in the order of its tree, so that the upper one is taken first."""
    shown = [node.layer() for node in project.layerTreeRoot().findLayers() if node.layer() is not None]
    names = {layer.id() for layer in shown}  # what was just added is not in the tree yet
    return [*shown, *(layer for name, layer in project.mapLayers().items() if name not in names)]
