"""The description of the modal split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.progress import Progress

from ...base import Field, Model, Values
from ...problem import Problem, problem_of
from ...term_table import TERMS, Row, term_table
from ..matrix_files import MatrixFile, read_matrices
from ..matrix_files.files import STYLE, trips_of
from .fields import MATRIX_NAME
from .logit import Mode, modes_of, shares, utilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    try:
        modes = modes_of(values["coefficients"])
    except InputError as error:
        yield problem_of("DT367", "coefficients", error)
        return
    try:
        zones, _ = trips_of(values["matrix"], values["matrix_name"] or "")
    except DtwinError as error:
        yield problem_of("DT360", "matrix", error)
        return
    try:
        _skims(values, modes, zones)
    except DtwinError as error:
        yield problem_of("DT360", "skims", error)


def _skims(values: Values, modes: list[Mode], zones: tuple[str, ...]) -> dict[str, Floats]:
    names = list(dict.fromkeys(name for mode in modes for name in mode.coefficients))
    return read_matrices(values["skims"], names).ordered(zones).values if names else {}


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Split; see `MODAL_SPLIT` for what goes in and out."""
    modes = modes_of(values["coefficients"])
    zones, trips = trips_of(values["matrix"], values["matrix_name"] or "")
    share, logsum = shares(utilities(modes, _skims(values, modes, zones), (len(zones), len(zones))))
    progress.report(0.6)
    nowhere = (trips > 0) & ~np.isfinite(logsum)
    stuck = float(trips[nowhere].sum())
    if stuck:
        text = "{trips:.0f} trips of {pairs} pairs of zones have no mode at all and are in no matrix."
        progress.warn(text, trips=stuck, pairs=int(nowhere.sum()))
    persons = {mode.name: trips * np.nan_to_num(share[row]) for row, mode in enumerate(modes)}
    vehicles = {f"{mode.name}_vehicles": persons[mode.name] / mode.occupancy for mode in modes if mode.occupancy > 0}
    total = (float(trips.sum()) - stuck) or 1.0
    rows: list[Row] = [("persons", float(trips.sum()), "1"), ("persons without a mode", stuck, "1")]
    for name, matrix in persons.items():
        rows.append((f"{name} share", 100.0 * float(matrix.sum()) / total, "percent"))
        rows.append((f"{name} persons", float(matrix.sum()), "1"))
    rows += [(f"{name.removesuffix('_vehicles')} vehicles", float(one.sum()), "1") for name, one in vehicles.items()]
    made: dict[str, Any] = {
        "persons": MatrixFile(Matrices(zones, persons)),
        "logsums": MatrixFile(Matrices(zones, {"logsum": np.where(np.isfinite(logsum), logsum, np.nan)})),
        "statistics": term_table(rows),
        "without_mode": stuck,
    }
    if vehicles:
        made["vehicles"] = MatrixFile(Matrices(zones, vehicles))
    else:
        progress.warn("No mode has an occupancy; there is no matrix of vehicles.")
    return made


MODAL_SPLIT = Model(
    id="modalsplit",
    version="1.0.0",
    title="Modal split",
    group="Traffic",
    summary="How many trips go by car, bicycle, public transport or on foot? A logit model of times and costs, with "
    "coefficients that you give.",
    inputs=(
        Field("matrix", "Matrix of trips", "file", doc="Of persons, in OMX, CSV or TNTP."),
        MATRIX_NAME,
        Field("skims", "Matrices of skims", "file", doc="One file with a matrix for each time or cost that the "
              "coefficients name; a pair without a value cannot be travelled by that mode."),
        Field("coefficients", "Table of coefficients", "file", doc="CSV with the columns mode, term and value; a term "
              "is constant, occupancy (persons in a vehicle) or the name of a matrix of skims, whose coefficient is "
              "utility for one of its unit, as a rule below 0."),
    ),
    outputs=(
        Field("persons", "Trips by mode", "file", style=STYLE, doc="Of persons, a matrix for each mode."),
        Field("vehicles", "Vehicles by mode", "file", style=STYLE, optional=True, doc="Persons by occupancy, for modes "
              "that have one; what an assignment takes."),
        Field("logsums", "Logsums", "file", style=STYLE, optional=True, advanced=True, doc="What all modes together "
              "are worth, for each pair of zones; differences of it measure what a plan brings travellers."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="Share, persons and vehicles of each mode."),
        Field("without_mode", "Trips without a mode", "number", doc="That are in no matrix."),
    ),
    run=run,
    check=check,
    references=(
        "McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In: Zarembka (ed.), Frontiers "
        "in Econometrics, 105-142. Academic Press.",
        "Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 7. Wiley.",
    ),
    validity="With coefficients that were estimated for people and modes like these. Modes that are much alike, such "
    "as bus and tram, take too large a share together: give them as one.",
)  # fmt: skip
