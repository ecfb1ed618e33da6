"""What the ground is made of: GeoTOP and REGIS II, from files and by area from their services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import mark, tr

from .common import GROUP, PART, transport

_REGIS_COLUMNS = {
    "number": "1", "layer": "1", "cells": "1", "top": "m", "bottom": "m", "thickness": "m", "kh": "m d-1",
    "kv": "m d-1",
}  # fmt: skip


def _heights(values: Values) -> tuple[float, float] | None:
    """Return the range of heights that is wanted [m NAP], None for all; raises InputError where it is none."""
    low, high = values["lowest"], values["highest"]
    if low is None and high is None:
        return None
    low, high = -np.inf if low is None else low, np.inf if high is None else high
    if low >= high:
        raise InputError("The lowest height {low} m is not below the highest, {high} m.", low=low, high=high)
    return low, high


def _address(values: Values, usual: str) -> str:
    """Return the address of a service, from the catalogue where its name is given, or none is."""
    from dtwin_plugin import catalogue

    text = (values["address"] or "").strip() or usual
    return text if text.startswith(("http://", "https://")) else catalogue.url_of(text)


def _run_geotop(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.geotop import GeotopServiceSource, GeotopSource, joined

    heights = _heights(values)
    source: Any = (
        GeotopSource(values["file"], heights=heights)
        if values["file"]
        else GeotopServiceSource(transport(), url=_address(values, "geotop"), heights=heights)
    )
    voxels = joined(source.read(values["extent"], Part(progress, 0.0, 0.9)))
    counts = np.bincount(voxels.classes[voxels.classes >= 0], minlength=len(voxels.names))
    there = np.flatnonzero(counts)
    volume = float(np.prod(voxels.cell_size))
    table = {
        "class": there.astype(float).tolist(),
        "class_name": [tr(voxels.names[number]) for number in there],
        "cells": counts[there].astype(float).tolist(),
        "volume": (counts[there] * volume).tolist(),
        "probability": [_mean_chance(voxels, number) for number in there],
    }
    return {"voxels": voxels, "classes": table, "cells": int(counts.sum())}


def _mean_chance(voxels: Any, number: int) -> float | None:
    if voxels.probability is None:
        return None
    chances = voxels.probability[..., number][voxels.classes == number]
    known = chances[np.isfinite(chances)]
    return float(known.mean()) if known.size else None


def _run_regis(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.geotop import RegisServiceSource, RegisSource
    from dtwin_plugin.sources.geotop.layers import table_of, voxels_of

    source: Any = (
        RegisSource(values["file"])
        if values["file"]
        else RegisServiceSource(transport(), url=_address(values, "regis"))
    )
    stack = source.stack(values["extent"], Part(progress, 0.0, 0.6))
    layer = _layer(values["layer"], stack.names)
    voxels = voxels_of(stack, values["cell_height"], _heights(values), Part(progress, 0.6, 1.0))
    return {
        "voxels": voxels,
        "top": stack.grid("top", layer),
        "bottom": stack.grid("bottom", layer),
        "layers": table_of(stack),
        "cells": int((voxels.classes >= 0).sum()),
    }


def _layer(text: str | None, names: tuple[str, ...]) -> int | None:
    """Return the number of a layer by its name, None for all; raises InputError where there is none of it."""
    wanted = (text or "").strip().lower()
    if not wanted:
        return None
    for number, name in enumerate(names):
        if name.lower() == wanted:
            return number
    raise InputError("There is no layer {found}; there are {names}.", found=text, names=", ".join(names))


_FILE = Field("file", "File", "file", optional=True, doc="Instead of the service: netCDF, or text with a line a voxel.")
_ADDRESS = Field(
    "address",
    "Address",
    "text",
    default="geotop",
    optional=True,
    doc="Of an OPeNDAP data set, or its name in the catalogue; used where there is no file.",
)
_AREA = replace(PART, doc=mark("What touches it is read; a service needs one, of a file the default is all."))
_LOWEST = Field("lowest", "Lowest height", "number", "m", None, -2000, 400, optional=True, doc="In m NAP; default all.")
_HIGHEST = Field(
    "highest", "Highest height", "number", "m", None, -2000, 400, optional=True, doc="In m NAP; default all."
)

LOAD_GEOTOP = Model(
    id="loadgeotop",
    version="1.0.0",
    title="Load GeoTOP",
    group=GROUP,
    summary="Voxels of the upper 50 m of the ground: soil class with the probability of each, stratigraphy, and the "
    "uncertainty of the model; in the colours of TNO, on the map and in 3D. Source: TNO - GeoTOP.",
    inputs=(_FILE, _ADDRESS, _AREA, _LOWEST, _HIGHEST),
    outputs=(
        Field("voxels", "GeoTOP", "voxels", style="voxels", doc="A polygon for each voxel with its bottom and top."),
        Field(
            "classes",
            "Soil classes",
            "table",
            columns={"class": "1", "class_name": "1", "cells": "1", "volume": "m3", "probability": "1"},
            optional=True,
            doc="Each class with its voxels, their volume, and the mean probability of the class in them.",
        ),
        Field("cells", "Cells", "integer", doc="Number of voxels with a class."),
    ),
    run=_run_geotop,
    references=("TNO - Geological Survey of the Netherlands (2023). GeoTOP 1.6.",),
)

LOAD_REGIS = Model(
    id="loadregis",
    version="1.0.0",
    title="Load REGIS",
    group=GROUP,
    summary="Layers of the deeper ground from REGIS II or DGM: voxels with layer and conductivity; tops and bottoms "
    "as rasters. Source: TNO - REGIS II.",
    inputs=(
        replace(_FILE, doc=mark("Instead of the service: netCDF with tops and bottoms of layers.")),
        replace(_ADDRESS, default="regis"),
        _AREA,
        Field(
            "cell_height",
            "Height of a voxel",
            "number",
            "m",
            1.0,
            0.1,
            100,
            doc="The layer at the middle of a voxel counts; half the height takes twice the memory and shows thinner "
            "layers.",
        ),
        _LOWEST,
        _HIGHEST,
        Field("layer", "Layer of the rasters", "text", optional=True, doc="Its name, such as BXz2; default all, a band "
              "each."),
    ),
    outputs=(
        Field("voxels", "REGIS II", "voxels", style="voxels", doc="A polygon for each voxel with its bottom and top."),
        Field("top", "Tops", "grid", "m", optional=True, style="values", doc="Upper sides in m NAP."),
        Field("bottom", "Bottoms", "grid", "m", optional=True, style="values", doc="Lower sides in m NAP."),
        Field(
            "layers",
            "Layers",
            "table",
            columns=_REGIS_COLUMNS,
            optional=True,
            doc="Each layer with its band, cells, highest top, lowest bottom, mean thickness and conductivities.",
        ),
        Field("cells", "Cells", "integer", doc="Number of voxels with a layer."),
    ),
    run=_run_regis,
    references=("TNO - Geological Survey of the Netherlands (2017). REGIS II version 2.2.",),
)  # fmt: skip
