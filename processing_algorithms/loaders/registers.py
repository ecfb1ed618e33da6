"""Files of base registers: BAG, BRK, TOP10NL, IMGeo and GML collections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.base import Source

from .common import EXTENT, GROUP, names_in

_OUTPUTS = {"polygon": "polygons", "line": "lines", "point": "points"}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    source = _source(values["file"], names_in(values["types"]), values["current"])
    pieces: dict[str, list[Features]] = {}
    for features in source.read(values["extent"], progress):
        pieces.setdefault(_OUTPUTS[features.geometries.kind], []).append(features)
    if not pieces:
        raise InputError(
            "{file} has no objects with a geometry for this area and these types.",
            hint="Choose another area or other types, or take history along.",
            file=values["file"].name,
        )
    joined: dict[str, Any] = {name: Features.concatenate(found) for name, found in pieces.items()}
    return {**joined, "count": sum(len(features) for features in joined.values())}


def _source(file: Path, types: list[str] | None, current: bool) -> Source:
    from dtwin_plugin.sources.registers import RegisterSource
    from dtwin_plugin.sources.registry import SOURCES, find
    from dtwin_plugin.sources.vector import VectorSource

    kind = find(file)
    if kind is SOURCES["registers"]:
        return RegisterSource(file, types=types, current_only=current)
    if kind is SOURCES["vector"]:
        return VectorSource(file, layer=types[0] if types else None)
    raise InputError(
        "{file} is of the kind {kind}.", hint="Load it with the algorithm for that.", file=file.name, kind=kind.title
    )


def _output(name: str, title: str, geometry: str) -> Field:
    doc = "With all attributes; the column klasse holds the type."
    return Field(name, title, "features", geometry=geometry, optional=True, style="register", doc=doc)


LOAD_REGISTER = Model(
    id="loadregister",
    version="1.0.0",
    title="Load register file",
    group=GROUP,
    summary="Objects of a base register from a file as it was delivered: BAG extract (2.0 and 1.0), cadastral map "
    "(BRK), TOP10NL, IMGeo or another GML collection, also in a zip with zips; or a layer of a GeoPackage.",
    inputs=(
        Field("file", "File", "file", doc="A .gml, .xml, .zip or .gz file."),
        EXTENT,
        Field(
            "types",
            "Types",
            "text",
            optional=True,
            doc="Names with commas between them, such as pand, verblijfsobject, perceel; of a GeoPackage its layer. "
            "Default all.",
        ),
        Field(
            "current",
            "Only what is valid today",
            "boolean",
            default=True,
            doc="Without it, earlier and ended states come too and lie on top of each other.",
        ),
    ),
    outputs=(
        _output("polygons", "Areas", "polygon"),
        _output("lines", "Lines", "line"),
        _output("points", "Points", "point"),
        Field("count", "Objects", "integer", doc="Number of objects that were read."),
    ),
    run=_run,
    references=(
        "Catalogus BAG 2018, Ministerie van BZK.",
        "Productbeschrijving Kadastrale Kaart, Kadaster.",
        "BRT Catalogus, productspecificaties TOP10NL, Kadaster.",
    ),
)
