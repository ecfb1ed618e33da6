"""The nearest facility: what goes in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError

from ...attributes import chosen_column
from ...base import Values, wanted
from ...term_table import term_table
from ..link_columns import texts_of
from .closing import features_of
from .fields import TO
from .nearest import NOBODY, Nearest, nearest_two
from .norms import PEOPLE, USES, names_of, norm_of_uses, norms_of
from .routes import routes_of
from .setting import layers_of, middles_of, placed, setting_of, tell_of_closed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from .lines import Places

    Floats = NDArray[np.float64]
    Texts = NDArray[np.object_]

WITHIN, BEYOND, NOT_REACHED, NO_ROAD = "within", "beyond", "not reachable", "no road near"
STATES = (WITHIN, BEYOND, NOT_REACHED, NO_ROAD)
SAME, LATER, OTHER, LOST = "same", "later", "other facility", "no longer reachable"
_LATER = 0.01  # min: less than a second is none


class Result(NamedTuple):
    """What is known of each address: times with all that comes before and after driving."""

    time: Floats
    nearest: Nearest
    state: Texts


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Find the nearest facilities; see `NEAREST_FACILITY` for what goes in and out."""
    setting = setting_of(values, progress)
    net, reverse = setting.net, values["direction"] == TO
    stations, layers = layers_of(values, "facilities", "facility_areas"), layers_of(values, "addresses", "areas")
    facilities, before = placed(net, values, middles_of(stations))
    if (facilities.link < 0).all():
        raise InputError("None of the facilities lies within {far} m of a road that this mode can use.",
                         hint="Choose facilities in the area of the network, or a larger distance.",
                         far=values["farthest"])  # fmt: skip
    if (facilities.link < 0).any():
        count = int((facilities.link < 0).sum())
        progress.warn("{count} facilities have no road near them and are left out.", count=count)
    tell_of_closed(setting, facilities, progress)
    places, after = placed(net, values, middles_of(layers))
    norm = _norms(values, layers)

    def found(cost: Floats) -> Result:
        nearest = nearest_two(net, cost, facilities, before, places, reverse, progress)
        time = nearest.time + after + values["delay"]
        state = np.select(
            [places.link < 0, ~np.isfinite(time[0]), time[0] <= norm + 1e-9], [NO_ROAD, NOT_REACHED, WITHIN], BEYOND
        ).astype(object)
        return Result(time, nearest, state)

    now = found(setting.cost)
    progress.report(0.6, "Comparing with and without closed links")
    was = found(net.cost) if setting.closed is not None else None
    names = np.array([*names_of(stations, values["name_column"]), None], object)
    columns = _columns(places, norm, names, now, was)
    made = _layers(layers, columns)
    if setting.closed is not None:
        made["closed_links"] = features_of(net, setting.closed)
    if wanted(values, "routes"):
        lines = routes_of(net, setting.cost, facilities, now.nearest.facility[0], places, reverse)
        if lines:
            made["routes"] = _routes(lines, columns, layers[0].crs)
    rows = _statistics(_people(values, layers), columns, now, was, names)
    made["statistics"] = term_table(rows)
    made["coverage"] = 100.0 * float((now.state == WITHIN).mean())
    made["not_reached"] = int(np.isin(now.state, (NOT_REACHED, NO_ROAD)).sum())
    made["lost"] = int((columns["reach_change"] == LOST).sum()) if was is not None else 0
    if made["lost"]:
        progress.warn("{count} addresses or areas are not reached any more.", count=made["lost"])
    return made


def _norms(values: Values, layers: list[Features]) -> Floats:
    """Return the norm of each address or area [min]."""
    if values["norm_kind"] == "own":
        return np.full(sum(len(layer) for layer in layers), float(values["norm"]))
    texts: list[str] = []
    for layer in layers:
        uses = chosen_column(layer, values["use_column"], USES)
        texts += [""] * len(layer) if uses is None else texts_of(uses)
    return norm_of_uses(texts, norms_of(values["norms"]), float(values["norm"]))


def _people(values: Values, layers: list[Features]) -> Floats | None:
    """Return the residents of each address or area, None where no layer tells."""
    found = [chosen_column(layer, values["people_column"], PEOPLE) for layer in layers]
    if all(column is None for column in found):
        return None
    counts = [np.zeros(len(layer)) if column is None else column for layer, column in zip(layers, found)]
    return np.nan_to_num([number_of(one) for column in counts for one in column.tolist()])


def _columns(places: Places, norm: Floats, names: Texts, now: Result, was: Result | None) -> dict[str, Any]:
    """Return what is known of each address or area."""
    known = np.where(np.isfinite(now.time), now.time, np.nan)
    first, second = now.nearest.facility
    columns: dict[str, Any] = {
        "facility": names[first],
        "reach_time": known[0],
        "reach_distance": now.nearest.distance,
        "road_distance": places.away,
        "reach_norm": norm,
        "reach_state": now.state,
        "facility_2": names[second],
        "reach_time_2": known[1],
    }
    if was is not None:
        earlier = np.where(np.isfinite(was.time[0]), was.time[0], np.nan)
        columns["facility_before"] = names[was.nearest.facility[0]]
        columns["reach_time_before"] = earlier
        columns["reach_delay"] = known[0] - earlier
        columns["reach_change"] = np.select(
            [
                np.isnan(known[0]) & ~np.isnan(earlier),
                np.isnan(known[0]),
                first != was.nearest.facility[0],
                columns["reach_delay"] > _LATER,
            ],
            [LOST, SAME, OTHER, LATER],
            SAME,
        ).astype(object)
    return columns


def _layers(layers: list[Features], columns: dict[str, Any]) -> dict[str, Any]:
    """Return the layers of points and of areas with what is known of each."""
    minutes = ("reach_time", "reach_norm", "reach_time_2", "reach_time_before", "reach_delay")
    units = {name: "min" for name in minutes if name in columns} | dict.fromkeys(
        ("reach_distance", "road_distance"), "m"
    )
    made, first = {}, 0
    for layer in layers:
        mine = {name: column[first : first + len(layer)] for name, column in columns.items()}
        made["reached" if layer.geometries.kind == "point" else "reached_areas"] = layer.with_columns(mine, units)
        first += len(layer)
    return made


def _routes(lines: dict[int, Floats], found: dict[str, Any], crs: str) -> Features:
    rows = np.array(sorted(lines), np.int64)
    geometries = Geometries.build("line", [[[lines[row].tolist()]] for row in rows.tolist()])
    names = ("facility", "reach_time", "reach_distance", "reach_state")
    columns = {"place": rows + 1, **{name: found[name][rows] for name in names}}
    return Features(geometries, columns, {"reach_time": "min", "reach_distance": "m"}, crs, "routes")


def _statistics(
    people: Floats | None, columns: dict[str, Any], now: Result, was: Result | None, names: Texts
) -> list[tuple[str, float, str]]:
    weights = [("addresses", np.ones(len(now.state)))]
    if people is not None:
        weights.append(("residents", people))
    rows: list[tuple[str, float, str]] = []
    for kind, weight in weights:
        for state in STATES:
            rows.append((f"{kind} {state}", float(weight[now.state == state].sum()), "1"))
            if was is not None:
                rows.append((f"{kind} {state} before", float(weight[was.state == state].sum()), "1"))
        total = float(weight.sum())
        share = 100.0 * float(weight[now.state == WITHIN].sum()) / total if total else np.nan
        rows.append((f"{kind} within the norm", share, "percent"))
        if was is not None:
            for change in (LATER, OTHER, LOST):
                chosen = columns["reach_change"] == change
                rows.append((f"{kind} {change}", float(weight[chosen].sum()), "1"))
    driven = now.time[0][np.isfinite(now.time[0])]
    if len(driven):
        rows += [("mean time", float(driven.mean()), "min"), ("longest time", float(driven.max()), "min")]
    for facility in np.unique(now.nearest.facility[0]).tolist():
        if facility != NOBODY:
            mine = now.nearest.facility[0] == facility
            rows.append((f"nearest: {names[facility]}", float(mine.sum()), "1"))
    return rows
