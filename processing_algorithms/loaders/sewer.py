"""Sewer networks in GWSW-Hyd (HydX): manholes, pipes, and the input of SWMM that the flood model runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import tr

from .common import GROUP, PART


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.gwsw import GwswSource, inp_of
    from dtwin_plugin.sources.gwsw.network import TEXTS
    from dtwin_plugin.sources.gwsw.source import links_of, nodes_of

    path = values["file"] or (Path(values["folder"]) if values["folder"] else None)
    if path is None:
        raise InputError("Neither a file nor a folder is given.", hint="Choose a GWSW-Hyd set.")
    sewer = GwswSource(path).load()
    made: dict[str, Any] = {"nodes": nodes_of(sewer), "links": links_of(sewer)}
    if values["extent"] is not None:
        made = {name: features.within(values["extent"]) for name, features in made.items()}
    if not any(len(features) for features in made.values()):
        raise InputError("{file} has nothing in this area.", hint="Choose another area.", file=path.name)
    if sewer.faults:
        progress.warn("{file} has {count} faults; see the table.", file=path.name, count=len(sewer.faults))
        made["faults"] = {
            "source": [fault.table for fault in sewer.faults],
            "object": [fault.name for fault in sewer.faults],
            "fault": [tr(TEXTS[fault.what]) for fault in sewer.faults],
        }
    counts = {"count": len(made["nodes"]), "pipes": len(made["links"])}
    return {**{name: found for name, found in made.items() if len(found)}, **counts, "network": inp_of(sewer)}


LOAD_SEWER = Model(
    id="loadsewer",
    version="1.0.0",
    title="Load sewer network",
    group=GROUP,
    summary="Manholes, pipes, weirs and pumps of a GWSW-Hyd set (HydX), with what is wrong in it, and the same network "
    "as an input file of SWMM for the flood model.",
    inputs=(
        Field("file", "GWSW-Hyd set", "file", optional=True, doc="A zip, or Knooppunt.csv of an unpacked set."),
        Field("folder", "Folder of a GWSW-Hyd set", "text", optional=True, doc="The path of an unpacked set."),
        PART,
    ),
    outputs=(
        Field(
            "links",
            "Pipes and structures",
            "features",
            geometry="line",
            style="sewer_links",
            doc="Pipes, weirs, orifices and pumps with levels in m NAP and sizes in m.",
        ),
        Field(
            "nodes",
            "Manholes and outfalls",
            "features",
            geometry="point",
            style="sewer_nodes",
            doc="Level of bottom and rim in m NAP, area of the shaft.",
        ),
        Field(
            "faults",
            "Faults in the set",
            "table",
            columns={"source": "1", "object": "1", "fault": "1"},
            optional=True,
            doc="What is not as it should be, and what was taken in its place.",
        ),
        Field(
            "network",
            "Input of SWMM",
            "file",
            optional=True,
            style="SWMM (*.inp)",
            doc="The whole set as an .inp file, which the flood model and SWMM itself read.",
        ),
        Field("count", "Number of manholes and outfalls", "integer", doc="That were read."),
        Field("pipes", "Number of pipes and structures", "integer", doc="That were read."),
    ),
    run=_run,
    references=(
        "GWSW-Hyd: uitwisselformaat hydraulische gegevens, Stichting RIONED, version of 2019.",
        "Rossman, L.A. (2015). Storm Water Management Model Reference Manual. US EPA, EPA/600/R-15/162A.",
    ),
    validity="Profiles without a size become a circle of 0.4 m and are listed. Switches at the pressure side of pumps, "
    "and curves of pumps, are not used.",
)
