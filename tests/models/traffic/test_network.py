"""Hand-drawn networks: each check, each way in which roads meet, what columns say, zones and bans on turning."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.traffic.network import Options, ZoneOptions, build
from dtwin_plugin.models.traffic.network_turns import Ban, bans_of
from dtwin_plugin.models.traffic.road_classes import read_table, shipped_table
from dtwin_plugin.models.traffic.road_columns import columns_of
from dtwin_plugin.paths import plugin_file
from dtwin_plugin.progress import Silent


def roads(*lines, **columns):
    values = {name: column(list(found)) for name, found in columns.items()}
    return Features(Geometries.build("line", [[[line]] for line in lines]), values)


def made(layer, zones=None, bans=(), **options):
    return build(layer, Options(**options), zones or ZoneOptions(), list(bans), Silent())


def codes(built):
    return sorted(one.code for one in built.findings)


SQUARE = [[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 100), (0, 100)], [(0, 100), (0, 0)]]


def test_a_square_has_four_nodes_and_nothing_wrong():
    built = made(roads(*SQUARE, highway=["tertiary"] * 4))
    columns = built.network.link_columns
    assert len(built.network.nodes) == 4 and codes(built) == []
    assert columns["from_node"].tolist() == [1, 2, 3, 4] and columns["to_node"].tolist() == [2, 3, 4, 1]
    assert columns["reach"].tolist() == ["all"] * 4
    # 100 m at 50 km/h is 0.12 min; one lane of 900 vehicles an hour (resources/traffic/classes.csv)
    assert columns["free_time_forward"] == pytest.approx([0.12] * 4)
    assert columns["capacity_backward"].tolist() == [900.0] * 4


def test_what_is_told_of_a_line_of_two_parts_is_divided_over_them():
    line = Geometries.build("line", [[[[(0, 0), (300, 0)]], [[(400, 0), (500, 0)]]]])
    columns = {"class": column(["tertiary"]), "length": column([420.0]), "toll": column([2.0]),
               "free_time_forward": column([0.8])}  # fmt: skip
    found = made(Features(line, columns)).network.link_columns
    assert found["length"].tolist() == pytest.approx([315.0, 105.0])  # 420 m, as 300 to 100
    assert found["toll"].tolist() == pytest.approx([1.5, 0.5])
    assert found["free_time_forward"].tolist() == pytest.approx([0.6, 0.2])


@pytest.mark.parametrize(
    ("where", "links"), [("ends", 4), ("vertices", 6), ("touching", 7), ("crossings", 9)]
)  # a shared vertex makes 2 of 1 twice, an end on a line 1 more, a crossing 2 more
def test_where_roads_meet(where, links):
    lines = [(0, 0), (10, 0), (20, 0)], [(10, -10), (10, 0), (10, 10)], [(5, 5), (5, 0.2)], [(15, -5), (15, 5)]
    assert len(made(roads(*lines), where=where, tolerance=0.5).network.start) == links


def test_a_bridge_does_not_meet_what_it_passes():
    lines = [(0, 0), (10, 0), (20, 0)], [(10, -10), (10, 0), (10, 10)]
    for level, links in ((1.0, 2), (0.0, 4)):
        assert len(made(roads(*lines, level=[0.0, level]), where="crossings").network.start) == links


def test_ends_within_the_distance_are_one_node_and_the_layer_stays_as_it_was():
    layer = roads([(0, 0), (10, 0)], [(10.3, 0), (20, 0)])
    before = layer.geometries.coordinates.copy()
    assert len(made(layer, tolerance=0.5).network.nodes) == 3
    assert len(made(layer, tolerance=0.1).network.nodes) == 4
    assert (layer.geometries.coordinates == before).all()


def test_what_is_left_out_is_told():
    layer = roads(
        *SQUARE, [(0, 0), (100, 0)], [(5, 5), (5, 5)], [(50, 0), (50.2, 0)], [(0, 0), (100, 0)],
        source=["a", "b", "c", "d", "twin", "point", "speck", "against"],
        direction=["forward", *["both"] * 3, "forward", "both", "both", "backward"],
    )  # fmt: skip
    built = made(layer, where="touching", tolerance=0.5)
    told = {one.source: one.code for one in built.findings if one.severity == "dropped"}
    assert told == {"twin": "DT342", "point": "DT341", "speck": "DT341"}
    assert "against" in built.network.link_columns["source"]  # two one-way streets over each other are one of two ways


def test_dead_ends_and_loops():
    built = made(roads([(0, 0), (10, 0)], [(10, 0), (20, 0), (20, 9), (10, 0)]))
    assert codes(built) == ["DT343", "DT344"]
    assert all(one.reason() for one in built.findings)
    dead = next(one for one in built.findings if one.code == "DT344")
    assert (dead.x, dead.y, dead.node, dead.link) == (0.0, 0.0, 1, 1)


def test_islands():
    far = [[(x + 1000, y) for x, y in line] for line in SQUARE[:3]]
    built = made(roads(*SQUARE, *far))
    assert codes(built) == ["DT344", "DT344", "DT345"]
    assert built.network.link_columns["reach"].tolist() == ["all"] * 4 + ["island"] * 3
    island = next(one for one in built.findings if one.code == "DT345")
    assert island.reason() == "3 links of 0.30 km together have no connection with the rest."


@pytest.mark.parametrize(
    ("direction", "reach", "node", "words"),
    [("forward", "no way out", 6, "not be left"), ("backward", "no way in", 6, "not be reached")],
)
def test_one_way_streets_that_all_lead_in_or_out(direction, reach, node, words):
    spur = [[(100, 100), (200, 100)], [(200, 100), (300, 100)]]
    built = made(roads(*SQUARE, *spur, direction=["both"] * 4 + [direction] * 2))
    assert built.network.link_columns["reach"].tolist() == ["all"] * 4 + [reach] * 2
    found = [one for one in built.findings if one.code == "DT346"]
    assert [(one.node, one.x) for one in found] == [(node, 300.0)] and words in found[0].reason()


def test_a_gap_is_told_but_not_between_levels():
    lines = [*SQUARE, [(0, 0), (100, 0)], [(50, 80), (50, 2)]]
    built = made(roads(*lines), where="touching", tolerance=0.5)
    gap = next(one for one in built.findings if one.code == "DT347")
    assert (gap.x, gap.y, gap.values["distance"]) == (50.0, 2.0, "2.00")
    levels = [0.0] * 5 + [1.0]
    assert "DT347" not in codes(made(roads(*lines, level=levels), where="touching", tolerance=0.5))


def test_joining_pieces_of_one_road():
    layer = roads([(0, 0), (50, 0), (100, 0)], [(100, 0), (100, 50)], [(50, 0), (50, -50)])
    assert len(made(layer).network.start) == 4
    cut = roads([(0, 0), (50, 0), (100, 0)], [(50, 0), (50.0, 0.0)])
    plain = made(cut, where="vertices", join=False).network
    assert len(plain.start) == 1 and len(made(layer, join=True).network.start) == 4  # a junction stays


def test_connectors_reach_only_streets_from_which_one_can_go_round():
    spur = [[(100, 100), (200, 100)]]
    layer = roads(*SQUARE, *spur, oneway=[None] * 4 + ["yes"], highway=["residential"] * 5)
    square = [[[(-10, -10), (250, -10), (250, 250), (-10, 250), (-10, -10)]]]
    areas = Features(Geometries.build("polygon", [square]), {"buurtcode": column(["BU01"])})
    built = made(layer, ZoneOptions(areas, count=9))
    columns, nodes = built.network.link_columns, built.network.node_columns
    connectors = columns["class"] == "connector"
    assert connectors.sum() == 4  # not to the end of the spur, which cannot be left
    assert nodes["zone"].tolist()[:2] == ["BU01", None] and nodes["through"].tolist()[:2] == [False, True]
    assert set(columns["from_node"][connectors]) == {1} and columns["bpr_b"][connectors].tolist() == [0.0] * 4
    # from (120, 120), the middle of the zone, to (100, 100): 28.28 m at 20 km/h
    assert columns["free_time_forward"][connectors].min() == pytest.approx(28.2843 * 0.06 / 20, rel=1e-4)
    assert np.array_equal(columns["link"], np.arange(1, len(connectors) + 1))


def test_connectors_share_the_trips_of_a_zone_by_the_length_of_its_streets():
    # 100 m of residential street from west to east and 40 m of a home zone off its end; a main road that is no street
    layer = roads([(0, 0), (100, 0)], [(100, 0), (100, 40)], [(0, 0), (0, 500)],
                  highway=["residential", "living_street", "secondary"])  # fmt: skip
    ring = [[(-10, -10), (110, -10), (110, 110), (-10, 110), (-10, -10)]]
    far = [[(900, 0), (910, 0), (910, 10), (900, 10), (900, 0)]]
    areas = Features(Geometries.build("polygon", [[ring], [far]]), {"zone": column(["in", "out"])})
    network = made(layer, ZoneOptions(areas, count=9, farthest=2000.0, shares=True)).network
    columns = network.link_columns
    assert len(columns["link"]) == 5 + 5 + 3  # both streets are cut in their middle, the main road is not
    inside = np.flatnonzero((columns["class"] == "connector") & (columns["from_node"] == 1))
    ends = network.nodes[columns["to_node"][inside] - 1].tolist()
    shares = {tuple(place): share for place, share in zip(ends, columns["zone_share"][inside].tolist())}
    # half of each piece to each of its ends, in 140 m
    metres = {(0, 0): 25, (50, 0): 50, (100, 0): 25 + 10, (100, 20): 20, (100, 40): 10}
    assert shares == pytest.approx({place: length / 140 for place, length in metres.items()})
    outside = (columns["class"] == "connector") & (columns["from_node"] == 2)
    assert outside.sum() == 3 and np.isnan(columns["zone_share"][outside]).all()  # no street of its own
    assert np.isnan(columns["zone_share"][columns["class"] != "connector"]).all()
    two = made(layer, ZoneOptions(areas, count=2, shares=True)).network.link_columns
    assert np.sort(two["zone_share"][two["from_node"] == 1])[:2] == pytest.approx([35 / 85, 50 / 85])
    plain = made(layer, ZoneOptions(areas)).network.link_columns
    assert "zone_share" not in plain and len(plain["link"]) == 3 + 3 + 3


def test_streets_are_cut_in_the_middle_with_what_is_told_of_them_and_their_bans():
    layer = roads([(0, 0), (30, 0), (30, 70)], [(30, 70), (90, 70)], highway=["residential", "primary"],
                  length=[200.0, 60.0], osm_id=["a", "b"])  # fmt: skip
    ring = [[(-10, -10), (110, -10), (110, 110), (-10, 110), (-10, -10)]]
    areas = Features(Geometries.build("polygon", [[ring]]), {"zone": column(["z"])})
    built = made(layer, ZoneOptions(areas, shares=True), [Ban("a", "b", None)], join=True)
    columns, shapes = built.network.link_columns, built.network.lines.coordinates
    assert columns["length"][:3].tolist() == [100.0, 100.0, 60.0]  # as the layer tells of the whole
    assert shapes[:6].tolist() == [[0, 0], [30, 0], [30, 20], [30, 20], [30, 70], [30, 70]]
    assert built.turns["from_link"] == [2] and built.turns["to_link"] == [3]


def test_a_zone_far_from_roads_is_told_and_motorways_get_no_connector():
    areas = Features(
        Geometries.build("polygon", [[[[(x, 900), (x + 9, 900), (x + 9, 909), (x, 900)]]] for x in (0, 9000)]),
        {"zone": column(["near", "far"])},
    )
    lines = roads(*SQUARE, highway=["motorway", "residential", "residential", "residential"], oneway=["no"] * 4)
    built = made(lines, ZoneOptions(areas, count=1, farthest=900.0))
    assert [one.values["zone"] for one in built.findings if one.code == "DT348"] == ["far"]
    only = made(roads(*SQUARE, highway=["motorway"] * 4, oneway=["no"] * 4), ZoneOptions(areas, farthest=5000.0))
    assert codes(only) == ["DT348", "DT348"]


def test_a_grid_of_zones_covers_the_roads():
    built = made(roads(*SQUARE), ZoneOptions(grid=60.0, count=1))
    assert len(built.zones) == 4 and built.zones.columns["zone"].tolist() == ["1-1", "1-2", "2-1", "2-2"]
    with pytest.raises(InputError, match="at most"):
        made(roads([(0, 0), (3e6, 0)], *[[(x, 0), (x, 1)] for x in range(0, 2_100_000, 100)]), ZoneOptions(grid=50.0))


def test_names_of_zones_must_differ():
    ring = [[[(0, 0), (9, 0), (9, 9), (0, 0)]]]
    areas = Features(Geometries.build("polygon", [ring, ring]), {"pc4": column(["1011", "1011"])})
    with pytest.raises(InputError, match="Two zones have the name 1011"):
        made(roads(*SQUARE), ZoneOptions(areas))


CROSS = [[(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, 0), (0, 100)], [(0, 0), (0, -100)]]


def test_bans_on_turning_follow_the_pieces():
    layer = roads([(-100, 0), (-50, 0), (0, 0)], *CROSS[1:], [(-50, 0), (-50, 50)], source=list("abcde"))
    built = made(layer, bans=[Ban("a", "c"), Ban("a", "x", (0.0, 0.0))])
    columns = built.network.link_columns
    (one,), (via,), (two,) = (built.turns[name] for name in ("from_link", "via_node", "to_link"))
    assert columns["source"][one - 1] == "a" and columns["source"][two - 1] == "c"
    assert built.network.nodes[via - 1].tolist() == [0.0, 0.0]
    assert columns["to_node"][one - 1] == via  # the piece of a that ends at the junction
    (lost,) = [one for one in built.findings if one.severity == "warning"]
    assert lost.code == "DT349" and lost.reason() == "The ban on turning from a to x names no two roads that meet."


def test_only_turns_ban_all_others_and_penalties_stay():
    points = Features(
        Geometries.points(np.zeros((2, 2))),
        {"from_link": column([1, 4]), "to_link": column([2, 3]), "penalty": np.array([np.nan, 0.5]),
         "kind": column(["only_straight_on", None])},
    )  # fmt: skip
    layer = roads(*CROSS, link=[1, 2, 3, 4])
    built = made(layer, ZoneOptions(grid=500.0), bans_of(points))
    turns = list(zip(*(built.turns[name] for name in ("from_link", "to_link", "penalty"))))
    assert [turn[:2] for turn in turns] == [(1, 3), (1, 4), (4, 3)]
    assert np.isnan([turn[2] for turn in turns]).tolist() == [True, True, False]
    places = {tuple(built.network.nodes[node - 1]) for node in built.turns["via_node"]}
    assert places == {(0.0, 0.0)}  # also behind the nodes of zones


@pytest.mark.parametrize(
    ("columns", "kind", "expected"),
    [
        ({"fclass": ["primary"], "oneway": ["T"], "maxspeed": [0], "layer": [1]}, "geofabrik",
         ("primary", "backward", 80.0, 1.0)),
        ({"highway": ["motorway"], "maxspeed": ["50 mph"]}, "osm", ("motorway", "forward", 80.4672, 0.0)),
        ({"highway": ["residential"], "other_tags": ['"oneway"=>"-1","maxspeed"=>"NL:zone30","layer"=>"-1"']}, "osm",
         ("residential", "backward", 30.0, -1.0)),
        ({"BST_CODE": ["RB"], "WEGBEHSRT": ["P"], "RIJRICHTNG": ["H"], "WVK_ID": [7.0]}, "nwb",
         ("secondary", "forward", 80.0, 0.0)),
        ({"V85": ["63,5"], "soort": ["trunk"]}, "other", ("trunk", "both", 63.5, 0.0)),
        ({"from_node": [1], "to_node": [2], "direction": ["closed"], "class": ["service"]}, "network",
         ("service", "closed", 15.0, 0.0)),
    ],
)  # fmt: skip
def test_columns_of_each_kind(columns, kind, expected):
    layer = roads([(0, 0), (100, 0)], **columns)
    names = "speed=V85; class=soort" if kind == "other" else None
    assert columns_of(layer, names).kind == kind
    found = made(layer, names=names).network.link_columns
    assert tuple(found[name][0] for name in ("class", "direction", "speed", "level")) == expected


def test_surfaces_of_openstreetmap_are_those_of_road_noise():
    from dtwin_plugin.models.noise.road_table import table_of

    layer = roads(*SQUARE, highway=["tertiary"] * 4, surface=["asphalt", "paving_stones", "sett", "mud"])
    found = made(layer).network.link_columns["surface"].tolist()
    assert found[3] is None and set(found[:3]) <= set(table_of().surfaces)


def test_a_network_is_read_as_it_was_written():
    from dtwin_plugin.models.traffic.network_result import links_of

    layer = roads(*SQUARE, highway=["tertiary"] * 4, oneway=["yes", None, None, None], lanes=["2", None, "4", None])
    first = made(layer, ZoneOptions(grid=500.0))
    again = made(links_of(first.network), ZoneOptions(grid=500.0))
    for name, values in first.network.link_columns.items():
        assert again.network.link_columns[name].tolist() == pytest.approx(values.tolist(), nan_ok=True), name


def test_values_that_are_not_understood_are_told():
    layer = roads(
        *SQUARE, highway=["goat", "tertiary", "tertiary", "tertiary"], maxspeed=["fast", "50", None, "signals"]
    )
    progress = Silent()
    built = build(layer, Options(), ZoneOptions(), [], progress)
    assert built.network.link_columns["class"][0] == "unclassified"
    assert any("goat" in text for text in progress.warnings) and any("fast" in text for text in progress.warnings)


def test_cancelling_stops_before_anything_is_given():
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        build(roads(*SQUARE), Options(), ZoneOptions(), [], Stopped())


def test_no_road_at_all_and_a_column_that_is_not_there():
    with pytest.raises(InputError, match="None of the 1 lines"):
        made(roads([(0, 0), (1, 0)], highway=["footway"]))
    assert len(made(roads([(0, 0), (1, 0)], highway=["footway"]), paths=True).network.start) == 1
    with pytest.raises(InputError, match="no column V85"):
        made(roads(*SQUARE), names="speed=V85")


def test_the_checks_of_the_model():
    model = MODELS["roadnetwork"]
    values = {item.name: item.default for item in model.inputs}
    points = Features(Geometries.points(np.zeros((1, 2))), {"from_link": column([1])})
    values |= {"roads": roads(*SQUARE), "columns": "speed=V85", "turns": points}
    assert [one.code for one in check(model, values)] == ["DT340", "DT349"]


def test_the_table_of_classes_tells_what_is_unconfirmed():
    path = plugin_file("resources", "traffic", "classes.csv")
    lines = path.read_text("utf-8").splitlines()
    assert all(line.rsplit(",", 1)[1] in ("yes", "no") for line in lines[1:])
    table = shipped_table()
    assert len(table) == len(lines) - 1 and table["motorway"].capacity_lane > table["residential"].capacity_lane


@pytest.mark.parametrize(
    "text",
    [
        "class,cars\nmotorway,yes\n",
        "{head}\nmotorway,maybe,no,1,1,1,1,1\n",
        "{head}\nmotorway,yes,no,1,1,1,1,1\n",
        "{head}\nmotorway,yes,no,x,1,1,1,1\n",
    ],
)
def test_a_table_of_classes_that_cannot_be_used(text, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text(text.format(head="class,cars,connect,lanes,capacity_lane,speed,bpr_b,bpr_power"))
    with pytest.raises(InputError, match="own.csv"):
        read_table(file)


def told(**columns):
    """What the model says of a square of streets with some columns."""
    model, progress = MODELS["roadnetwork"], Silent()
    layer = roads(*SQUARE, **{"class": ["tertiary"] * 4}, **columns)
    values = {item.name: item.default for item in model.inputs} | {"roads": layer, "wanted": {"turn_bans", "links"}}
    return model.run(values, progress), progress.warnings


def test_capacities_that_cannot_be_and_a_layer_that_is_not_written_are_told():
    made, warnings = told(capacity_forward=[0.0, -5.0, 800.0, 0.0], direction=["both", "both", "both", "backward"])
    assert made["links"].columns["capacity_forward"].tolist() == [900.0, 900.0, 800.0, 0.0]
    assert warnings == [
        "2 roads have a capacity of 0 or less in a direction that is open: that of their class is taken.",
        "There are no bans on turning, so that their layer is not written.",
    ]
