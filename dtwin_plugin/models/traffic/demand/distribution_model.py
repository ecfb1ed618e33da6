"""The description of trip distribution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.progress import Part, Progress

from ...base import Field, Model, Values
from ...problem import ERROR, Problem, problem_of
from ...term_table import TERMS, Row, term_table
from ..link_checks import check_links, check_times
from ..matrix_files import MatrixFile, read_matrices
from ..matrix_files.files import STYLE
from ..network_zones import centroids_of, named_zones
from . import gravity, zone_costs
from .desire_lines import desire_lines, histogram
from .fields import ZONE_COLUMN
from .trip_ends import Ends, check_sums, ends_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LINES = 500
_NO_UNIT = "cost"  # of a matrix, which does not tell its own


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    try:
        ends = ends_of(values["zones"], values["zone_column"], values["purposes"])
    except InputError as error:
        yield problem_of("DT363", "zones", error)
        return
    for one in ends:
        yield from check_sums(one, "zones")
    yield from _check_costs(values)
    for field, name in (("skim", values["skim_name"]), ("factors", None)):
        if values[field] is not None:
            try:
                _matrix(values, field, name, ends[0].zones)
            except DtwinError as error:
                yield problem_of("DT360", field, error)


def _check_costs(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with how costs are given, and with the network."""
    if values["mean"] is None and values["parameter"] is None:
        yield Problem("DT366", "mean", "Give the mean cost of a trip, or the parameter b of the function.")
    if values["skim"] is not None and values["links"] is not None:
        yield Problem("DT366", "skim", "Costs are given in two ways; give a matrix or a network, not both.")
    if (values["links"] is None) != (values["nodes"] is None):
        text = "A network needs its links and its nodes; give both, as Road network makes them."
        yield Problem("DT366", "nodes" if values["nodes"] is None else "links", text)
    elif values["links"] is not None:
        found = list(check_links(values["links"], values["nodes"]))
        yield from found
        if not any(problem.level == ERROR for problem in found):
            yield from check_times(values["links"])
    if values["within"] == zone_costs.CIRCLE and (values["skim"] is not None or values["links"] is not None):
        yield Problem("DT366", "within", "The mean distance in a circle is in km; choose another rule for these costs.")


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Distribute; see `TRIP_DISTRIBUTION` for what goes in and out."""
    zones = named_zones(values["zones"], values["zone_column"])
    ends = ends_of(values["zones"], values["zone_column"], values["purposes"])
    places = centroids_of(zones)
    cost, unit = _costs(values, ends[0].zones, places)
    factors = _matrix(values, "factors", None, ends[0].zones) if values["factors"] is not None else None
    progress.report(0.2)
    trips: dict[str, Floats] = {}
    rows: list[Row] = []
    steps: dict[str, list[Any]] = {"purpose": [], "from": [], "to": [], "trips": [], "share": []}
    for number, one in enumerate(ends):
        part = Part(progress, 0.2 + 0.7 * number / len(ends), 0.2 + 0.7 * (number + 1) / len(ends))
        made = _distributed(one, cost, unit, factors, values, part)
        trips[one.name] = made.balanced.values
        rows += _rows(one, made, values, unit)
        classes = histogram(made.balanced.values, cost)
        steps["purpose"] += [one.name] * len(classes["from"])
        for key, column in classes.items():
            steps[key] += column
    matrices = Matrices(ends[0].zones, trips)
    total = sum(trips.values(), np.zeros_like(cost))
    lines, _ = desire_lines(total, matrices.zones, places, _LINES, 0.0, zones.crs)
    return {
        "matrix": MatrixFile(matrices),
        "costs": MatrixFile(Matrices(matrices.zones, {unit: cost})),
        "lines": lines,
        "lengths": steps,
        "statistics": term_table(rows),
        "trips": float(total.sum()),
        "mean_cost": gravity.mean_cost(total, cost),
    }


def _costs(values: Values, zones: tuple[str, ...], places: Floats) -> tuple[Floats, str]:
    """Return costs between zones, and their unit."""
    factor = values["detour"]
    if values["skim"] is not None:
        cost, unit = _matrix(values, "skim", values["skim_name"], zones), _NO_UNIT
    elif values["links"] is not None:
        cost, unit = zone_costs.network_times(values["links"], values["nodes"], zones), "min"
    else:
        cost, unit = zone_costs.straight(places, factor), "km"
    areas = _areas(values) if values["within"] == zone_costs.CIRCLE else None
    return zone_costs.with_own(cost, values["within"], areas, factor), unit


def _areas(values: Values) -> Floats:
    from ...plan.shapes import polygons

    return np.array([shape.area for shape in polygons(values["zones"])])


def _matrix(values: Values, field: str, name: str | None, zones: tuple[str, ...]) -> Floats:
    found = read_matrices(values[field], [name] if name else None).ordered(zones).one(name or "")
    if (found < 0).any():
        raise InputError("{file} has values below 0.", file=values[field].name)
    return np.nan_to_num(found, nan=0.0) if field == "factors" else found


def _distributed(
    ends: Ends, cost: Floats, unit: str, factors: Floats | None, values: Values, progress: Progress
) -> gravity.Distribution:
    balanced, _ = ends.balanced()
    zone_costs.expect_costs(cost, ends.zones, balanced.origins, balanced.destinations)
    given = balanced.origins, balanced.destinations, cost, values["function"]
    more = {"power": values["power"], "factors": factors, "zones": ends.zones, "progress": progress}
    if values["mean"]:
        named = "" if unit == _NO_UNIT else unit
        return gravity.calibrate(*given, values["mean"], **more, purpose=ends.name, unit=named)
    return gravity.distribute(*given, values["parameter"], **more)


def _rows(ends: Ends, made: gravity.Distribution, values: Values, unit: str) -> Iterator[Row]:
    name, factor = ends.name, ends.balanced()[1]
    trips = made.balanced.values
    yield f"{name} trips", float(trips.sum()), "1"
    yield f"{name} factor of trips that end", factor, "1"
    yield f"{name} parameter b", made.parameter, "1"
    if values["mean"]:
        yield f"{name} mean wanted", float(values["mean"]), unit
    yield f"{name} mean reached", made.mean, unit
    yield f"{name} distributions of the calibration", float(made.rounds), "1"
    yield f"{name} rounds of the last balance", float(made.balanced.rounds), "1"
    yield f"{name} largest difference to a total", made.balanced.error, "1"
    yield f"{name} share within zones", float(100.0 * np.trace(trips) / max(trips.sum(), 1e-300)), "percent"


TRIP_DISTRIBUTION = Model(
    id="tripdistribution",
    version="1.0.0",
    title="Trip distribution",
    group="Traffic",
    summary="Where do trips go? A gravity model that keeps the trips which begin and end in each zone, calibrated to "
    "the mean length of a trip.",
    inputs=(
        Field("zones", "Trips by zone", "features", geometry="polygon", doc="As Trip generation makes them: columns "
              "production and attraction, of each purpose."),
        ZONE_COLUMN,
        Field("purposes", "Purposes", "text", optional=True, doc="Names with ; between them; default all that the "
              "zones have."),
        Field("mean", "Mean cost of a trip", "number", optional=True, minimum=1e-6, maximum=1e6, doc="To calibrate "
              "to, in the unit of the costs: km of straight distances, min of a network. From a survey."),
        Field("parameter", "Parameter b", "number", optional=True, minimum=0.0, maximum=1000.0, doc="Of the function, "
              "where no mean is given: larger makes trips shorter."),
        Field("function", "Deterrence function", "choice", default=gravity.EXPONENTIAL, choices=gravity.FUNCTIONS,
              doc="How the will to travel falls with the cost c."),
        Field("power", "Power n", "number", "1", 0.5, -5.0, 5.0, advanced=True, doc="Of the combined function alone."),
        Field("skim", "Costs", "file", optional=True, doc="Matrix in OMX, CSV or TNTP, of times or costs; without it "
              "and without a network straight distances count."),
        Field("skim_name", "Name of the matrix of costs", "text", optional=True, doc="Where the file has more."),
        Field("links", "Links of a network", "features", geometry="line", optional=True, doc="For times as costs: of "
              "an assignment where the links have them, else of an empty road."),
        Field("nodes", "Nodes of a network", "features", geometry="point", optional=True, doc="With the zones, as Road "
              "network makes them."),
        Field("within", "Cost within a zone", "choice", default=zone_costs.NEAREST, choices=zone_costs.WITHIN,
              doc="Trips within a zone never meet a counted road, but take their share of all trips."),
        Field("detour", "Factor for the way around", "number", "1", 1.3, 1.0, 3.0, advanced=True, doc="By which "
              "straight distances are multiplied; between 1.2 and 1.4 in most towns."),
        Field("factors", "Factors K", "file", optional=True, advanced=True, doc="Matrix of factors for pairs of zones "
              "that the costs do not explain, such as over a border; 1 changes nothing."),
    ),
    outputs=(
        Field("matrix", "Matrix of trips", "file", style=STYLE, doc="A matrix for each purpose."),
        Field("costs", "Matrix of costs", "file", style=STYLE, optional=True, advanced=True, doc="As they were used."),
        Field("lines", "Desire lines", "features", geometry="line", style="desire_lines", optional=True, doc="The 500 "
              "largest flows between zones, of all purposes together."),
        Field("lengths", "Trips by cost", "table", columns={"purpose": "1", "from": "1", "to": "1", "trips": "1",
              "share": "percent"}, doc="To compare with the lengths of trips in a survey."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="Parameter, mean wanted and reached, rounds, "
              "and how far totals are off, by purpose."),
        Field("trips", "Trips", "number", doc="Of all purposes."),
        Field("mean_cost", "Mean cost reached", "number", doc="Of all trips, in the unit of the costs."),
    ),
    run=run,
    check=check,
    any_crs=True,
    beside=True,
    references=(
        "Wilson, A.G. (1967). A statistical theory of spatial distribution models. Transportation Research 1, 253-269.",
        "Furness, K.P. (1965). Time function iteration. Traffic Engineering and Control 7, 458-460.",
        "Hyman, G.M. (1969). The calibration of trip distribution models. Environment and Planning 1, 105-112.",
        "Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 5. Wiley.",
    ),
    validity="For trips that a purpose binds to both ends, such as to work. A mean length fixes the spread as the "
    "function has it: compare the table of lengths with a survey before you trust single pairs of zones.",
    uncertainty="Sums of many pairs are far better known than single pairs, which may be off by half and more.",
)  # fmt: skip
