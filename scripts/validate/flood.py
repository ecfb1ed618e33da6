"""The flood model against its cases: a case file is run here, the built-in ones stand in `flood_cases`."""

from pathlib import Path

import numpy as np

from dtwin_plugin.errors import FormatError

from . import flood_cases, flood_files, flood_schemes, merewether
from .areas import covered
from .fields import field, terrain
from .flood_ground import ground
from .measure import Record, measured
from .series import rates, series
from .tables import column, read_table
from .view import EDGES, View, padded_bed

INTERVAL = 60.0  # s; longest time over which a series counts as its mean
# what every case must keep to, whatever else it expects
ALWAYS = (
    {"quantity": "mass_error", "value": 0.0, "tolerance": 1e-6, "why": "float32 with compensated sums reaches 1e-7"},
    {"quantity": "negative_depth", "value": 0.0, "tolerance": 0.0, "why": "water below the ground is an error"},
)
FIELDS = {
    "model", "case", "source", "note", "terrain", "cell_size", "gaps", "buildings", "roughness", "initial", "rain",
    "infiltration", "soil_storage", "inflow", "boundary", "duration", "interval", "scheme", "courant", "theta",
    "precision", "threads", "turn", "mirror", "factor", "expected",
}  # fmt: skip


def rows():
    for case in flood_cases.analytic():
        yield from case_rows(case, Path())
    for case in flood_schemes.cases():
        yield from case_rows(case, Path())
    folder = flood_cases.shared_folder()
    if not folder.is_dir():
        yield "MacDonald, EA2, EA4, Merewether, rolling and others: skipped: needs the shared data"
        return
    for case in flood_files.cases(folder):
        yield from case_rows(case, folder)
    yield from case_rows(merewether.case(folder / "merewether"), folder / "merewether")


def case_rows(case, folder):
    """Run a case and yield a row for each value that it expects."""
    unknown = sorted(set(case) - FIELDS)
    if unknown:
        raise FormatError(
            "Case {case} has the unknown field {field}.",
            hint="See docs/models/case-files.md.",
            case=case["case"],
            field=", ".join(unknown),
        )
    try:
        run = simulate(case, folder)
        asked = [item for one in case["expected"] for item in at_points(one, folder)]
        named = {item["quantity"] for item in asked}
        for item in [*asked, *(item for item in ALWAYS if item["quantity"] not in named)]:
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
                "why": item.get("why", ""),
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
    more = [f"{key} {item[key]:g}" for key in ("wet",) if key in item]
    return " ".join([item["quantity"], *more, *(f"{key} {value:g}" for key, value in at.items())])


def at_points(item, folder):
    """Yield an expected value for each row of its table of points, or the value itself if it has none."""
    if "points" not in item:
        yield item
        return
    path = folder / item["points"]
    table = read_table(path)
    more = {key: value for key, value in item.items() if key not in ("points", "x", "y", "id")}
    x, y = column(table, item.get("x", "x"), path), column(table, item.get("y", "y"), path)
    known = next((name for name in table if name.lower() == item.get("id", "id").lower()), None)
    numbers = table[known] if known else np.arange(1, len(x) + 1)
    values = column(table, item["value"], path) if isinstance(item["value"], str) else np.full(len(x), item["value"])
    for number, here, there, value in zip(numbers, x, y, values):
        if np.isfinite(value):
            at = {**item.get("at", {}), "x": here, "y": there}
            name = f"{item.get('name', item['quantity'])} point {number:g}"
            yield {**more, "at": at, "value": value, "name": name}


def simulate(case, folder):
    """Run a case and return its record."""
    bed, domain = terrain(case, folder)
    bed = ground(case, bed, domain, folder)
    depth = initial_depth(case, bed, domain, folder)
    kinds, levels, outlets = boundary(case, domain, folder)
    view = View(case.get("turn", 0), case.get("mirror", False), [any(e == o[0] for o in outlets) for e in EDGES])
    storage = 1e-3 * field(case["soil_storage"], domain, folder) if "soil_storage" in case else None
    solver = flood_schemes.solver_of(
        case,
        view.lie(padded_bed(bed, view, outlets)),
        domain.cell_size,
        view.there(field(case["roughness"], domain, folder)),
        boundary=view.edges(kinds | {edge: level(0.0) for edge, level in levels.items()}),
        initial_depth=view.there(depth, 0.0),
        soil_storage=None if storage is None else view.there(storage, 0.0),
    )
    return _advanced(case, solver, view, (domain, bed, depth), (kinds, levels), folder)


def _advanced(case, solver, view, start, edges, folder):
    domain, bed, depth = start
    kinds, levels = edges
    rain = rates(case.get("rain", 0.0), domain, folder)
    loss = rates(case.get("infiltration", 0.0), domain, folder)
    inflows = [inflow(item, domain, view, folder) for item in case.get("inflow", [])]
    record = Record(domain, bed, depth, solver, view)
    for begin, end in pieces(case, (*rain.times, *loss.times)):
        middle = (begin + end) / 2
        if levels:
            solver.set_boundary(view.edges(kinds | {edge: level.mean(begin, end) for edge, level in levels.items()}))
        solver.advance(
            end - begin,
            rain=over_cells(rain(middle), domain, view),
            infiltration=over_cells(loss(middle), domain, view),
            sources=sources(inflows, begin, end),
        )
        record.keep(end)
    return record


def over_cells(rate, domain, view):
    """Return a rate for the cells of the solver; none on the cells that were added."""
    if not np.ndim(rate) and not any(view.pad):
        return rate
    return view.there(np.broadcast_to(rate, domain.x.shape), 0.0)


def boundary(case, domain, folder):
    """Return what each edge is, the series of its level, and the outlets: edge, cells, whether it is a fall."""
    spec = case.get("boundary", "closed")
    if isinstance(spec, str):
        return dict.fromkeys(EDGES, spec), {}, []
    kinds, levels, outlets = {}, {}, []
    named = spec.items() if isinstance(spec, dict) else [(e, "open") if isinstance(e, str) else ("", e) for e in spec]
    for edge, kind in named:
        if isinstance(kind, dict) and "edge" in kind:
            edge, how = kind["edge"], kind.get("kind", "open")
            if how not in ("open", "fall"):
                raise FormatError('A part of an edge is "open" or a "fall"; found {kind}.', kind=how)
            outlets.append(
                (edge, covered({k: v for k, v in kind.items() if k != "kind"}, domain, folder), how == "fall")
            )
            kinds[edge] = "open"
        elif isinstance(kind, str):
            kinds[edge] = kind
        else:
            levels[edge] = series(kind, folder)
    return kinds, levels, outlets


def initial_depth(case, bed, domain, folder):
    spec = case.get("initial", 0.0)
    if isinstance(spec, dict) and "level" in spec:
        return np.nan_to_num(np.maximum(field(spec["level"], domain, folder) - bed, 0.0))
    spec = spec["depth"] if isinstance(spec, dict) and "depth" in spec else spec
    return np.nan_to_num(field(spec, domain, folder))


def pieces(case, changes):
    """Return start and end of the pieces of the run: no longer than the interval, cut where something changes."""
    duration, interval = float(case["duration"]), float(case.get("interval", INTERVAL))
    stops = set(np.arange(interval, duration, interval).tolist()) | {duration}
    stops |= {float(item["at"]["time"]) for item in case["expected"] if "time" in item.get("at", {})}
    ordered = sorted(stops | {float(time) for time in changes if 0 < time < duration})
    if ordered[-1] > duration:
        raise FormatError("Case {case} expects a value after its end.", case=case["case"])
    return list(zip([0.0, *ordered[:-1]], ordered))


def inflow(item, domain, view, folder):
    """Return rows, columns and the discharge through time that these cells share [m3 s-1]."""
    shape = {key: value for key, value in item.items() if key not in ("discharge", "name")}
    rows, columns = np.nonzero(covered(shape, domain, folder))
    return *view.place(rows, columns, domain.x.shape), series(item["discharge"], folder)


def sources(inflows, begin, end):
    """Return rows, columns and the mean discharge of each cell [m3 s-1] between two times, None without inflow."""
    if not inflows:
        return None
    parts = [
        (rows, columns, np.full(rows.size, through.mean(begin, end) / rows.size)) for rows, columns, through in inflows
    ]
    return tuple(np.concatenate(part) for part in zip(*parts))
