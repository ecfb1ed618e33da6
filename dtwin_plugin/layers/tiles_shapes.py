"""What a local layer of 3D Tiles shows, as shapes that a line of sight can meet, with what the tiles tell of each."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import numpy as np
from qgis.core import QgsDataSourceUri, QgsTiledSceneLayer

from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.data.picking import Faces
from dtwin_plugin.errors import DtwinError

from .shapes3d import Shapes

_UNTOLD = ("geometry", "batch_id")


def file_of(layer: QgsTiledSceneLayer) -> str:
    """Return the path of a tileset on this computer; empty for one of a server, which is not read for a click."""
    uri = QgsDataSourceUri()
    uri.setEncodedUri(layer.source())
    address = urlsplit(uri.param("url") or layer.source())
    return url2pathname(unquote(address.path)) if address.scheme == "file" else ""


def shapes_in_tiles(path: str, extent: Extent, z_offset: float) -> Shapes:
    """Return the faces of the finest tiles that touch an area; none of what cannot be read, which QGIS tells itself.

    They lie as QGIS draws them: at heights above the ellipsoid and its offset, which is what brings them to NAP.

    Parameters
    ----------
    path : str
        A tileset.json.
    extent : Extent
        The part of the map, in RD New.
    z_offset : float
        What the layer adds to heights above the ellipsoid [m].
    """
    from dtwin_plugin.sources.tiles3d import Tiles3dSource
    from dtwin_plugin.sources.tiles3d.datum import nap_above_ellipsoid

    try:
        pieces = [piece for piece in Tiles3dSource(path).read(extent) if isinstance(piece, Surfaces) and len(piece)]
    except DtwinError:
        return Shapes()
    if not pieces:
        return Shapes()
    up = [0.0, 0.0, z_offset + nap_above_ellipsoid(extent)[0]]
    rows: list[dict[str, object]] = []
    parts = []
    for piece in pieces:
        shapes = piece.geometries
        owners = np.repeat(piece.objects, np.diff(shapes.features)) + len(rows)
        parts.append((shapes.coordinates + up, shapes.rings, shapes.parts, owners))
        names = [name for name in piece.columns if name not in _UNTOLD]
        rows += [{name: piece.columns[name][row] for name in names} for row in range(piece.object_count)]
    return Shapes(faces=_joined(parts), rows=rows)


def _joined(parts: list[tuple[np.ndarray, ...]]) -> Faces:
    """Return faces one after the other."""
    coordinates = np.concatenate([part[0] for part in parts])
    owners = np.concatenate([part[3] for part in parts])
    rings, faces, first, ring = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)], 0, 0
    for places, ends, of_face, _ in parts:
        rings.append(ends[1:] + first)
        faces.append(of_face[1:] + ring)
        first, ring = first + len(places), ring + len(ends) - 1
    return Faces(coordinates, np.concatenate(rings), np.concatenate(faces), owners)
