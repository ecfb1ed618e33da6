"""TNTP files as people write them, and what of them is refused."""

import numpy as np
import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.traffic.tntp import graph_and_costs, read_flows, read_network, read_nodes, read_trips

HEADER = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 2\n<END OF METADATA>\n"
NET = HEADER + "\n~ init_node term_node capacity length free_flow_time b power speed toll link_type ;\n"
NET += "\t1\t3\t100\t2.5\t4\t0.15\t4\t50\t7\t1\t;\n\t3\t2\t0\t1\t0\t0\t0\t0\t0\t9\t;\n"


def write(folder, text, name="x_net.tntp"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_network_has_its_nodes_zones_and_columns(tmp_path):
    net = read_network(write(tmp_path, NET))
    assert (net.numbers.tolist(), net.zones, net.first_through) == ([1, 2, 3], 2, 2)
    assert (net.tail.tolist(), net.head.tolist()) == ([0, 2], [2, 1])
    assert net.columns["toll"].tolist() == [7, 0] and net.columns["link_type"].tolist() == [1, 9]
    graph, costs, fixed = graph_and_costs(net, 0.04, 0.02)
    assert graph.arcs == 2 and costs.time(np.array([100.0, 5.0])) == pytest.approx([4.6, 0])
    assert fixed == pytest.approx([0.24, 0.04])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("<NUMBER OF ZONES>", "<number_of  Zones>\t\t"),
        lambda text: text.replace("~ init_node", "~ a remark\n\n~ init_node").replace("\t;", ";~ said so"),
        lambda text: text.replace(";", ""),
        lambda text: text.replace("\t1\t3\t", "1 3   "),
        lambda text: text.replace("~ init_node", "init_node"),
        lambda text: text.replace(
            "~ init_node term_node capacity length free_flow_time b power speed toll link_type ;", ""
        ),
        lambda text: text.replace("<END OF METADATA>\n", ""),
    ],
)
def test_sloppy_files_are_read_alike(tmp_path, change):
    expected, found = read_network(write(tmp_path, NET)), read_network(write(tmp_path, change(NET), "y_net.tntp"))
    assert found.tail.tolist() == expected.tail.tolist() and found.zones == 2 and found.first_through == 2
    for name, values in expected.columns.items():
        assert found.columns[name].tolist() == values.tolist(), name


def test_columns_in_another_order_are_known_by_their_names(tmp_path):
    text = (
        HEADER
        + "~\tinit_node\tterm_node\tfree_flow_time\tcapacity\tpower\tb\tlength\t;\n"
        + "1 3 4 100 4 0.15 2.5;\n3 2 0 0 0 0 1;\n"
    )
    net = read_network(write(tmp_path, text))
    assert net.columns["capacity"].tolist() == [100, 0] and net.columns["length"].tolist() == [2.5, 1]
    assert net.columns["toll"].tolist() == [0, 0]


def test_numbers_of_nodes_may_be_any(tmp_path):
    net = read_network(write(tmp_path, NET.replace("\t3\t", "\t2146237805\t").replace("THRU NODE> 3", "THRU NODE> 4")))
    assert net.numbers.tolist() == [1, 2, 2146237805] and net.head.tolist() == [2, 1] and net.first_through == 2


@pytest.mark.parametrize(
    "text, words",
    [
        (HEADER, "no links"),
        (NET.replace("\t100\t", "\tmany\t"), "Row 8 of x_net.tntp"),
        (NET.replace("\t100\t2.5\t4\t0.15\t4\t50\t7\t1", "\t100"), "7 numbers"),
        (NET.replace("\t100\t", "\t-1\t"), "capacity is below 0"),
        (NET.replace("\t100\t", "\tnan\t"), "capacity is below 0 or no number"),
        (NET.replace("\t1\t3\t", "\t1.5\t3\t"), "not whole"),
        (NET.replace("LINKS> 2", "LINKS> 3"), "cut off"),
        (b"\x00\xff" * 50, "needs 7 numbers"),
    ],
)
def test_a_network_that_cannot_be_is_refused(tmp_path, text, words):
    with pytest.raises(FormatError, match=words):
        read_network(write(tmp_path, text))


def test_a_header_that_lies_of_its_size_fills_no_memory(tmp_path):
    net = read_network(
        write(tmp_path, NET.replace("NODES> 3", "NODES> 999999999").replace("ZONES> 2", "ZONES> 88888888"))
    )
    assert len(net.numbers) == 3 and net.zones == 3
    zones, trips = read_trips(write(tmp_path, "<NUMBER OF ZONES> 3\nOrigin 1\n2 : 5;", "x_trips.tntp"))
    assert zones == ["1", "2", "3"] and trips.sum() == 5
    with pytest.raises(FormatError, match="more than can be held"):
        read_trips(write(tmp_path, "<NUMBER OF ZONES> 999999999\nOrigin 1\n2 : 5;", "x_trips.tntp"))


@pytest.mark.parametrize(
    "body",
    [
        "Origin 1\n 1 : 0.5; 2 : 3.5;\nOrigin 2\n 1 : 7;\n",
        "Origin\t1 ;\n1:0.5;2:3.5\nORIGIN 2\n\n1\t:\t7 ;\t\n",
        "~ a remark; 9 : 9;\norigin 1 1 : .5; 2 : 3.5; origin 2 1 : 7.0e0;",
        "Origin1\n1 : 0.5 ; 2 : 3.5 ;\nOrigin2\n1 : 7 ;",
        "Origin 2\r\n1 : 7;\r\nOrigin 1\r\n1 : 0.5;\r\n2 :\r\n3.5;\r\n",
    ],
)
def test_trips_in_any_layout(tmp_path, body):
    text = "<NUMBER OF ZONES> 2\n<END OF METADATA>\n\n" + body
    zones, trips = read_trips(write(tmp_path, text, "x_trips.tntp"))
    assert zones == ["1", "2"] and trips.tolist() == [[0.5, 3.5], [7.0, 0.0]]


@pytest.mark.parametrize(
    "body, words",
    [
        ("", "no trips"),
        ("Origin x\n1 : 2;", "without a number"),
        ("Origin 1\n1 : 2; 3;", "no rows of zone : trips"),
        ("Origin 1\n2 : -3;", "below 0"),
        ("Origin 1\n2 : nan;", "below 0 or without end"),
        ("Origin 1\n2 : many;", "no numbers"),
        ("Origin 1\n2 : 3; 2 : 4;", "zone 1 to 2 twice"),
    ],
)
def test_trips_that_cannot_be_are_refused(tmp_path, body, words):
    with pytest.raises(FormatError, match=words):
        read_trips(write(tmp_path, "<NUMBER OF ZONES> 2\n<END OF METADATA>\n" + body, "x_trips.tntp"))


def test_nodes_and_flows_with_and_without_a_row_of_names(tmp_path):
    for head in ("Node\tX\tY\t;\n", "", "NodeID       Xcoord       Ycoord\n"):
        numbers, places = read_nodes(write(tmp_path, head + "7\t1.5\t-2\t;\n8 3 4\n", "x_node.tntp"))
        assert numbers.tolist() == [7, 8] and places.tolist() == [[1.5, -2], [3, 4]]
    for head in (
        "From \tTo \tVolume \tCost \n",
        "<NUMBER OF LINKS> -1\n<END OF METADATA>\n\n~ Tail Head Volume Cost ;\n",
    ):
        begins, ends, volume, cost = read_flows(write(tmp_path, head + "1 \t2 \t30.5 \t4 \t;\n", "x_flow.tntp"))
        assert (begins[0], ends[0], volume[0], cost[0]) == (1, 2, 30.5, 4)
