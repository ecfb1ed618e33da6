"""Assignment: cases by hand, what must hold of any, several classes, the other methods, and how it stops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.traffic.assign import METHODS, Options, TripClass, assign
from dtwin_plugin.models.traffic.costs import Costs
from dtwin_plugin.models.traffic.graph import graph_of
from dtwin_plugin.models.traffic.shortest import trees
from dtwin_plugin.progress import Silent

TIGHT = Options(gap=1e-12)


def two_routes(first=10.0, second=15.0):
    """10 + v/10 and 15 + v/20 minutes from zone 0 to zone 1."""
    return graph_of([0, 0], [1, 1], 2, 2), Costs([first, second], [100.0, 300.0], [1.0, 1.0], [1.0, 1.0])


def trips_of(count, zones=2):
    trips = np.zeros((zones, zones))
    trips[0, 1] = count
    return trips


def town(seed, first_through=6):
    """A random network of 6 zones and 24 nodes in a ring with chords, congested, all pairs with trips."""
    rng = np.random.default_rng(seed)
    nodes, ring = 30, np.arange(6, 30)
    chords = rng.integers(6, 30, (2, 40))
    joins = np.repeat(np.arange(6), 2), rng.integers(6, 30, 12)
    tail = np.concatenate([ring, np.roll(ring, 1), chords[0], joins[0], joins[1]])
    head = np.concatenate([np.roll(ring, 1), ring, chords[1], joins[1], joins[0]])
    count = len(tail)
    costs = Costs(rng.uniform(1, 5, count), rng.uniform(50, 200, count), rng.choice([0.0, 0.15, 1.0], count),
                  rng.choice([1.0, 2.5, 4.0], count))  # fmt: skip
    return graph_of(tail, head, nodes, 6, first_through), costs, rng.uniform(1, 40, (6, 6))


def balance(graph, flow, trips):
    """Return the largest flow that appears or vanishes at a node."""
    own = np.where(np.eye(len(trips), dtype=bool), 0.0, trips)
    net = np.bincount(graph.head, flow, graph.nodes) - np.bincount(graph.tail, flow, graph.nodes)
    net[: graph.zones] += own.sum(axis=1) - own.sum(axis=0)
    return abs(net).max()


def test_two_routes_take_the_same_time():
    """10 + x/10 = 15 + (100 - x)/20 gives x = 200/3."""
    graph, costs = two_routes()
    found = assign(graph, costs, [TripClass("car", trips_of(100.0))], TIGHT)
    assert found.flows[0] == pytest.approx([200 / 3, 100 / 3], rel=1e-10)
    assert found.gap <= 1e-12


def test_a_toll_moves_the_class_that_feels_it_only():
    """Cars pay 5 minutes on the first route, lorries of 2 pcu nothing: lorries go first, 10 + v/10 against 15 + w/20.

    With 20 lorries (40 pcu) on the first and 60 cars on the second, the first takes 14 and the second 18 minutes: a
    car would pay 19 on the first, a lorry 18 on the second, and nobody can do better.
    """
    graph, costs = two_routes()
    cars = TripClass("car", trips_of(60.0), fixed=np.array([5.0, 0.0]))
    found = assign(graph, costs, [cars, TripClass("lorry", trips_of(20.0), pcu=2.0)], TIGHT)
    assert found.flows == pytest.approx(np.array([[0.0, 60.0], [20.0, 0.0]]), abs=1e-9)
    assert found.times == pytest.approx([14.0, 18.0])


def test_a_road_closed_to_a_class_is_not_driven_by_it():
    graph, costs = two_routes()
    closed = TripClass("lorry", trips_of(10.0), closed=np.array([True, False]))
    found = assign(graph, costs, [TripClass("car", trips_of(10.0)), closed], TIGHT)
    assert found.flows.tolist() == [[10.0, 0.0], [0.0, 10.0]]


def test_flow_that_is_there_anyway_slows_but_is_no_result():
    """10 + (x + 50)/10 = 15 + (100 - x)/20 gives x = 100/3."""
    graph, costs = two_routes()
    preload = np.array([50.0, 0.0])
    found = assign(graph, costs, [TripClass("car", trips_of(100.0))], TIGHT, preload=preload)
    assert found.flows[0] == pytest.approx([100 / 3, 200 / 3], rel=1e-10)
    assert found.volume == pytest.approx(found.flows[0] + preload)


def test_times_that_do_not_grow_are_no_obstacle():
    graph = graph_of([0, 0, 0], [1, 1, 1], 2, 2)
    costs = Costs([0.0, 12.0, 10.0], [0.0, 0.0, 100.0], [0.0, 0.0, 1.0], [0.0, 4.0, 1.0])
    costs.free[0] = 12.0
    found = assign(graph, costs, [TripClass("car", trips_of(100.0))], TIGHT)
    assert found.flows[0, 2] == pytest.approx(20.0) and found.flows.sum() == pytest.approx(100.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["bpr", "conical"]))
def test_nothing_is_lost_and_no_used_path_is_longer_than_the_shortest(seed, function):
    graph, costs, trips = town(seed)
    if function == "conical":
        costs = Costs(costs.free, 1 / costs.inverse, costs.b, np.maximum(costs.power, 1.5), "conical")
    found = assign(graph, costs, [TripClass("car", trips)], Options(gap=1e-10))
    assert found.gap <= 1e-10
    assert balance(graph, found.volume, trips) < 1e-9
    distance = trees(graph, found.times, np.arange(6))[0][:, :6]
    best = float((np.where(np.eye(6, dtype=bool), 0.0, trips) * distance).sum())
    assert found.times @ found.volume == pytest.approx(best, rel=1e-9)
    through = np.bincount(graph.head, found.volume, graph.nodes)[:6] - trips.sum(axis=0) + np.diag(trips)
    assert abs(through).max() < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_every_method_carries_all_trips_and_tells_its_gap(method):
    graph, costs, trips = town(3)
    found = assign(graph, costs, [TripClass("car", trips)], Options(method, gap=1e-3, iterations=400))
    assert balance(graph, found.volume, trips) < 1e-9
    distance = trees(graph, found.times, np.arange(6))[0][:, :6]
    best = float((np.where(np.eye(6, dtype=bool), 0.0, trips) * distance).sum())
    total = found.times @ found.volume
    assert found.gap == pytest.approx((total - best) / total, abs=1e-12)
    assert found.gap <= 1e-3 or method in ("all", "incremental")


def test_all_or_nothing_is_the_path_that_is_shortest_without_traffic():
    graph, costs = two_routes()
    assert assign(graph, costs, [TripClass("car", trips_of(100.0))], Options("all")).flows[0].tolist() == [100.0, 0.0]


def test_increments_follow_the_times_that_earlier_ones_leave():
    """Parts of 50: the first takes 10 against 15 minutes, the second 15 against 15, of which the first found stays."""
    graph, costs = two_routes(second=14.0)
    options = Options("incremental", increments=2)
    assert assign(graph, costs, [TripClass("car", trips_of(100.0))], options).flows[0].tolist() == [50.0, 50.0]


def test_pairs_that_no_path_joins_are_told_with_their_trips():
    graph = graph_of([0, 1], [1, 0], 3, 3)
    trips = np.array([[7.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]])
    found = assign(graph, Costs([1, 1], [9, 9], [1, 1], [4, 4]), [TripClass("car", trips, pcu=2.0)], TIGHT)
    assert found.unreachable == [("car", 0, 2, 3.0), ("car", 2, 0, 0.5)]
    assert found.within == {"car": 7.0} and found.flows[0].tolist() == [2.0, 0.0]


def test_no_trips_at_all_are_no_flow():
    graph, costs = two_routes()
    found = assign(graph, costs, [TripClass("car", trips_of(0.0))], TIGHT)
    assert found.flows.tolist() == [[0.0, 0.0]] and found.gap == 0.0 and found.turning()[0].size == 0


def test_threads_change_nothing():
    graph, costs, trips = town(5)
    one, two = (assign(graph, costs, [TripClass("car", trips)], Options(gap=1e-8, threads=n)) for n in (1, 2))
    assert (one.flows == two.flows).all() and one.gap == two.gap


def test_what_a_trip_the_other_way_round_does_is_the_same_on_roads_that_are():
    graph, costs = graph_of([0, 0, 1, 1], [1, 1, 0, 0], 2, 2), Costs([10, 15] * 2, [100, 300] * 2, [1] * 4, [1] * 4)
    trips = np.array([[0.0, 100.0], [100.0, 0.0]])
    flows = assign(graph, costs, [TripClass("car", trips)], TIGHT).flows[0]
    assert flows[:2] == pytest.approx(flows[2:])


class Impatient(Silent):
    def __init__(self, patience):
        super().__init__()
        self.patience, self.told = patience, []

    def report(self, fraction, message="", **values):
        self.told.append(fraction)

    def is_cancelled(self):
        self.patience -= 1
        return self.patience < 0


@pytest.mark.parametrize("method", METHODS)
def test_it_stops_when_asked_and_tells_how_far_it_is(method):
    graph, costs, trips = town(8)
    with pytest.raises(Cancelled):
        assign(
            graph, costs, [TripClass("car", trips)], Options(method, gap=1e-12), Impatient(1 if method == "all" else 4)
        )
    watch = Impatient(10_000)
    assign(graph, costs, [TripClass("car", trips)], Options(method, gap=1e-6, iterations=30), watch)
    assert watch.told == sorted(watch.told) and 0 <= watch.told[0] and watch.told[-1] <= 1


@pytest.mark.parametrize(
    "change, words",
    [
        ({"trips": trips_of(-1.0)}, "0 or more"),
        ({"trips": trips_of(np.nan)}, "0 or more"),
        ({"trips": np.zeros((3, 3))}, "pair of 2 zones; found are 3 x 3 values"),
        ({"fixed": np.array([np.inf, 0.0])}, "car besides time needs"),
        ({"closed": np.array([True])}, "every arc"),
        ({"pcu": 0.0}, "more than 0 passenger cars"),
    ],
)
def test_what_cannot_be_assigned_is_told(change, words):
    graph, costs = two_routes()
    with pytest.raises(InputError, match=words):
        assign(graph, costs, [TripClass(**{"name": "car", "trips": trips_of(1.0), **change})])


def test_congestion_without_capacity_is_refused_and_constant_times_need_none():
    with pytest.raises(InputError, match="no capacity"):
        Costs([1.0], [0.0], [0.15], [4.0])
    assert Costs([1.0], [0.0], [0.15], [0.0]).time(np.array([5.0])).tolist() == [1.15]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 30), st.floats(10, 5000), st.floats(1.01, 3), st.floats(1, 8), st.floats(0.01, 3))
def test_slope_and_integral_are_those_of_the_time(free, capacity, b, power, ratio):
    for function in ("bpr", "conical"):
        costs = Costs([free], [capacity], [b], [power + 0.2], function)
        flow, step = ratio * capacity, 1e-5 * capacity
        low, high = (float(costs.time(np.array([flow + side]))[0]) for side in (-step, step))
        assert costs.slope(np.array([flow]))[0] == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-9 * free)
        edges = np.linspace(0.0, flow, 20_001)
        middles = (edges[1:] + edges[:-1]) / 2
        one = Costs(np.full(20_000, free), np.full(20_000, capacity), np.full(20_000, b),
                    np.full(20_000, power + 0.2), function)  # fmt: skip
        expected = one.time(middles).mean() * flow
        assert costs.integral(np.array([flow]))[0] == pytest.approx(expected, rel=1e-6)


def test_selected_links_zones_and_turns_add_up_to_the_flows():
    graph, costs, trips = town(12)
    classes = [TripClass("car", trips), TripClass("lorry", trips * 0.1, pcu=2.0)]
    found = assign(graph, costs, classes, Options(gap=1e-8))
    flows = found.flows.sum(axis=0)
    busy = int(flows.argmax())
    with_it, table = found.select_links([busy])
    assert with_it[busy] == pytest.approx(flows[busy]) and table.sum() == pytest.approx(flows[busy])
    assert (with_it <= flows + 1e-9).all()
    parts = [found.select_zones([zone], "origin") for zone in range(6)]
    assert np.sum(parts, axis=0) == pytest.approx(flows)
    assert found.select_zones(np.arange(6)) == pytest.approx(flows)
    first, last, turned = found.turning()
    assert (graph.head[first] == graph.tail[last]).all() and len(set(zip(first, last))) == len(first)
    begins = np.bincount(last, turned, graph.arcs)  # what enters an arc from another
    begins[graph.tail < 6] += flows[graph.tail < 6]
    assert begins == pytest.approx(flows, abs=1e-9)
    with pytest.raises(InputError, match="does not exist"):
        found.select_links([graph.arcs])
