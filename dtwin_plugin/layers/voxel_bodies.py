"""The bodies of voxels in 3D: a second table beside that of the cells, which QGIS draws many times as fast.

Drawing, not loading, takes the time: each cell has twelve triangles, and a picture of them all is drawn for each tile
that is loaded. The bodies are a tenth of the triangles, or less, in one tile.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dtwin_plugin.data import Voxels
from dtwin_plugin.data.voxel_shell import bodies_of, faces_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.translate import tr

from .styles_subsurface import PROBABILITY
from .write import fields_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

_SUFFIX = "_3d"
_MOST = 1_000_000  # faces of a table: 0.3 GB; of more the insides are left out, and of more outsides all
CLASS, CHANCE = "class", "probability"


def table_of(layer: str) -> str:
    """Return the name of the table of bodies beside one of cells.

    >>> table_of("voxels")
    'voxels_3d'
    """
    return layer + _SUFFIX


def write_bodies(voxels: Voxels, path: Path, layer: str, progress: Progress) -> bool:
    """Add the bodies by class and by probability to the GeoPackage with the cells; tell whether there are any.

    A row is what faces outwards, or inwards to others, of a number: columns "by" ("class" or "probability"), "number",
    "name", "side" ("outside" or "inside"), and "faces".

    Raises
    ------
    InputError
        If the file cannot be written.
    Cancelled
        If the user stops it.
    """
    rows: list[tuple[list[object], bytes]] = []
    for by, labels in _labels(voxels).items():
        stop_if_asked(progress)
        faces = faces_of(labels)
        if len(faces.label) > _MOST:
            faces = faces.take(~faces.inside)
        if len(faces.label) > _MOST:
            return False
        corner = voxels.x_min, voxels.y_min, voxels.z_min
        numbers, inside, shapes = bodies_of(faces, corner, voxels.cell_size)
        for row, (number, within) in enumerate(zip(numbers.tolist(), inside.tolist())):
            count = int(shapes.features[row + 1] - shapes.features[row]) // 2
            name = tr(voxels.names[number]) if by == CLASS else ""
            rows.append(([by, number, name, "inside" if within else "outside", count], shapes.wkb(row)))
    if rows:
        _add(path, table_of(layer), voxels.crs, rows)
    return bool(rows)


def cells_beside(layer: QgsVectorLayer) -> QgsVectorLayer | None:
    """Return the layer of the cells of which bodies are drawn, None where it is not in their file."""
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    table = str(parts.get("layerName") or "")
    if not table.endswith(_SUFFIX):
        return None
    name = table.removesuffix(_SUFFIX)
    found = QgsVectorLayer(f"{parts.get('path')}|layername={name}", layer.name(), "ogr")
    return found if found.isValid() else None


def _labels(voxels: Voxels) -> dict[str, NDArray[np.integer]]:
    """Return the class of each cell, and the step of its probability: 0 unknown, then as `PROBABILITY`."""
    classes = voxels.classes
    found: dict[str, NDArray[np.integer]] = {CLASS: classes}
    if voxels.probability is not None:
        index = np.maximum(classes, 0).astype(np.int64)[..., None]
        chance = np.take_along_axis(voxels.probability, index, axis=-1)[..., 0].astype(float)
        step = np.digitize(chance, [upper for upper, _ in PROBABILITY[:-1]], right=True) + 1
        found[CHANCE] = np.where(classes < 0, -1, np.where(np.isfinite(chance), step, 0))
    return found


def _add(path: Path, table: str, crs: str, rows: list[tuple[list[object], bytes]]) -> None:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", table
    options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    text, number = np.array([""], object), np.array([0])
    fields = fields_of({"by": text, "number": number, "name": text, "side": text, "faces": number})
    writer = QgsVectorFileWriter.create(
        str(path), fields, Qgis.WkbType.MultiPolygonZ, QgsCoordinateReferenceSystem(crs),
        QgsCoordinateTransformContext(), options,
    )  # fmt: skip
    try:
        for attributes, blob in rows:
            feature, geometry = QgsFeature(fields), QgsGeometry()
            geometry.fromWkb(blob)
            feature.setAttributes(attributes)
            feature.setGeometry(geometry)
            writer.addFeature(feature)
        writer.flushBuffer()
        if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
            raise InputError(
                "{file} cannot be written: {reason}.",
                hint="Check that the folder exists and that you may write there.",
                file=str(path),
                reason=writer.errorMessage().rstrip("."),
            )
    finally:
        del writer


def bodies_beside(layer: QgsMapLayer) -> QgsVectorLayer | None:
    """Return the layer of the bodies of cells, styled as it was stored, None where a layer has none beside it."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr" or layer.renderer3D() is None:
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path = Path(parts.get("path") or "")
    if path.suffix.lower() != ".gpkg" or not path.is_file() or layer.subsetString():
        return None
    name = parts.get("layerName") or layer.dataProvider().subLayers()[0].split("!!::!!")[1]
    query = "SELECT count(*) FROM gpkg_contents WHERE table_name = ?"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            there = base.execute(query, (table_of(name),)).fetchone()[0]
    except sqlite3.Error:
        return None
    if not there:
        return None
    found = QgsVectorLayer(f"{path}|layername={table_of(name)}", tr("{layer} in 3D").format(layer=layer.name()), "ogr")
    if not found.isValid():
        return None
    found.loadDefaultStyle()
    return found
