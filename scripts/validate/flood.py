"""The flood model against its cases: a case file is run here, the built-in ones stand in `flood_cases`."""

from pathlib import Path

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.flood.boundaries import EDGES
from dtwin_plugin.models.flood.solver import InertialSolver

from . import flood_cases, merewether
from .fields import field, read_table, terrain
from .measure import Record, measured

PER_HOUR = 1e-3 / 3600  # mm h-1 -> m s-1
INTERVAL = 60.0  # s; longest time over which a series counts as its mean
MASS = {"quantity": "mass_error", "value": 0.0, "tolerance": 1e-6}


def rows():
    for case in flood_cases.analytic():
        yield from case_rows(case, Path())
    folder = flood_cases.shared_folder()
    if not folder.is_dir():
        yield "MacDonald, EA2, EA4, Merewether, rolling: skipped: needs the shared data"
        return
    for case in flood_cases.shared(folder):
        yield from case_rows(case, folder)
    yield from case_rows(merewether.case(folder / "merewether"), folder / "merewether")


def case_rows(case, folder):
    """Run a case and yield a row for each value that it expects."""
    try:
        run = simulate(case, folder)
        expected = [*case["expected"], MASS]
        for item in expected:
            got = float(measured(item, run, folder))
            value, tolerance = float(item["value"]), float(item["tolerance"])
            yield {
                "model": "flood",
                "case": case["case"],
                "quantity": item.get("name") or label(item),
                "expected": value,
                "got": got,
                "tolerance": tolerance,
                "ok": bool(abs(got - value) <= tolerance),
                "information": bool(item.get("information", False)),
            }
    except KeyError as error:
        raise FormatError(
            "Case {case} misses the field {field}.",
            hint="See docs/models/case-files.md.",
            case=case["case"],
            field=str(error),
        ) from error


def label(item):
    at = item.get("at", {})
    return " ".join([item["quantity"], *(f"{key} {value:g}" for key, value in at.items())])


def series(spec, folder):
    """Return a function of time: a number, rows [time, value], or a CSV file with the columns named."""
    if isinstance(spec, (int, float)):
        return lambda time: float(spec)
    if isinstance(spec, dict):
        table = read_table(folder / spec["csv"])
        times, values = table[spec["time"]] * spec.get("seconds", 1), table[spec["value"]]
    else:
        times, values = np.array(spec, float).T
    return lambda time: float(np.interp(time, times, values))


def steps(spec):
    """Return a function of time that holds each value of rows [time, value] until the next time."""
    if isinstance(spec, (int, float)):
        return lambda time: float(spec)
    times, values = np.array(spec, float).T
    return lambda time: float(values[max(np.searchsorted(times, time, side="right") - 1, 0)])


def simulate(case, folder):
    """Run a case and return its record."""
    bed, domain = terrain(case, folder)
    depth = initial_depth(case, bed, domain, folder)
    levels = {edge: series(v, folder) for edge, v in edges_with_level(case).items()}
    options = {"dtype": np.float64} if case.get("precision") == 64 else {}
    solver = InertialSolver(
        bed,
        domain.cell_size,
        field(case["roughness"], domain, folder),
        boundary=boundary(case, levels, 0.0),
        initial_depth=depth,
        soil_storage=1e-3 * field(case["soil_storage"], domain, folder) if "soil_storage" in case else None,
        theta=case.get("theta", 1.0),
        courant=case.get("courant", 0.7),
        **options,
    )
    rain, loss = steps(case.get("rain", 0.0)), steps(case.get("infiltration", 0.0))
    inflows = [(cells(item, domain), series(item["discharge"], folder)) for item in case.get("inflow", [])]
    record = Record(domain, bed, depth, solver)
    for start, end in pieces(case):
        if levels:
            solver.set_boundary(boundary(case, levels, (start + end) / 2))
        solver.advance(
            end - start,
            rain=rain((start + end) / 2) * PER_HOUR,
            infiltration=loss((start + end) / 2) * PER_HOUR,
            sources=sources(inflows, (start + end) / 2),
        )
        record.keep(end)
    return record


def edges_with_level(case):
    edges = case.get("boundary", "closed")
    return {k: v for k, v in edges.items() if not isinstance(v, str)} if isinstance(edges, dict) else {}


def boundary(case, levels, time):
    edges = case.get("boundary", "closed")
    if isinstance(edges, dict):
        return {**edges, **{edge: level(time) for edge, level in levels.items()}}
    return edges if isinstance(edges, str) else {edge for edge in edges if edge in EDGES}


def initial_depth(case, bed, domain, folder):
    spec = case.get("initial", {"depth": 0.0})
    if "level" in spec:
        return np.maximum(spec["level"] - bed, 0.0)
    return np.array(field(spec["depth"], domain, folder))


def pieces(case):
    """Return start and end of the pieces of the run: no longer than the interval, cut where a value is expected."""
    duration, interval = float(case["duration"]), float(case.get("interval", INTERVAL))
    stops = set(np.arange(interval, duration, interval).tolist()) | {duration}
    stops |= {float(item["at"]["time"]) for item in case["expected"] if "time" in item.get("at", {})}
    for name in ("rain", "infiltration"):
        if not isinstance(case.get(name, 0.0), (int, float)):
            stops |= {float(time) for time, _ in case[name] if 0 < time < duration}
    ordered = sorted(stops)
    return list(zip([0.0, *ordered[:-1]], ordered))


def cells(item, domain):
    """Return rows and columns of the cells whose centre lies in the rectangle or circle of an inflow."""
    if "rectangle" in item:
        x_min, y_min, x_max, y_max = item["rectangle"]
        inside = (domain.x > x_min) & (domain.x < x_max) & (domain.y > y_min) & (domain.y < y_max)
    else:
        x, y, radius = item["circle"]
        inside = (domain.x - x) ** 2 + (domain.y - y) ** 2 < radius**2
    found = np.nonzero(inside)
    if not found[0].size:
        raise FormatError("An inflow of the case lies outside its terrain.")
    return found


def sources(inflows, time):
    if not inflows:
        return None
    parts = [(r, c, np.full(r.size, discharge(time) / r.size)) for (r, c), discharge in inflows]
    return tuple(np.concatenate(column) for column in zip(*parts))
