"""Outputs of a description to files, one function a kind, each with its style and provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dtwin_plugin.layers import finish, reference, write
from dtwin_plugin.layers.steady import make_steady
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import tr
from dtwin_plugin.twin import RunRecord, checksum

# kinds of output that are a value and no file
PLAIN = ("number", "integer", "boolean", "choice", "text", "datetime")
SUFFIXES = {
    "grid": ".tif",
    "features": ".gpkg",
    "surfaces": ".gpkg",
    "table": ".gpkg",
    "points": ".copc.laz",
    "layer": ".qlr",
    "voxels": ".gpkg",
    "mesh": ".nc",
}


def write_output(item: Field, value: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    """Write the value of an output to a file, beside and renamed; raises DtwinError, OSError."""
    _WRITERS[item.kind](item, value, path, record, progress)
    if path.suffix.lower() == ".gpkg" and not make_steady(path, record.ended or record.started):
        told = "{file} is open in another program: the same run will not write the same bytes again."
        progress.warn(told, file=path.name)


def write_record(record: RunRecord, files: Iterable[Path], path: Path) -> None:
    """Write the record of a run with the checksums of its files, and beside it the same as PROV; raises OSError."""
    from dtwin_plugin.twin.prov import write_prov

    found = {str(file): checksum(file) for file in files}
    record.checksums = {name: found[str(file)] for name, file in record.outputs.items() if str(file) in found}
    record.write(path)
    write_prov(record, path)


def remove_output(path: Path) -> None:
    """Remove a result with its style, metadata and the side files of its driver."""
    sides = [path.with_name(path.name + end) for end in ("-wal", "-shm", ".aux.xml")]
    for file in (path, path.with_suffix(".qml"), path.with_suffix(".qmd"), *sides):
        file.unlink(missing_ok=True)


def _write_grid(item: Field, grid: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    from dtwin_plugin.sources.raster_write import write_cog

    write_cog(grid, path, metadata={"DTWIN_RUN": record.id}, progress=progress)
    finish.finish_raster(path, tr(item.title), item.style, record, grid.times)


def _vector_writer(write_carrier: Callable[..., None]) -> Callable[..., None]:
    def writer(item: Field, carrier: Any, path: Path, record: RunRecord, progress: Progress) -> None:
        write_carrier(carrier, path, item.name, progress)
        units = dict(item.columns) if item.kind == "table" else carrier.units
        units = {name: unit for name, unit in units.items() if unit != "1"}
        finish.finish_vector(path, item.name, tr(item.title), item.style, record, units)

    return writer


def _write_file(item: Field, text: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    from dtwin_plugin.data.atomic import written_beside

    if not isinstance(text, str):
        text.write(path)  # it knows its own format, and writes beside and renames as well
        return

    with written_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _write_points(item: Field, chunks: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    from dtwin_plugin.sources.copc import write_copc

    write_copc(chunks, path, progress=progress)
    finish.finish_points(path, tr(item.title), item.style, record)


def _write_voxels(item: Field, voxels: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    from dtwin_plugin.layers.styles_subsurface import add_probability
    from dtwin_plugin.layers.voxel_bodies import table_of, write_bodies
    from dtwin_plugin.layers.voxels import write_voxels

    write_voxels(voxels, path, item.name, progress)
    bodies = path.suffix.lower() == ".gpkg" and write_bodies(voxels, path, item.name, progress)
    if voxels.probability is not None:
        add_probability(path, item.name)
        if bodies:
            add_probability(path, table_of(item.name), bodies=True)
    if bodies:
        title = tr("{layer} in 3D").format(layer=tr(item.title))
        finish.finish_vector(path, table_of(item.name), title, "voxel_bodies", record)
    finish.finish_vector(path, item.name, tr(item.title), item.style, record)


def _write_mesh(item: Field, mesh: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    from dtwin_plugin.sources.ugrid_write import write_ugrid

    titles = {name: tr(title) for name, title in mesh.titles.items()}
    write_ugrid(replace(mesh, titles=titles), path, {"DTWIN_RUN": record.id})
    finish.finish_mesh(path, tr(item.title), item.style, record)


def _write_layer(item: Field, layer: Any, path: Path, record: RunRecord, progress: Progress) -> None:
    reference.write_definition(layer, path, record)


_WRITERS: dict[str, Callable[..., None]] = {
    "grid": _write_grid,
    "features": _vector_writer(write.write_features),
    "surfaces": _vector_writer(write.write_surfaces),
    "table": _vector_writer(write.write_table),
    "file": _write_file,
    "points": _write_points,
    "layer": _write_layer,
    "voxels": _write_voxels,
    "mesh": _write_mesh,
}
