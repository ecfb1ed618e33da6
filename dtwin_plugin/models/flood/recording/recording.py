"""What is kept of a run while it runs, as far as somebody wants it: maxima, series and velocities for a mesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Field, Values, wanted
from ..ground import BLOCK, Ground
from ..scheme import HELD
from ..simulation import Maps
from ..solvers.flow import FlowSolver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dtwin_plugin.data.mesh_series import MeshSeries
    from dtwin_plugin.progress import Progress

    from .cross_sections import CrossSectionRecorder
    from .gauges import GaugeRecorder
    from .outrun import OutrunRecorder
    from .recorder import MaximaRecorder

FILM = 0.01  # m, shallower water is not shown
MINUTE = 60.0  # s
MAXIMA = ("velocity_max", "hazard_max", "hazard_rating", "arrival", "duration")

INPUTS = (
    Field(
        "gauges",
        "Gauges",
        "features",
        geometry="point",
        optional=True,
        doc="Points to follow through time: depth, level and velocity of the cell of each, under its column name.",
    ),
    Field(
        "cross_sections",
        "Cross sections",
        "features",
        geometry="line",
        optional=True,
        doc="Lines to follow the discharge across, positive from the left of a line to its right, as it was drawn.",
    ),
)
ADVANCED = (
    Field(
        "series_interval",
        "Interval of the series",
        "number",
        "min",
        1.0,
        0.05,
        1440,
        advanced=True,
        doc="Time between the rows of the series at gauges and cross sections.",
    ),
    Field(
        "arrival_depth",
        "Depth at arrival",
        "number",
        "m",
        0.05,
        0.001,
        10,
        advanced=True,
        doc="Water has arrived from this depth on.",
    ),
    Field(
        "duration_depth",
        "Depth that counts for the duration",
        "number",
        "m",
        0.15,
        0.001,
        10,
        advanced=True,
        doc="Time counts at this depth and above; cars pass up to 0.15 m.",
    ),
    Field(
        "hazard",
        "Hazard",
        "choice",
        default="product",
        choices={"product": "Depth times velocity", "rating": "Rating d (v + 0.5) + debris"},
        advanced=True,
        doc="Which map of the hazard is made. The rating is that of Defra and the Environment Agency (FD2321).",
    ),
)
OUTPUTS = (
    Field(
        "level_max",
        "Largest water level",
        "grid",
        "m",
        style="water_level",
        optional=True,
        advanced=True,
        doc="In m NAP, where water was 0.01 m deep or more.",
    ),
    Field(
        "velocity_max",
        "Largest velocity",
        "grid",
        "m s-1",
        style="water_velocity",
        optional=True,
        advanced=True,
        doc="Largest speed at each place, looked at every 5 s.",
    ),
    Field(
        "hazard_max",
        "Largest hazard",
        "grid",
        "m2 s-1",
        style="water_hazard",
        optional=True,
        advanced=True,
        doc="Largest depth times velocity at one moment; 0.3 m2/s and more is unsafe for children.",
    ),
    Field(
        "hazard_rating",
        "Largest hazard rating",
        "grid",
        style="water_rating",
        optional=True,
        advanced=True,
        doc="Largest d (v + 0.5) + DF, where the rating is chosen; danger for some from 0.75, most 1.25, all 2.0.",
    ),
    Field(
        "arrival",
        "Time of arrival",
        "grid",
        "min",
        style="water_arrival",
        optional=True,
        advanced=True,
        doc="From the start until the depth at arrival; no data where it was not reached.",
    ),
    Field(
        "duration",
        "Duration",
        "grid",
        "min",
        style="water_duration",
        optional=True,
        advanced=True,
        doc="Total time with the depth that counts, until the end of the run.",
    ),
    Field(
        "mesh",
        "Water through time",
        "mesh",
        style="water_mesh",
        optional=True,
        doc="Depth, level and velocity of all cells that ever had 0.01 m, for the temporal controller in 2D and 3D.",
    ),
    Field(
        "gauge_series",
        "Series at gauges",
        "table",
        columns={"name": "1", "time": "1", "minutes": "min", "depth": "m", "level": "m", "velocity": "m s-1"},
        optional=True,
        doc="A row for each gauge and time; no level where water is less than 0.01 m deep.",
    ),
    Field(
        "section_series",
        "Series at cross sections",
        "table",
        columns={"name": "1", "time": "1", "minutes": "min", "discharge": "m3 s-1", "volume": "m3"},
        optional=True,
        doc="A row for each line and time: the mean discharge since the row before, and what flowed across in all.",
    ),
)


@dataclass
class Recording:
    """The recorders of a run, None for what nobody wants."""

    maxima: MaximaRecorder | None = None
    gauges: GaugeRecorder | None = None
    sections: CrossSectionRecorder | None = None
    outrun: OutrunRecorder | None = None
    rating: bool = False
    moving: bool = False  # whether velocities are kept with the maps
    _velocities: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = field(default_factory=list)

    def map(self, solver: FlowSolver) -> None:
        """Keep what goes with a map of the series: the velocity of all wet cells."""
        from .gauges import cell_velocity

        if self.maxima is not None:
            self.maxima.record(solver)  # so that a state saved now holds all until now
        if self.moving:
            rows, columns = np.nonzero(solver.padded[0][1:-1, 1:-1] >= FILM)
            velocity = cell_velocity(solver, rows, columns).astype(np.float32)
            self._velocities.append((rows * solver.padded[0].shape[1] + columns, velocity))

    def warn(self, solver: FlowSolver, progress: Progress) -> None:
        """Tell of what was seen that makes the result less good."""
        area = 0.0 if self.outrun is None else self.outrun.area(solver)
        if area:
            progress.warn(
                "Over {area:.0f} m2 deep water ran faster than its waves are held to: choose the equations Local "
                "inertial if depths there matter.",
                area=area,
            )

    def velocities(self, shape: tuple[int, int]) -> Iterator[NDArray[np.float32]]:
        """Yield the velocity at each map [m s-1], shape (rows, cols, 2): to the east and north; NaN where dry."""
        across = shape[1] + 2
        for places, velocity in self._velocities:
            whole = np.full((*shape, 2), np.nan, np.float32)
            whole[places // across, places % across] = velocity
            yield whole


def recording_of(values: Values, ground: Ground, solver: FlowSolver) -> Recording:
    """Return the recorders that are wanted, and let them look at the solver."""
    from .cross_sections import CrossSectionRecorder
    from .gauges import GaugeRecorder, places
    from .outrun import OutrunRecorder
    from .recorder import MaximaRecorder

    moving = wanted(values, "mesh") and solver.knows_velocity
    found = Recording(rating=values["hazard"] == "rating", moving=moving)
    every = values["series_interval"] * MINUTE
    if wanted(values, *MAXIMA) and solver.knows_velocity:
        found.maxima = MaximaRecorder(
            values["arrival_depth"],
            values["duration_depth"],
            rating=found.rating,
            threads=values["threads"] or None,
        )
        solver.recorders.append(found.maxima)
    if values["gauges"] is not None and len(values["gauges"]) and wanted(values, "gauge_series"):
        row, column, _ = places(values["gauges"], ground.terrain)
        found.gauges = GaugeRecorder(row, column, every)
        found.gauges.record(solver)
        solver.recorders.append(found.gauges)
    if values["scheme"] == "held":
        found.outrun = OutrunRecorder(HELD)
        solver.recorders.append(found.outrun)
    lines = values["cross_sections"]
    if lines is not None and len(lines) and wanted(values, "section_series") and solver.knows_velocity:
        found.sections = CrossSectionRecorder(lines.geometries, ground.terrain, every)
        solver.recorders.append(found.sections)
    return found


def recorded(
    values: Values, ground: Ground, solver: FlowSolver, maps: Maps, recording: Recording, times: NDArray[np.datetime64]
) -> dict[str, Any]:
    """Return the outputs of what was recorded.

    Parameters
    ----------
    times : ndarray
        datetime64[s], of the start and of each map, shape (maps + 1,).
    """
    results: dict[str, Any] = {}
    terrain = ground.terrain
    bed = solver.bed
    if ground.covered is not None and values["building_flow"] == BLOCK:
        bed = np.where(ground.covered > 0, np.nan, bed)  # the top of a block is no water level
    if wanted(values, "level_max"):
        level = np.where(solver.max_depth >= FILM, bed + solver.max_depth, np.nan)
        results["level_max"] = terrain.like(level, "m", "Largest water level")
    if recording.maxima is not None:
        recording.maxima.record(solver)
        results.update(_maxima(recording.maxima, terrain, recording.rating))
    if recording.gauges is not None:
        recording.gauges.record(solver)
        results["gauge_series"] = _gauge_table(values, recording.gauges, times[0])
    if recording.sections is not None:
        recording.sections.record(solver)
        recording.sections.close()
        results["section_series"] = _section_table(values, recording.sections, times[0])
    if recording.moving and (np.isfinite(bed) & (solver.max_depth >= FILM)).any():
        results["mesh"] = _mesh(ground, bed, solver, maps, recording, times[1:])
    return results


def _maxima(kept: MaximaRecorder, terrain: Any, rating: bool) -> dict[str, Any]:
    hazard = {"hazard_rating": terrain.like(kept.hazard, "1", "Largest hazard rating")}
    if not rating:
        hazard = {"hazard_max": terrain.like(kept.hazard, "m2 s-1", "Largest hazard")}
    return {
        "velocity_max": terrain.like(kept.speed, "m s-1", "Largest velocity"),
        **hazard,
        "arrival": terrain.like(kept.arrival / MINUTE, "min", "Time of arrival"),
        "duration": terrain.like(kept.duration / MINUTE, "min", "Duration"),
    }


def _gauge_table(values: Values, kept: GaugeRecorder, start: np.datetime64) -> dict[str, list[Any]]:
    from .gauges import names

    table = _rows(names(values["gauges"], "gauge"), kept.seconds, start)
    for name, numbers in (("depth", kept.depth), ("level", kept.level), ("velocity", kept.speed)):
        table[name] = [None if value != value else value for value in numbers.T.ravel().tolist()]
    return table


def _section_table(values: Values, kept: CrossSectionRecorder, start: np.datetime64) -> dict[str, list[Any]]:
    from .gauges import names

    table = _rows(names(values["cross_sections"], "line"), kept.seconds, start)
    table["discharge"] = kept.discharge.T.ravel().tolist()
    table["volume"] = kept.volume.T.ravel().tolist()
    return table


def _rows(names: list[str], seconds: list[float], start: np.datetime64) -> dict[str, list[Any]]:
    """Return the columns name, time (ISO 8601, to the second) and minutes, with all times of a name together."""
    moments = start + np.rint(np.array(seconds)).astype("timedelta64[s]")
    return {
        "name": [name for name in names for _ in seconds],
        "time": [str(moment) for _ in names for moment in moments],
        "minutes": [second / MINUTE for _ in names for second in seconds],
    }


def _mesh(
    ground: Ground,
    bed: NDArray[np.float64],
    solver: FlowSolver,
    maps: Maps,
    recording: Recording,
    times: NDArray[np.datetime64],
) -> MeshSeries:
    from dtwin_plugin.data.mesh_series import mesh_of_cells

    chosen = np.isfinite(bed) & (solver.max_depth >= FILM)
    return mesh_of_cells(
        ground.terrain.like(bed, "m", "Ground"),
        chosen,
        times,
        {
            "depth": (np.where(depth >= FILM, depth, np.nan) for depth in maps.depths),
            "level": (np.where(depth >= FILM, bed + depth, np.nan) for depth in maps.depths),
            "velocity": recording.velocities(ground.terrain.shape),
        },
        {"depth": "m", "level": "m", "velocity": "m s-1"},
        {"depth": "Water depth", "level": "Water level", "velocity": "Velocity of the water"},
    )
