"""Heights on cells from points."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Grid, PointCloud
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.terrain import fill_under, grid_points

AREA = Extent(84_000, 447_000, 84_020, 447_010)


def cloud(x, y, z, **more):
    x, y, z = (np.asarray(values, float) for values in (x, y, z))
    return PointCloud(x, y, z, np.full(len(x), 2, np.uint8), **more)


def plane(x, y):
    return 1.5 + 0.02 * (x - 84_000) - 0.05 * (y - 447_000)


@pytest.fixture
def scan():
    """Points on a plane, symmetric about each cell centre, so that the mean of a cell is the height at its centre."""
    x, y = np.meshgrid(84_000.25 + np.arange(40) / 2, 447_000.25 + np.arange(20) / 2)
    return cloud(x.ravel(), y.ravel(), plane(x.ravel(), y.ravel()))


def centres(grid):
    rows, columns = grid.shape
    x = grid.x_min + (np.arange(columns) + 0.5) * grid.cell_size
    y = grid.y_max - (np.arange(rows) + 0.5) * grid.cell_size
    return np.meshgrid(x, y)


def test_the_mean_of_points_on_a_plane_is_the_plane(scan):
    grid = grid_points([scan], AREA, 1.0)
    assert grid.shape == (10, 20) and grid.extent.bounds == AREA.bounds and grid.unit == "m"
    # float32 keeps heights of metres to 1e-7.
    assert np.allclose(grid.values, plane(*centres(grid)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("statistic", ["mean", "minimum", "maximum"])
def test_chunks_give_the_same_as_the_whole(statistic):
    random = np.random.default_rng(1)
    points = cloud(84_000 + 20 * random.random(5000), 447_000 + 10 * random.random(5000), random.normal(size=5000))
    pieces = [points.take(np.arange(5000) % 7 == n) for n in range(7)]
    whole, parts = (grid_points(chunks, AREA, 1.0, statistic=statistic) for chunks in ([points], pieces))
    # Sums in another order differ by rounding.
    assert np.allclose(whole.values, parts.values, rtol=0, atol=1e-6)


def test_each_statistic_is_what_numpy_finds():
    random = np.random.default_rng(2)
    points = cloud(84_000 + 20 * random.random(300), 447_000 + 10 * random.random(300), random.normal(size=300))
    inside = (points.x >= 84_004) & (points.x < 84_006) & (points.y <= 447_010) & (points.y > 447_008)
    for statistic, function in (("mean", np.mean), ("minimum", np.min), ("maximum", np.max)):
        grid = grid_points([points], AREA, 2.0, statistic=statistic)
        assert grid.values[0, 2] == pytest.approx(function(points.z[inside]), abs=1e-6)


def test_cells_without_points_are_nan():
    grid = grid_points([cloud([84_000.5], [447_009.5], [3.0])], AREA, 1.0)
    assert grid.values[0, 0] == 3 and np.isnan(grid.values).sum() == 199
    assert np.isnan(grid_points([], AREA, 1.0, fill_distance=5).values).all()


def test_points_without_a_height_or_outside_are_left_out():
    points = cloud([84_000.5, 84_000.5, 83_999.9, np.nan], [447_000.5] * 4, [np.nan, 2.0, 100.0, 100.0])
    grid = grid_points([points], AREA, 1.0)
    assert grid.values[9, 0] == 2 and np.isfinite(grid.values).sum() == 1


def test_points_on_the_edges_belong_to_the_area():
    corners = cloud([84_000, 84_020, 84_000, 84_020], [447_000, 447_000, 447_010, 447_010], [1, 2, 3, 4])
    assert grid_points([corners], AREA, 1.0).values[[9, 9, 0, 0], [0, 19, 0, 19]].tolist() == [1, 2, 3, 4]


def test_an_area_of_no_whole_number_of_cells_is_covered():
    assert grid_points([], AREA, 3.0).shape == (4, 7)


def test_a_plane_stays_a_plane_in_a_closed_hole(scan):
    inside = (abs(scan.x - 84_010) < 4) & (abs(scan.y - 447_005) < 3)
    grid = grid_points([scan.take(~inside)], AREA, 1.0)
    assert np.isnan(grid.values).sum() == 48
    # 1e-4 m is where the solver stops, per cell.
    assert np.allclose(fill_under(grid).values, plane(*centres(grid)), rtol=0, atol=1e-3)


def test_only_cells_near_enough_are_filled(scan):
    inside = (abs(scan.x - 84_010) < 4) & (abs(scan.y - 447_005) < 3)
    grid = grid_points([scan.take(~inside)], AREA, 1.0, fill_distance=1.0)
    # A hole of 8 x 6 cells keeps 6 x 4: its rim lies 1 m from a cell with points.
    assert np.isnan(grid.values).sum() == 24 and np.isnan(grid.values[3:7, 7:13]).all()


def test_known_cells_are_not_changed_by_filling(scan):
    random = np.random.default_rng(3)
    part = scan.take(random.random(len(scan)) < 0.2)
    bare, filled = grid_points([part], AREA, 1.0), grid_points([part], AREA, 1.0, fill_distance=3)
    known = ~np.isnan(bare.values)
    assert np.array_equal(bare.values[known], filled.values[known]) and not np.isnan(filled.values).any()


def test_filling_everything_leaves_no_hole_and_stays_within_the_surroundings():
    values = np.full((300, 200), np.nan, np.float32)
    random = np.random.default_rng(4)
    values[random.integers(0, 300, 400), random.integers(0, 100, 400)] = random.normal(size=400)
    filled = fill_under(Grid(values, 0, 300, 1)).values
    assert not np.isnan(filled).any()
    # The solver stops within 1e-4 m a cell; a wide hole gathers some of it.
    assert np.nanmin(values) - 0.01 <= filled.min() and filled.max() <= np.nanmax(values) + 0.01


def test_filled_cells_are_the_mean_of_their_neighbours():
    values = np.add.outer(np.arange(60.0) ** 2 / 100, np.arange(60.0)).astype(np.float32)
    hole = np.zeros((60, 60), bool)
    hole[10:50, 10:50] = True
    z = fill_under(Grid(np.where(hole, np.nan, values), 0, 60, 1)).values.astype(float)
    mean = (z[:-2, 1:-1] + z[2:, 1:-1] + z[1:-1, :-2] + z[1:-1, 2:]) / 4
    # 1e-4 m where the solver stops, and float32 of heights up to 100 m.
    assert np.abs(mean - z[1:-1, 1:-1])[hole[1:-1, 1:-1]].max() < 2e-4


def test_only_chosen_cells_are_filled():
    values = np.array([[1, np.nan, 3, np.nan, 5]], np.float32)
    grid = fill_under(Grid(values, 0, 1, 1), [[False, True, False, False, False]])
    assert np.array_equal(grid.values, [[1, 2, 3, np.nan, 5]], equal_nan=True)
    with pytest.raises(InputError, match="have shape"):
        fill_under(Grid(values, 0, 1, 1), [[True]])


def test_a_grid_without_values_stays_empty():
    assert np.isnan(fill_under(Grid(np.full((3, 4), np.nan), 0, 3, 1)).values).all()


@pytest.mark.parametrize(
    ("cell_size", "more"),
    [(0, {}), (np.nan, {}), (1e-9, {}), (1.0, {"statistic": "median"}), (1.0, {"fill_distance": -1})],
)
def test_impossible_choices_are_refused(cell_size, more):
    with pytest.raises(InputError):
        grid_points([], AREA, cell_size, **more)


def test_points_in_another_crs_are_refused(scan):
    other = cloud(scan.x, scan.y, scan.z, crs="EPSG:25831")
    with pytest.raises(InputError, match="EPSG:25831"):
        grid_points([other], AREA, 1.0)


def test_ground_of_delft_lies_within_the_points_of_each_cell(shared):
    las = pytest.importorskip("laspy", reason="reads LAZ")
    assert las
    from dtwin_plugin.sources.las import LasSource

    area = Extent(84_808, 447_412, 85_000, 447_642)
    source = LasSource(shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz", classes=2)
    mean, low, high = (
        grid_points(source.read(area), area, 0.5, statistic=name).values for name in ("mean", "minimum", "maximum")
    )
    points = PointCloud.concatenate(list(source.read(area)))
    known = ~np.isnan(mean)
    # float32 rounds the mean, and the limits, each to 1e-7 of metres.
    assert (mean[known] >= low[known] - 1e-6).all() and (mean[known] <= high[known] + 1e-6).all()
    assert low[known].min() == pytest.approx(points.z.min(), abs=1e-6)
    assert high[known].max() == pytest.approx(points.z.max(), abs=1e-6)
    cells = {(int((x - 84_808) / 0.5), int((447_642 - y) / 0.5)) for x, y in zip(points.x, points.y)}
    assert known.sum() == len(cells)
    # Cells weigh equally, points do not: the two means of flat Delft agree within 0.1 m.
    assert mean[known].mean() == pytest.approx(points.z.mean(), abs=0.1)
    filled = grid_points(source.read(area), area, 0.5, fill_distance=1.0).values
    assert np.isnan(mean).mean() > 0.5 > np.isnan(filled).mean() > 0.3
