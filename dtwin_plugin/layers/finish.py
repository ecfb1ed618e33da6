"""What a result file carries beside its numbers: style, time axis and provenance, for any QGIS that opens it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
from qgis.core import (
    Qgis,
    QgsAbstractMetadataBase,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsDatumTransform,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLayerMetadata,
    QgsLayerTreeLayer,
    QgsLayerTreeNode,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsSingleSymbolRenderer,
    QgsTiledSceneLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime, QTimer
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import FormatError
from dtwin_plugin.paths import version
from dtwin_plugin.twin import RunRecord
from dtwin_plugin.twin.prov import prov_text

from .privacy import mark_layer
from .styles import RANKS, STYLES
from .styles3d import has_heights
from .tiling3d import alike
from .voxel_bodies import bodies_beside

_LATER = 500  # ms: the map takes the system of the first layer some time after it was added
_PLAIN = QColor("#7f8c9b")  # of what has no style of its own
_OF_TILES = ("EPSG:4978", "EPSG:4979")
_SHARED = 0.5  # of the area of blocks of buildings that roofs must cover to stand for them
STYLE_NAME = 30  # characters that a GeoPackage keeps of the name of a style
_STYLE = "dtwin/style"  # custom property of a layer, saved with its style: the name of that


def finish_raster(path: Path, name: str, style: str, record: RunRecord, times: np.ndarray | None = None) -> None:
    """Store style, time axis and metadata beside a raster (`.qml`, `.qmd`), which QGIS loads with it."""
    layer = QgsRasterLayer(str(path), name)
    _expect(layer, path)
    style = style if style in STYLES else "values"
    STYLES[style](layer)
    layer.setCustomProperty(_STYLE, style)
    if times is not None:
        set_times(layer, times)
    set_metadata(layer, name, record)
    layer.saveNamedStyle(str(path.with_suffix(".qml")))
    layer.saveNamedMetadata(str(path.with_suffix(".qmd")))


def finish_vector(
    path: Path, table: str, name: str, style: str, record: RunRecord, units: dict[str, str] | None = None
) -> None:
    """Store style, units and metadata in a GeoPackage, in which the layer is `table`, or beside another file."""
    in_package = path.suffix.lower() == ".gpkg"
    layer = QgsVectorLayer(f"{path}|layername={table}" if in_package else str(path), name, "ogr")
    _expect(layer, path)
    set_metadata(layer, name, record)
    for field, unit in (units or {}).items():
        layer.setFieldAlias(layer.fields().lookupField(field), f"{field} [{unit}]")
    if style in STYLES:
        STYLES[style](layer)
        layer.setCustomProperty(_STYLE, style)
    _settle_colour(layer)
    if in_package:
        layer.saveStyleToDatabase(name[:STYLE_NAME], version(), True, "")
    elif style in STYLES:
        layer.saveNamedStyle(str(path.with_suffix(".qml")))
    if in_package:
        QgsProviderRegistry.instance().saveLayerMetadata("ogr", layer.source(), layer.metadata())
    else:
        layer.saveNamedMetadata(str(path.with_suffix(".qmd")))


def _settle_colour(layer: QgsVectorLayer) -> None:
    """Give a symbol that nobody chose a colour that is no lot's: the same result has the same file."""
    renderer = layer.renderer()
    if isinstance(renderer, (QgsCategorizedSymbolRenderer, QgsGraduatedSymbolRenderer)):
        symbol = renderer.sourceSymbol()  # is copied for new classes alone
    else:
        plain = isinstance(renderer, QgsSingleSymbolRenderer) and not style_of(layer)
        symbol = renderer.symbol() if plain else None
    if symbol is not None:
        symbol.setColor(_PLAIN)
    colours = {"color": _PLAIN.name(), "line_color": _PLAIN.name(), "outline_color": _PLAIN.name()}
    profile = layer.elevationProperties()
    profile.setProfileLineSymbol(QgsLineSymbol.createSimple(colours))
    profile.setProfileFillSymbol(QgsFillSymbol.createSimple(colours))
    profile.setProfileMarkerSymbol(QgsMarkerSymbol.createSimple(colours))


def finish_points(path: Path, name: str, style: str, record: RunRecord) -> None:
    """Store style and metadata beside a point cloud, which QGIS loads with it."""
    layer = QgsPointCloudLayer(str(path), name, "copc")
    _expect(layer, path)
    set_metadata(layer, name, record)
    layer.saveNamedMetadata(str(path.with_suffix(".qmd")))
    if style in STYLES:
        STYLES[style](layer)
        layer.setCustomProperty(_STYLE, style)
        layer.saveNamedStyle(str(path.with_suffix(".qml")))


def finish_mesh(path: Path, name: str, style: str, record: RunRecord) -> None:
    """Store style and metadata beside a mesh, which QGIS loads with it."""
    layer = mesh_layer(path, name)
    if style in STYLES:
        STYLES[style](layer)
        layer.setCustomProperty(_STYLE, style)
    set_metadata(layer, name, record)
    layer.saveNamedStyle(str(path.with_suffix(".qml")))
    layer.saveNamedMetadata(str(path.with_suffix(".qmd")))


def mesh_layer(path: Path, name: str) -> QgsMeshLayer:
    """Return the layer of a mesh, with the style and the metadata beside it; raises FormatError."""
    layer = QgsMeshLayer(str(path), name, "mdal")
    _expect(layer, path)
    load_sidecars(layer)
    return layer


def set_times(layer: QgsRasterLayer, times: np.ndarray) -> None:
    """Give each band its time, until that of the next; the last holds as long as the one before."""
    starts = [_qt_time(time) for time in times]
    step = starts[0].secsTo(starts[1]) if len(starts) > 1 else 60
    ends = [*starts[1:], starts[-1].addSecs(step)]
    properties = layer.temporalProperties()
    properties.setMode(Qgis.RasterTemporalMode.FixedRangePerBand)
    ranges = {band: QgsDateTimeRange(begin, end, True, False) for band, (begin, end) in enumerate(zip(starts, ends), 1)}
    properties.setFixedRangePerBand(ranges)
    properties.setIsActive(True)


def _qt_time(time: np.datetime64) -> QDateTime:
    moment: datetime = time.astype("datetime64[s]").astype(datetime)
    return QDateTime(
        QDate(moment.year, moment.month, moment.day), QTime(moment.hour, moment.minute, moment.second), Qt.TimeSpec.UTC
    )


def set_metadata(layer: QgsMapLayer, name: str, record: RunRecord) -> None:
    """Put what made a layer, when, for what, and whose data it is, in the layer's metadata."""
    metadata = QgsLayerMetadata()
    metadata.setIdentifier(f"{record.id}/{name}")
    metadata.setTitle(name)
    metadata.setType("dataset")
    metadata.setAbstract(f"{record.title} ({record.model} {record.model_version}). {record.purpose}".strip())
    metadata.setHistory(record.lines())
    metadata.setRights(record.rights)
    metadata.setCrs(layer.crs())
    made = datetime.fromisoformat(record.ended or record.started)  # that of the run, so that it can be made again
    metadata.setDateTime(Qgis.MetadataDateType.Created, _qt_time(np.datetime64(made.replace(tzinfo=None))))
    metadata.setKeywords({"gmd:topicCategory": ["environment"]})
    metadata.setLinks([QgsAbstractMetadataBase.Link("run", "json", record.id), _provenance(record)])
    mark_layer(layer, metadata, record.privacy, record.keep_until)
    layer.setMetadata(metadata)


def _provenance(record: RunRecord) -> QgsAbstractMetadataBase.Link:
    """Return the run in terms of W3C PROV; a link is where metadata of QGIS keep text of another format."""
    link = QgsAbstractMetadataBase.Link("provenance", "PROV-JSON", f"urn:dtwin:{record.id}")
    link.mimeType, link.description = "application/json", prov_text(record)
    return link


def _expect(layer: QgsMapLayer, path: Path) -> None:
    if not layer.isValid():
        raise FormatError("{file} was written but QGIS cannot open it.", file=path.name)


def load_sidecars(layer: QgsMapLayer) -> None:
    """Load the style and the metadata that were stored with a layer.

    QGIS does so when a person adds the layer; when code opens a raster, its times and its metadata stay behind.
    """
    layer.loadDefaultStyle()
    if layer.metadataUri().endswith(".qmd") and Path(layer.metadataUri()).is_file():
        layer.loadDefaultMetadata()  # that of a GeoPackage came with its provider


def fit_in(layer: QgsMapLayer, project: QgsProject | None) -> None:
    """Keep a layer that was added to a project from hiding what is there.

    Results go above buildings, and those above the base map and the terrain; a layer through time waits for the
    temporal controller; blocks of buildings are not drawn in 3D where their roofs are.
    """
    if project is None:
        return
    node = project.layerTreeRoot().findLayer(layer)
    if node is not None:
        node.setItemVisibilityChecked(not has_times(layer))
        _put_in_order(node)
        add_bodies(layer, project)
    if isinstance(layer, QgsTiledSceneLayer):
        _choose_operations(project)
        QTimer.singleShot(_LATER, partial(_keep_metres, project))
    others = [other for other in project.mapLayers().values() if isinstance(other, QgsVectorLayer)]
    roofs = [other for other in others if _has_roofs(other)]
    for other in others if layer in roofs else [layer]:
        if isinstance(other, QgsVectorLayer) and other not in roofs and has_heights(other):
            if any(_stand_over(each, other) for each in roofs):
                other.setRenderer3D(None)


def _has_roofs(layer: QgsVectorLayer) -> bool:
    """Tell whether a layer has the surfaces of buildings; roads, soundings and land cover have a "surface" too."""
    return layer.geometryType() == Qgis.GeometryType.Polygon and {"surface", "lod"} <= set(field_names(layer))


def _stand_over(roofs: QgsVectorLayer, blocks: QgsVectorLayer) -> bool:
    """Tell whether roofs stand where blocks do: those of one plan design are not those of the houses around it."""
    one, two = roofs.extent(), blocks.extent()
    if one.isEmpty() or two.isEmpty() or not alike(roofs.crs(), blocks.crs()):
        return True
    return one.intersect(two).area() >= _SHARED * two.area()


def _choose_operations(project: QgsProject) -> None:
    """Let a project know how tiles come to RD New, if it does not: QGIS knows several ways, and would ask."""
    context, target = project.transformContext(), QgsCoordinateReferenceSystem(RD)
    for name in _OF_TILES:
        source = QgsCoordinateReferenceSystem(name)
        ways = [way for way in QgsDatumTransform.operations(source, target) if way.isAvailable]
        if ways and not context.hasTransform(source, target):
            context.addCoordinateOperation(source, target, ways[0].proj, True)
    project.setTransformContext(context)


def _keep_metres(project: QgsProject) -> None:
    """Bring a project back to RD New that QGIS has given the system of its first layer, 3D Tiles in degrees."""
    if project is QgsProject.instance() and project.crs().authid() in _OF_TILES:
        project.setCrs(QgsCoordinateReferenceSystem(RD))


def add_bodies(layer: QgsMapLayer, project: QgsProject) -> None:
    """Draw the bodies of voxels in 3D instead of their cells, where both are in a file: add those below the cells."""
    found = bodies_beside(layer)
    node = project.layerTreeRoot().findLayer(layer)
    if found is None or node is None:
        return
    layer.setRenderer3D(None)
    if any(other.source() == found.source() for other in project.mapLayers().values()):
        return
    project.addMapLayer(found, False)
    beside = node.parent().insertLayer(node.parent().children().index(node) + 1, found)
    beside.setExpanded(False)


def _rank(node: QgsLayerTreeNode) -> int:
    """Return where a layer of ours belongs, 0 on top; -1 for groups and other layers."""
    layer = node.layer() if isinstance(node, QgsLayerTreeLayer) else None
    style = style_of(layer) if layer is not None else ""
    return -1 if not style else RANKS.index(style) if style in RANKS else len(RANKS)


def style_of(layer: QgsMapLayer) -> str:
    """Return the name of the style that one of our layers got when it was made, "" for others."""
    return str(layer.customProperty(_STYLE, "") or "")


def _put_in_order(node: QgsLayerTreeLayer) -> None:
    """Move a layer above the first of our layers beside it that belongs below it, else below the last."""
    parent, rank = node.parent(), _rank(node)
    others = [(index, _rank(child)) for index, child in enumerate(parent.children()) if child is not node]
    below = [index for index, other in others if other > rank >= 0]
    above = [index + 1 for index, other in others if 0 <= other <= rank]
    if below or above:
        parent.insertChildNode(below[0] if below else above[-1], node.clone())
        parent.removeChildNode(node)


def field_names(layer: QgsMapLayer) -> list[str]:
    """Return the names of the fields of a layer; none for a raster."""
    return layer.fields().names() if isinstance(layer, QgsVectorLayer) else []


def has_times(layer: QgsMapLayer) -> bool:
    """Tell whether a layer changes through time."""
    properties = layer.temporalProperties()
    return properties is not None and properties.isActive()
