"""Demand for trips by hand: cases whose answer is found on paper, with the working beside them."""

from math import log, sqrt
from pathlib import Path

import numpy as np

from dtwin_plugin.models.traffic.assign import Options, TripClass, assign
from dtwin_plugin.models.traffic.demand import gravity
from dtwin_plugin.models.traffic.demand.adjust import Counts, adjust, geh, nearer
from dtwin_plugin.models.traffic.demand.balancing import furness
from dtwin_plugin.models.traffic.demand.logit import shares
from dtwin_plugin.models.traffic.tntp import graph_and_costs, read_network, read_trips
from dtwin_plugin.progress import Silent

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "traffic"

ROUND = 1e-7  # relative: rounds end when totals are within 1e-9 of the mean
CALIBRATED = 1e-5  # a calibration ends within 1e-6 of the mean that is wanted
COST = np.array([[1.0, 3.0], [3.0, 1.0]])
BOTH = np.array([100.0, 100.0])


def rows():
    yield from balanced()
    yield from distributed()
    yield from others()
    yield from counted("SiouxFalls")


def row(case, quantity, expected, got, tolerance):
    ok = abs(got - expected) <= tolerance * max(abs(expected), 1.0)
    return {"model": "traffic", "case": case, "quantity": quantity, "expected": float(expected), "got": float(got),
            "tolerance": tolerance, "ok": bool(ok)}  # fmt: skip


def balanced():
    # x (x - 5) = 4 (20 - x) (15 - x): Furness keeps the cross ratio 2 * 2 / (1 * 1); x^2 - 45 x + 400 = 0
    cell = (45 - sqrt(425)) / 2
    seed = np.array([[2.0, 1.0], [1.0, 2.0]])
    found = furness(seed, np.array([20.0, 10.0]), np.array([15.0, 15.0])).values
    yield row("IPF, 2 zones with cross ratio 4", "trips 1-1", cell, found[0, 0], ROUND)
    yield row("IPF, 2 zones with cross ratio 4", "trips 2-2", cell - 5, found[1, 1], ROUND)
    # a zero in a row of two leaves one cell for its total: 1-2 = 20, so 2-2 = 10 and 3-2 = 0 is the rest of 30
    seed = np.array([[0.0, 1.0], [1.0, 1.0]])
    found = furness(seed, np.array([20.0, 40.0]), np.array([30.0, 30.0])).values
    for place, expected in (((0, 1), 20.0), ((1, 0), 30.0), ((1, 1), 10.0), ((0, 0), 0.0)):
        yield row("IPF, a pair without trips", f"trips {place[0] + 1}-{place[1] + 1}", expected, found[place], ROUND)
    # independent rows and columns: 30 % of 200 and so on
    found = furness(np.ones((3, 3)), np.array([60.0, 100.0, 40.0]), np.array([20.0, 80.0, 100.0])).values
    yield row("IPF, all pairs alike", "trips 2-3", 50.0, found[1, 2], ROUND)


def distributed():
    # alike in both zones, so that 1-1 = 100 f(1) / (f(1) + f(3)); each b makes f(3) a third of f(1): 75 of 100 stay
    known = ((gravity.EXPONENTIAL, log(3) / 2, 0.0), (gravity.POWER, 1.0, 0.0), (gravity.COMBINED, log(3), 1.0))
    for function, parameter, power in known:
        found = gravity.distribute(BOTH, BOTH, COST, function, parameter, power)
        yield row(f"gravity by hand, {function}", "trips 1-1", 75.0, found.balanced.values[0, 0], ROUND)
        yield row(f"gravity by hand, {function}", "mean cost", 1.5, found.mean, ROUND)
        found = gravity.calibrate(BOTH, BOTH, COST, function, 1.5, power)
        yield row(f"gravity calibrated to 1.5, {function}", "b", parameter, found.parameter, CALIBRATED)
        yield row(f"gravity calibrated to 1.5, {function}", "mean cost", 1.5, found.mean, CALIBRATED)


def others():
    share, logsum = shares(np.array([0.0, log(3)])[:, None, None])
    yield row("logit, utilities 0 and ln 3", "share of the second", 0.75, share[1, 0, 0], 1e-12)
    yield row("logit, utilities 0 and ln 3", "logsum", log(4), logsum[0, 0], 1e-12)
    from scipy.sparse import csr_array

    # one count of 120 on trips of 60 and 20: one gradient for both, so that both grow by half
    found = nearer(np.array([60.0, 20.0, 7.0]), csr_array(np.array([[1.0, 1.0, 0.0]])), np.array([120.0]))
    yield row("counts, two pairs on one road", "trips of the first", 90.0, found[0], CALIBRATED)
    yield row("counts, two pairs on one road", "trips that pass no count", 7.0, found[2], 0.0)


def counted(name):
    """Yield how near a disturbed matrix comes to counts of the true one, and to counts that it was not told."""
    if not (SHARED / name).is_dir():
        yield f"counts on {name}: skipped: needs the shared data"
        return
    graph, costs, _ = graph_and_costs(read_network(SHARED / name / f"{name}_net.tntp"))
    zones, trips = read_trips(SHARED / name / f"{name}_trips.tntp")

    def flows(matrix):
        return assign(graph, costs, (TripClass("all", matrix),), Options(gap=1e-6), Silent()).flows[0]

    random = np.random.default_rng(3)
    prior = trips * random.uniform(0.7, 1.3, trips.shape) * random.uniform(0.8, 1.25, (len(zones), 1))
    true = flows(trips)
    arcs = random.permutation(np.flatnonzero(true > 10))
    told, held = arcs[: len(arcs) // 2], arcs[len(arcs) // 2 :]
    made = adjust(graph, costs, prior, Counts(true[told], told, np.arange(len(told))), 5, Silent())
    case = f"{name} disturbed, half of the links counted"
    near = 100 * (geh(made.after, true[told]) <= 5).mean()
    yield row(case, "counts with GEH up to 5 [%]", 100.0, near, 0.0)
    before, after = (np.sqrt(((flows(one)[held] - true[held]) ** 2).mean()) for one in (prior, made.trips))
    yield {**row(case, "other links, after/before below", 1.0, after / before, 0.0), "ok": bool(after < before)}
    before, after = (np.sqrt(((one - trips) ** 2).mean()) for one in (prior, made.trips))
    yield {**row(case, "pairs, after/before below", 1.0, after / before, 0.0), "ok": bool(after < before)}
