"""The description of the noise of road traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Model, Values, wanted
from .calculation import levels, site_of, with_lden
from .exposure import LDEN_EDGES
from .facade_panels import panels_of
from .road_checks import check
from .road_noise_fields import LAYERS, OUTPUTS, PATHS, RECEIVERS, TRAFFIC
from .road_noise_results import buildings_of, map_of, points_of, sources_of, summary_of

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    site = site_of(values)
    progress.report(0.02, "Following sound to {count} points", count=len(site.receivers))
    periods, transfer, loudest = levels(values, site, progress)
    found = with_lden(periods)
    silent = int(np.isnan(found[:, 3]).sum())
    if silent:
        progress.warn(
            "{count} points have no road with traffic within {distance} m, and so no level.",
            count=silent,
            distance=f"{values['distance']:g}",
        )
    made: dict[str, Any] = {"points": points_of(values, site, found)}
    if wanted(values, "panels") and len(site.facades):
        made["panels"] = panels_of(made["points"], site.facades, values)
    if loudest is not None:
        made["sources"] = sources_of(made["points"], *loudest)
    tested = None
    if values["buildings"] is not None and len(values["buildings"]):
        tested = made["tested"] = buildings_of(values, site, found)
    made["summary"] = summary_of(tested)
    made |= map_of(values, site, found, LDEN_EDGES)
    if transfer is not None:
        made["transfer"] = transfer
    return made


ROAD_NOISE = Model(
    id="roadnoise",
    version="1.0.0",
    title="Noise of road traffic",
    group="Noise",
    summary="How loud is road traffic at facades on every storey, at single points and on a map? Lday, Levening, "
    "Lnight and Lden by the European method, tested against a norm; paths can be stored and used again for other "
    "traffic.",
    inputs=(*LAYERS, *TRAFFIC, *RECEIVERS, *PATHS),
    outputs=OUTPUTS,
    run=_run,
    check=check,
    beside=True,
    references=(
        "Directive (EU) 2015/996 (2015), establishing common noise assessment methods (CNOSSOS-EU), as amended by "
        "Delegated Directive (EU) 2021/1226 (2021).",
        "Directive (EU) 2020/367 (2020), amending annex III to Directive 2002/49/EC as regards harmful effects.",
        "ISO 9613-1 (1993). Acoustics - Attenuation of sound during propagation outdoors - Part 1.",
    ),
    validity="Roads lie on the ground: bridges and tunnels are not known, and crossings and roundabouts add nothing. "
    "Roofs are flat. Reflections and ways around buildings count where they are asked for, once. It is no legal "
    "calculation by annex IVe of the Omgevingsregeling, whose emission figures differ.",
)
