"""Seconds to a gap beside AequilibraE's bi-conjugate Frank-Wolfe in the same run, and a city of 40,000 links.

Compiling stands outside the measure on both sides: each has assigned a small network before. The gap is that which
each program works out of its own flows; `scripts.validate` works it out apart.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from dtwin_plugin.models.traffic.assign import Options, TripClass, assign
from dtwin_plugin.models.traffic.costs import Costs
from dtwin_plugin.models.traffic.graph import graph_of
from dtwin_plugin.models.traffic.tntp import graph_and_costs, read_network, read_trips

from . import flood_peers
from .traffic_city import city

HERE = flood_peers.ROOT.parent / "shared" / "data" / "traffic"
NETWORKS = ("SiouxFalls", "Anaheim", "Barcelona")
GAPS = (1e-4, 1e-6)
TIMES = 5
LIMIT = 600  # s, for AequilibraE on one network
# Prints [seconds, CPU seconds, iterations, gap] for each gap.
AEQUILIBRAE = """
import json, logging, sys, time
import numpy as np, pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
logging.disable(logging.CRITICAL)
data = np.load(sys.argv[1])

def run(gap, most):
    count, zones = len(data["tail"]), len(data["trips"])
    steady = data["b"] * data["power"] == 0
    links = pd.DataFrame({
        "link_id": np.arange(1, count + 1), "a_node": data["tail"] + 1, "b_node": data["head"] + 1,
        "direction": np.ones(count, np.int8), "capacity": data["capacity"], "free_flow_time": data["free"],
        "b": np.where(steady, 0.0, data["b"]), "power": np.where(steady, 1.0, data["power"]),
    })
    graph = Graph()
    graph.network, graph.network_ok, graph.status = links, True, "OK"
    graph.cost, graph.capacity, graph.free_flow_time = (data[name] for name in ("free", "capacity", "free"))
    graph.prepare_graph(np.arange(1, zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(bool(data["through"] > 0))
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, zones + 1)
    matrix.matrix["trips"][:, :] = data["trips"]
    matrix.computational_view(["trips"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", graph, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.max_iter, assignment.rgap_target = most, gap
    begin, cpu = time.perf_counter(), time.process_time()
    assignment.execute()
    report = assignment.report()
    return [time.perf_counter() - begin, time.process_time() - cpu, int(report.iteration.max()),
            float(report.rgap.iloc[-1])]

run(1e-1, 3)
print("RESULT" + json.dumps([run(float(gap), 3000) for gap in sys.argv[2:]]))
"""


def row(name, value, unit, baseline=None, target=None):
    ratio = baseline / value if baseline else None
    return {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio, "target": target}


def network(folder):
    net = read_network(next(folder.glob("*_net.tntp")))
    return net, read_trips(next(folder.glob("*_trips.tntp")))[1]


def peer(net, trips):
    """Return what AequilibraE needed for each gap, or None where it is not installed or fails."""
    if not flood_peers.PEER.exists():
        return None
    at = net.columns
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, tail=net.tail, head=net.head, capacity=at["capacity"], free=at["free_flow_time"], b=at["b"],
                 power=at["power"], through=net.first_through, trips=trips)  # fmt: skip
        command = [str(flood_peers.PEER), "-c", AEQUILIBRAE, str(given), *map(str, GAPS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT, cwd=folder)
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if not found:
        print(f"AequilibraE did not run: {done.stderr[-300:]}", flush=True)
        return None
    return json.loads(found[0][len("RESULT") :])


def ours(graph, costs, trips, gap):
    """Return seconds, CPU seconds, rounds and gap: the best of some runs."""
    found = []
    for _ in range(TIMES):
        begin, cpu = time.perf_counter(), time.process_time()
        result = assign(graph, costs, [TripClass("car", trips)], Options(gap=gap))
        seconds = time.perf_counter() - begin
        found.append((time.process_time() - cpu, seconds, len(result.iterations), result.gap))
    cpu, seconds, rounds, reached = min(found)
    return seconds, cpu, rounds, reached


def rows():
    if HERE.is_dir():
        for name in NETWORKS:
            net, trips = network(HERE / name)
            graph, costs, _ = graph_and_costs(net)
            assign(graph, costs, [TripClass("car", trips)], Options(gap=1e-2))  # compiled
            other = peer(net, trips)
            for at, gap in enumerate(GAPS):
                seconds, cpu, rounds, _ = ours(graph, costs, trips, gap)
                theirs = other[at] if other else (None, None, "-", None)
                text = f"{name} to a gap of {gap:g}, {rounds} rounds (AequilibraE bfw {theirs[2]})"
                yield row(f"{text}, CPU", cpu, "s", theirs[1], "20 times")
                yield row(f"{text}, clock", seconds, "s", theirs[0])
    yield from big()


def big():
    """Yield the time for a city of 40,000 links and 1,500 zones."""
    tail, head, free, room, nodes, trips = city()
    zones = len(trips)
    joins = np.arange(len(tail)) >= len(tail) - 4 * zones
    costs = Costs(free, room, np.where(joins, 0.0, 0.5), np.full(len(tail), 4.0))
    graph = graph_of(tail, head, nodes, zones, zones)
    begin, cpu = time.perf_counter(), time.process_time()
    found = assign(graph, costs, [TripClass("car", trips)], Options(gap=1e-4))
    seconds = time.perf_counter() - begin
    pairs = int((trips > 0).sum())
    size = f"city of {len(tail):,} links, {zones:,} zones, {pairs:,} pairs"
    name = f"{size} to a gap of 1E-4, {len(found.iterations)} rounds"
    yield row(name, seconds, "s", target="< 600")
    yield row("the same, CPU", time.process_time() - cpu, "s")
    yield row("the same, gap", found.gap, "1", target="< 1E-4")
    ratio = (found.volume / room)[~joins]
    yield row("the same, share of streets with more flow than capacity", float((ratio > 1).mean()), "1")
