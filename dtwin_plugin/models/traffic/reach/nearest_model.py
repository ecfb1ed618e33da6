"""The model of the nearest facility: its description, and its checks."""

from __future__ import annotations

from collections.abc import Iterator

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ...attributes import chosen_column
from ...base import Field, Model, Values
from ...problem import Problem, problem_of
from ...term_table import TERMS
from .checks import check_network
from .fields import CLOSED, CLOSING, MODE, NETWORK, TO
from .nearest_run import run
from .norms import PEOPLE, USES, names_of, norms_of
from .setting import layers_of

OWN, BY_USE = "own", "use"
_DIRECTIONS = {"from": mark("From the facility, as the fire brigade drives"), TO: mark("To the facility, as people go")}
_NORMS = {OWN: mark("One for all"), BY_USE: mark("By the use of buildings, from the table of norms")}


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    yield from check_network(values, "facilities", "facility_areas")
    layers = layers_of(values, "addresses", "areas")
    if not layers:
        yield Problem("DT371", "addresses", "There are no addresses or areas to look from; give one of both layers.")
    try:
        names_of(layers_of(values, "facilities", "facility_areas"), values["name_column"])
    except InputError as error:
        yield problem_of("DT376", "name_column", error)
    for name, usual in (("people_column", PEOPLE), ("use_column", USES)):
        try:
            found = [chosen_column(layer, values[name], usual) for layer in layers]
        except InputError as error:
            yield problem_of("DT376", name, error)
            continue
        if name == "use_column" and values["norm_kind"] == BY_USE and any(column is None for column in found):
            text = "The norm follows the use, but addresses or areas have no column of it ({usual}); name one."
            yield Problem("DT376", name, text, {"usual": ", ".join(USES)})
    if values["norms"] is None or values["norms"].is_file():
        try:
            norms_of(values["norms"])
        except InputError as error:
            yield problem_of("DT377", "norms", error)


NEAREST_FACILITY = Model(
    id="nearestfacility",
    version="1.0.0",
    title="Nearest facility",
    group="Traffic",
    summary="Which fire station, hospital or school is nearest to each address, how long does it take, who is not "
    "reached within the norm, and who no longer when roads are flooded? By time over the network.",
    inputs=(
        *NETWORK,
        Field("facilities", "Facilities", "features", geometry="point", optional=True, doc="Fire stations, hospitals, "
              "schools."),
        Field("facility_areas", "Facilities as areas", "features", geometry="polygon", optional=True, doc="Such as "
              "buildings; a place within each counts. Use \"selected features only\" or a filter to choose some."),
        Field("name_column", "Column with the name of a facility", "text", optional=True, doc="Default name, naam or "
              "id; without one its number in the layer."),
        Field("addresses", "Addresses", "features", geometry="point", optional=True, doc="Points to look from."),
        Field("areas", "Buildings or neighbourhoods", "features", geometry="polygon", optional=True, doc="Areas to "
              "look from; a place within each counts."),
        Field("direction", "Direction", "choice", default="from", choices=_DIRECTIONS,
              doc="They differ where streets are one-way."),
        *MODE,
        Field("delay", "Time before driving", "number", "min", 0.0, 0.0, 120.0, doc="Of the call and of turning out; "
              "norms of the fire brigade and of ambulances count from the call."),
        Field("norm_kind", "Norm", "choice", default=OWN, choices=_NORMS, doc="The table that ships has the times of "
              "the Besluit veiligheidsregio's for the fire brigade; whether it is as the law is now is not confirmed."),
        Field("norm", "Time of the norm", "number", "min", 8.0, 0.1, 1000.0, doc="For all, or for what has a use that "
              "is not in the table; 15 is usual for an ambulance, with the time before driving."),
        Field("use_column", "Column of the use", "text", optional=True, advanced=True,
              doc="Default use or gebruiksdoel; of more uses the strictest norm counts."),
        Field("norms", "Table of norms", "file", optional=True, advanced=True, doc="CSV with use and minutes, in place "
              "of the one that ships."),
        Field("people_column", "Column of the residents", "text", optional=True, advanced=True,
              doc="To count them; default residents, inwoners or bewoners."),
        *CLOSING,
    ),
    outputs=(
        Field("reached", "Addresses by travel time", "features", geometry="point", optional=True, style="reach_places",
              doc="The same layer with the nearest facility, time and distance, the second nearest, the norm, whether "
              "it is kept, and what the scenario changes."),
        Field("reached_areas", "Buildings or neighbourhoods by travel time", "features", geometry="polygon",
              optional=True, style="reach_places", doc="The same of areas."),
        Field("routes", "Routes to the nearest facility", "features", geometry="line", optional=True, advanced=True,
              style="reach_routes", doc="One for each address, in the direction of travel, along roads."),
        CLOSED,
        Field("statistics", "Statistics", "table", columns=TERMS,
              doc="Addresses and residents within the norm, beyond it and not reached, for each facility too."),
        Field("coverage", "Share within the norm", "number", "percent", doc="Of the addresses or areas."),
        Field("not_reached", "Addresses that are not reached", "integer", doc="By closed or one-way roads, or because "
              "no road is near."),
        Field("lost", "Addresses that are not reached any more", "integer", doc="That the scenario cuts off."),
    ),
    run=run,
    check=check,
    references=(
        "Dijkstra, E.W. (1959). A note on two problems in connexion with graphs. Numerische Mathematik 1, 269-271.",
        "Besluit veiligheidsregio's (2010). Stb. 2010, 255, artikel 3.2.1 and bijlage 1.",
    ),
    validity="For free roads: congestion, traffic lights and waiting are not in the times, which are as good as the "
    "speeds of the links. A closed link is closed over its whole length, so that addresses at it are not reached. For "
    "comparing places and scenarios; no proof that a norm is kept.",
    any_crs=True,
    beside=True,
)  # fmt: skip
