"""Vector files that OGR reads: GeoPackage, GeoJSON, Shapefile, SpatiaLite, FlatGeobuf."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Extent, Features, Geometries
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Progress, Silent

from . import crs as policy
from .base import SourceInfo
from .crs_names import name_of
from .osgeo_scope import osgeo
from .vector_geometry import KIND_OF, flat_type, geometries_of, straight

CHUNK = 10_000  # features
# What files come in. Drivers that fetch what a file names (OGR VRT, WFS, …) are out.
_DRIVERS = ("GPKG", "GeoJSON", "GeoJSONSeq", "ESRI Shapefile", "SQLite", "FlatGeobuf")


class VectorSource:
    """One layer of a vector file, as features in RD New.

    Parameters
    ----------
    path : str or path
    layer : str, optional
        The first layer with geometries if absent.
    assume_crs : str, optional
        CRS of a layer that states none.
    chunk : int
        Features of one chunk.
    """

    def __init__(
        self, path: str | Path, *, layer: str | None = None, assume_crs: str | None = None, chunk: int = CHUNK
    ) -> None:
        self.path, self.layer, self.assume_crs, self.chunk = Path(path), layer, assume_crs, chunk

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, without reading the features.

        Raises
        ------
        SourceError, FormatError, InputError, CrsError
            If it is absent, no vector file, without the layer asked, or not on the map.
        """
        dataset = _opened(self.path)
        layer = self._chosen(dataset)
        crs, warnings = self._crs(layer)
        with osgeo() as lib:
            try:
                box = lib.call(layer.GetExtent, 1, True) if layer.GetFeatureCount() else None  # 0, 0 without geometry
            except RuntimeError as error:  # GeoJSON is read here for the first time
                raise _damaged(self.path, error) from error
            layers = {}
            for number in range(dataset.GetLayerCount()):
                other = dataset.GetLayer(number)
                kind = lib.ogr.GeometryTypeToName(other.GetGeomType())
                layers[other.GetName()] = {"count": other.GetFeatureCount(), "geometry": kind}
            definition = layer.GetLayerDefn()
            fields = [definition.GetFieldDefn(n) for n in range(definition.GetFieldCount())]
            facts = {
                "layer": layer.GetName(),
                "layers": layers,
                "attributes": {_sound(field.GetName()): field.GetTypeName() for field in fields},
            }
        extent = (box[0], box[2], box[1], box[3]) if box else None
        return SourceInfo(
            dataset.GetDriver().ShortName, "features", crs, extent, layer.GetFeatureCount(), facts, warnings
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield chunks of the features whose box touches an area (None = all), one kind of geometry each.

        Features without a geometry are left out, with a warning.

        Raises
        ------
        SourceError, FormatError, InputError, CrsError
            If it is absent, no vector file, without the layer asked, or not on the map.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        dataset = _opened(self.path)
        layer = self._chosen(dataset)
        crs, warnings = self._crs(layer)
        for warning in warnings:
            progress.warn(warning)
        if extent is not None:
            box = extent.bounds if is_rd(crs) else policy.extent_from_rd(extent, crs)
            layer.SetSpatialFilterRect(*box)
        total, done, without = max(1, layer.GetFeatureCount()), 0, 0
        for batch in self._batches(layer):
            if progress.is_cancelled():
                raise Cancelled
            done += len(batch)
            for features in self._features(batch, crs, layer.GetName()):
                chosen = features if extent is None else features.within(extent)
                if len(chosen):
                    yield chosen
            without += sum(1 for _, geometry in batch if geometry is None)
            progress.report(min(1.0, done / total), "{done} features", done=done)
        if without:
            progress.warn(
                "{file}: {count} features have no geometry and are left out.", file=self.path.name, count=without
            )

    def _batches(self, layer: Any) -> Iterator[list[tuple[dict[str, Any], Any]]]:
        """Yield lists of attributes and a geometry (None if there is none)."""
        definition = layer.GetLayerDefn()
        names = [_sound(definition.GetFieldDefn(n).GetName()) for n in range(definition.GetFieldCount())]
        layer.ResetReading()
        batch: list[tuple[dict[str, Any], Any]] = []
        while True:
            with osgeo() as lib:
                try:
                    feature = lib.call(layer.GetNextFeature)
                except RuntimeError as error:
                    raise _damaged(self.path, error) from error
            if feature is None:
                break
            shape = feature.GetGeometryRef()
            empty = shape is None or shape.IsEmpty()
            batch.append(
                (
                    {name: _sound(feature.GetField(n)) for n, name in enumerate(names)},
                    None if empty else straight(shape),
                )
            )
            if len(batch) >= self.chunk:
                yield batch
                batch = []
        if batch:
            yield batch

    def _features(self, batch: list[tuple[dict[str, Any], Any]], crs: str, name: str) -> Iterator[Features]:
        for kind in dict.fromkeys(KIND_OF.values()):
            chosen = [(row, shape) for row, shape in batch if shape is not None and _kind(shape, self.path) == kind]
            if not chosen:
                continue
            shapes = geometries_of(kind, [shape for _, shape in chosen])
            target = RD_NAP if shapes.has_z else RD
            if not is_rd(crs):
                moved = policy.to_rd(shapes.coordinates, crs)
                shapes = Geometries(kind, moved, shapes.rings, shapes.parts, shapes.features)
            yield Features(shapes, table.from_rows([row for row, _ in chosen]), crs=target, name=name)

    def _chosen(self, dataset: Any) -> Any:
        layers = {dataset.GetLayer(n).GetName(): dataset.GetLayer(n) for n in range(dataset.GetLayerCount())}
        if self.layer is not None and self.layer not in layers:
            raise InputError(
                "{file} has no layer {layer}; it has {known}.",
                file=self.path.name,
                layer=repr(self.layer),
                known=", ".join(sorted(layers)) or "none",
            )
        if self.layer is not None:
            return layers[self.layer]
        with osgeo() as lib:
            for layer in layers.values():
                if layer.GetGeomType() != lib.ogr.wkbNone:
                    return layer
        raise FormatError("{file} has no layer with geometries.", file=self.path.name)

    def _crs(self, layer: Any) -> tuple[str, tuple[str, ...]]:
        reference = layer.GetSpatialRef()
        stated = name_of(reference) if reference is not None else None
        if stated:
            return stated, ()
        assumed = normalise(self.assume_crs)
        if assumed is None and layer.GetFeatureCount():
            west, east, south, north = layer.GetExtent()
            assumed = RD if in_rd_bounds(west, south, east, north) else None
        if assumed is None:
            raise CrsError(
                "Layer {layer} of {file} states no coordinate reference system, and is not in RD New.",
                hint="Say which one it is in.",
                layer=layer.GetName(),
                file=self.path.name,
            )
        return assumed, (f"{self.path.name} states no coordinate reference system; {assumed} is assumed.",)


def _sound(value: Any) -> Any:
    """Return a value; a text of which OGR could not tell the encoding, as old shapefiles have, is read as Latin-1."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def _opened(path: Path) -> Any:
    if str(path).startswith("/vsi") or not path.is_file():
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path))
    with osgeo() as lib:
        flags = lib.gdal.OF_VECTOR | lib.gdal.OF_READONLY
        try:
            dataset = lib.call(lib.gdal.OpenEx, str(path.absolute()), flags, allowed_drivers=list(_DRIVERS))
        except RuntimeError as error:
            raise _damaged(path, error) from error
    if dataset is None:
        raise FormatError(
            "{file} is not a vector file that is read here.",
            hint="Export it as GeoPackage or GeoJSON.",
            file=path.name,
        )
    return dataset


def _kind(shape: Any, path: Path) -> str:
    """Return the carrier's name for a kind of geometry."""
    found = KIND_OF.get(flat_type(shape))
    if found is None:
        raise FormatError(
            "{file} has a geometry of type {found}; read are points, lines and polygons.",
            hint="Split collections into their parts first.",
            file=path.name,
            found=shape.GetGeometryName(),
        )
    return found


def _damaged(path: Path, error: Exception) -> FormatError:
    return FormatError(
        "{file} is damaged or not what its name says: {reason}.",
        hint="Download or export it again.",
        file=path.name,
        reason=str(error).split("\n")[0].rstrip("."),
    )
