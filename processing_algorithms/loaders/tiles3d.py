"""3D Tiles: as a layer that stays with its owner, and as surfaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, LayerReference, PointCloud, Surfaces
from dtwin_plugin.errors import CrsError, InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP, REQUIRED_EXTENT, SURFACE_OUTPUTS, surface_outputs, transport

# Extensions of glTF without which QGIS shows nothing of a tile, and says nothing: the library of QGIS 3.40.6 for Debian
# names neither; builds elsewhere may have Draco.
_UNSEEN = ("EXT_meshopt_compression", "KHR_draco_mesh_compression")
_SOURCE = Field(
    "source",
    "Tileset",
    "text",
    doc="A name in the catalogue such as 3dbv-gebouwen, an address, or the path of a tileset.json.",
)


def _address(text: str) -> tuple[str, str, str, str]:
    """Return address, title, licence and attribution of a source: of the catalogue, an address or a file."""
    known = catalogue.entries().get(text)
    if known is not None:
        return catalogue.url_of(text), known.title, known.licence, known.attribution
    if text.startswith(("http://", "https://")):
        return text, urlsplit(text).path.rstrip("/").rpartition("/")[2] or urlsplit(text).netloc, "", ""
    if not Path(text).is_file():
        raise InputError(
            "{source} is no source of the catalogue, no address and no file.",
            hint="Give a name such as 3dbv-gebouwen, an address that starts with https://, or a path.",
            source=text,
        )
    return str(Path(text).absolute()), Path(text).parent.name or Path(text).name, "", ""


def _open(address: str, **options: Any) -> Any:
    from dtwin_plugin.sources.tiles3d import Tiles3dSource

    remote = address.startswith(("http://", "https://"))
    return Tiles3dSource(address, transport=transport() if remote else None, **options)


def _area_of(source: Any, progress: Progress) -> Extent | None:
    """Return where a tileset says that it lies, None where it does not or that is not in the Netherlands."""
    from dtwin_plugin.sources.crs import extent_to_rd

    region = source.describe(progress).facts.get("region")
    try:
        return extent_to_rd((region[0], region[1], region[3], region[4]), "EPSG:4979") if region else None
    except CrsError:
        return None


def _run_layer(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.tiles3d.datum import UNCERTAINTY, nap_above_ellipsoid

    address, title, licence, attribution = _address(values["source"])
    source = _open(address)
    first = source.first_content(progress)
    if first is None:
        raise InputError("{source} has no tiles with contents.", source=title)
    unseen = [name for name in first.required if name in _UNSEEN]
    if unseen:
        progress.warn(
            "{title} needs {extensions}, which QGIS does not read: the layer may stay empty. "
            "Use Import 3D Tiles instead.",
            title=title,
            extensions=", ".join(unseen),
        )
    offset = values["z_offset"]
    if offset is None:
        height, sure = nap_above_ellipsoid(values["extent"] or _area_of(source, progress))
        offset = -height
        if not sure:
            progress.warn(
                "Heights of {title} are brought to NAP by {offset:.2f} m, which is up to {error:.0f} m off where you "
                "are: the correction grids are not there, or no area is given.",
                title=title,
                offset=offset,
                error=UNCERTAINTY,
            )
    uri = address if address.startswith("http") else Path(address).as_uri()
    layer = LayerReference(
        "tiledscene",
        "cesiumtiles",
        "url=" + uri.replace("&", "%26"),  # which would end it
        title,
        z_offset=offset,
        licence=licence,
        attribution=attribution,
    )
    return {"tiles": layer}


def _run_import(values: Values, progress: Progress) -> dict[str, Any]:
    address, title, _, _ = _address(values["source"])
    source = _open(address, geometric_error=values["geometric_error"], max_tiles=values["max_tiles"])
    pieces, points = [], 0
    for carrier in source.read(values["extent"], progress):
        if isinstance(carrier, Surfaces):
            pieces.append(carrier)
        elif isinstance(carrier, PointCloud):
            points += len(carrier)
    if points:
        progress.warn("{count} points of {title} are left out; only surfaces are imported.", count=points, title=title)
    return surface_outputs(pieces, title)


LOAD_3DTILES = Model(
    id="load3dtiles",
    version="1.0.0",
    title="Load 3D Tiles",
    group=GROUP,
    summary="A tileset as a layer that stays with its owner and is shown in 3D, with heights brought from the "
    "ellipsoid to NAP. It is tried whether QGIS can show it.",
    inputs=(
        _SOURCE,
        EXTENT,
        Field(
            "z_offset",
            "Height offset",
            "number",
            "m",
            optional=True,
            minimum=-100,
            maximum=100,
            advanced=True,
            doc="Added to all heights; default minus the height of NAP above the ellipsoid in the middle of the area, "
            "or else of the tiles.",
        ),
    ),
    outputs=(
        Field(
            "tiles", "3D Tiles", "layer", doc="A layer definition that any QGIS opens; the tiles stay at their owner."
        ),
    ),
    run=_run_layer,
    references=("OGC 22-025r4, 3D Tiles 1.1.",),
)

IMPORT_3DTILES = Model(
    id="import3dtiles",
    version="1.0.0",
    title="Import 3D Tiles",
    group=GROUP,
    summary="The surfaces of a tileset in an area, with the attributes of its objects, in RD New and m NAP: to "
    "calculate with, and for tilesets that QGIS cannot show.",
    inputs=(
        _SOURCE,
        REQUIRED_EXTENT,
        Field(
            "geometric_error",
            "Geometric error",
            "number",
            "m",
            0.0,
            0,
            1000,
            advanced=True,
            doc="Coarser tiles are enough where their error is at most this; 0 reads the finest.",
        ),
        Field(
            "max_tiles",
            "Tiles at most",
            "integer",
            default=2000,
            minimum=1,
            maximum=100_000,
            advanced=True,
            doc="More are refused: choose a smaller area or a larger geometric error.",
        ),
    ),
    outputs=SURFACE_OUTPUTS,
    run=_run_import,
    references=("OGC 22-025r4, 3D Tiles 1.1.",),
)
