"""Features and voxels as GeoPackage (OGC 12-128)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Voxels
from dtwin_plugin.data.crs import RD
from dtwin_plugin.data.voxel_cells import cells_of, described, description_in, voxels_from
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress

from .feature_json import OTHER_GEOMETRY
from .formats import GEOPACKAGE, known
from .value import Value, from_base64

_MAGIC = b"SQLite format 3\0"


def encoded(item: Field, carrier: Any, media_type: str, progress: Progress) -> Value:
    """Return features, or the known cells of voxels with the description of their block."""
    from dtwin_plugin.sources.package_write import write_package

    if isinstance(carrier, Voxels):
        places, columns = cells_of(carrier)
        shapes, text = _squares(carrier, places), described(carrier)
    else:
        shapes, columns, text = carrier.geometries, carrier.columns, ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "value.gpkg"
        write_package(path, item.name, shapes, columns, carrier.crs, description=text, progress=progress)
        return Value(path.read_bytes(), GEOPACKAGE)


def _squares(voxels: Voxels, places: Any) -> Geometries:
    low = np.array([voxels.x_min, voxels.y_min]) + places[:, :2] * np.array(voxels.cell_size[:2])
    box = np.hstack([low, low + np.array(voxels.cell_size[:2])])
    steps = np.arange(len(places) + 1, dtype=np.int64)
    return Geometries("polygon", box[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]].reshape(-1, 2), steps * 5, steps, steps)


def decoded(item: Field, value: Value, to_rd: bool, progress: Progress) -> Features | Voxels:
    """Return the features, or the voxels, of the first layer; in RD New, whatever it is in.

    Raises
    ------
    FormatError
        If it is no GeoPackage.
    InputError, CrsError
        If it is no voxels where they are expected, or not in the Netherlands.
    """
    from dtwin_plugin.sources.package_write import description_of
    from dtwin_plugin.sources.vector import VectorSource

    data = from_base64(value.data, item.title) if isinstance(value.data, str) else value.data
    if not isinstance(data, bytes) or not data.startswith(_MAGIC):
        raise FormatError(
            "{field} is {found}; expected a GeoPackage.",
            hint="Tell who keeps the server.",
            field=item.title,
            found=known(value.media_type) or "no GeoPackage",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "value.gpkg"
        path.write_bytes(data)
        pieces = list(VectorSource(path).read(None, progress))
        text = description_of(path)
    wanted = "polygon" if item.kind == "voxels" else item.geometry or (pieces[0].geometries.kind if pieces else "")
    left_out = sum(len(piece) for piece in pieces if piece.geometries.kind != wanted)
    if not pieces and item.kind == "features":  # nothing found is a result too
        return Features(Geometries.build(item.geometry or "polygon", []), {}, {}, RD, item.name)
    pieces = [piece for piece in pieces if piece.geometries.kind == wanted]
    if pieces and left_out:
        progress.warn(OTHER_GEOMETRY, field=item.title, count=left_out)
    if not pieces:
        raise InputError("{field} has no features of geometry {wanted}.", field=item.title, wanted=wanted or "-")
    found = Features.concatenate(pieces)
    if item.kind == "voxels":
        return voxels_from(found.geometries.bounds(), found.columns, description_in(text))
    return found
