"""The BGT from files of any kind in which it is delivered, class by class, as `bgt_collections` gives it by area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent

from .bgt_collections import BGT_COLLECTIONS, chosen
from .registers import RegisterSource
from .registers.current import is_current
from .registers.imgeo import IMGEO, class_of, column_of
from .registry import SOURCES, find
from .vector import VectorSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES = frozenset(item.bgt_class for item in BGT_COLLECTIONS.values())
_FILES = (".gpkg", ".sqlite", ".geojson", ".shp", ".fgb", ".gml", ".xml", ".zip", ".gz")


def bgt_from_files(
    path: Path,
    extent: Extent | None,
    classes: Iterable[str] | None = None,
    progress: Progress | None = None,
    *,
    history: bool = False,
) -> Iterator[tuple[str, Features]]:
    """Yield the class and the features of each chunk, in two dimensions, with the columns of the national service.

    Parameters
    ----------
    path : Path
        GML, a zip of GML, a GeoPackage or SpatiaLite with a layer for each class, or a folder of these.
    classes : iterable of str or None
        Classes, collections or their English keys; None for all.
    history : bool
        Give what has ended too.

    Raises
    ------
    SourceError, FormatError, CrsError
        If a file cannot be read.
    InputError
        If a class is unknown, or it holds no BGT.
    Cancelled
        If the user stops it.
    """
    progress = progress or Silent()
    wanted = CLASSES if classes is None else {item.bgt_class for item in chosen(classes)}
    found = False
    for file in _files(path):
        for klasse, features in _pieces(file, extent, wanted, history, progress):
            found = True
            yield klasse, features
    if not found:
        raise InputError(
            "{file} has no BGT polygons, lines or points of these classes in this area; expected layers or objects "
            "named {classes}.",
            hint="Choose another file, area or class.",
            file=path.name,
            classes=", ".join(sorted(wanted)[:8]),
        )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]  # one that is not there is told by its reader
    files = [file for file in sorted(path.iterdir()) if file.suffix.lower() in _FILES]
    if not files:
        raise InputError("{folder} has no files of the BGT.", folder=path.name)
    return files


def _pieces(
    file: Path, extent: Extent | None, wanted: Iterable[str], history: bool, progress: Progress
) -> Iterator[tuple[str, Features]]:
    if find(file) is SOURCES["registers"]:
        source = RegisterSource(file, current_only=not history)
        for features in source.read(extent, progress):
            if features.name in wanted:
                yield features.name, features
        return
    layers = VectorSource(file).describe().facts["layers"]
    for layer in layers:
        klasse = class_of(layer) if class_of(layer) in CLASSES or len(layers) > 1 else class_of(file.stem)
        if klasse in wanted and layers[layer]["count"] and layers[layer]["geometry"] != "None":
            for features in VectorSource(file, layer=layer).read(extent, progress):
                current = _tidied(features, klasse, history)
                if len(current):
                    yield klasse, current


def _tidied(features: Features, klasse: str, history: bool) -> Features:
    """Return features with the columns of the service, in two dimensions, and without what ended."""
    columns: dict[str, NDArray[Any]] = {"klasse": np.array([klasse] * len(features), object)}
    for name, values in features.columns.items():
        columns.setdefault(column_of(name, klasse), values)
    shapes = features.geometries
    if shapes.has_z:
        shapes = replace(shapes, coordinates=np.ascontiguousarray(shapes.coordinates[:, :2]))
    tidy = Features(shapes, columns, features.units, RD, klasse)
    ends = [columns[name].tolist() for name in IMGEO.ends if name in columns]
    if history or not ends:
        return tidy
    today = np.datetime64("today").item().strftime("%Y%m%d")
    rows = [dict(zip(IMGEO.ends, row)) for row in zip(*ends)]
    return tidy.take(np.flatnonzero([is_current(IMGEO, row, today) for row in rows]))
