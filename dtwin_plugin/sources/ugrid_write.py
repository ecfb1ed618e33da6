"""Writing values through time on a mesh as UGRID 1.0 in netCDF (64-bit offset), which QGIS plays in 2D and 3D."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dtwin_plugin.data.mesh_series import MeshSeries

_LARGEST = 2**32 - 4  # bytes of one variable in this format
_MISSING = np.float32(-9999)
_SYSTEM = "projected_coordinate_system"  # the name by which MDAL knows it
_AXES = ("x", "y")


def write_ugrid(mesh: MeshSeries, path: str | Path, metadata: Mapping[str, str] | None = None) -> Path:
    """Write a mesh with its values through time, and return its path; nothing is left half written.

    Parameters
    ----------
    metadata : mapping of str to str, optional
        Attributes of the file.

    Raises
    ------
    InputError
        If there is no face, or one of the values takes more than 4 GB.
    SourceError
        If the file cannot be written.
    """
    path = Path(path)
    if not len(mesh.faces):
        raise InputError("The mesh has no face: nowhere is there water.", hint="Leave this result out.")
    size = 4 * len(mesh.faces) * len(mesh.times)
    if size > _LARGEST:
        raise InputError(
            "The mesh would take {size:.1f} GB a value, which its format cannot hold.",
            hint="Choose a longer interval between the maps, or larger cells.",
            size=size / 1e9,
        )
    try:
        with written_beside(path) as temporary:
            _write(mesh, temporary, metadata or {})
    except OSError as error:
        raise SourceError(
            "{file} cannot be written: {reason}.",
            hint="Check the folder and the space on the disk.",
            file=str(path),
            reason=str(error.strerror or error).rstrip("."),
        ) from error
    return path


def _write(mesh: MeshSeries, path: Path, metadata: Mapping[str, str]) -> None:
    from scipy.io import netcdf_file

    with netcdf_file(str(path), "w", version=2) as file:
        for name, text in {"Conventions": "CF-1.8 UGRID-1.0", **metadata}.items():
            setattr(file, name, text.encode())
        counts = {"node": len(mesh.nodes), "face": len(mesh.faces), "corner": 4, "time": len(mesh.times)}
        for name, count in counts.items():
            file.createDimension(name, count)
        _variable(
            file,
            "mesh2d",
            "i4",
            (),
            None,
            cf_role="mesh_topology",
            topology_dimension=2,
            node_coordinates="node_x node_y",
            face_node_connectivity="face_nodes",
            face_dimension="face",
            face_coordinates="face_x face_y",
        )
        code = int(mesh.crs.split(":")[-1])
        _variable(file, _SYSTEM, "i4", (), code, EPSG_code=mesh.crs, epsg=code)
        middle = mesh.nodes[mesh.faces].mean(axis=1)
        for axis, name in enumerate(_AXES):
            facts = {"standard_name": f"projection_{name}_coordinate", "units": "m"}
            _variable(file, f"node_{name}", "f8", ("node",), mesh.nodes[:, axis], **facts)
            _variable(file, f"face_{name}", "f8", ("face",), middle[:, axis], **facts)
        on = {"mesh": "mesh2d", "grid_mapping": _SYSTEM}
        _variable(file, "node_z", "f8", ("node",), mesh.nodes[:, 2], location="node", units="m", **on)
        connectivity = {"cf_role": "face_node_connectivity", "start_index": 0}
        _variable(file, "face_nodes", "i4", ("face", "corner"), mesh.faces, **connectivity)
        start = str(mesh.times[0]).replace("T", " ")
        seconds = (mesh.times - mesh.times[0]).astype("timedelta64[s]").astype(float)
        _variable(file, "time", "f8", ("time",), seconds, standard_name="time", units=f"seconds since {start}")
        for name, values in mesh.values.items():
            title = mesh.titles.get(name, name)
            parts = {name: (title, values)}
            if values.ndim == 3:  # MDAL joins both by their long names
                parts = {f"{name}_{a}": (f"{title}, {a}-component", values[..., k]) for k, a in enumerate(_AXES)}
            for part, (text, numbers) in parts.items():
                filled = np.where(np.isfinite(numbers), numbers, _MISSING)
                facts = {**on, "location": "face", "long_name": text, "units": mesh.units.get(name, "1")}
                _variable(
                    file,
                    part,
                    "f4",
                    ("time", "face"),
                    filled,
                    coordinates="face_x face_y",
                    _FillValue=_MISSING,
                    **facts,
                )


def _variable(file: Any, name: str, kind: str, dimensions: tuple[str, ...], values: Any, **facts: Any) -> None:
    variable = file.createVariable(name, kind, dimensions)
    for key, value in facts.items():
        setattr(variable, key, _attribute(value))
    variable.data[...] = 0 if values is None else values  # one without values is whatever was in memory


def _attribute(value: Any) -> Any:
    """Return an attribute in a type that the format knows."""
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, np.floating) else np.int32(value)
