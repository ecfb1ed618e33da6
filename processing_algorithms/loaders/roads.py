"""Roads as a network: of OpenStreetMap, Geofabrik and the NWB as files, and of the NWB as a service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.models.traffic.network_model import CLASSES, JOIN, OUTPUTS, PATHS, TOLERANCE
from dtwin_plugin.progress import Part, Progress

from .common import ASSUME_CRS, EXTENT, GROUP, transport
from .features import by_kind

_OSM = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
_NWB = ("nwb-wfs", "wegvakken")  # in the catalogue, and what it is called there


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.traffic.network import Options, ZoneOptions, build
    from dtwin_plugin.models.traffic.network_lines import ENDS, VERTICES
    from dtwin_plugin.models.traffic.network_model import outputs_of
    from dtwin_plugin.models.traffic.network_turns import bans_of
    from dtwin_plugin.models.traffic.road_classes import read_table
    from dtwin_plugin.models.traffic.road_columns import columns_of

    roads, turns = _read(values, Part(progress, 0.0, 0.6))
    # the sections of the NWB end at its junctions; in the others a shared vertex is one
    where = ENDS if columns_of(roads).kind == "nwb" else VERTICES
    table = read_table(values["classes"]) if values["classes"] is not None else None
    options = Options(where, values["tolerance"], values["join"], values["paths"], table=table)
    bans = [] if turns is None else bans_of(turns)
    return outputs_of(build(roads, options, ZoneOptions(), bans, Part(progress, 0.6, 1.0)), progress)


def _read(values: Values, progress: Progress) -> tuple[Features, Features | None]:
    path, extent = values["file"], values["extent"]
    if path is not None and path.name.lower().endswith(_OSM):
        from dtwin_plugin.sources.osm import OsmRoadsSource

        roads, turns = OsmRoadsSource(path).network(extent, progress)
    else:
        turns, roads = None, _of_service(values, progress) if path is None else _of_file(path, values, progress)
    if not len(roads):
        raise InputError(
            "{what} has no roads in this area.", hint="Choose another area.", what=path.name if path else "NWB"
        )
    return roads, turns


def _of_file(path: Path, values: Values, progress: Progress) -> Features:
    from dtwin_plugin.sources.vector import VectorSource

    source = VectorSource(path, layer=values["layer"] or None, assume_crs=values["assume_crs"] or None)
    return _lines(by_kind(source.read(values["extent"], progress)), path.name)


def _of_service(values: Values, progress: Progress) -> Features:
    from dtwin_plugin.sources.features_service import source_of

    if values["extent"] is None:
        raise InputError(
            "Neither a file nor an area is given.", hint="Choose a file, or the area that is asked of the NWB."
        )
    source = source_of(*_NWB, transport=transport())
    return _lines(by_kind(source.read(values["extent"], progress)), "NWB")


def _lines(found: dict[str, Features], what: str) -> Features:
    if "line" not in found:
        raise InputError("{what} has no lines in this area.", hint="Choose another file, layer or area.", what=what)
    return found["line"]


LOAD_ROADS = Model(
    id="loadroads",
    version="1.0.0",
    title="Load roads",
    group=GROUP,
    summary="A road network of OpenStreetMap (.osm.pbf, .osm, or the GeoPackages and shapefiles of Geofabrik) or of "
    "the NWB (a file, or the national service by area): links, nodes and bans on turning for models of traffic, with "
    "what is wrong in it.",
    inputs=(
        Field("file", "File of roads", "file", optional=True,
              doc="OpenStreetMap as .osm.pbf or .osm, Geofabrik or NWB as GeoPackage or shapefile; without it the NWB "
              "is asked of its service for the area."),
        EXTENT,
        Field("layer", "Layer of the file", "text", optional=True,
              doc="Of a GeoPackage with several, such as gis_osm_roads_free; default the first with geometries."),
        replace(TOLERANCE, default=0.05, advanced=True),
        JOIN,
        PATHS,
        CLASSES,
        ASSUME_CRS,
    ),
    outputs=tuple(item for item in OUTPUTS if item.name != "zone_areas"),
    run=_run,
    references=(
        "OpenStreetMap Wiki (2024): PBF Format, Key:highway, Relation:restriction. Data: OpenStreetMap contributors, "
        "ODbL 1.0.",
        "NDW (2024). Handleiding NWB, version 1.1.",
    ),
    validity="Bans on turning that go by a way do not count. The NWB has no speeds, lanes or classes: those of the "
    "table of classes are taken, by road authority and kind of carriageway.",
)  # fmt: skip
