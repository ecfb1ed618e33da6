"""A terrain with roofs on it."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Grid, Surfaces
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight.roofs import with_roofs, without


def building(*rings):
    return Geometries.build("polygon", [[[list(ring)]] for ring in rings])


def test_a_saddle_roof_has_its_heights_and_its_ridge_and_walls_add_nothing():
    """Eaves at 3 m and ridge at 6 m over 8 m, at national coordinates."""
    x, y = 120_000.0, 486_000.0
    south = [(x, y, 3), (x + 10, y, 3), (x + 10, y + 4, 6), (x, y + 4, 6), (x, y, 3)]
    north = [(x, y + 4, 6), (x + 10, y + 4, 6), (x + 10, y + 8, 3), (x, y + 8, 3), (x, y + 4, 6)]
    wall = [(x, y, 0), (x + 10, y, 0), (x + 10, y, 3), (x, y, 3), (x, y, 0)]
    ground = Grid(np.full((20, 24), -1.0), x - 1, y + 9, 0.5, unit="m")
    found = with_roofs(ground, [building(south, north, wall)])
    rows = y + 9 - (np.arange(20) + 0.5) * 0.5
    expected = np.where((rows > y) & (rows < y + 8), 6 - 0.75 * np.abs(rows - (y + 4)), -1.0)
    np.testing.assert_allclose(found.values[:, 10], expected, atol=1e-5)
    assert (found.values[:, [0, 1, 22, 23]] == -1).all() and (found.values[2:18, 2:22] > 3).all()
    assert ground.values.max() == -1  # what was given is left alone


def test_what_is_highest_counts_and_a_hole_in_the_terrain_is_filled_by_a_roof():
    flat = [(0, 0, 2), (4, 0, 2), (4, 4, 2), (0, 4, 2), (0, 0, 2)]
    high = [(2, 0, 9), (4, 0, 9), (4, 4, 9), (2, 4, 9), (2, 0, 9)]
    heights = np.full((4, 5), np.nan)
    heights[0, 0] = 30.0
    found = with_roofs(Grid(heights, 0, 4, 1.0, unit="m"), [building(high), building(flat)]).values
    assert found[0, 0] == 30 and (found[1:, :2] == 2).all() and (found[:, 2:4] == 9).all()
    assert np.isnan(found[:, 4]).all()


def test_footprints_without_heights_are_refused():
    flat = Geometries.build("polygon", [[[[(0, 0), (2, 0), (2, 4), (0, 4), (0, 0)]]]])
    with pytest.raises(InputError, match="without heights"):
        with_roofs(Grid(np.zeros((4, 4)), 0, 4, 1.0, unit="m"), [flat])


def test_what_is_removed_leaves_the_terrain():
    terrain, surface = Grid(np.zeros((4, 4)), 0, 4, 1.0, unit="m"), Grid(np.full((4, 4), 8.0), 0, 4, 1.0, unit="m")
    half = Geometries.build("polygon", [[[[(0, 0), (2, 0), (2, 4), (0, 4), (0, 0)]]]])
    assert without(surface, terrain, half).values.tolist() == [[0, 0, 8, 8]] * 4


def test_the_drawing_of_many_triangles_leaves_no_gap(shared):
    """A real tile of the 3DBAG: over each middle in a footprint lies a roof."""
    from dtwin_plugin.data.footprints import outlines
    from dtwin_plugin.data.rasterise import labels
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.sources.registry import find

    path = next(p for p in sorted((shared / "cityjson").rglob("*.city.json*")) if "3dbag" in str(p).lower())
    pieces = list(find(path).load()(path).read(None, Silent()))
    surfaces = Surfaces.concatenate(pieces)
    lods = np.array([str(lod) for lod in surfaces.columns["lod"]])[surfaces.objects]
    if (lods == "2.2").any():
        surfaces = surfaces.take(np.flatnonzero(lods == "2.2"))
    box = surfaces.extent
    shape = int(np.ceil((box.y_max - box.y_min) / 0.5)), int(np.ceil((box.x_max - box.x_min) / 0.5))
    grid = Grid(np.full(shape, np.nan), box.x_min, box.y_max, 0.5, unit="m")
    roofs = surfaces.take(np.flatnonzero(surfaces.semantics == "RoofSurface"))
    if not len(roofs):
        pytest.skip("this file has no roofs")
    covered = labels(outlines(surfaces)[0], grid) > 0
    drawn = np.isfinite(with_roofs(grid, [roofs.geometries]).values)
    assert covered.sum() > 1000
    assert (covered & ~drawn).mean() < 0.002 * covered.mean() + 1e-5  # roofs of the 3DBAG stop some cm within walls
