"""Topography at 1:10,000 (TOP10NL) by area, a theme or several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, REQUIRED_EXTENT, transport
from .features import FEATURE_OUTPUTS, by_kind, marked, outputs_of

# What the names of the collections begin with, in the order in which they are drawn.
THEMES = {
    "terrein": "Terrain",
    "functioneel_gebied": "Functional areas",
    "waterdeel": "Water",
    "wegdeel": "Roads",
    "spoorbaandeel": "Railways",
    "relief": "Relief",
    "hoogte": "Heights",
    "inrichtingselement": "Fixtures",
    "gebouw": "Buildings",
    "plaats": "Places",
    "geografisch_gebied": "Geographical areas",
    "registratief_gebied": "Administrative areas",
    "plantopografie": "Planned topography",
}
_MAP = ("terrein", "waterdeel", "wegdeel", "spoorbaandeel", "relief", "inrichtingselement", "gebouw")


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    wanted = {"map": _MAP, "all": tuple(THEMES)}.get(values["theme"], (values["theme"],))
    found = by_kind(_read(wanted, values, progress))
    return outputs_of({kind: _by_level(features) for kind, features in found.items()}, "TOP10NL")


def _read(wanted: tuple[str, ...], values: Values, progress: Progress) -> Iterator[Features]:
    from dtwin_plugin import catalogue
    from dtwin_plugin.progress import Part
    from dtwin_plugin.sources.features_service import OgcFeaturesSource, Service
    from dtwin_plugin.sources.features_service.service import split_address
    from dtwin_plugin.sources.retry import retrying

    url, carrier = catalogue.url_of("top10nl-ogcapi"), transport()
    landing, query, _ = split_address(url)
    present = Service(landing, query, retrying(carrier, progress)).all()
    pairs = [
        (theme, item) for theme in wanted for item in present if item.items and f"{item.id}_".startswith(f"{theme}_")
    ]
    for number, (theme, item) in enumerate(pairs):
        part = Part(progress, number / len(pairs), (number + 1) / len(pairs))
        for features in OgcFeaturesSource(url, transport=carrier, known=item).read(values["extent"], part):
            yield marked(features, thema=theme, collectie=item.id)


def _by_level(features: Features) -> Features:
    """Return features from the lowest level to the highest, so that a bridge is drawn over its water."""
    level = features.columns.get("hoogteniveau")
    if level is None or level.dtype.kind not in "if":
        return features
    return features.take(np.argsort(np.nan_to_num(level.astype(float)), kind="stable"))


LOAD_TOP10NL = Model(
    id="loadtop10nl",
    version="1.0.0",
    title="Load TOP10NL",
    group=GROUP,
    summary="Topography at 1:10,000 of an area: terrain, water, roads, railways and buildings. "
    "Source: BRT TOP10NL, Kadaster, CC BY 4.0.",
    inputs=(
        REQUIRED_EXTENT,
        Field(
            "theme",
            "Theme",
            "choice",
            default="map",
            choices={"map": "What makes a map", "all": "All", **THEMES},
            doc="All takes also administrative and geographical areas, which are large.",
        ),
    ),
    outputs=tuple(replace(item, style="top10nl") if item.kind == "features" else item for item in FEATURE_OUTPUTS),
    run=_run,
    references=("BRT Catalogus Productspecificaties TOP10NL, Kadaster.",),
)
