"""The description of the noise of installations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.translate import mark

from ..base import Field, Model, Values, wanted
from ..problem import WARNING, Problem
from .air import absorption
from .bands import PERIODS
from .calculation import Site, site_around, with_lden
from .directivity import OFF, all_around, faces_of, half_told
from .exposure import LDEN_EDGES, facades_of
from .facade_panels import panels_of
from .installations import Sources, levels_from, odd_running, sources_of, unusable
from .road_checks import beyond, check_barriers, check_buildings, check_receivers, named
from .road_noise_fields import LAYERS, PATHS, RECEIVERS
from .road_noise_results import buildings_of, map_of, points_of, summary_of, verdicts
from .road_noise_results import sources_of as heard_of
from .roads import Roads
from .source_shapes import MOST, many
from .surroundings import ground_of, scene_from, softness_of, tops_of, walls_around
from .transfer import Paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

    Floats = NDArray[np.float64]

_NO_ROADS = Roads(np.empty((0, 6)), np.empty(0, np.int64))
_LIMITS = np.array([0.0, 5.0, 10.0])  # dB by which the norm is lower in the evening and by night
_SPECTRA = {
    "low": mark("Low: heat pumps, transformers, large fans"),
    "medium": mark("Medium: voices, terraces, small fans"),
}
WHOLE, EACH = "whole", "each"
_POWERS = {
    WHOLE: mark("Of the whole source"),
    EACH: mark("Of each metre of a line and each square metre of an area"),
}


def day_value(periods: Floats) -> Floats:
    """Return the largest of day, evening + 5 and night + 10 dB, as Dutch norms have it; NaN where all are silent.

    >>> day_value(np.array([[50.0, 44.0, 41.0]])).tolist()
    [51.0]
    """
    largest = (periods + _LIMITS).max(axis=-1)
    return np.where(np.isneginf(largest), np.nan, largest)


def _sources(values: Values) -> Sources:
    running = np.array([values[f"running_{period}"] for period in PERIODS])
    given = (values["source_height"], values["spectrum"], running, values["addition"], values["source_step"])
    return sources_of(values["sources"], *given, values["power_of"] == WHOLE)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with sources, buildings, barriers and receivers."""
    layer, terrain = values["sources"], values["terrain"]
    if (count := many(layer.geometries, values["source_step"])) > MOST:
        text = "Lines and areas of sources make {count} points; expected {most} at most."
        yield Problem("DT264", "source_step", text, {"count": count, "most": MOST})
        return
    if names := named(layer, unusable(_sources(values))):
        text = "Sources {names} have no sound power, or none from 0 to 150 dB(A); give it in a column lwa."
        yield Problem("DT250", "sources", text, {"names": names})
    wrong, small = odd_running(layer)
    if names := named(layer, wrong):
        text = "Sources {names} run for a share of day, evening or night that is no percent from 0 to 100."
        yield Problem("DT262", "sources", text, {"names": names})
    if names := named(layer, small):
        text = "Sources {names} run for 1 percent at most of each period; write 50 and not 0.5 for half of the time."
        yield Problem("DT263", "sources", text, {"names": names}, WARNING)
    yield from _faces(layer)
    if names := named(layer, beyond(layer, terrain)):
        yield Problem("DT251", "sources", "Sources {names} lie outside the terrain.", {"names": names})
    if np.isnan(terrain.values).all():
        return
    ground = ground_of(terrain)
    if values["buildings"] is not None and len(values["buildings"]):
        yield from check_buildings(values["buildings"], ground, values)
        yield from _inside(values)
    if values["barriers"] is not None and len(values["barriers"]):
        yield from check_barriers(values["barriers"])
    if values["receivers"] is not None and len(values["receivers"]):
        yield from check_receivers(values, ground)


def _faces(layer: Features) -> Iterator[Problem]:
    if names := named(layer, half_told(layer)):
        text = (
            "Sources {names} have a direction without a directivity (dir_0 to dir_180), or the other way round, and so "
            "sound the same to all sides."
        )
        yield Problem("DT265", "sources", text, {"names": names}, WARNING)
    if names := named(layer, np.abs(all_around(faces_of(layer))) > OFF):
        text = (
            "The directivity of sources {names} makes them more than 1 dB louder or quieter over all directions than "
            "their power; shift dir_0 to dir_180, where the power is right."
        )
        yield Problem("DT266", "sources", text, {"names": names}, WARNING)


def _inside(values: Values) -> Iterator[Problem]:
    from .receivers import roofs_over

    buildings, ground = values["buildings"], ground_of(values["terrain"])
    tops, base, _ = tops_of(buildings, ground, values["building_height"])
    walls = walls_around(buildings.geometries, tops, np.isfinite(tops) & np.isfinite(base))
    scene = scene_from(ground, softness_of(ground, None, 0.5, _NO_ROADS), walls, buildings=len(buildings))
    sources = _sources(values)
    over = np.zeros(len(sources.names), bool)
    over[sources.owners[np.isfinite(roofs_over(scene, sources.places))]] = True
    if names := named(values["sources"], over):
        text = (
            "Sources {names} lie over a building and so stand on its roof, from which their height counts; put those "
            "that do not just outside its wall."
        )
        yield Problem("DT252", "sources", text, {"names": names}, WARNING)


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from .receivers import on_ground, roofs_over

    sources, ground = _sources(values), ground_of(values["terrain"])
    site = site_around(values, _NO_ROADS, ground)
    places = on_ground(site.scene, sources.places, sources.places[:, 2])[:, :3]
    roofs = roofs_over(site.scene, places)
    places[:, 2] = np.where(np.isfinite(roofs), roofs + sources.places[:, 2], places[:, 2])
    favourable = np.array([values[f"favourable_{period}"] for period in PERIODS]) / 100.0
    air = absorption(values["temperature"], values["humidity"])
    how = Paths(
        values["distance"],
        sideways=bool(values["sideways"]),
        reach=values["reflections"],
        order=values["reflection_order"],
    )
    sources = sources._replace(places=places)
    many = (values["most"], len(site.receivers) - len(site.cells)) if wanted(values, "heard") else ()
    calculated = (site.scene, sources, site.receivers, air, how, favourable, progress)
    periods, loudest, shares = levels_from(*calculated, *many)
    found = with_lden(periods)
    silent = int(np.isnan(found[:, 3]).sum())
    if silent:
        progress.warn(
            "{count} points have no source that runs within {distance} m, and so no level.",
            count=silent,
            distance=f"{values['distance']:g}",
        )
    value = day_value(periods)
    names = np.array([*sources.names, None], object)  # -1 is the last
    made: dict[str, Any] = {"points": _points(values, site, found, value, names[loudest])}
    if many:
        made["heard"] = heard_of(made["points"], shares, sources.names, "source")
    if wanted(values, "panels") and len(site.facades):
        made["panels"] = panels_of(made["points"], site.facades, values)
    tested = None
    if values["buildings"] is not None and len(values["buildings"]):
        tested = made["tested"] = _buildings(values, site, found, value)
    made["summary"] = {name: rows for name, rows in summary_of(tested).items() if name != "affected"}  # of roads alone
    made |= map_of(values, site, found, (35.0, 40.0, 45.0, 50.0, *LDEN_EDGES))
    return made


def _points(values: Values, site: Site, levels: Floats, value: Floats, loudest: NDArray[Any]) -> Features:
    made = points_of(values, site, levels)
    some = slice(0, len(made))
    columns = {"source": loudest[some], **_tested(value[some], values["norm"])}
    return replace(made.with_columns(columns, {"day_value": "dB"}), name="Noise of installations at facades")


def _buildings(values: Values, site: Site, levels: Floats, value: Floats) -> Features:
    made = buildings_of(values, site, levels)
    worst = facades_of(site.facades.buildings, value[: len(site.facades)], len(made)).loudest
    return made.with_columns(_tested(worst, values["norm"]), {"day_value": "dB"})


def _tested(value: Floats, norm: float) -> dict[str, Any]:
    return {"day_value": value.round(2), "excess": (value - norm).round(2), "verdict": verdicts(value, norm)}


_SOURCES = (
    Field(
        "sources",
        "Sources",
        "features",
        doc="Points, lines or areas with the sound power: lwa in dB(A), or lw_63 to lw_8000 in dB. More columns: "
        "height in m above the ground, or above the roof over a building; day, evening and night in percent of the "
        "time that it runs; addition in dB; direction in degrees clockwise from north with dir_0, dir_45, dir_90, "
        "dir_135 and dir_180, what is added to the power at these angles from it in dB.",
    ),
)
_RUNNING = (
    Field("source_height", "Height of sources", "number", "m", 1.0, 0.05, 100.0, doc="Above the ground, or "
          "above the roof over a building, of sources without a column for it."),
    Field("spectrum", "Pitch", "choice", default="low", choices=_SPECTRA, doc="Of sources whose power is not given by "
          "octave band: the spectra no. 2 and 1 of ISO 717-1."),
    Field("running_day", "Running by day", "number", "percent", 100.0, 0.0, 100.0, doc="Share of the time from 7 to "
          "19 h, of sources without a column for it."),
    Field("running_evening", "Running in the evening", "number", "percent", 100.0, 0.0, 100.0, doc="Share of the time "
          "from 19 to 23 h, of sources without a column for it."),
    Field("running_night", "Running by night", "number", "percent", 100.0, 0.0, 100.0, doc="Share of the time from 23 "
          "to 7 h, of sources without a column for it."),
    Field("addition", "Addition for tones", "number", "dB", 0.0, 0.0, 15.0, doc="Counted with the level of sources "
          "without a column for it: 5 dB is usual where a tone is heard, 10 dB for music."),
    Field("power_of", "Power of lines and areas", "choice", default=WHOLE, choices=_POWERS, doc="What lwa and lw_63 to "
          "lw_8000 of a line (conveyor, pipe) or an area (terrace, yard, roof) stand for."),
    Field("source_step", "Distance of points on lines and areas", "number", "m", 2.0, 0.5, 50.0, advanced=True,
          doc="Lines and areas count as points at most so far apart. Closer to them than twice this levels may be off; "
          "half of it takes twice as long for lines and four times for areas."),
)  # fmt: skip
_DOCS = {
    "norm": mark(
        "Largest of day, evening + 5 and night + 10 dB: 50 stands for 50, 45 and 40 dB. Levels are rounded to whole dB "
        "first, halves to the even one."
    ),
    "distance": mark("Sources farther from a point do not count."),
    "area": mark(
        "Facades and the map are calculated in the rectangle around it; sources and buildings around it count too."
    ),
    "most": mark("How many of the loudest sources the table of which source is heard has for each point."),
    "cover": mark("As of the BGT: its classes tell which ground is soft."),
}


_TITLES = {"most": mark("Sources to a point")}
_OF_ROADS = ("ratio", "sector", "deduction", "cutoff", "group", "stored")


def _adapted(field: Field) -> Field:
    changed = replace(field, doc=_DOCS.get(field.name, field.doc), title=_TITLES.get(field.name, field.title))
    return replace(changed, default=50.0) if field.name == "norm" else changed


OUTPUTS = (
    Field("points", "Noise of installations at facades", "features", geometry="point", style="noise_points",
          doc="Levels of day, evening and night, Lden, the loudest source, and whether the norm is met."),
    Field("panels", "Noise of installations as panels", "features", geometry="polygon", optional=True,
          style="noise_panels", doc="The same as panels on the walls, for the 3D view."),
    Field("tested", "Buildings and installations", "features", geometry="polygon", optional=True,
          style="noise_buildings", doc="The most exposed facade of each building, and whether the norm is met there."),
    Field("heard", "Which source is heard", "features", geometry="point", optional=True, advanced=True,
          style="noise_sources", doc="The loudest sources at each point, a row for each: share of the energy, levels, "
          "and Lden by octave band."),
    Field("grid", "Noise of installations Lden", "grid", "dB", optional=True, style="noise_levels",
          doc="Map of Lden; no data in buildings."),
    Field("contours", "Contours of installations", "features", geometry="polygon", optional=True,
          style="noise_contours", doc="Areas between 35, 40, 45 and so on to 75 dB Lden."),
    Field("summary", "Buildings by class of noise", "table",
          columns={"indicator": "1", "class": "1", "buildings": "1", "dwellings": "1", "residents": "1"},
          doc="Buildings, dwellings and residents in classes of 5 dB, by the most exposed facade."),
)  # fmt: skip
INSTALLATION_NOISE = Model(
    id="installationnoise",
    version="1.2.0",
    title="Noise of installations",
    group="Noise",
    summary="How loud are heat pumps, fans, transformers and terraces at facades, at single points and on a map? Day, "
    "evening and night by the European method, tested against a norm.",
    inputs=(
        *_SOURCES,
        *(_adapted(field) for field in LAYERS if field.name != "roads"),
        *_RUNNING,
        *(_adapted(field) for field in RECEIVERS),
        *(_adapted(field) for field in PATHS if field.name not in _OF_ROADS),
    ),
    outputs=OUTPUTS,
    run=_run,
    check=check,
    beside=True,
    any_crs=True,
    references=(
        "Directive (EU) 2015/996 (2015), establishing common noise assessment methods (CNOSSOS-EU), as amended by "
        "Delegated Directive (EU) 2021/1226 (2021).",
        "ISO 717-1 (2020). Acoustics - Rating of sound insulation in buildings and of building elements - Part 1, "
        "table 4.",
    ),
    validity="Lines and areas are cut into points. A directivity is the same around the direction that a source faces, "
    "and in all octave bands. Over a building sources stand on its roof. What a wall behind a source throws back is in "
    "it only where reflections reach that wall. A period in which nothing runs has no level. It is no legal "
    "calculation by the Omgevingsregeling, whose method for installations differs.",
)
