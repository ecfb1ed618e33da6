"""Assignment of traffic: published equilibria, Braess's paradox, and any folder of TNTP networks.

What an assignment claims of itself is not believed: the gap, the balance at nodes and the rule of the first through
node are worked out here, from the flows alone and with shortest paths of another, plain program.
"""

import json
import re
from heapq import heappop, heappush
from pathlib import Path

import numpy as np

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.models.traffic.assign import Options, TripClass, assign
from dtwin_plugin.models.traffic.tntp import graph_and_costs, read_flows, read_network, read_trips

from . import traffic_demand

HERE = Path(__file__).resolve().parents[3] / "shared" / "data" / "traffic"
REFERENCE = "ue_reference.json"
GAP = 1e-12
ROUNDS = 120
# Minutes for a unit of length and of toll, as the set tells for its networks; a reference file may tell others.
WEIGHTS = {"chicagosketch": (0.04, 0.02), "chicagoregional": (0.25, 0.1), "philadelphia": (0.0, 0.055)}
WHY = {
    "objective": "rounding of sums: the optimum is flat, a gap of 1e-12 leaves less than 1e-12 of it",
    "gap": "as asked; 1e-12 more for sums in another order",
    "flows": "of links whose time grows with flow, as those alone are unique; 0.01 % is a vehicle in ten thousand",
    "balance": "rounding of sums; of the traffic through the node, or of one vehicle where that is more",
    "through": "no vehicle may pass a node below the first through node",
    "lost": "all trips have a path",
    "read": "a network is checked or it is told why not",
    "braess": "rounding; times by hand of Braess (1968)",
}


def rows():
    for folder in sorted(HERE.glob("*")):
        yield from folder_rows(folder)
    yield from paradox()
    yield from traffic_demand.rows()


def folders_of(folder):
    """Return the folders with a TNTP network in a folder: itself, and those in it."""
    return [one for one in (Path(folder), *sorted(Path(folder).glob("*"))) if one.is_dir() and net_of(one)]


def net_of(folder, end="net"):
    """Return the file of a network or of its trips or flows, however its name is spelled; None without one."""
    files = sorted(Path(folder).glob("*.tntp"))
    named = [file for file in files if re.search(rf"_{end}(work)?(_|$)", file.stem.lower())]  # as in City_trips_am
    return min(named, key=lambda file: not file.stem.lower().endswith(f"_{end}"), default=None)


def known_of(folder):
    """Return what a reference file (in the folder or beside it) tells of a network."""
    names = {plain(folder.name), plain(net_of(folder).stem.lower().rpartition("_net")[0])}
    for path in (folder / REFERENCE, folder.parent / REFERENCE):
        if path.is_file():
            told = json.loads(path.read_text(encoding="utf-8"))
            networks = told.get("networks", [told]) if isinstance(told, dict) else told
            for one in networks:
                if plain(str(one.get("network", ""))) in names or (len(networks) == 1 and path.parent == folder):
                    return one
    return {}


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def weights_of(known, folder):
    """Return the minutes for a unit of length and of toll."""
    cost = str(known.get("cost", ""))
    found = [re.search(rf"([\d.]+)\s*\*\s*{word}|{word}\w*\s*\*\s*([\d.]+)", cost) for word in ("length", "toll")]
    if any(found):
        return tuple(float(one[1] or one[2]) if one else 0.0 for one in found)
    readme = next((file.read_text(encoding="utf-8", errors="replace") for file in folder.glob("README*")), "")
    told = readme.lower().partition("generalized cost weights")[2][:200]
    found = [re.search(rf"{word}[^\d\n]*?(\d*\.?\d+)", told) for word in ("distance", "toll")]
    if any(found):
        return tuple(float(one[1]) if one else 0.0 for one in found)
    return WEIGHTS.get(plain(folder.name), (0.0, 0.0))


def optimum_of(known):
    """Return the published value of Beckmann's objective, or one that others calculated; None without."""
    found = [
        value
        for part in (known.get("published"), known.get("computed"), known)
        if isinstance(part, dict)
        for key, value in part.items()
        if "objective" in key and isinstance(value, (int, float))
    ]
    return found[0] if found else None


def row(case, quantity, expected, got, tolerance, why):
    return {
        "model": "traffic",
        "case": case,
        "quantity": quantity,
        "expected": float(expected),
        "got": float(got),
        "tolerance": float(tolerance),
        "why": WHY[why],
        "ok": bool(abs(got - expected) <= tolerance),
        "information": False,
    }


def folder_rows(folder):
    if not net_of(folder) or not net_of(folder, "trips"):
        return
    known = known_of(folder)
    try:
        net = read_network(net_of(folder))
        graph, costs, fixed = graph_and_costs(net, *weights_of(known, folder))
        names, trips = read_trips(net_of(folder, "trips"))
    except DtwinError as error:
        yield f"{folder.name}: {error}"
        yield row(folder.name, "files that are read", 1, 0, 0, "read")
        return
    if len(trips) < graph.zones or names != [str(number) for number in net.numbers[: len(names)]]:
        yield f"{folder.name} skipped: the zones of its trips are no first nodes of its network"
        return
    trips = trips[: graph.zones, : graph.zones]
    found = assign(graph, costs, [TripClass("all", trips, fixed=fixed)], Options(gap=GAP, iterations=ROUNDS))
    lost = sum(part[3] for part in found.unreachable)
    yield row(folder.name, "trips without a path", 0, lost, 0, "lost")
    yield row(folder.name, "gap", 0, gap_of(graph, found, fixed, trips), 2 * GAP, "gap")
    balance, passing = balance_of(graph, found, trips)
    yield row(folder.name, "balance at nodes", 0, balance, 1e-9, "balance")
    yield row(folder.name, "vehicles through zones", 0, passing, 1e-9, "through")
    optimum, file = optimum_of(known), net_of(folder, "flow")
    flows = flows_of(net, file) if file else None
    if optimum is None and flows is not None:
        optimum = float(costs.integral(flows).sum() + fixed @ flows)
    if optimum is not None:
        error = found.objective / optimum - 1.0
        yield row(folder.name, "objective, relative error", 0, error, 1e-10, "objective")
    if flows is not None:
        some = costs.kind > 0  # elsewhere the time is the same at any flow, and many flows are an equilibrium
        error = np.sqrt(((found.volume - flows)[some] ** 2).mean()) / flows[some].mean()
        yield row(folder.name, "flows, RMSE by the mean", 0, error, 1e-4, "flows")


def flows_of(net, file):
    """Return the flows of a file in the order of the links; None where its links are others."""
    begins, ends, volume, _ = read_flows(file)
    known = {}
    for key, value in zip(zip(begins.tolist(), ends.tolist()), volume):
        known.setdefault(key, []).append(value)
    wanted = list(zip(net.numbers[net.tail].tolist(), net.numbers[net.head].tolist()))
    if any(len(known.get(key, ())) != 1 for key in wanted):
        return None
    return np.array([known[key][0] for key in wanted])


def gap_of(graph, found, fixed, trips):
    """Return the relative gap, from the flows alone."""
    cost = found.times + fixed
    leaving = [[] for _ in range(graph.nodes)]
    for tail, head, value in zip(graph.tail.tolist(), graph.head.tolist(), cost.tolist()):
        leaving[tail].append((head, value))
    total, least = float(cost @ found.volume), 0.0
    for origin in range(graph.zones):
        distance = distances(leaving, origin, graph.first_through)
        some = np.isfinite(distance[: graph.zones]) & (np.arange(graph.zones) != origin)
        least += float(trips[origin, some] @ distance[: graph.zones][some])
    return (total - least) / total


def distances(leaving, origin, first_through):
    """Return the distances from a node: Dijkstra's method with the heap of the standard library."""
    best = [np.inf] * len(leaving)
    best[origin] = 0.0
    heap = [(0.0, origin)]
    while heap:
        here, node = heappop(heap)
        if here > best[node] or (node < first_through and node != origin):
            continue
        for other, value in leaving[node]:
            if here + value < best[other]:
                best[other] = here + value
                heappush(heap, (here + value, other))
    return np.array(best)


def balance_of(graph, found, trips):
    """Return the largest part of the traffic at a node that appears or vanishes, and the vehicles through zones."""
    trips = np.where(np.eye(len(trips), dtype=bool), 0.0, trips)
    for _, origin, destination, _ in found.unreachable:
        trips[origin, destination] = 0.0
    ends = np.zeros((2, graph.nodes))
    ends[0, : graph.zones], ends[1, : graph.zones] = trips.sum(axis=1), trips.sum(axis=0)
    enters = np.bincount(graph.head, found.volume, graph.nodes) + ends[0]
    leaves = np.bincount(graph.tail, found.volume, graph.nodes) + ends[1]
    balance = float((abs(enters - leaves) / np.maximum(enters, 1.0)).max())
    closed = slice(0, graph.first_through)
    passing = (enters - ends[0] - ends[1])[closed] / np.maximum(enters[closed], 1.0)
    return balance, float(abs(passing).max(initial=0.0))


def paradox():
    """Yield Braess's paradox: a road more makes the way longer for all, and shorter when it is closed again."""
    folder = HERE / "Braess-Example"
    if not folder.is_dir():
        return
    graph, costs, _ = graph_and_costs(read_network(net_of(folder)))
    _, trips = read_trips(net_of(folder, "trips"))
    middle = (graph.tail == 2) & (graph.head == 3)
    for closed, minutes, text in ((False, 92.0, "with the road between"), (True, 83.0, "without it")):
        one = TripClass("all", trips, closed=middle & closed)
        found = assign(graph, costs, [one], Options(gap=GAP))
        mean = float(found.times @ found.volume / trips.sum())
        yield row("Braess's paradox", f"minutes {text}", minutes, mean, 1e-6, "braess")
