import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Network
from dtwin_plugin.errors import InputError

NODES = np.array([[0.0, 0], [5, 0]])
LINE = Geometries.build("line", [[[[(0, 0), (5, 0)]]]])


def network(start=(0,), end=(1,), **more):
    return Network(NODES, np.array(start, np.int64), np.array(end, np.int64), LINE, **more)


def test_a_link_joins_two_nodes():
    assert network(link_columns={"speed": np.array([50])}, node_columns={"level": np.zeros(2)}).start.tolist() == [0]


def test_each_link_needs_both_ends():
    with pytest.raises(InputError, match="a line for each link"):
        network(end=(1, 0))


@pytest.mark.parametrize("end", [2, -1])
def test_a_node_that_does_not_exist_is_refused(end):
    with pytest.raises(InputError, match="does not exist"):
        network(end=(end,))


@pytest.mark.parametrize("columns", [{"link_columns": {"a": np.zeros(2)}}, {"node_columns": {"a": np.zeros(1)}}])
def test_a_column_of_another_length_is_named(columns):
    with pytest.raises(InputError, match="Column a"):
        network(**columns)
