"""The description of a matrix on the map: lines between zones, and totals of zones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import among, listed, rows_among
from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.progress import Progress

from ...base import Field, Model, Values
from ...problem import WARNING, Problem, problem_of
from ...term_table import TERMS, term_table
from ..matrix_files.files import trips_of
from ..network_zones import centroids_of, named_zones
from .desire_lines import desire_lines, zone_totals
from .fields import MATRIX_NAME, ZONE_COLUMN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    try:
        layer = named_zones(values["zones"], values["zone_column"])
    except InputError as error:
        yield problem_of("DT363", "zones", error)
        return
    try:
        zones, trips = trips_of(values["matrix"], values["matrix_name"] or "")
    except DtwinError as error:
        yield problem_of("DT360", "matrix", error)
        return
    own = layer.columns["zone"].tolist()
    places, absent = rows_among(zones, own)
    if len(absent) == len(zones):
        text = "The matrix has zones {found} and the layer {zones}; expected the same ids."
        yield Problem("DT360", "matrix", text, {"found": listed(zones), "zones": listed(own)})
    elif absent:
        rows = places < 0
        lost = float(trips[rows].sum() + trips[:, rows].sum() - trips[rows][:, rows].sum())
        text = "Zones {zones} of the matrix are not in the layer; {trips:.0f} of its trips are not shown."
        yield Problem("DT360", "zones", text, {"zones": listed(absent), "trips": lost}, WARNING)


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Draw; see `MATRIX_LINES` for what goes in and out."""
    layer = named_zones(values["zones"], values["zone_column"])
    names = layer.columns["zone"].tolist()
    zones, trips = trips_of(values["matrix"], values["matrix_name"] or "")
    shown = among(trips, rows_among(names, zones)[0])
    progress.report(0.4)
    lines, share = desire_lines(shown, names, centroids_of(layer), values["most"], values["least"], layer.crs)
    if share < 1.0:
        progress.warn("The lines show {share:.1f} percent of the trips between zones.", share=100.0 * share)
    total = float(trips.sum())
    return {
        "lines": lines,
        "totals": layer.with_columns(zone_totals(shown)),
        "statistics": term_table([
            ("trips in the matrix", total, "1"),
            ("trips of zones in the layer", float(shown.sum()), "1"),
            ("trips within zones", float(np.trace(shown)), "1"),
            ("share of the trips between zones that lines show", 100.0 * share, "percent"),
        ]),
        "trips": total,
    }  # fmt: skip


MATRIX_LINES = Model(
    id="matrixlines",
    version="1.0.0",
    title="Matrix as desire lines",
    group="Traffic",
    summary="Between which zones are the most trips? Lines as wide as the trips, and what begins and ends "
    "in each zone.",
    inputs=(
        Field("matrix", "Matrix of trips", "file", doc="In OMX, CSV or TNTP."),
        MATRIX_NAME,
        Field("zones", "Zones", "features", geometry="polygon", doc="With the ids that the matrix has."),
        ZONE_COLUMN,
        Field("most", "Lines at most", "integer", default=500, minimum=1, maximum=100_000, doc="The largest are kept; "
              "more than some thousands hide each other."),
        Field("least", "Trips of a line at least", "number", default=0.0, minimum=0.0, maximum=1e9, doc="In both "
              "directions together."),
    ),
    outputs=(
        Field("lines", "Desire lines", "features", geometry="line", style="desire_lines", doc="Trips in both "
              "directions and in each."),
        Field("totals", "Trips by zone", "features", geometry="polygon", style="trip_ends", doc="That begin, end and "
              "stay in each zone."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="Trips in all, in the zones, and shown."),
        Field("trips", "Trips", "number", doc="In the matrix."),
    ),
    run=run,
    check=check,
    any_crs=True,
    beside=True,
    references=("Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 5. Wiley.",),
    validity="For any matrix whose zones are in the layer. Lines show where trips want to go and not the way they "
    "take.",
)  # fmt: skip
