"""What a plot of soundings shows, read from the layers that the loaders of logs made: plain data, no layers any more.

The layers of one load belong together by the run in their metadata; rows belong to a site by its number and its name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import QgsFeature, QgsFeatureRequest, QgsMapLayer, QgsProject, QgsVectorLayer

from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES
from dtwin_plugin.models.subsurface.soil_behaviour import NO_ZONE, ZONES
from dtwin_plugin.translate import tr

from .read import plain
from .styles_logs import SCREEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_ROWS = 200_000  # of one site; a logger that measures hourly for 20 years fills 175,000
# What tells a layer: fields that it has.
_SITES = {"number", "id", "kind", "rows"}
_PARTS = {
    "curve": {"number", "site", "depth", "cone_resistance", "friction_ratio", "zone"},
    "sticks": {"number", "site", "layer", "z_min", "z_max", "lithoclass"},
    "screens": {"number", "site", "z_min", "z_max", "tube"},
    "series": {"number", "site", "time", "level"},
}
_CURVES = ("depth", "height", "cone_resistance", "friction_ratio", "pore_pressure", "behaviour_index")


@dataclass(frozen=True)
class Bar:
    """A part of a column: from `bottom` to `top` [m NAP, or m below the surface as a negative number]."""

    top: float
    bottom: float
    colour: str
    name: str
    key: str  # what the legend calls it
    group: str  # "soil", "behaviour" or "screen"


@dataclass(frozen=True)
class Sounding:
    """One site with its rows.

    Attributes
    ----------
    number : int
    name, kind : str
    surface : float
        Height of the ground [m NAP], NaN where it is not known: heights are then below the surface, and negative.
    height, cone, ratio, pressure : ndarray
        Of a cone penetration test [m NAP, MPa, %, MPa]; empty of others.
    bars : tuple of Bar
        Layers, runs of equal behaviour, or screens.
    times, levels : ndarray
        Seconds since 1970 (UTC) and groundwater [m NAP]; empty where it has none.
    """

    number: int
    name: str
    kind: str
    surface: float
    height: Floats = field(default_factory=lambda: np.empty(0))
    cone: Floats = field(default_factory=lambda: np.empty(0))
    ratio: Floats = field(default_factory=lambda: np.empty(0))
    pressure: Floats = field(default_factory=lambda: np.empty(0))
    bars: tuple[Bar, ...] = ()
    times: Floats = field(default_factory=lambda: np.empty(0))
    levels: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def has_column(self) -> bool:
        """Whether there is something to draw against height."""
        return bool(self.bars) or bool(np.isfinite(self.height).any())

    @property
    def has_series(self) -> bool:
        """Whether there are levels through time."""
        return bool(np.isfinite(self.levels).any())


def sites_layers(project: QgsProject) -> list[QgsVectorLayer]:
    """Return the layers with sites, in the order of the layer tree."""
    ordered = [node.layer() for node in project.layerTreeRoot().findLayers()]
    return [layer for layer in ordered if is_sites(layer)]


def is_sites(layer: QgsMapLayer | None) -> bool:
    """Tell whether a layer has the sites of logs."""
    return isinstance(layer, QgsVectorLayer) and layer.isSpatial() and set(layer.fields().names()) >= _SITES


def parts_of(project: QgsProject, sites: QgsVectorLayer) -> dict[str, QgsVectorLayer]:
    """Return the layers with the rows of sites, by "curve", "sticks", "screens" and "series"."""
    run = _run(sites)
    found: dict[str, QgsVectorLayer] = {}
    for layer in project.mapLayers().values():
        if not isinstance(layer, QgsVectorLayer) or layer is sites or _run(layer) != run:
            continue
        names = set(layer.fields().names())
        for part, fields in _PARTS.items():
            if names >= fields and part not in found:
                found[part] = layer
    return found


def soundings_of(project: QgsProject, sites: QgsVectorLayer, features: Iterable[QgsFeature]) -> list[Sounding]:
    """Return what is known of sites."""
    parts = parts_of(project, sites)
    return [_sounding(feature, parts) for feature in features]


def _run(layer: QgsMapLayer) -> str:
    """Return the run that made a layer, "" where that is not known."""
    return str(layer.metadata().identifier()).split("/")[0]


def _sounding(feature: QgsFeature, parts: dict[str, QgsVectorLayer]) -> Sounding:
    number, name = int(feature["number"]), str(plain(feature["id"]) or "")
    kind, surface = str(plain(feature["kind"]) or ""), _number(feature["surface"])
    columns: dict[str, Any] = {}
    if "curve" in parts and kind == "cpt":
        columns = _curve(_rows(parts["curve"], number, name, (*_CURVES, "zone")))
    bars = list(columns.pop("bars", ()))
    if "sticks" in parts and kind == "borehole":
        bars += [_layer(row) for row in _rows(parts["sticks"], number, name, ("z_max", "z_min", "lithoclass", "soil"))]
    if "screens" in parts:
        bars += [_screen(row) for row in _rows(parts["screens"], number, name, ("z_max", "z_min", "tube"))]
    if "series" in parts:
        columns |= _series(_rows(parts["series"], number, name, ("time", "level")))
    return Sounding(number, name, kind, surface, bars=tuple(bar for bar in bars if bar.top > bar.bottom), **columns)


def _rows(layer: QgsVectorLayer, number: int, name: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a site."""
    quoted = name.replace("'", "''")
    request = QgsFeatureRequest().setFilterExpression(f'"number" = {number} AND "site" = \'{quoted}\'')
    request.setFlags(QgsFeatureRequest.Flag.NoGeometry).setLimit(MOST_ROWS)
    names = [column for column in wanted if layer.fields().lookupField(column) >= 0]
    request.setSubsetOfAttributes(names, layer.fields())
    return [{column: row[column] for column in names} for row in layer.getFeatures(request)]


def _number(value: Any) -> float:
    found = plain(value)
    return float(found) if isinstance(found, (int, float)) else math.nan


def _curve(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the curves of a test by height, or below the surface where that is not known, and its behaviour."""
    values = {name: np.array([_number(row.get(name)) for row in rows], float) for name in _CURVES}
    height = values["height"] if np.isfinite(values["height"]).any() else -values["depth"]
    zones = [int(zone) if (zone := _number(row.get("zone"))) == zone else NO_ZONE for row in rows]
    order = np.argsort(-height, kind="stable")
    return {
        "height": height[order],
        "cone": values["cone_resistance"][order],
        "ratio": values["friction_ratio"][order],
        "pressure": values["pore_pressure"][order],
        "bars": _behaviour(height[order], np.array(zones, np.int64)[order] if zones else np.empty(0, np.int64)),
    }


def _behaviour(height: Floats, zone: NDArray[np.int64]) -> list[Bar]:
    """Return runs of rows of one zone, each to halfway the next."""
    known = np.isfinite(height)
    height, zone = height[known], zone[known]
    if len(height) < 2:
        return []
    changes = np.flatnonzero(zone[1:] != zone[:-1])
    edges = np.concatenate([height[:1], (height[changes] + height[changes + 1]) / 2, height[-1:]])
    bars = []
    for begin, top, bottom in zip(np.concatenate([[0], changes + 1]).tolist(), edges[:-1], edges[1:]):
        number = int(zone[begin])
        if number == NO_ZONE or number not in ZONES:
            continue
        text, colour, _ = ZONES[number]
        bars.append(Bar(float(top), float(bottom), colour, f"{number}", f"{number} {tr(text)}", "behaviour"))
    return bars


def _layer(row: dict[str, Any]) -> Bar:
    value = _number(row["lithoclass"])
    number = int(value) if value == value else -1
    key = tr(LITHOCLASSES[number]) if number in LITHOCLASSES else tr("Soil not known")
    colour = COLOURS.get(number, "#E0E0E0") if number >= 0 else "#E0E0E0"
    return Bar(_number(row["z_max"]), _number(row["z_min"]), colour, str(plain(row["soil"]) or ""), key, "soil")


def _screen(row: dict[str, Any]) -> Bar:
    name = str(plain(row["tube"]) or "")
    return Bar(_number(row["z_max"]), _number(row["z_min"]), SCREEN, name, tr("Screen of a well"), "screen")


def _series(rows: list[dict[str, Any]]) -> dict[str, Floats]:
    times = np.array([_seconds(row["time"]) for row in rows], float)
    levels = np.array([_number(row["level"]) for row in rows], float)
    known = np.flatnonzero(np.isfinite(times) & np.isfinite(levels))
    order = known[np.argsort(times[known], kind="stable")]
    return {"times": times[order], "levels": levels[order]}


def _seconds(value: Any) -> float:
    """Return a moment in seconds since 1970, NaN where there is none."""
    if value is None or not hasattr(value, "toMSecsSinceEpoch") or not value.isValid():
        return math.nan
    return float(value.toMSecsSinceEpoch()) / 1000.0
