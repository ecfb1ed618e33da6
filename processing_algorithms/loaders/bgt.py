"""The large-scale base map (BGT), from files as they are delivered or from the national service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import EXTENT, GROUP, names_in, transport

# IMGeo classes in the order in which they are drawn at one level; what is not here comes on top.
ORDER = (
    "begroeidterreindeel",
    "onbegroeidterreindeel",
    "waterdeel",
    "ondersteunendwaterdeel",
    "ondersteunendwegdeel",
    "wegdeel",
    "tunneldeel",
    "kunstwerkdeel",
    "overbruggingsdeel",
    "pand",
    "overigbouwwerk",
)
_OUTPUTS = {"polygon": "bgt", "line": "bgt_lines", "point": "bgt_points"}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    pieces: dict[str, list[Features]] = {}
    for klasse, features in _read(values, progress):
        if "klasse" not in features.columns:
            features = features.with_columns({"klasse": np.array([klasse] * len(features), object)})
        pieces.setdefault(_OUTPUTS[features.geometries.kind], []).append(features)
    if not pieces:
        raise InputError("The BGT has nothing here.", hint="Choose another area or other classes.")
    return {name: _by_level(Features.concatenate(found)) for name, found in pieces.items()}


def _read(values: Values, progress: Progress) -> Iterator[tuple[str, Features]]:
    classes = names_in(values.get("classes"))
    chosen = values.get("file") or (Path(values["folder"]) if values.get("folder") else None)
    if chosen is not None:
        from dtwin_plugin.sources.bgt_files import bgt_from_files

        history = bool(values.get("history"))
        yield from bgt_from_files(chosen, values["extent"], classes, progress, history=history)
        return
    from dtwin_plugin.sources.bgt_collections import bgt_from_service

    if values["extent"] is None:
        raise InputError("Neither a file nor an area is given.", hint="Choose a BGT file, or an area of the service.")
    if values.get("history"):
        progress.warn("The service gives what is there today; history is in files only.")
    yield from bgt_from_service(values["extent"], classes, transport(), progress)


def _by_level(features: Features) -> Features:
    """Return the features from the lowest level to the highest, so that a bridge is drawn over its water."""
    rank = np.array([_rank(name) for name in features.columns["klasse"]])
    level = np.array(list(_levels(features.columns.get("relatieve_hoogteligging", np.zeros(len(features))))))
    return features.take(np.lexsort((rank, level)))


def _rank(klasse: str) -> int:
    return ORDER.index(klasse) if klasse in ORDER else len(ORDER)


def _levels(values: Iterable[Any]) -> Iterator[float]:
    for number in map(number_of, values):
        yield number if number == number else 0.0


LOAD_BGT = Model(
    id="loadbgt",
    version="2.0.0",
    title="Load BGT",
    group=GROUP,
    summary="The large-scale base map (BGT) of an area from the national service, or from a file as it was delivered: "
    "GML, a zip of it, a GeoPackage or SpatiaLite. Polygons, lines and points each in one layer, drawn by level in the "
    "colours of the national standard, with function, physical appearance and source holder.",
    inputs=(
        Field(
            "file",
            "BGT file",
            "file",
            optional=True,
            doc="GML, a zip of GML, a GeoPackage or SpatiaLite with a layer for each class; without it the national "
            "service is asked for the area.",
        ),
        Field(
            "folder",
            "Folder of BGT files",
            "text",
            optional=True,
            advanced=True,
            doc="The path of a folder with a file for each class, in place of one file.",
        ),
        EXTENT,
        Field(
            "classes",
            "Classes",
            "text",
            optional=True,
            doc="Names with commas between them, such as wegdeel, waterdeel, pand; default all. Fewer is faster.",
        ),
        Field(
            "history",
            "With history",
            "boolean",
            default=False,
            advanced=True,
            doc="Give objects of a file that have ended or were replaced too; they overlap with those of today.",
        ),
    ),
    outputs=(
        Field(
            "bgt",
            "BGT",
            "features",
            geometry="polygon",
            style="bgt",
            doc="All polygons, drawn by level; the column klasse holds the class.",
        ),
        Field(
            "bgt_lines",
            "BGT lines",
            "features",
            geometry="line",
            optional=True,
            style="bgt_lines",
            doc="Railway tracks, fences, walls and crest lines.",
        ),
        Field(
            "bgt_points",
            "BGT points",
            "features",
            geometry="point",
            optional=True,
            style="bgt_points",
            doc="Trees, posts, manholes, names of streets and house numbers.",
        ),
    ),
    run=_run,
    references=(
        "Basisregistratie Grootschalige Topografie: Gegevenscatalogus IMGeo 2.2, Geonovum, 2020.",
        "BGT|IMGeo Visualisatieregels 2.3, Geonovum, 2018.",
    ),
)
