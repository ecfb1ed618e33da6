"""Points of laser scans: from files, from an address, and from the AHN."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import ASSUME_CRS, GROUP, PART, REQUIRED_EXTENT, transport

_READ = ("CopcSource", "EptSource", "LasSource", "XyzSource")


def classes_of(text: str) -> set[int] | None:
    """Return LAS classes of a text with commas, None for all; raises InputError."""
    parts = [part.strip() for part in (text or "").split(",") if part.strip()]
    if not all(part.isdigit() and int(part) < 256 for part in parts):
        raise InputError(
            "Classes is {found}; expected numbers from 0 to 255 with commas between them.", found=repr(text)
        )
    return {int(part) for part in parts} or None


def open_points(where: str | Path, progress: Progress, resolution: float | None = None, **options: Any) -> Any:
    """Return the source of points in a file or at an address.

    Parameters
    ----------
    where : str or path
        A path, an address, or the id of an address in the catalogue.

    Raises
    ------
    InputError
        If it is something else than points.
    """
    if isinstance(where, str):
        return _remote(where, resolution=resolution, **options)
    from dtwin_plugin.sources.registry import find

    kind = find(where).load()
    if kind.__name__ not in _READ:
        raise InputError("{file} is no point cloud.", hint="Choose a LAS, LAZ, COPC, EPT or XYZ file.", file=where.name)
    if kind.__name__ in ("CopcSource", "EptSource"):
        return kind(where, resolution=resolution, **options)
    if resolution:
        progress.warn("{file} has no levels of detail; all points of the area are read.", file=where.name)
    return kind(where, **options)


def _remote(where: str, **options: Any) -> Any:
    from dtwin_plugin import catalogue
    from dtwin_plugin.sources.copc import CopcSource
    from dtwin_plugin.sources.ept import EptSource

    url = where if where.startswith(("http://", "https://")) else catalogue.url_of(where)
    kind = EptSource if url.split("?")[0].endswith("ept.json") else CopcSource
    return kind(url, transport=transport(), **options)


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    where = values["file"] or (values["address"] or "").strip()
    if not where:
        raise InputError("There is no file and no address of points.", hint="Choose a file, or give an address.")
    source = open_points(
        where,
        progress,
        values["resolution"],
        classes=classes_of(values["classes"]),
        every=values["every"],
        assume_crs=values["assume_crs"] or None,
    )
    return {"points": source.read(values["extent"], progress)}


def _run_ahn(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.ahn_points import AhnPointsSource

    source = AhnPointsSource(transport(), classes=classes_of(values["classes"]), resolution=values["resolution"])
    return {"points": source.read(values["extent"], progress)}


CLASSES = Field(
    "classes",
    "Classes",
    "text",
    default="",
    optional=True,
    doc="LAS classes of the points to keep, with commas between them, such as 2,6 for ground and buildings; default "
    "all.",
)
_RESOLUTION = Field(
    "resolution",
    "Distance between points",
    "number",
    "m",
    minimum=0.01,
    maximum=1000,
    optional=True,
    doc="Of COPC and EPT only the points that this distance needs are read; default all.",
)
_POINTS = Field(
    "points",
    "Points",
    "points",
    style="points",
    doc="Points with class, intensity and colour in RD New and m NAP, as COPC.",
)

LOAD_POINTS = Model(
    id="loadpoints",
    version="1.0.0",
    title="Load point cloud",
    group=GROUP,
    summary="Points of a LAS, LAZ, COPC, EPT or XYZ file, or of a COPC or EPT on a server, of which only the parts in "
    "the area are read; written as COPC and coloured by class.",
    inputs=(
        Field("file", "Point cloud", "file", optional=True, doc="LAS, LAZ, COPC, ept.json or text with x, y and z."),
        Field(
            "address",
            "Address",
            "text",
            optional=True,
            doc="Instead of a file: https:// and so on of a COPC or of an ept.json, or its name in the catalogue.",
        ),
        PART,
        CLASSES,
        _RESOLUTION,
        Field(
            "every",
            "One in so many points",
            "integer",
            default=1,
            minimum=1,
            maximum=100_000,
            advanced=True,
            doc="More gives a thinner cloud, evenly over the file.",
        ),
        ASSUME_CRS,
    ),
    outputs=(_POINTS,),
    run=_run,
)

LOAD_AHN_POINTS = Model(
    id="loadahnpoints",
    version="1.0.0",
    title="Load AHN points",
    group=GROUP,
    summary="Points of an area from the national height model AHN, of each tile the newest version that has it; "
    "missing tiles are named. Source: AHN.",
    inputs=(REQUIRED_EXTENT, CLASSES, _RESOLUTION),
    outputs=(_POINTS,),
    run=_run_ahn,
)
