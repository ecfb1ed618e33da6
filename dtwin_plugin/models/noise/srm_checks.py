"""What is wrong with the input of the Dutch methods, listed before the run, and what each run of them tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from ..attributes import names_of
from ..base import Values, wanted
from ..problem import WARNING, Problem
from .road_checks import driving, named
from .road_levels import on_bridges
from .road_table import table_of
from .srm_table import CNOSSOS, FASTEST, METHODS, SLOWEST, SRM1, other_surfaces
from .traffic import has_flows, names_from, renamed

if TYPE_CHECKING:
    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

    from .traffic import Traffic


def warn_of(values: Values, progress: Progress) -> None:
    """Tell what a run of a Dutch method is worth; nothing for the European one."""
    if values["method"] != CNOSSOS:
        progress.warn(
            "{method}: not checked against the text of the Omgevingsregeling, annex IVe, and so indicative.",
            method=METHODS[values["method"]].partition(",")[0],
        )


def check_srm(values: Values) -> Iterator[Problem]:
    """Yield where the Dutch method of a run does not hold; what all methods need is checked elsewhere."""
    if values["method"] == CNOSSOS:
        if values["deduction"]:
            yield Problem("DT253", "deduction", "The deduction of RMG2012 is of the Dutch methods; leave it out.")
        return
    try:
        roads = renamed(values["roads"], names_from(values["columns"]))
        if not has_flows(roads):
            return
        traffic = driving(values)
    except InputError:
        return  # told by the checks of roads
    yield from _traffic(traffic, values)
    if values["sideways"]:
        text = "The Dutch methods know no sound around buildings; leave it out."
        yield Problem("DT255", "sideways", text, {}, WARNING)
    yield from _left_out(roads, values)
    if values["method"] == SRM1:
        yield from _method_1(traffic, values)


def _left_out(roads: Features, values: Values) -> Iterator[Problem]:
    if values["junctions"] is not None and len(values["junctions"]):
        text = "The Dutch methods add nothing at crossings and roundabouts here; leave them out."
        yield Problem("DT260", "junctions", text, {}, WARNING)
    if names := named(roads, on_bridges(roads)):
        text = "Roads {names} lie on a bridge; by the Dutch methods they count here as if they lay on the ground."
        yield Problem("DT261", "roads", text, {"names": names}, WARNING)


def _traffic(traffic: Traffic, values: Values) -> Iterator[Problem]:
    drives = (traffic.flows > 0).any(axis=1)
    with np.errstate(invalid="ignore"):
        wrong = (drives & ((traffic.speeds < SLOWEST) | (traffic.speeds > FASTEST))).any(axis=1)
    if names := named(values["roads"], wrong):
        text = (
            "Roads {names} have speeds for which the Dutch methods do not hold: 30 to 160 km/h for light vehicles and "
            "30 to 110 km/h for others; a column speed_heavy tells how fast lorries drive."
        )
        yield Problem("DT254", "roads", text, {"names": names})
    known = set(table_of().surfaces)
    if other := [code for code in other_surfaces(traffic.surfaces) if code in known]:
        text = (
            "Surfaces {codes} count by the European table of 2015, as the Dutch corrections are not shipped with this "
            "plugin."
        )
        yield Problem("DT256", "surface", text, {"codes": ", ".join(other)}, WARNING)


def _method_1(traffic: Traffic, values: Values) -> Iterator[Problem]:
    if values["stored"] or (values.get("wanted") is not None and wanted(values, "transfer")):
        yield Problem("DT257", "stored", "Dutch method 1 has no paths to store; leave them out.")
    if names := named(values["roads"], (traffic.flows[..., 3:] > 0).any(axis=(1, 2))):
        text = "Roads {names} have mopeds or motorcycles, which Dutch method 1 does not count; choose method 2."
        yield Problem("DT258", "roads", text, {"names": names}, WARNING)
    given = values["receivers"]
    if given is None or not len(given):
        return
    if set(traffic.surfaces) - set(table_of().surfaces) or not np.isfinite(traffic.flows).all():
        return  # told by the checks of roads
    from . import srm1
    from .calculation import site_of

    try:
        site = site_of(values)
    except InputError:
        return
    first = len(site.facades)
    found = srm1.verdicts(
        site.scene, site.roads, site.receivers[first : first + len(site.rows)], values["distance"], traffic
    )
    reasons = {
        srm1.BENDS: "a road ends or bends within twice its distance",
        srm1.UNEVEN: "a road rises or falls by more than 3 m",
        srm1.UNSEEN: "more than 30 degrees of a road are out of sight",
    }
    titles = names_of(given)
    for verdict, reason in reasons.items():
        rows = sorted({int(row) for row, one in zip(site.rows, found) if one == verdict})
        if rows:
            text = "Dutch method 1 does not hold at receivers {names}: {reason}; choose method 2."
            yield Problem(
                "DT259", "receivers", text, {"names": ", ".join(titles[row] for row in rows[:10]), "reason": reason}
            )
