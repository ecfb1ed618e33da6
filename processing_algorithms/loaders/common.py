"""What the loaders share: the fields of an area, a level of detail and a key, and joining chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.footprints import footprints
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.transport import Transport
from dtwin_plugin.translate import mark

GROUP = "Sources"
LODS = {
    "highest": mark("Highest of each object"),
    "all": mark("All"),
    "0": mark("LoD 0 (outline)"),
    "1": mark("LoD 1 (block)"),
    "1.2": mark("LoD 1.2 (block)"),
    "1.3": mark("LoD 1.3 (blocks of several heights)"),
    "2": mark("LoD 2 (roof shapes)"),
    "2.2": mark("LoD 2.2 (roof shapes)"),
    "3": mark("LoD 3"),
}
EXTENT = Field("extent", "Area", "extent", optional=True, doc="Only objects that touch it are read; default all.")
PART = replace(EXTENT, doc=mark("Only this part is read; default all."))
REQUIRED_EXTENT = Field("extent", "Area", "extent", doc="Only what touches it is asked of the service.")
LOD = Field(
    "lod",
    "Level of detail",
    "choice",
    default="highest",
    choices=LODS,
    doc="A higher level has more surfaces and takes more memory.",
)
ASSUME_CRS = Field(
    "assume_crs",
    "Coordinate system if the file has none",
    "text",
    optional=True,
    advanced=True,
    doc="For example EPSG:28992 (RD New).",
)
TYPES = Field(
    "types",
    "Object types",
    "text",
    optional=True,
    advanced=True,
    doc="Names as in the file, with commas between them (Building, Bridge); default all.",
)
AUTHENTICATION = Field(
    "authentication",
    "Key of the service",
    "text",
    optional=True,
    advanced=True,
    style="authentication",
    doc="A configuration of QGIS's authentication with the header that the service asks for (KNMI: Authorization).",
)
SURFACE_OUTPUTS = (
    Field(
        "surfaces",
        "Surfaces",
        "surfaces",
        geometry="polygon",
        style="surfaces",
        doc="Polygons in space (m NAP) by object and kind of surface, with all attributes.",
    ),
    Field(
        "footprints",
        "Footprints",
        "features",
        geometry="polygon",
        optional=True,
        style="footprints",
        doc="The outline of each object on the map, with its attributes.",
    ),
    Field("objects", "Objects", "integer", doc="Number of objects that were read."),
)
TERRAIN_OUTPUT = Field(
    "terrain", "Terrain", "grid", "m", style="terrain", doc="Heights in m NAP; cells without data stay without."
)


def lod_option(value: str) -> str | None:
    """Return the level of detail as the sources take it."""
    return None if value == "all" else value


def names_in(text: str | None) -> list[str] | None:
    """Return the names in a text with commas between them, None if there are none.

    >>> names_in("Building, Bridge"), names_in(" ")
    (['Building', 'Bridge'], None)
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()] or None


def transport() -> Transport:
    """Return the way to the network inside QGIS: with a cache, and with patience."""
    from dtwin_plugin.layers.network import transport as network_transport

    return network_transport()


def city_objects(kind: Callable[..., Any], values: Values, progress: Progress) -> dict[str, Any]:
    """Read city objects of a file with one kind of source, and return what loaders of surfaces do."""
    source = kind(
        values["file"],
        lod=lod_option(values["lod"]),
        types=names_in(values["types"]),
        assume_crs=values["assume_crs"] or None,
    )
    return surface_outputs(source.read(values["extent"], progress), values["file"].name)


def surface_outputs(chunks: Iterable[Surfaces], what: str) -> dict[str, Any]:
    """Join chunks of surfaces and add their footprints; raises InputError where there is nothing."""
    pieces = [chunk for chunk in chunks if len(chunk)]
    if not pieces:
        raise InputError(
            "{what} has no objects with surfaces for this area and level of detail.",
            hint="Choose another area or level of detail.",
            what=what,
        )
    surfaces = Surfaces.concatenate(pieces)
    outlines = footprints(surfaces)
    return {"surfaces": surfaces, "footprints": outlines, "objects": len(set(surfaces.columns["id"]))}
