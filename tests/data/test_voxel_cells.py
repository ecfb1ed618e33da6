"""Voxels as a table of cells, and back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.data.voxel_cells import cells_of, described, description_in, voxels_from
from dtwin_plugin.errors import FormatError, InputError


def boxes_of(voxels, places):
    low = np.array([voxels.x_min, voxels.y_min]) + places[:, :2] * voxels.cell_size[:2]
    return np.hstack([low, low + voxels.cell_size[:2]])


def same(found, expected):
    np.testing.assert_array_equal(found.classes, expected.classes)
    assert found.classes.dtype == expected.classes.dtype and found.names == expected.names
    assert (found.probability is None) == (expected.probability is None)
    if expected.probability is not None:
        np.testing.assert_array_equal(found.probability, expected.probability)
        assert found.probability.dtype == expected.probability.dtype
    assert set(found.layers) == set(expected.layers)
    for name, values in expected.layers.items():
        np.testing.assert_array_equal(found.layers[name], values)
        assert found.layers[name].dtype == values.dtype
    place = "x_min", "y_min", "z_min", "cell_size", "crs"
    assert all(getattr(found, name) == getattr(expected, name) for name in place)


@st.composite
def blocks(draw):
    """Voxels of any size, with unknown cells, with and without chances and layers, on odd corners."""
    shape = tuple(draw(st.integers(1, 4)) for _ in range(3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = random.integers(-1, 3, shape).astype(np.int16)
    chances = random.random((*shape, 3)).astype(np.float32)
    chances[random.random(shape) < 0.3] = np.nan
    layers = {
        "stratigraphy": random.integers(0, 7000, shape).astype(np.int16),
        "uncertainty": np.where(random.random(shape) < 0.5, np.nan, random.random(shape)).astype(np.float32),
    }
    corner = [draw(st.sampled_from([0.0, -0.1, 139_500.0, 84_123.456])) for _ in range(3)]
    size = tuple(draw(st.sampled_from([0.1, 0.5, 100.0, 1 / 3])) for _ in range(3))
    with_chances, with_layers = draw(st.booleans()), draw(st.booleans())
    return Voxels(classes, chances if with_chances else None, *corner, size, ("a", "b", "c"),
                  layers=layers if with_layers else {})  # fmt: skip


@given(blocks())
def test_cells_and_their_description_give_the_voxels_back(voxels):
    places, columns = cells_of(voxels)
    same(voxels_from(boxes_of(voxels, places), columns, description_in(described(voxels))), voxels)


def test_without_a_description_the_block_around_the_cells_is_found():
    classes = np.full((3, 2, 4), -1, np.int16)
    classes[1, 0, 1:3], classes[2, 1, 2] = [0, 1], 1
    voxels = Voxels(classes, None, 139_500.0, 454_700.0, -1.0, (100.0, 100.0, 0.5), ("clay", "sand"))
    places, columns = cells_of(voxels)
    found = voxels_from(boxes_of(voxels, places), columns)
    assert (found.x_min, found.y_min, found.z_min) == (139_600, 454_700, -0.5)
    np.testing.assert_array_equal(found.classes, classes[1:, :, 1:3])
    assert found.names == ("clay", "sand") and found.cell_size == (100, 100, 0.5)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [10**6, 10**6, 10**6]}, {"shape": [0, 1, 1]}, {"cell_size": [0, 1, 1]}, {"corner": ["a", 0, 0]},
        {"corner": [float("nan"), 0, 0]}, {"layers": {"a": "object"}}, {"layers": []}, {"names": 3}, {"crs": 4},
        {"shape": None},
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_true_does_not_count(change):
    voxels = Voxels(np.zeros((1, 1, 1), np.int16), None, 0.0, 0.0, 0.0, (1.0, 1.0, 1.0), ("a",))
    told = json.loads(described(voxels))
    assert description_in(json.dumps(told)) is not None
    assert description_in(json.dumps({**told, **change})) is None


@pytest.fixture
def cells():
    voxels = Voxels(np.zeros((2, 2, 2), np.int16), None, 0.0, 0.0, 0.0, (1.0, 1.0, 1.0), ("a",))
    places, columns = cells_of(voxels)
    return boxes_of(voxels, places), columns, description_in(described(voxels))


def test_two_cells_at_one_place_are_refused(cells):
    boxes, columns, about = cells
    columns["z_min"] = np.zeros(8)
    with pytest.raises(InputError, match="two cells at one place"):
        voxels_from(boxes, columns, about)


@pytest.mark.parametrize("wrong", [0.5, -3.0, np.nan])
def test_cells_beside_the_block_are_refused(cells, wrong):
    boxes, columns, about = cells
    boxes[3, 0] = wrong
    with pytest.raises(InputError, match="do not lie on one block"):
        voxels_from(boxes, columns, about)


def test_a_class_without_a_name_is_refused(cells):
    boxes, columns, about = cells
    columns["class"][2] = 7
    with pytest.raises(FormatError, match="outside the 1 names"):
        voxels_from(boxes, columns, about)


def test_a_layer_without_cells_or_columns_is_no_voxels():
    with pytest.raises(InputError, match="it lacks class, z_min, z_max"):
        voxels_from(np.zeros((1, 4)), {})
    with pytest.raises(InputError, match="it lacks cells"):
        voxels_from(np.zeros((0, 4)), {"class": np.zeros(0), "z_min": np.zeros(0), "z_max": np.zeros(0)})


def test_a_window_has_the_cells_that_an_area_touches():
    voxels = Voxels(np.arange(12, dtype=np.int16).reshape(4, 3, 1), None, 0.0, 0.0, 0.0, (10.0, 10.0, 1.0),
                    tuple("abcdefghijkl"))  # fmt: skip
    part = voxels.window(Extent(10, 10, 25, 20))
    assert part.classes[:, :, 0].tolist() == [[4], [7]] and (part.x_min, part.y_min) == (10, 10)
    with pytest.raises(InputError, match="outside the voxels"):
        voxels.window(Extent(100, 100, 110, 110))
