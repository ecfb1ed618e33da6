"""The description of a matrix brought to new totals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.progress import Part, Progress

from ...base import Field, Model, Values
from ...problem import Problem, problem_of
from ...term_table import TERMS, Row, term_table
from ..matrix_files import MatrixFile
from ..matrix_files.files import STYLE, trips_of
from .balancing import furness
from .fields import MATRIX_NAME, ZONE_COLUMN
from .trip_ends import Ends, check_sums, ends_in, ends_of, in_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    if (values["zones"] is None) == (values["totals"] is None):
        yield Problem("DT363", "totals", "Give the totals as a layer of zones or as a table, one of both.")
        return
    try:
        zones, _ = trips_of(values["matrix"], values["matrix_name"] or "")
    except DtwinError as error:
        yield problem_of("DT360", "matrix", error)
        return
    given = "totals" if values["zones"] is None else "zones"
    try:
        ends = in_zones(_ends(values), zones)
    except DtwinError as error:
        yield problem_of("DT363", given, error)
        return
    yield from check_sums(ends, given)


def _ends(values: Values) -> Ends:
    if values["totals"] is not None:
        return ends_in(values["totals"])
    return ends_of(values["zones"], values["zone_column"], values["of_purpose"])[0]


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Fit; see `MATRIX_FACTOR` for what goes in and out."""
    zones, seed = trips_of(values["matrix"], values["matrix_name"] or "")
    ends, factor = in_zones(_ends(values), zones).balanced()
    made = furness(seed, ends.origins, ends.destinations, zones, progress=Part(progress, 0.1, 0.9))
    rows: list[Row] = [
        ("trips before", float(seed.sum()), "1"),
        ("trips after", float(made.values.sum()), "1"),
        ("factor of trips that end", factor, "1"),
        ("rounds", float(made.rounds), "1"),
        ("largest difference to a total", made.error, "1"),
        ("largest factor of a pair", _largest(made.values, seed), "1"),
    ]
    return {
        "result": MatrixFile(Matrices(zones, {values["matrix_name"] or "trips": made.values})),
        "statistics": term_table(rows),
        "trips": float(made.values.sum()),
        "rounds": made.rounds,
    }


def _largest(after: Floats, before: Floats) -> float:
    used = before > 0
    return float((after[used] / before[used]).max(initial=0.0))


MATRIX_FACTOR = Model(
    id="matrixfactor",
    version="1.0.0",
    title="Matrix to new totals",
    group="Traffic",
    summary="What does a matrix of trips become when more or fewer trips begin and end in its zones? Furness's method, "
    "also known as iterative proportional fitting.",
    inputs=(
        Field("matrix", "Matrix of trips", "file", doc="In OMX, CSV or TNTP; its zeros stay zeros."),
        MATRIX_NAME,
        Field("zones", "Trips by zone", "features", geometry="polygon", optional=True, doc="New totals in the columns "
              "production and attraction, or those of a purpose, as Trip generation makes them."),
        ZONE_COLUMN,
        Field("of_purpose", "Purpose of the trips", "text", optional=True, doc="Where the zones have more than one; "
              "default the first."),
        Field("totals", "Table of totals", "file", optional=True, doc="CSV with the columns zone, production and "
              "attraction, in place of a layer."),
    ),
    outputs=(
        Field("result", "Matrix with new totals", "file", style=STYLE, doc="With the zones of the matrix."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="Trips before and after, rounds, and how far "
              "totals are off."),
        Field("trips", "Trips", "number", doc="After."),
        Field("rounds", "Rounds", "integer", doc="In which all rows and all columns were brought to their totals."),
    ),
    run=run,
    check=check,
    any_crs=True,
    beside=True,
    references=(
        "Furness, K.P. (1965). Time function iteration. Traffic Engineering and Control 7, 458-460.",
        "Deming, W.E. & Stephan, F.F. (1940). On a least squares adjustment of a sampled frequency table when the "
        "expected marginal totals are known. Annals of Mathematical Statistics 11, 427-444.",
    ),
    validity="For changes that leave the pattern of trips as it is. A zone without trips stays so: give a new district "
    "some by Trip distribution first.",
)  # fmt: skip
