"""How water meets buildings."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.buildings import depth_at_objects, fill_holes, raise_buildings
from dtwin_plugin.models.flood.ground import ground_of
from dtwin_plugin.models.flood.solvers.solver import InertialSolver


@pytest.fixture
def labels():
    """Two houses that share a wall, and one alone in the corner."""
    labels = np.zeros((8, 10), np.int32)
    labels[2:5, 2:4] = 1
    labels[2:5, 4:6] = 2
    labels[7, 9] = 3
    return labels


def test_depth_is_that_of_the_cells_at_the_walls_only(labels):
    depth = np.where(labels > 0, 9.0, 0.1)  # water on a roof is not water at the wall
    depth[3, 1] = 0.4  # touches house 1
    depth[3, 7] = 0.8  # two cells from house 2
    largest, mean = depth_at_objects(depth, labels)
    assert largest == pytest.approx([0.4, 0.1, 0.1])
    # house 1 has 3 cells west, 3 north and 3 south with the corners: (10 * 0.1 + 0.4) / 11
    assert mean == pytest.approx([(10 * 0.1 + 0.4) / 11, 0.1, 0.1])
    assert depth_at_objects(depth, labels, reach=2)[0][1] == pytest.approx(0.8)


def test_a_building_without_known_cells_around_it_is_nan(labels):
    depth = np.full(labels.shape, 0.2)
    depth[6:, 8:] = np.nan
    largest, mean = depth_at_objects(depth, labels, count=4)
    assert np.isnan(largest[2:]).all() and np.isnan(mean[2:]).all()
    assert largest[:2] == pytest.approx([0.2, 0.2])


def test_no_buildings_at_all():
    largest, mean = depth_at_objects(np.zeros((3, 3)), np.zeros((3, 3), np.int32))
    assert largest.size == mean.size == 0


def test_buildings_stand_on_the_75th_percentile_of_the_ground_around(labels):
    terrain = np.tile(np.arange(10.0), (8, 1))
    terrain[labels == 3] = np.nan
    raised = raise_buildings(terrain, labels, sill=0.15, block=0)
    around = terrain[1:6, 1:4][labels[1:6, 1:4] == 0]
    assert raised[3, 2] == pytest.approx(np.percentile(np.append(around, [4, 4]), 75) + 0.15)
    assert np.unique(raised[labels == 2]).size == 1
    assert np.isfinite(raised).all()
    np.testing.assert_array_equal(raised[labels == 0], terrain[labels == 0].astype(np.float32))


def test_water_comes_in_above_the_threshold_and_not_below():
    """0.4 m in the street: over a threshold of 0.15 m (0.25 m inside), not over one of 0.5 m, nor into a block."""
    square = [[[[(x, 2), (x + 3, 2), (x + 3, 5), (x, 5), (x, 2)]]] for x in (2, 8, 14)]
    columns = {"drempel": np.array([None, "0,5", None], object), "vloerpeil": np.array([None, None, 0.1], object)}
    houses = Features(Geometries.build("polygon", square), columns)
    inside = {}
    for flow in ("block", "floor", "open"):
        values = {**{item.name: item.default for item in FLOOD.inputs}, "terrain": Grid(np.zeros((7, 20)), 0, 7, 1.0)}
        values |= {"buildings": houses, "building_flow": flow, "rain": 0.0, "infiltration": 0.0, "boundary": "closed"}
        cells = ground_of({**values, "initial_depth": None})
        solver = InertialSolver(cells.bed, 1.0, 0.03, initial_depth=np.maximum(0.4 - cells.bed, 0.0), threads=1)
        solver.advance(600.0)
        inside[flow] = [float(solver.depth[3, x]) for x in (3, 9, 15)]
        assert solver.depth[0, 0] == pytest.approx(0.4, abs=1e-5)
    assert inside["block"] == [0.0, 0.0, 0.0]
    assert inside["floor"] == pytest.approx([0.25, 0.0, 0.3], abs=1e-5)
    assert inside["open"] == pytest.approx([0.4, 0.4, 0.4], abs=1e-5)


def test_a_building_amid_holes_stands_on_its_own_ground():
    raised = raise_buildings([[np.nan, 2.0, np.nan]], [[0, 1, 0]], sill=0, block=3)
    assert raised[0, 1] == 5.0
    assert np.isnan(raised[0, 0])


def test_a_block_keeps_street_water_out(labels):
    terrain = raise_buildings(np.tile(-0.01 * np.arange(10.0), (8, 1)), labels)
    solver = InertialSolver(terrain, 1.0, 0.03)
    solver.advance(300, sources=([0], [0], [0.01]))
    assert (solver.depth[labels > 0] == 0).all()
    assert np.nanmax(solver.depth) > 0.03


def test_enclosed_holes_are_filled_from_around_and_open_ones_stay():
    y, x = np.mgrid[0:20, 0:30]
    plane = 0.1 * x + 0.05 * y
    terrain = plane.copy()
    terrain[5:12, 8:16] = np.nan
    terrain[15:, 25:] = np.nan
    filled = fill_holes(terrain)
    assert np.isnan(filled[15:, 25:]).all()
    # a hole of 8 cells in a slope of 0.1: between its rim's heights, and within half of its width of the plane
    assert np.abs(filled - plane)[5:12, 8:16].max() < 0.4
    np.testing.assert_array_equal(filled[:5], plane[:5].astype(np.float32))


def test_labels_of_another_shape_are_named():
    with pytest.raises(InputError, match="shape"):
        depth_at_objects(np.zeros((2, 2)), np.zeros((3, 3)))
