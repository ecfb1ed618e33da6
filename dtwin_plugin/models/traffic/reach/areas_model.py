"""The model of travel-time areas: its description, and what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError

from ...base import Field, Model, Values, wanted
from ...problem import Problem, problem_of
from ...term_table import TERMS, term_table
from ..link_columns import ids_of, texts_of
from .areas import areas_of, extent_of, label_of, land_of, shape_of
from .checks import check_network
from .closing import features_of
from .fields import CLOSED, CLOSING, DIRECTIONS, FROM, MODE, NETWORK, TO
from .lines import Places
from .modes import network_of
from .pieces import Pieces, pieces_of
from .setting import ASKS, Setting, layers_of, middles_of, placed, setting_of, stop_if_asked, tell_of_closed
from .travel import Travel, arrivals, travel

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress

MOST_CELLS = 30_000_000  # some 1.5 GB while it runs


def edges_of(text: str) -> list[float]:
    """Return where classes end [min].

    Raises
    ------
    InputError
        If they are no rising numbers above 0.

    Examples
    --------
    >>> edges_of("5; 10; 15")
    [5.0, 10.0, 15.0]
    """
    try:
        edges = [float(word.replace(",", ".")) for word in text.split(";") if word.strip()]
    except ValueError:
        edges = []
    rising = all(low < high for low, high in zip([0.0, *edges], edges))
    if not edges or not rising or not np.isfinite(edges).all() or len(edges) > 50:
        raise InputError("The times are {found}; expected rising minutes with ; between them, such as 5; 10; 15.",
                         found=text or "-")  # fmt: skip
    return edges


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    wrong = list(check_network(values, "places", "place_areas"))
    yield from wrong
    try:
        edges_of(values["times"])
    except InputError as error:
        yield problem_of("DT372", "times", error)
    if wrong:
        return
    box = extent_of(network_of(values), values["buffer"])
    if box is not None:
        rows, columns = shape_of(box, values["cell_size"])
        if rows * columns > MOST_CELLS:
            text = (
                "The network takes {found} million cells; expected at most {most}. Choose larger cells or fewer links."
            )
            counts = {"found": round(rows * columns / 1e6), "most": MOST_CELLS // 1_000_000}
            yield Problem("DT373", "cell_size", text, {"found": counts["found"], "most": counts["most"]})


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Find the areas; see `TRAVEL_TIME_AREAS` for what goes in and out."""
    setting = setting_of(values, progress)
    edges, net = edges_of(values["times"]), setting.net
    starts, offset = placed(net, values, middles_of(layers_of(values, "places", "place_areas")))
    lost = int((starts.link < 0).sum())
    if lost == len(starts.link):
        raise InputError("None of the places lies within {far} m of a road that this mode can use.",
                         hint="Choose places in the area of the network, or a larger distance.",
                         far=values["farthest"])  # fmt: skip
    if lost:
        progress.warn("{count} places have no road near them and are left out.", count=lost)
    tell_of_closed(setting, starts, progress)
    reverse = values["direction"] == TO
    found = travel(net, setting.cost, starts, offset, reverse)
    open_roads = travel(net, net.cost, starts, offset, reverse) if setting.closed is not None else found
    progress.report(0.3, "Cutting links by time")
    stop_if_asked(progress)
    pieces = pieces_of(net, found, edges, progress)
    made: dict[str, Any] = {"reached_links": _links(setting, pieces, found, open_roads, edges, progress)}
    progress.report(0.5, "Drawing areas")
    stop_if_asked(progress)
    box = extent_of(net, values["buffer"])
    assert box is not None  # there is a link that can be used
    land = land_of(box, values["cell_size"], values["water"], net.links.crs)
    drawn = (land, values["buffer"], values["off_road_speed"])
    made["areas"] = areas_of(net, found, edges, *drawn, progress)
    if setting.closed is not None:
        made["closed_links"] = features_of(net, setting.closed)
        if wanted(values, "areas_before", "statistics", "lost_area"):
            progress.report(0.8, "Drawing areas without closed links")
            stop_if_asked(progress)
            made["areas_before"] = areas_of(net, open_roads, edges, *drawn, progress)
    rows = _statistics(made, edges)
    made["statistics"] = term_table(rows)
    within = [_within(made[name]) for name in ("areas", "areas_before") if name in made]
    made["reached_area"], made["lost_area"] = within[0], within[-1] - within[0]
    return made


def _within(areas: Features) -> float:
    """Return the area within the last time [ha]."""
    return float(areas.columns["area"][np.isfinite(areas.columns["time_to"])].sum())


def _links(
    setting: Setting, pieces: Pieces, found: Travel, before: Travel, edges: list[float], progress: Progress
) -> Features:
    """Return pieces of links with their time, and what the scenario changes of it."""
    net, links = setting.net, setting.net.links
    drawn = []
    for number, (row, low, high) in enumerate(zip(pieces.link.tolist(), pieces.begin, pieces.end)):
        if not number % ASKS:
            stop_if_asked(progress)
        drawn.append([[net.lines.piece(row, low, high).tolist()]])
    lines = Geometries.build("line", drawn)
    middle = Places(pieces.link, (pieces.begin + pieces.end) / 2, np.zeros(len(pieces.link)))
    was = arrivals(net, before, middle).time
    time = np.where(np.isfinite(pieces.time), pieces.time, np.nan)
    ends = [arrivals(net, found, Places(pieces.link, share, middle.away)).time for share in (pieces.begin, pieces.end)]
    name = np.array(texts_of(links.columns.get("name", np.full(len(links), "", object))), object)
    columns: dict[str, Any] = {
        "link": ids_of(links.columns["link"])[pieces.link],
        "name": name[pieces.link],
        "class": np.array([label_of(int(band), edges) for band in pieces.band], object),
        "band": pieces.band,
        "time": time,
        "time_begin": np.where(np.isfinite(ends[0]) & (pieces.band >= 0), ends[0], np.nan),
        "time_end": np.where(np.isfinite(ends[1]) & (pieces.band >= 0), ends[1], np.nan),
    }
    if setting.closed is not None:
        columns["time_before"] = np.where(np.isfinite(was), was, np.nan)
        columns["delay"] = time - columns["time_before"]
        gone = np.isfinite(was) & ~np.isfinite(pieces.time)
        columns["change"] = np.select([setting.closed.links[pieces.link], gone, columns["delay"] > 0.01],
                                      ["closed", "no longer reachable", "later"], "same").astype(object)  # fmt: skip
    units = dict.fromkeys(("time", "time_begin", "time_end", "time_before", "delay"), "min")
    kept = {name: unit for name, unit in units.items() if name in columns}
    return Features(lines, columns, kept, links.crs, "links by travel time")


def _statistics(made: dict[str, Any], edges: list[float]) -> list[tuple[str, float, str]]:
    from .lines import lines_of

    rows: list[tuple[str, float, str]] = []
    links = made["reached_links"]
    length = lines_of(links.geometries).length
    for band in [*range(len(edges) + 1), -1]:
        label = label_of(band, edges)
        minutes = label if band < 0 else f"{label} min"
        for name, text in (("areas", "area {label}"), ("areas_before", "area {label} without closed links")):
            if name in made:
                areas = made[name]
                value = float(areas.columns["area"][areas.columns["class"] == label].sum())
                rows.append((text.format(label=minutes), value, "ha"))
        rows.append((f"links {minutes}", float(length[links.columns["band"] == band].sum() / 1000), "km"))
    if "change" in links.columns:
        for word in ("closed", "no longer reachable", "later"):
            rows.append((f"links {word}", float(length[links.columns["change"] == word].sum() / 1000), "km"))
    return rows


TRAVEL_TIME_AREAS = Model(
    id="traveltimeareas",
    version="1.0.0",
    title="Travel-time areas",
    group="Traffic",
    summary="How far does one come in 5, 10 or 15 minutes from a fire station, by car, on bicycle or on foot, and how "
    "far when roads are flooded? Areas and links by travel time over the network.",
    inputs=(
        *NETWORK,
        Field("places", "Places", "features", geometry="point", optional=True, doc="Fire stations, schools, stops. "
              "From more places the nearest counts."),
        Field("place_areas", "Places as areas", "features", geometry="polygon", optional=True, doc="Such as buildings; "
              "a place within each counts."),
        Field("direction", "Direction", "choice", default=FROM, choices=DIRECTIONS,
              doc="They differ where streets are one-way."),
        Field("times", "Times", "text", default="5; 10; 15", doc="Minutes at which classes end, with ; between them."),
        *MODE,
        Field("buffer", "Width beside roads", "number", "m", 75.0, 1.0, 2000.0, doc="What is farther from each road is "
              "in no area: nobody knows how one comes there."),
        Field("water", "Water", "features", geometry="polygon", optional=True, doc="What one cannot go through beside "
              "roads; roads over it are bridges. Of a BGT layer its water counts."),
        Field("cell_size", "Cell size", "number", "m", 10.0, 1.0, 250.0, advanced=True, doc="That areas are drawn "
              "with; half takes four times as long."),
        *CLOSING,
    ),
    outputs=(
        Field("areas", "Areas by travel time", "features", geometry="polygon", style="reach_areas", doc="By class, "
              "without overlap; near roads that are not reached the class is not reachable."),
        Field("reached_links", "Links by travel time", "features", geometry="line", style="reach_links", doc="Cut "
              "where a class begins, with the time of their middle and ends, and what the scenario changes."),
        CLOSED,
        Field("areas_before", "Areas without closed links", "features", geometry="polygon", optional=True,
              advanced=True, style="reach_areas", doc="The same before the scenario."),
        Field("statistics", "Statistics", "table", columns=TERMS,
              doc="Area and length of links by class, with and without closed links."),
        Field("reached_area", "Area that is reached", "number", "ha", doc="Within the last of the times."),
        Field("lost_area", "Area that is reached no longer", "number", "ha", doc="Within the last of the times "
              "without closed links, less that with them."),
    ),
    run=run,
    check=check,
    references=(
        "Dijkstra, E.W. (1959). A note on two problems in connexion with graphs. Numerische Mathematik 1, 269-271.",
        "Zhao, H. (2005). A fast sweeping method for eikonal equations. Mathematics of Computation 74(250), 603-627.",
    ),
    validity="For free roads: congestion, traffic lights and waiting are not in the times, which are as good as the "
    "speeds of the links. A closed link is closed over its whole length. Beside roads one goes straight, through "
    "buildings and over fences but not through water.",
    any_crs=True,
    beside=True,
)  # fmt: skip
