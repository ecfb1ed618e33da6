"""The description of the noise of road traffic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Part

from ..base import Model, Values, wanted
from ..problem import Problem
from .calculation import levels, site_of, with_lden
from .exposure import LDEN_EDGES
from .facade_panels import panels_of
from .road_checks import check
from .road_noise_fields import BRIDGES, JUNCTIONS, LAYERS, OUTPUTS, PATHS, RECEIVERS, TRAFFIC
from .road_noise_results import buildings_of, labelled, loud_of, map_of, points_of, sources_of, summary_of
from .srm_checks import check_srm, warn_of
from .srm_table import SRM1

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    site = site_of(values)
    progress.report(0.02, "Following sound to {count} points", count=len(site.receivers))
    periods, transfer, loudest = levels(values, site, Part(progress, 0.02, 1.0))
    found = with_lden(periods)
    silent = int(np.isnan(found[:, 3]).sum())
    if silent:
        text = "{count} points have no road with traffic within {distance} m, and so no level."
        if values["method"] == SRM1:
            text = (
                "{count} points have no level: no road with traffic lies within {distance} m, or Dutch method 1 does "
                "not hold there, as a road ends or bends, lies high or low, or is out of sight."
            )
        progress.warn(text, count=silent, distance=f"{values['distance']:g}")
    made: dict[str, Any] = {"points": points_of(values, site, found)}
    if wanted(values, "panels") and len(site.facades):
        made["panels"] = panels_of(made["points"], site.facades, values)
    if loudest is not None:
        made["sources"] = sources_of(made["points"], *loudest)
    tested = None
    if values["buildings"] is not None and len(values["buildings"]):
        tested = made["tested"] = buildings_of(values, site, found)
    made["summary"] = summary_of(tested)
    made |= loud_of(made["summary"])
    made |= map_of(values, site, found, LDEN_EDGES)
    if transfer is not None:
        made["transfer"] = transfer
    warn_of(values, progress)
    return labelled(made, values["method"])


def _check(values: Values) -> Iterator[Problem]:
    yield from check(values)
    yield from check_srm(values)


ROAD_NOISE = Model(
    id="roadnoise",
    version="1.3.0",
    title="Noise of road traffic",
    group="Noise",
    summary="How loud is road traffic at facades on every storey, at single points and on a map? Lday, Levening, "
    "Lnight and Lden by the European method, or indicatively by the Dutch ones, tested against a norm; paths can be "
    "stored and used again for other traffic.",
    inputs=(*LAYERS, *JUNCTIONS, *TRAFFIC, *RECEIVERS, *PATHS, *BRIDGES),
    outputs=OUTPUTS,
    run=_run,
    check=_check,
    beside=True,
    any_crs=True,
    references=(
        "Directive (EU) 2015/996 (2015), establishing common noise assessment methods (CNOSSOS-EU), as amended by "
        "Delegated Directive (EU) 2021/1226 (2021).",
        "Directive (EU) 2020/367 (2020), amending annex III to Directive 2002/49/EC as regards harmful effects.",
        "Reken- en meetvoorschrift geluid 2012, annex III (2012, lapsed in 2024): the Dutch methods SRM1 and SRM2.",
        "ISO 9613-1 (1993). Acoustics - Attenuation of sound during propagation outdoors - Part 1.",
    ),
    validity="A bridge is a deck whose edge screens its own road: it stands in the way of no other sound, throws "
    "nothing back, and who is under it hears it as if it were not there. Roads in tunnels are silent; portals are not "
    "known. Roofs are flat. Reflections and ways around buildings count where they are asked for. It is no legal "
    "calculation by annex IVe of the Omgevingsregeling, whose emission figures differ. The Dutch methods are written "
    "down from RMG2012, whose formulas are pictures in the text that was at hand: not checked against annex IVe, and "
    "indicative. They leave out slopes, crossings, bridges and obstacles, tops and median screens, and the Dutch "
    "figures of road surfaces.",
)
