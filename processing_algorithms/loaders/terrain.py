"""Terrain from files and from the AHN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import ASSUME_CRS, GROUP, PART, REQUIRED_EXTENT, TERRAIN_OUTPUT, transport


def _run_file(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.raster import RasterSource

    source = RasterSource(
        values["file"], cell_size=values["cell_size"], assume_crs=values["assume_crs"] or None, unit="m"
    )
    return {"terrain": next(source.read(values["extent"], progress))}


def _run_ahn(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.ahn import AhnSource

    source = AhnSource(transport(), values["coverage"], cell_size=values["cell_size"])
    return {"terrain": next(source.read(values["extent"], progress))}


def _run_tiles(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.terrain_tiles import TerrainTilesSource

    source = TerrainTilesSource(transport(), values["coverage"], cell_size=values["cell_size"])
    return {"terrain": next(source.read(values["extent"], progress))}


def _run_mesh(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin import catalogue
    from dtwin_plugin.sources.quantized_mesh import QuantizedMeshSource

    text = values["source"]
    address = catalogue.url_of(text) if text in catalogue.entries() else text
    remote = address.startswith(("http://", "https://"))
    source = QuantizedMeshSource(
        address, transport=transport() if remote else None, cell_size=values["cell_size"], level=values["level"]
    )
    return {"terrain": next(source.read(values["extent"], progress))}


_COVERAGE = Field(
    "coverage",
    "Model",
    "choice",
    default="dtm_05m",
    choices={"dtm_05m": "Ground (DTM)", "dsm_05m": "Ground, buildings and trees (DSM)"},
    doc="The ground has holes under buildings and water.",
)
_CELL_SIZE = Field(
    "cell_size",
    "Cell size",
    "number",
    "m",
    default=0.5,
    minimum=0.5,
    maximum=100,
    doc="A larger one gives the mean of the cells; halving it takes four times the memory.",
)

LOAD_TERRAIN = Model(
    id="loadterrain",
    version="1.0.0",
    title="Load terrain",
    group=GROUP,
    summary="Heights of a raster file, cut to the area and brought to RD New, as a Cloud Optimized GeoTIFF.",
    inputs=(
        Field("file", "Raster file", "file", doc="GeoTIFF, COG, ASCII grid or another raster with heights in m NAP."),
        PART,
        Field(
            "cell_size",
            "Cell size",
            "number",
            "m",
            minimum=0.01,
            maximum=1000,
            optional=True,
            doc="Default that of the file; a larger one gives the mean of the cells.",
        ),
        ASSUME_CRS,
    ),
    outputs=(TERRAIN_OUTPUT,),
    run=_run_file,
)

LOAD_AHN = Model(
    id="loadahn",
    version="1.0.0",
    title="Load AHN terrain",
    group=GROUP,
    summary="Heights of an area from the national height model AHN at 0.5 m. Source: AHN through PDOK, CC0.",
    inputs=(REQUIRED_EXTENT, _COVERAGE, _CELL_SIZE),
    outputs=(TERRAIN_OUTPUT,),
    run=_run_ahn,
)

LOAD_TERRAIN_TILES = Model(
    id="loadterraintiles",
    version="1.0.0",
    title="Load AHN terrain from tiles",
    group=GROUP,
    summary="Heights of an area from the download tiles of the national height model AHN, of which only the bytes of "
    "the area are read; for when the coverage service is busy, or for larger cells. Source: AHN through PDOK, CC0.",
    inputs=(REQUIRED_EXTENT, _COVERAGE, _CELL_SIZE),
    outputs=(TERRAIN_OUTPUT,),
    run=_run_tiles,
)

LOAD_TERRAIN_MESH = Model(
    id="loadterrainmesh",
    version="1.0.0",
    title="Load terrain from a mesh",
    group=GROUP,
    summary="Heights of an area from a terrain of quantized mesh tiles, such as that of the 3D Basisvoorziening, "
    "brought from the ellipsoid to NAP.",
    inputs=(
        Field(
            "source",
            "Terrain",
            "text",
            default="3dbv-dtm",
            doc="A name in the catalogue, the address of a layer.json, or its path.",
        ),
        REQUIRED_EXTENT,
        replace(_CELL_SIZE, default=1.0),
        Field(
            "level",
            "Level of tiles",
            "integer",
            optional=True,
            minimum=0,
            maximum=24,
            advanced=True,
            doc="Default the finest; each level less has a quarter of the triangles.",
        ),
    ),
    outputs=(TERRAIN_OUTPUT,),
    run=_run_mesh,
    references=("Cesium, quantized-mesh-1.0 terrain format.",),
)
