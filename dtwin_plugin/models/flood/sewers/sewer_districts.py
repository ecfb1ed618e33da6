"""Sewer districts: what they take of the cells that are connected to them, hold and pump away."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

from ...base import Field, Values
from ...problem import ERROR, WARNING, Problem, problem_of
from ..columns import numbers_of
from ..solvers.flow import FlowSolver, Sources
from ..surface.surface import Sewer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    from ..ground import Ground

    Floats = NDArray[np.float64]

MM, HOUR = 1e-3, 3600.0
REPORT = 60.0  # s between two rows of the table
INPUTS = (
    Field(
        "sewer_districts",
        "Sewer districts",
        "features",
        geometry="polygon",
        optional=True,
        doc="Areas that drain to one sewer, with its storage and pump as columns, else by the rule. What the sewer has "
        "taken once is gone from the street.",
    ),
)
ADVANCED = (
    Field(
        "sewer_rule",
        "Rule of the sewer districts",
        "choice",
        default="capacity",
        choices={
            "capacity": "A capacity without end (20 mm per hour)",
            "storage": "20 mm of storage, then what is pumped",
            "classic": "7 mm of storage, then what is pumped",
        },
        advanced=True,
        doc="Capacity of the inlets, storage and pump of districts that have no column for them.",
    ),
    Field(
        "sewer_table",
        "Table of sewer rules",
        "file",
        optional=True,
        advanced=True,
        doc="A CSV file with the columns of the one that ships, with your own numbers for each rule.",
    ),
)
OUTPUTS = (
    Field(
        "sewer_fill",
        "Filling of sewer districts",
        "table",
        columns={"minutes": "min", "district": "1", "stored": "m3", "share": "1", "taken": "m3", "pumped": "m3"},
        optional=True,
        doc="What each district holds at each time, its share of the storage, and what it took and pumped since the "
        "start.",
    ),
)
# what a layer may call a column, and what it is
COLUMNS = {
    "rate_mm": ("capacity_mmh", "capaciteit_mmh"),
    "storage_mm": ("storage_mm", "berging_mm"),
    "storage_m3": ("storage_m3", "berging_m3"),
    "pump_mm": ("pump_mmh", "poc_mmh"),
    "pump_m3": ("pump_m3h", "poc_m3h", "pompcapaciteit_m3h"),
}
NAMES = ("name", "naam", "id", "code")
_MOST = {"rate_mm": 1000.0, "storage_mm": 1000.0, "storage_m3": 1e7, "pump_mm": 1000.0, "pump_m3": 1e6}


@dataclass(frozen=True)
class Rule:
    """Capacity of the inlets [mm/h], storage [mm] (inf = no limit) and pump [mm/h], of the connected surface."""

    rate: float
    storage: float
    pump: float


def rule_of(name: str, path: Path | None = None) -> Rule:
    """Return a rule of the table that ships, or of one's own.

    Raises
    ------
    InputError
        If the table has no such rule, or a number in it is no number of 0 or more.

    Examples
    --------
    >>> rule_of("capacity"), rule_of("storage").storage
    (Rule(rate=20.0, storage=inf, pump=0.0), 20.0)
    """
    file = path or plugin_file("resources", "flood", "sewer.csv")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = {str(row.get("rule") or "").strip(): row for row in csv.DictReader(stream)}
        row = rows[name]
        storage = str(row.get("storage") or "").strip()
        rule = Rule(float(row["rate"]), float(storage) if storage else np.inf, float(row["pump"]))
    except (KeyError, ValueError, TypeError, UnicodeDecodeError) as error:
        raise InputError(
            "The table of sewer rules {file} has no row {rule} with numbers for rate and pump.",
            hint="Start from the table that ships with the plugin.",
            file=file.name,
            rule=name,
        ) from error
    if not (rule.rate >= 0 and rule.storage >= 0 and rule.pump >= 0):
        raise InputError(
            "The table of sewer rules {file} has a number below 0 in its row {rule}.", file=file.name, rule=name
        )
    return rule


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the sewer districts."""
    features = values.get("sewer_districts")
    if features is None or not len(features):
        return
    for key, numbers in numbers_of_districts(features).items():
        wrong = np.flatnonzero((numbers < 0) | (numbers > _MOST[key]))
        if wrong.size:
            yield Problem(
                "DT152",
                "sewer_districts",
                "Sewer district {district} has {found:.6g} for {column}; expected 0 to {most:.0f}.",
                {
                    "district": names_of(features)[wrong[0]],
                    "found": float(numbers[wrong[0]]),
                    "column": COLUMNS[key][0],
                    "most": _MOST[key],
                },
                ERROR,
            )
    if values.get("sewer_network") is not None:
        yield Problem(
            "DT155",
            "sewer_districts",
            "A sewer network and sewer districts are both given: each takes its own water from the street. Leave out "
            "the districts that the network drains.",
            {},
            WARNING,
        )
    try:
        rule_of(values["sewer_rule"], values.get("sewer_table"))
    except InputError as error:
        yield problem_of("DT153", "sewer_table", error)
    if values["infiltration"] >= 20 and values.get("landcover") is None and values.get("infiltration_capacity") is None:
        yield Problem(
            "DT154",
            "infiltration",
            "Infiltration of {found:.6g} mm/h holds what the sewer takes too, and sewers are given apart: with these, "
            "give what the soil alone takes.",
            {"found": float(values["infiltration"])},
            WARNING,
        )


def names_of(features: Features) -> list[str]:
    """Return the name of each district: that of the layer, else its number."""
    columns = {name.lower(): name for name in features.columns}
    found = next((features.columns[columns[name]] for name in NAMES if name in columns), None)
    return [
        str(k + 1) if found is None or found[k] is None or found[k] != found[k] else str(found[k])
        for k in range(len(features))
    ]


def sewer_of(values: Values, ground: Ground, share: NDArray[np.floating] | None) -> Sewer | None:
    """Return the sewer districts of a run, None without any.

    Connected are, in each district, the share of each cell that the land cover says; without land cover all cells, as
    the streets and the roofs of a built-up area are.

    Parameters
    ----------
    share : ndarray or None
        Share of each cell that is connected to the sewer, 0 to 1, shape (rows, cols); None where it is not known.
    """
    features = values.get("sewer_districts")
    if features is None or not len(features):
        return None
    terrain: Grid = ground.terrain
    rule = rule_of(values["sewer_rule"], values.get("sewer_table"))
    district = labels(features.geometries, terrain)
    inside = np.isfinite(ground.bed)
    connected = np.where(inside, 1.0 if share is None else np.nan_to_num(np.asarray(share, float)), 0.0)
    area: Floats = np.bincount(district.ravel(), (connected * terrain.cell_size**2).ravel(), len(features) + 1)[
        1:
    ].astype(float)
    numbers = numbers_of_districts(features)
    storage = _first(numbers["storage_m3"], numbers["storage_mm"] * MM * area, _volume(rule.storage, area))
    pump = _first(numbers["pump_m3"] / HOUR, numbers["pump_mm"] * MM * area / HOUR, rule.pump * MM * area / HOUR)
    rate = np.append(0.0, _first(numbers["rate_mm"], np.full(len(features), rule.rate)))[district] * MM / HOUR
    return Sewer(rate * connected, district, storage, pump)


def _volume(depth: float, area: Floats) -> Floats:
    return np.full(len(area), np.inf) if np.isinf(depth) else depth * MM * area


def _first(*choices: Floats) -> Floats:
    """Return the first of several values that is known, for each district."""
    result = choices[-1]
    for values in reversed(choices[:-1]):
        result = np.where(np.isnan(values), result, values)
    return result


def numbers_of_districts(features: Features) -> dict[str, Floats]:
    """Return the numbers of the districts by the keys of `COLUMNS`, each of shape (districts,); NaN for none."""
    return {key: numbers_of(features, None, names) for key, names in COLUMNS.items()}


class DistrictTable:
    """Writes down how full the districts are while the water flows; it exchanges nothing itself."""

    interval = REPORT
    totals = (0.0, 0.0)

    def __init__(self, names: list[str]) -> None:
        self._names, self._last = names, -np.inf
        self.table: dict[str, list[Any]] = {name: [] for name in OUTPUTS[0].columns}

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return no sources: the surface lets the districts take."""
        return [], [], []

    def settle(self, solver: FlowSolver, given: Floats) -> None:
        """Write a row for each district once a minute."""
        if solver.time - self._last >= REPORT - 1e-6:
            self._row(solver)

    def finish(self, solver: FlowSolver) -> None:
        """Write the last rows."""
        if solver.time > self._last:
            self._row(solver)

    @property
    def lost(self) -> dict[str, float]:
        """Nothing: the balance of the surface has it."""
        return {}

    def _row(self, solver: FlowSolver) -> None:
        sewer = solver.surface.sewer
        self._last = solver.time
        if sewer is None:
            return
        filled = np.divide(sewer.stored, sewer.storage, out=np.zeros_like(sewer.stored), where=sewer.storage > 0)
        for k, name in enumerate(self._names):
            row = (solver.time / 60.0, name, sewer.stored[k], filled[k], sewer.taken[k], sewer.pumped[k])
            for column, value in zip(self.table.values(), row):
                column.append(value if isinstance(value, str) else float(value))
