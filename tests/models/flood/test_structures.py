"""Structures: against formulas by hand, and no water made or lost."""

import math

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.simulation import simulate
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.structures.structures_hydraulics import Barrels, weir_flow
from dtwin_plugin.models.flood.structures.structures_input import linked, open_water, raised
from dtwin_plugin.progress import Silent

G = 9.81


class Dry:
    """No rain, for some seconds."""

    def __init__(self, seconds):
        self.times = (0.0, seconds)

    def rate(self, time):
        return 0.0


def lines(*rows):
    """Structures as a layer has them: a line and its columns."""
    names = sorted({name for _, row in rows for name in row})
    shapes = Geometries.build("line", [[[points]] for points, _ in rows])
    columns = {name: np.array([row.get(name) for _, row in rows], object) for name in names}
    return Features(shapes, columns)


def areas(*rows):
    names = sorted({name for _, row in rows for name in row})
    shapes = Geometries.build("polygon", [[[points]] for points, _ in rows])
    return Features(shapes, {name: np.array([row.get(name) for _, row in rows], object) for name in names})


def run(bed, exchange, seconds, depth=0.0, **options):
    solver = InertialSolver(bed, 1.0, 0.03, initial_depth=depth, boundary="closed", threads=1, **options)
    simulate(solver, Dry(seconds), 0.0, after=0.0, interval=seconds, exchanges=[exchange], progress=Silent())
    exchange.finish(solver)
    return solver


def grid(bed):
    return Grid(np.asarray(bed, float), 0.0, float(np.shape(bed)[0]), 1.0)


def pipe(bottom_a=0.0, bottom_b=0.0, width=1.0, height=1.0, rounded=False, length=0.0, n=0.0, loss=0.0):
    numbers = np.array([[value] for value in (bottom_a, bottom_b, width, height)], float)
    return Barrels(*numbers, np.array([rounded]), *np.array([[length], [n], [loss]], float))


# --- equations ---


def test_a_full_culvert_is_the_energy_equation_by_hand():
    """A round pipe of 0.8 m, 20 m, n 0.013, inlet loss 0.5, drowned at both ends, 0.3 m of head."""
    area, radius = math.pi * 0.16, 0.2
    losses = 0.5 + 1.0 + 2 * G * 0.013**2 * 20 / radius ** (4 / 3)
    expected = area * math.sqrt(2 * G * 0.3 / losses)
    barrels = pipe(width=0.8, height=0.8, rounded=True, length=20, n=0.013, loss=0.5)
    assert barrels.flow([3.3], [3.0])[0] == pytest.approx(expected, rel=1e-12)
    assert barrels.flow([3.0], [3.3])[0] == pytest.approx(-expected, rel=1e-12)


def test_a_short_culvert_with_a_free_outlet_passes_critical_flow():
    """Rectangular, not drowned: Q = (2/3)^1.5 sqrt(g) B E^1.5; 0.2 % is the search of the depth in 32 parts."""
    found = pipe(width=2.0, height=2.0).flow([0.9], [-1.0])[0]
    assert found == pytest.approx((2 / 3) ** 1.5 * math.sqrt(G) * 2.0 * 0.9**1.5, rel=2e-3)


def test_a_drowned_inlet_is_an_orifice():
    found = pipe(width=1.0, height=0.5).flow([3.0], [-9.0])[0]
    assert found == pytest.approx(0.6 * 0.5 * math.sqrt(2 * G * 2.75), rel=1e-12)


def test_a_long_culvert_on_a_slope_flows_as_manning_says():
    """1000 m at 0.001, 0.4 m deep at both ends: R = 0.8 / 2.8, Q = A R^(2/3) sqrt(S) / n."""
    barrels = pipe(bottom_a=1.0, width=2.0, height=1.0, length=1000, n=0.015)
    expected = 0.8 * (0.8 / 2.8) ** (2 / 3) * math.sqrt(0.001) / 0.015
    assert barrels.flow([1.4], [0.4])[0] == pytest.approx(expected, rel=0.03)  # the loss of velocity is in it too


def test_flow_through_a_culvert_never_falls_as_its_inlet_rises():
    barrels = pipe(bottom_b=-0.1, width=0.6, height=0.6, rounded=True, length=15, n=0.013, loss=0.5)
    flows = [barrels.flow([level], [0.1])[0] for level in np.arange(0.1, 3.0, 0.01)]
    assert np.all(np.diff(flows) > -0.02 * max(flows)) and flows[0] == 0.0  # the step to an orifice is within 2 %


def test_no_head_is_no_flow():
    assert pipe(length=10, n=0.013).flow([0.7], [0.7])[0] == 0
    assert pipe().flow([-0.1], [-0.2])[0] == 0
    assert weir_flow(1.5, 1.5, 1.0, 2.0, 1.7) == 0


def test_a_drowned_weir_follows_villemonte():
    free = 1.7 * 3.0 * 0.4**1.5
    assert weir_flow(1.4, 1.3, 1.0, 3.0, 1.7) == pytest.approx(free * (1 - 0.75**1.5) ** 0.385, rel=1e-12)


# --- on the ground ---


def basins(rows=12, columns=12, wall=3):
    """Two basins with a wall of 5 m between them."""
    bed = np.zeros((rows, 2 * columns + wall))
    bed[:, columns : columns + wall] = 5.0
    return bed, np.s_[:, :columns], np.s_[:, columns + wall :]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_basins_joined_by_a_culvert_come_level_and_keep_their_water(dtype):
    bed, left, right = basins()
    depth = np.zeros(bed.shape)
    depth[left] = 1.0
    culvert = linked(
        {"structures": lines(([(6, 6), (20, 6)], {"type": "duiker", "diameter": 0.5, "n": 0.013}))}, grid(bed), bed
    )
    solver = run(bed, culvert, 3600, depth, dtype=dtype)
    assert solver.depth[left].mean() == pytest.approx(0.5, abs=0.01)
    assert solver.depth[right].mean() == pytest.approx(0.5, abs=0.01)
    total = float(np.nansum(solver.depth, dtype=np.float64)) + float(culvert.transit.sum())
    assert total == pytest.approx(144.0, abs=144e-6 if dtype is np.float32 else 1e-9)
    assert culvert.totals[0] == pytest.approx(culvert.totals[1] + culvert.transit.sum(), rel=1e-12)
    assert solver.volumes.error < 1e-6


def test_a_culvert_flows_back_when_the_levels_turn():
    bed, left, right = basins()
    depth = np.zeros(bed.shape)
    depth[right] = 0.8
    culvert = linked({"structures": lines(([(6, 6), (20, 6)], {"type": "culvert", "width": 0.5}))}, grid(bed), bed)
    solver = run(bed, culvert, 300, depth)
    assert solver.depth[left].mean() > 0.05
    assert min(culvert.table["discharge"]) < 0
    assert np.nanmin(solver.depth) >= 0


def test_a_pump_empties_to_its_lower_level_and_no_further():
    bed = np.zeros((8, 8))
    values = {
        "structures": lines(
            ([(4, 4), (40, 4)], {"type": "gemaal", "capaciteit": 360.0, "afslagpeil": 0.2, "aanslagpeil": 0.4})
        )
    }
    pump = linked(values, grid(bed), bed)
    solver = run(bed, pump, 900, 0.5)
    assert solver.depth.mean() == pytest.approx(0.2, abs=0.005)
    assert pump.left.sum() == pytest.approx(64 * 0.5 - float(solver.depth.sum(dtype=float)), abs=1e-4)
    assert max(pump.table["discharge"]) == pytest.approx(0.1, rel=1e-3)  # 360 m3/h while it can


def test_a_pump_waits_for_its_upper_level():
    bed = np.zeros((8, 8))
    values = {
        "structures": lines(([(4, 4), (40, 4)], {"type": "pump", "capacity": 360, "off_level": 0.2, "on_level": 0.6}))
    }
    pump = linked(values, grid(bed), bed)
    run(bed, pump, 60, 0.5)
    assert pump.totals[0] == 0


def test_a_weir_between_basins_is_its_formula_after_minutes():
    """1 m of water over a large basin, a crest at 0.8 m and 0.5 m wide: 1.7 x 0.5 x 0.2^1.5 at the start."""
    bed, left, _ = basins(40, 40)
    depth = np.zeros(bed.shape)
    depth[left] = 1.0
    values = {"structures": lines(([(20, 20), (60, 20)], {"type": "stuw", "kruinhoogte": 0.8, "breedte": 0.5}))}
    weir = linked(values, grid(bed), bed)
    run(bed, weir, 180, depth)
    # the level at the cell itself is a little lower than that of the basin: 5 % of the flow
    assert weir.table["discharge"][2] == pytest.approx(1.7 * 0.5 * 0.2**1.5, rel=0.05)


@pytest.mark.parametrize("points", [[(0, 5.5), (16, 5.5)], [(0, 2.3), (16, 13.1)]], ids=["straight", "aslant"])
def test_a_levee_holds_up_to_its_crest_and_not_above(points):
    bed = np.zeros((16, 16))
    values = {"structures": lines((points, {"type": "kade", "kruinhoogte": 0.6}))}
    high = raised(values, grid(bed), bed.astype(np.float32))
    south = np.zeros(bed.shape, bool)
    y, x = np.mgrid[0:16, 0:16] + 0.5
    line = points[0][1] + (points[1][1] - points[0][1]) * x / 16
    south[(16 - y) < line] = True
    south &= high == 0
    north = ~south & (high == 0)
    for depth, passes in ((0.5, False), (0.9, True)):
        solver = InertialSolver(
            high, 1.0, 0.03, initial_depth=np.where(south, depth, 0.0), boundary="closed", threads=1
        )
        solver.advance(300)
        assert (np.nanmax(solver.depth[north]) > 0.01) == passes


def test_a_levee_may_be_given_over_the_ground_and_lowers_nothing():
    bed = np.full((4, 4), 2.0, np.float32)
    values = {
        "structures": lines(
            ([(0, 2.5), (4, 2.5)], {"type": "dike", "raise": 0.5}),
            ([(0, 0.5), (4, 0.5)], {"type": "wall", "crest": 1.0}),
        )
    }
    high = raised(values, grid(bed), bed)
    assert (high[1] == 2.5).all() and (high[3] == 2.0).all()


def test_open_water_stays_at_its_level_and_its_account_closes():
    bed = np.zeros((10, 20))
    bed[:, :5] = -1.0
    square = [(0, 0), (5, 0), (5, 10), (0, 10), (0, 0)]
    water = open_water({"open_water": areas((square, {"peil": 0.3}))}, grid(bed), bed)
    solver = run(bed, water, 1200)
    # waves go on in a pond: it is their mean that is kept
    assert solver.depth[:, :5].mean() == pytest.approx(1.3, abs=5e-3)
    assert solver.depth[:, 5:].mean() == pytest.approx(0.3, abs=0.01)
    assert water.totals[1] - water.totals[0] == pytest.approx(float(np.nansum(solver.depth, dtype=float)), rel=1e-6)


def test_open_water_follows_its_series_and_a_flow_brings_its_volume():
    bed = np.zeros((10, 20))
    left = [(0, 0), (5, 0), (5, 10), (0, 10), (0, 0)]
    series = {"name": ["tide", "tide"], "minutes": [0, 10], "value": [0.0, 0.5]}
    water = open_water({"open_water": areas((left, {"series": "tide"})), "water_series": series}, grid(bed), bed)
    solver = run(bed, water, 600)
    assert solver.depth[:, :5] == pytest.approx(0.5, abs=0.01)
    flow = open_water({"open_water": areas((left, {"type": "debiet", "debiet": 0.2}))}, grid(bed), bed)
    solver = run(bed, flow, 100)
    assert solver.volumes.stored == pytest.approx(20.0, rel=1e-5)


def test_free_outflow_empties():
    bed = np.zeros((10, 20))
    left = [(0, 0), (1, 0), (1, 10), (0, 10), (0, 0)]
    water = open_water({"open_water": areas((left, {"type": "vrij"}))}, grid(bed), bed)
    solver = run(bed, water, 1200, 0.5)
    assert solver.depth.max() < 0.05
    assert water.totals[0] + solver.volumes.stored == pytest.approx(100.0, abs=1e-4)


# --- before the run ---


def problems(**values):
    defaults = {item.name: item.default for item in FLOOD.inputs}
    ground = Grid(np.full((30, 30), 1.0), 0.0, 30.0, 1.0)
    return [(item.code, item.text()) for item in check(FLOOD, {**defaults, "terrain": ground, **values})]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (([(5, 5), (9, 5)], {"type": "sluis"}), "DT140", "sluis: 1 .5, 5."),
        (([(5, 5), (9, 5)], {}), "DT140", "1 .5, 5."),
        (([(5, 5), (99, 5)], {"type": "duiker", "width": 1}), "DT141", "1 .5, 5."),
        (([(-5, 5), (9, 5)], {"type": "pomp", "capacity": 5, "name": "P7"}), "DT141", "P7"),
        (([(5, 5), (9, 5)], {"type": "stuw", "width": 1}), "DT142", "crest"),
        (([(5, 5), (9, 5)], {"type": "kade"}), "DT142", "crest"),
        (([(5, 5), (9, 5)], {"type": "duiker", "diameter": 800}), "DT143", "not mm"),
        (([(5, 5), (9, 5)], {"type": "duiker", "diameter": -1}), "DT143", "above 0"),
        (([(5, 5), (9, 5)], {"type": "pomp", "capacity": 5, "on_level": 0, "off_level": 1}), "DT143", "above 0"),
    ],
)
def test_what_is_wrong_with_a_structure_is_listed_with_its_place(row, code, words):
    import re

    found = dict(problems(structures=lines(row)))
    assert re.search(words, found[code]), found


def test_what_the_edge_of_a_chosen_area_cuts_is_left_out_with_a_warning():
    row = ([(5, 5), (99, 5)], {"type": "duiker", "width": 1})
    defaults = {item.name: item.default for item in FLOOD.inputs}
    ground = Grid(np.full((30, 30), 1.0), 0.0, 30.0, 1.0)
    given = {**defaults, "terrain": ground, "extent": ground.extent, "structures": lines(row)}
    assert [item.level for item in check(FLOOD, given) if item.code == "DT141"] == ["warning"]


def test_a_structure_without_ground_is_told_and_left_out():
    class Told(Silent):
        said = ""

        def warn(self, message, **values):
            self.said = message.format(**values)

    bed = np.full((30, 30), 1.0)
    bed[:, 20:] = np.nan
    told = Told()
    row = ([(5, 5), (25, 5)], {"type": "duiker", "width": 1, "naam": "D9"})
    assert linked({"structures": lines(row)}, grid(bed), bed, told) is None
    assert "1 structures" in told.said and "D9" in told.said


def test_what_is_right_is_not_listed():
    rows = (
        ([(5, 5), (9, 5)], {"type": "Duiker", "diameter": "0,5"}),
        ([(5, 5), (99, 5)], {"type": "gemaal", "capaciteit": 100}),
        ([(-5, 5), (9, 5)], {"type": "kade", "kruinhoogte": 2.0}),
    )
    assert not [code for code, _ in problems(structures=lines(*rows)) if code.startswith("DT14")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "DT142"),
        ({"type": "debiet"}, "DT142"),
        ({"series": "x"}, "DT145"),
        ({"level": 5000.0}, "DT144"),
        ({"type": "zee"}, "DT140"),
    ],
)
def test_what_is_wrong_with_open_water_is_listed(row, code):
    square = [(0, 0), (5, 0), (5, 10), (0, 10), (0, 0)]
    assert code in dict(problems(open_water=areas((square, row))))


def test_the_balance_of_a_run_has_a_term_for_each():
    square = [(20, 0), (30, 0), (30, 30), (20, 30), (20, 0)]
    rows = (
        ([(5, 5), (99, 5)], {"type": "gemaal", "capaciteit": 100}),
        ([(5, 20), (15, 20)], {"type": "duiker", "diameter": 0.3}),
    )
    defaults = {item.name: item.default for item in FLOOD.inputs}
    given = {"rain": 50.0, "after": 0.2, "infiltration": 5.0, "boundary": "open", "threads": 1}
    given.update(structures=lines(*rows), open_water=areas((square, {"peil": 1.1})))
    found = FLOOD.run({**defaults, "terrain": Grid(np.full((30, 30), 1.0), 0.0, 30.0, 1.0), **given}, Silent())
    terms = dict(zip(found["balance"]["term"], found["balance"]["volume"]))
    left = sum(terms[name] for name in ("infiltration", "outflow", "stored", "structures", "open_water"))
    # 7,000 m3 run from the open water over the edges: 1e-6 of that
    assert left == pytest.approx(terms["rain"], abs=7e-3)
    assert terms["structures"] > 1 and terms["open_water"] < -10 and terms["outflow"] > 1
    assert set(found["structure_flow"]["name"]) == {"1", "2"}
    assert found["mass_error"] < 1e-6
