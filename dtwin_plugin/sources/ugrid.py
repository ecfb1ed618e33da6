"""Heights on a mesh of triangles and polygons (UGRID 1.0 in netCDF)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import RD, in_rd_bounds, normalise
from dtwin_plugin.errors import FormatError

from .base import SourceInfo
from .osgeo_scope import osgeo
from .tried import try_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = (b"\x89HDF", b"CDF\x01", b"CDF\x02", b"CDF\x05")
_MOST_FACES = 2_000_000
_GROWTH = 1032  # deflate makes nothing smaller by more
_PLANE, _CORNERS = 2, 3  # coordinates of a node; corners of a face at least


@dataclass(frozen=True)
class Mesh:
    """A mesh and the values on its faces.

    Attributes
    ----------
    nodes : ndarray
        x, y in the CRS of the file, shape (n, 2).
    faces : ndarray
        Nodes of each face, -1 where it has fewer than the largest, shape (m, k).
    variables : dict of str to ndarray
        Values, one a face; those on nodes are the mean of the face's nodes.
    units : dict of str to str
    """

    name: str
    nodes: NDArray[np.float64]
    faces: NDArray[np.int64]
    variables: dict[str, NDArray[np.float64]]
    units: dict[str, str]
    crs: str
    warnings: tuple[str, ...] = ()


def mesh_of(path: str | Path) -> Mesh | None:
    """Return the mesh of a netCDF file, None where it is another file or holds none.

    Raises
    ------
    FormatError
        If its mesh is broken.
    """
    path = Path(path)
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        if stream.read(4) not in _MAGIC:
            return None
    try_apart(path)
    with osgeo() as lib:
        try:
            address, flags = str(path.absolute()), lib.gdal.OF_MULTIDIM_RASTER
            dataset = lib.call(lib.gdal.OpenEx, address, flags, allowed_drivers=["netCDF"])
            group = dataset.GetRootGroup() if dataset is not None else None
            if group is None:
                return None
            arrays = {name: group.OpenMDArray(name) for name in group.GetMDArrayNames(["SHOW_ALL=YES"]) or ()}
            topology = _topology(arrays)
            return _read(lib, path, arrays, topology) if topology else None
        except RuntimeError as error:
            raise FormatError(
                "{file} is damaged or ends too soon: {reason}.",
                hint="Download or export it again.",
                file=path.name,
                reason=str(error).split("\n")[0].rstrip("."),
            ) from error


def describe(mesh: Mesh) -> SourceInfo:
    """Return the facts of a mesh."""
    low, high = np.nanmin(mesh.nodes, axis=0).tolist(), np.nanmax(mesh.nodes, axis=0).tolist()
    values = next(iter(mesh.variables.values()), np.empty(0))
    known = values[np.isfinite(values)]
    facts: dict[str, Any] = {
        "nodes": len(mesh.nodes),
        "faces": len(mesh.faces),
        "nodes_per_face": int(mesh.faces.shape[1]),
        "variables": list(mesh.variables),
        "valid_cells": len(known),
        "minimum": float(known.min()) if len(known) else None,
        "maximum": float(known.max()) if len(known) else None,
        "unit": mesh.units.get(next(iter(mesh.variables), ""), ""),
    }
    extent = (*low, *high)
    warnings = mesh.warnings
    if not mesh.crs and in_rd_bounds(*extent):
        told = "{file} states no coordinate reference system; {crs} is assumed."
        warnings = (*warnings, told.format(file=mesh.name, crs=RD))
    return SourceInfo("UGRID mesh, netCDF", "grid", mesh.crs or None, extent, len(mesh.faces), facts, warnings)


def _topology(arrays: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of the first mesh of faces, those that are texts."""
    for array in arrays.values():
        facts = {name: value for name, value in _attributes(array).items() if isinstance(value, str)}
        if facts.get("cf_role") == "mesh_topology" and facts.get("face_node_connectivity") in arrays:
            return facts
    return {}


def _read(lib: Any, path: Path, arrays: dict[str, Any], topology: dict[str, str]) -> Mesh:
    names = topology.get("node_coordinates", "").split()[:2]
    places = [_values(lib, arrays[name], path) for name in names if name in arrays]
    if len(places) != _PLANE or any(one.ndim != 1 or one.shape != places[0].shape for one in places):
        raise FormatError("{file} has a mesh without coordinates of its nodes.", file=path.name)
    nodes = np.column_stack(places)
    if not len(nodes) or not np.isfinite(nodes).all():
        raise FormatError("{file} has a mesh with nodes that are nowhere.", file=path.name)
    faces = _faces(lib, arrays[topology["face_node_connectivity"]], path, len(nodes))
    variables, units = _variables(lib, path, arrays, names, len(nodes), faces)
    return Mesh(path.name, nodes, faces, variables, units, _crs_of(arrays))


def _faces(lib: Any, connection: Any, path: Path, nodes: int) -> NDArray[np.int64]:
    """Return the nodes of each face, counted from 0; -1 where a face has fewer than the largest."""
    raw = _values(lib, connection, path)
    if raw.ndim != _PLANE or raw.shape[1] < _CORNERS or not len(raw):
        raise FormatError("{file} has a mesh whose faces are no table of nodes.", file=path.name)
    start, fill = _attributes(connection).get("start_index", 0), connection.GetNoDataValue()
    first = 1 if start == 1 else 0
    missing = ~np.isfinite(raw) | (raw < first)
    if fill is not None:
        missing |= raw == fill
    counted = np.where(missing, -1.0, raw - first)
    if counted.max() >= nodes:
        raise FormatError("{file} has a face of a node that is not there.", file=path.name)
    return counted.astype(np.int64)


def _variables(
    lib: Any, path: Path, arrays: dict[str, Any], coordinates: list[str], nodes: int, faces: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, str]]:
    """Return the values on faces, and on nodes as the mean of each face's nodes, with their units."""
    found, units = {}, {}
    for name, array in arrays.items():
        sizes = [dimension.GetSize() for dimension in array.GetDimensions()]
        facts = _attributes(array)
        a_place = name in coordinates or name.endswith(("_x", "_y", "_lon", "_lat")) or "cf_role" in facts
        if len(sizes) != 1 or sizes[0] not in (len(faces), nodes) or a_place or array.GetDataType().GetClass() != 0:
            continue
        values = _values(lib, array, path)
        if sizes[0] == nodes and nodes != len(faces):
            total = np.where(faces >= 0, values[faces], 0.0).sum(axis=1)
            values = total / np.maximum(1, (faces >= 0).sum(axis=1))
        found[name] = values
        units[name] = str(facts.get("units") or facts.get("unit") or "")
    return found, units


def _values(lib: Any, array: Any, path: Path) -> NDArray[np.float64]:
    """Return the values of an array whose size the file can hold."""
    sizes = [dimension.GetSize() for dimension in array.GetDimensions()]
    count = int(np.prod([float(size) for size in sizes]))
    if not sizes or count > min(_MOST_FACES * 8, path.stat().st_size * _GROWTH):
        raise FormatError(
            "{file} states a mesh of {count} values, more than it can hold or than are read here.",
            file=path.name,
            count=count,
        )
    values = np.asarray(lib.call(array.ReadAsArray), np.float64)
    nodata = array.GetNoDataValue()
    if nodata is not None and array.GetDataType().GetNumericDataType() not in (lib.gdal.GDT_Int32, lib.gdal.GDT_Int16):
        values = np.where(values == nodata, np.nan, values)
    return values


def _attributes(array: Any) -> dict[str, Any]:
    return {item.GetName(): item.Read() for item in array.GetAttributes()}


def _crs_of(arrays: dict[str, Any]) -> str:
    """Return the CRS that a variable for it states, "" without one."""
    for name in ("spatial_ref", "projected_coordinate_system", "crs"):
        facts = _attributes(arrays[name]) if name in arrays else {}
        for key in ("EPSG_code", "epsg_code", "epsg"):
            found = normalise(facts[key]) if isinstance(facts.get(key), (str, int)) else None
            if found:
                return found
    return ""
