import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Geometries, Grid
from dtwin_plugin.data.rasterise import labels


def polygons(*features):
    """Return a feature for each list of rings."""
    return Geometries.build("polygon", [[rings] for rings in features])


def square(x, y, size):
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


def blank(rows=8, columns=10, cell_size=1.0):
    return Grid(np.zeros((rows, columns)), 0, rows * cell_size, cell_size)


def area(ring):
    """Return the area of a closed ring by the shoelace formula."""
    x, y = np.array(ring).T
    return abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def length(ring):
    return np.linalg.norm(np.diff(np.array(ring), axis=0), axis=1).sum()


corners = st.lists(st.tuples(st.floats(0, 0.4), st.floats(2, 20)), min_size=3, max_size=9)


@given(corners)
def test_the_cells_cover_the_area_of_the_polygon(corners):
    shift, radius = np.array(corners).T
    around = (np.arange(len(corners)) + shift) / len(corners) * 2 * np.pi  # steps below half a turn: no edges cross
    xy = np.column_stack([np.cos(around), np.sin(around)]) * radius[:, None] + 25.3
    ring = [*map(tuple, xy), tuple(xy[0])]
    covered = (labels(polygons([ring]), blank(200, 200, 0.25)) > 0).sum() * 0.25**2
    # an edge passes at most 2 cells a row or column that it crosses, and each is at most a whole cell wrong
    assert abs(covered - area(ring)) <= 2 * length(ring) * 0.25 + 4 * len(ring) * 0.25**2


@given(st.integers(-6, 16), st.integers(-6, 16), st.integers(1, 20))
def test_a_square_on_cell_edges_covers_just_its_cells_inside_the_grid(x, y, size):
    found = labels(polygons([square(x, y, size)]), blank())
    expected = np.zeros((8, 10), int)
    expected[max(0, 8 - y - size) : max(0, 8 - y), max(0, x) : max(0, x + size)] = 1
    np.testing.assert_array_equal(found, expected)


@given(st.floats(0, 10), st.floats(0, 8))
def test_triangles_of_a_rectangle_share_no_cell_and_leave_none(x, y):
    corners = [(0, 0), (10, 0), (10, 8), (0, 8)]
    middle = (x, y)
    pieces = [polygons([[a, b, middle, a]]) for a, b in zip(corners, [*corners[1:], corners[0]])]
    times = sum(labels(piece, blank()) for piece in pieces)
    np.testing.assert_array_equal(times, np.ones((8, 10), int))


def test_a_hole_is_left_out():
    found = labels(polygons([square(0, 0, 8), square(2, 2, 4)]), blank())
    assert (found > 0).sum() == 64 - 16


def test_the_direction_of_rings_does_not_matter():
    rings = [square(0, 0, 8), square(2, 2, 4)]
    turned = [rings[0][::-1], rings[1]]
    np.testing.assert_array_equal(labels(polygons(rings), blank()), labels(polygons(turned), blank()))


def test_parts_that_overlap_are_filled_once_each():
    shape = Geometries.build("polygon", [[[square(0, 0, 3)], [square(2, 2, 3)]]])
    assert (labels(shape, blank()) == 1).sum() == 9 + 9 - 1


def test_the_last_feature_counts_where_features_overlap():
    found = labels(polygons([square(0, 0, 4)], [square(2, 0, 4)]), blank())
    assert [(found == 1).sum(), (found == 2).sum()] == [8, 16]


def test_labels_count_empty_features_too():
    shape = Geometries.build("polygon", [[], [[square(0, 0, 1)]], []])
    assert labels(shape, blank()).max() == 2


def test_a_ring_left_open_is_closed():
    assert (labels(polygons([square(1, 1, 3)[:-1]]), blank()) > 0).sum() == 9


def test_a_polygon_between_cell_centres_covers_none():
    assert not labels(polygons([square(0.6, 0.6, 0.8)]), blank()).any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_part_with_a_coordinate_that_is_no_number_is_left_out(bad):
    broken = [(0, 0), (4, bad), (4, 4), (0, 0)]
    found = labels(polygons([broken], [square(0, 0, 2)]), blank())
    assert [(found == 1).sum(), (found == 2).sum()] == [0, 4]


def test_heights_do_not_matter():
    flat, raised = square(1, 1, 3), [(*xy, 7.0) for xy in square(1, 1, 3)]
    np.testing.assert_array_equal(labels(polygons([flat]), blank()), labels(polygons([raised]), blank()))


def test_no_features_cover_no_cell():
    assert not labels(Geometries.build("polygon", []), blank()).any()


def test_however_many_edges_and_cells_are_done_at_once_the_cells_are_the_same(monkeypatch):
    from dtwin_plugin.data import rasterise

    random = np.random.default_rng(7)
    corners = random.uniform(-5, 45, (30, 3, 2))
    triangles = Geometries.build("polygon", [[[[tuple(point) for point in triangle]]] for triangle in corners])
    grid = Grid(np.zeros((40, 35)), 0, 40, 1)
    whole = labels(triangles, grid)
    assert len(np.unique(whole)) > 15
    for edges, cells in ((1, 1), (7, 13), (50, 10_000)):
        monkeypatch.setattr(rasterise, "EDGES", edges)
        monkeypatch.setattr(rasterise, "CELLS", cells)
        np.testing.assert_array_equal(labels(triangles, grid), whole)
