"""What voxels tell on a plane, in a column and of a unit."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface import voxels as cut

# Two columns of four cells of 1 m from -2 m NAP up; the eastern one has air on top.
CLASSES = np.array([[[0, 1, 1, 0]], [[1, 0, 0, -1]]], np.int16)
CHANCES = np.array(
    [
        [[[0.6, 0.4], [0.3, 0.7], [0.5, 0.5], [0.9, 0.1]]],
        [[[0.2, 0.8], [0.8, 0.2], [np.nan, np.nan], [np.nan, np.nan]]],
    ],
    np.float32,
)


@pytest.fixture
def voxels():
    layers = {"stratigraphy": np.array([[[1, 1, 2, 2]], [[1, 1, 1, 0]]], np.int16)}
    return Voxels(CLASSES, CHANCES, 1000.0, 2000.0, -2.0, (10.0, 10.0, 1.0), ("clay", "sand"), layers=layers)


def test_a_slice_at_a_height_has_north_up_and_nothing_outside(voxels):
    assert cut.class_slice(voxels, cut.levels_at(voxels, -0.5)).values.tolist() == [[1, 0]]
    top = cut.class_slice(voxels, cut.levels_at(voxels, 1.5)).values
    assert top[0, 0] == 0 and np.isnan(top[0, 1])
    assert np.isnan(cut.class_slice(voxels, cut.levels_at(voxels, 2.5)).values).all()
    assert cut.class_slice(voxels, cut.levels_at(voxels, -0.5)).extent.bounds == (1000, 2000, 1020, 2010)


def test_rows_go_from_north_to_south():
    classes = np.array([[[0], [1]]], np.int16)
    voxels = Voxels(classes, None, 0.0, 0.0, 0.0, (1.0, 1.0, 1.0), ("a", "b"))
    assert cut.class_slice(voxels, cut.levels_at(voxels, 0.5)).values.tolist() == [[1], [0]]


def test_a_depth_counts_from_the_top_of_the_voxels_or_from_the_terrain(voxels):
    assert cut.levels_below(voxels, 0.0).tolist() == [[3], [2]]
    assert cut.levels_below(voxels, 1.0).tolist() == [[2], [1]]
    assert cut.levels_below(voxels, 3.5).tolist() == [[0], [-1]]
    terrain = Grid(np.full((10, 20), 0.5), 1000.0, 2010.0, 1.0)
    assert cut.levels_below(voxels, 1.0, terrain).tolist() == [[1], [1]]


def test_a_terrain_beside_the_voxels_gives_nothing(voxels):
    assert cut.levels_below(voxels, 1.0, Grid(np.ones((2, 2)), 0.0, 10.0, 1.0)).tolist() == [[-1], [-1]]


def test_the_probability_is_that_of_the_class_of_a_voxel_or_of_one_class(voxels):
    levels = cut.levels_at(voxels, -1.5)
    np.testing.assert_allclose(cut.probability_slice(voxels, levels).values, [[0.6, 0.8]])
    np.testing.assert_allclose(cut.probability_slice(voxels, levels, 0).values, [[0.6, 0.2]])
    unknown = cut.probability_slice(voxels, cut.levels_at(voxels, 0.5)).values
    assert np.isnan(unknown[0, 1])
    with pytest.raises(InputError, match="no class 2; the voxels have 0 clay, 1 sand"):
        cut.probability_slice(voxels, levels, 2)


def test_voxels_without_chances_have_no_probability(voxels):
    plain = Voxels(voxels.classes, None, 0.0, 0.0, 0.0, (1.0, 1.0, 1.0), voxels.names)
    with pytest.raises(InputError, match="have no probabilities"):
        cut.probability_slice(plain, cut.levels_at(plain, 0.5))


def test_top_bottom_and_thickness_of_a_class(voxels):
    clay = cut.cells_with(voxels, {0})
    assert cut.unit_top(voxels, clay).values.tolist() == [[2, 1]]
    assert cut.unit_bottom(voxels, clay).values.tolist() == [[-2, -1]]
    assert cut.unit_thickness(voxels, clay).values.tolist() == [[2, 2]]  # of the western one two lie apart


def test_a_unit_that_a_column_lacks_has_no_top(voxels):
    found = cut.unit_top(voxels, cut.cells_with(voxels, units={2})).values
    assert found[0, 0] == 2 and np.isnan(found[0, 1])


def test_a_class_may_be_asked_by_its_least_probability(voxels):
    sand = cut.cells_with(voxels, {1}, probability=0.5)
    assert sand.tolist() == [[[False, True, True, False]], [[True, False, False, False]]]
    assert cut.cells_with(voxels, {0, 1}, probability=1.0).sum() == 6  # together they are sure where chances are known


def test_a_column_goes_down_from_the_top_with_all_chances(voxels):
    table = cut.column_table(voxels, 1015.0, 2005.0)
    assert table["z_max"] == [1, 0, -1] and table["class_name"] == ["clay", "clay", "sand"]
    assert table["probability"][0] is None and table["p_1"][2] == pytest.approx(0.8)
    assert table["stratigraphy"] == [1, 1, 1]


def test_a_column_beside_the_voxels_is_empty(voxels):
    table = cut.column_table(voxels, 0.0, 0.0)
    assert all(cells == [] for cells in table.values()) and set(table) >= {"z_max", "p_0", "stratigraphy"}


def test_columns_that_are_not_square_make_no_raster(voxels):
    oblong = Voxels(voxels.classes, None, 0.0, 0.0, 0.0, (10.0, 20.0, 1.0), voxels.names)
    with pytest.raises(InputError, match="a raster needs square ones"):
        cut.class_slice(oblong, cut.levels_at(oblong, 0.5))


def test_only_lithoclasses_are_called_so(voxels):
    assert cut.class_slice(voxels, cut.levels_at(voxels, 0.0)).name == "class"
    soil = Voxels(np.zeros((1, 1, 1), np.int16), None, 0.0, 0.0, 0.0, (1.0, 1.0, 1.0), tuple(LITHOCLASSES.values()))
    assert cut.class_slice(soil, cut.levels_at(soil, 0.5)).name == "lithoclass"
