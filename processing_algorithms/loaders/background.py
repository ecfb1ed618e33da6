"""Background maps and aerial photographs, which stay with their owner."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark, tr

from .common import GROUP, transport

_MAPS = {
    "standaard": mark("BRT-A, standard"),
    "grijs": mark("BRT-A, grey"),
    "pastel": mark("BRT-A, pastel"),
    "water": mark("BRT-A, water"),
    "aerial25": mark("Aerial photograph, 25 cm"),
    "aerial8": mark("Aerial photograph, 8 cm"),
    "infrared": mark("Aerial photograph, infra-red"),
}
# map -> its source in the catalogue, and names that its layer has or had
_LAYERS = {
    **{name: ("brt-a-wmts", (name,)) for name in ("standaard", "grijs", "pastel", "water")},
    "aerial25": ("luchtfoto-wmts", ("Actueel_ortho25",)),
    "aerial8": ("luchtfoto-wmts", ("Actueel_orthoHR",)),
    "infrared": ("luchtfoto-cir-wmts", ("Actueel_orthoHRIR", "Actueel_ortho25IR")),
}


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.tilemaps import TileMaps

    source, names = _LAYERS[values["map"]]
    return {"layer": TileMaps(source, transport(), progress).reference(names, tr(_MAPS[values["map"]]))}


LOAD_BACKGROUND = Model(
    id="loadbackground",
    version="1.0.0",
    title="Load background map",
    group=GROUP,
    summary="The national background map BRT-A or an aerial photograph, as tiles in RD that QGIS asks of PDOK while "
    "you look at the map; nothing is downloaded beforehand. © Kadaster and © Beeldmateriaal Nederland, CC BY 4.0.",
    inputs=(
        Field(
            "map",
            "Map",
            "choice",
            default="grijs",
            choices=_MAPS,
            doc="Grey and pastel leave most room for results; the photograph of 8 cm is the slowest.",
        ),
    ),
    outputs=(Field("layer", "Background map", "layer", doc="Refers to the service and holds no data."),),
    run=_run,
)
