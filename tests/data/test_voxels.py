import numpy as np
import pytest

from dtwin_plugin.data import Voxels
from dtwin_plugin.errors import InputError


def voxels(classes, probability=None, cell_size=(10.0, 10.0, 0.5), names=("clay", "sand")):
    return Voxels(np.array(classes, np.int16), probability, 100.0, 200.0, -5.0, cell_size, names)


def test_the_extent_is_the_outer_edge_on_the_map():
    assert voxels(np.zeros((2, 3, 4))).extent.bounds == (100, 200, 120, 230)


@pytest.mark.parametrize(("shape", "cell_size"), [((2, 2), (1, 1, 1)), ((1, 1, 1), (1, 1, 0))])
def test_a_block_needs_three_axes_and_sizes(shape, cell_size):
    with pytest.raises(InputError, match="cell sizes above 0 m"):
        voxels(np.zeros(shape), cell_size=cell_size)


def test_a_probability_is_needed_for_each_class():
    with pytest.raises(InputError, match="shape"):
        voxels(np.zeros((1, 1, 1)), np.ones((1, 1, 1, 3), np.float32))


@pytest.mark.parametrize("number", [2, -2])
def test_a_class_without_a_name_is_refused(number):
    with pytest.raises(InputError, match="2 names"):
        voxels([[[number]]])


def test_a_cell_may_be_unknown():
    assert voxels([[[-1, 1]]]).classes.min() == -1
