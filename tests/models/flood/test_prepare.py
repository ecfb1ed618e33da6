"""Terrain for water: constructed terrains whose prepared heights are known."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood.terrain.prepare_model import FLOOD_TERRAIN
from dtwin_plugin.progress import Silent


def grid(z, size=1.0):
    return Grid(np.asarray(z, float), 0.0, len(z) * size, size)


def prepare(terrain, **given):
    values = {item.name: item.default for item in FLOOD_TERRAIN.inputs}
    values.update(terrain=terrain, **given)
    assert not [p for p in check(FLOOD_TERRAIN, values) if p.level == "error"]
    return FLOOD_TERRAIN.run(values, Silent())


def box(x_min, y_min, x_max, y_max):
    return [[[(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]]]


def base_map(*objects):
    shapes = Geometries.build("polygon", [shape for shape, _, _ in objects])
    columns = {
        "klasse": np.array([klasse for _, klasse, _ in objects], object),
        "relatieve_hoogteligging": np.array([level for _, _, level in objects]),
    }
    return Features(shapes, columns)


def lines(*found, **columns):
    shapes = Geometries.build("line", [[[line]] for line in found])
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def codes(made):
    return sorted(made["findings"].columns["code"].tolist())


def test_below_a_viaduct_the_road_is_drawn_through():
    """A road from west to east falls from 2 to 1 m; a deck of 10 m wide crosses it at 7 m."""
    z = np.full((40, 60), 5.0)
    road = np.linspace(2.0, 1.0, 60)
    z[15:25] = road
    z[:, 25:35] = 7.0
    objects = base_map(
        (box(0, 15, 60, 25), "wegdeel", 0),
        (box(0, 25, 60, 40), "begroeidterreindeel", 0),
        (box(0, 0, 60, 15), "begroeidterreindeel", 0),
        (box(25, 0, 35, 40), "wegdeel", 1),
    )
    made = prepare(grid(z), base_map=objects)
    ready = made["prepared"].values
    np.testing.assert_allclose(ready[15:25, 25:35], np.tile(road[25:35], (10, 1)), atol=2e-3)
    np.testing.assert_allclose(ready[:15, 25:35], 5.0, atol=1e-3)
    np.testing.assert_array_equal(ready[:, :25], z[:, :25].astype(np.float32))
    assert codes(made) == ["DT171"] and made["errors"] == 0
    assert made["change"].values[20, 30] == pytest.approx(road[30] - 7, abs=2e-3)


def test_what_passes_below_the_ground_is_opened_between_its_mouths():
    """A cycle path dips to 0 m below a road at 3 m."""
    z = np.full((30, 50), 3.0)
    z[13:17, 5:45] = 0.0
    z[:, 22:28] = 3.0
    objects = base_map(
        (box(0, 13, 22, 17), "wegdeel", 0),
        (box(28, 13, 50, 17), "wegdeel", 0),
        (box(22, 13, 28, 17), "wegdeel", -1),
        (box(22, 0, 28, 30), "wegdeel", 0),
    )
    made = prepare(grid(z), base_map=objects)
    np.testing.assert_allclose(made["prepared"].values[13:17, 22:28], 0.0, atol=1e-3)
    np.testing.assert_array_equal(made["prepared"].values[:13], z[:13].astype(np.float32))
    closed = prepare(grid(z), base_map=objects, longest=5.0)
    np.testing.assert_array_equal(closed["prepared"].values, z.astype(np.float32))
    assert codes(closed) == ["DT170"]


def test_water_below_a_bridge_gets_the_level_of_its_canal():
    """A canal without heights but for noise at -0.4 m; a bridge over it is in the terrain."""
    random = np.random.default_rng(2)
    z = np.full((30, 60), 1.0)
    z[10:20] = np.where(random.random((10, 60)) < 0.2, -0.4 + 0.02 * random.normal(size=(10, 60)), np.nan)
    z[:, 28:32] = 1.2
    objects = base_map(
        (box(0, 10, 60, 20), "waterdeel", 0),
        (box(28, 0, 32, 30), "overbruggingsdeel", 1),
        (box(0, 20, 60, 30), "wegdeel", 0),
        (box(0, 0, 60, 10), "wegdeel", 0),
    )
    made = prepare(grid(z), base_map=objects)
    ready = made["prepared"].values
    assert np.ptp(ready[10:20]) == 0 and ready[15, 30] == pytest.approx(-0.42, abs=0.03)
    np.testing.assert_allclose(ready[:10, 28:32], 1.0, atol=1e-3)
    assert codes(made) == ["DT171", "DT173", "DT175"]


def test_a_deck_that_the_terrain_leaves_out_already_changes_nothing():
    """The street below is there; a railway at its sides, of the same class, is no bed."""
    z = np.full((40, 60), 4.0)
    z[:, 25:35] = 0.5
    z[15:20, 28:30] = np.nan
    rail = "spoorbaan"
    objects = base_map(
        (box(25, 0, 35, 40), "wegdeel", 0),
        (box(0, 18, 25, 24), "wegdeel", 0),
        (box(35, 18, 60, 24), "wegdeel", 0),
        (box(25, 18, 35, 24), "wegdeel", 1),
    ).with_columns({"functie": np.array(["rijbaan lokale weg", rail, rail, rail], object)})
    made = prepare(grid(z), base_map=objects)
    np.testing.assert_allclose(made["prepared"].values[:, 25:35], 0.5, atol=1e-3)
    assert codes(made) == ["DT175"] and np.nanmax(np.abs(made["change"].values)) == 0


def test_water_that_is_nowhere_known_passes_below_its_bridge():
    z = np.full((20, 40), 2.0)
    z[8:12, :18], z[8:12, 22:] = np.nan, np.nan
    z[7, :] = 1.4
    objects = base_map((box(0, 8, 40, 12), "waterdeel", -1), (box(18, 0, 22, 20), "wegdeel", 0))
    made = prepare(grid(z), base_map=objects, longest=10.0)
    assert made["prepared"].values[10, 20] == 2.0  # not known where it comes up: it stays closed, and that is told
    assert "DT170" in codes(made)
    objects = base_map((box(0, 8, 40, 12), "waterdeel", 0), (box(18, 0, 22, 20), "overbruggingsdeel", 1))
    made = prepare(grid(z), base_map=objects)
    np.testing.assert_allclose(made["prepared"].values[8:12], 1.4, atol=1e-6)


def test_water_that_the_map_ends_at_its_bridge_passes_below_it():
    z = np.full((20, 40), 2.0)
    z[8:12, :18], z[8:12, 22:] = np.nan, np.nan
    z[7, :] = 1.4
    water = [(box(0, 8, 18, 12), "waterdeel", 0), (box(22, 8, 40, 12), "waterdeel", 0)]
    made = prepare(grid(z), base_map=base_map(*water, (box(18, 7, 22, 13), "overbruggingsdeel", 1)))
    np.testing.assert_allclose(made["prepared"].values[8:12], 1.4, atol=1e-6)
    assert made["errors"] == 0


def test_water_without_heights_lies_at_its_lowest_bank_and_says_so():
    z = np.full((20, 20), 2.0)
    z[5:15, 5:15] = np.nan
    z[4, :] = 1.5
    made = prepare(grid(z), base_map=base_map((box(5, 5, 15, 15), "waterdeel", 0)))
    assert made["prepared"].values[10, 10] == pytest.approx(1.5, abs=0.01)
    assert codes(made) == ["DT169", "DT173", "DT175"]


@pytest.mark.parametrize("level", [-0.35, "-0,35"])
def test_a_level_that_the_layer_has_counts(level):
    water = base_map((box(5, 5, 15, 15), "waterdeel", 0))
    water = water.with_columns({"peil": np.array([level], object)})
    z = np.full((20, 20), 2.0)
    z[5:15, 5:15] = -0.2
    made = prepare(grid(z), base_map=water)
    np.testing.assert_allclose(made["prepared"].values[5:15, 5:15], -0.35)


def test_uneven_water_is_told():
    z = np.full((20, 40), 2.0)
    z[5:15, 5:20], z[5:15, 20:35] = 0.0, 0.45
    made = prepare(grid(z), base_map=base_map((box(5, 5, 35, 15), "waterdeel", 0)))
    assert "DT168" in codes(made)


def test_a_bridge_over_what_nobody_knows_is_an_error():
    z = np.full((20, 20), 3.0)
    z[:, 8:12] = 5.0
    objects = base_map((box(8, 0, 12, 20), "wegdeel", 0), (box(8, 0, 12, 20), "overbruggingsdeel", 1))
    made = prepare(grid(z), base_map=objects)
    assert codes(made) == ["DT167", "DT171"] and made["errors"] == 1
    np.testing.assert_allclose(made["prepared"].values, 3.0, atol=1e-3)


def test_a_culvert_lets_water_through_a_dike():
    from dtwin_plugin.models.flood.scan.depressions import depressions_of, fill

    z = np.full((21, 41), 0.0)
    z += 0.001 * np.arange(41)[::-1]
    z[:, 18:23] = 2.0
    z[[0, -1]] = 3.0
    z[:, 0] = 3.0
    before = fill(depressions_of(z), 0.5).depth
    made = prepare(grid(z), culverts=lines([(16.5, 10.5), (24.5, 10.5)]))
    after = fill(depressions_of(made["prepared"].values), 0.5).depth
    assert before[10, 5] > 0.4 and after[10, 5] < 0.05
    assert codes(made) == ["DT172"]
    assert (made["change"].values != 0).sum() == 9 and (made["change"].values < -1).sum() == 5


def test_a_culvert_has_the_levels_that_are_given():
    z = np.full((5, 30), 2.0)
    culvert = lines([(5.5, 2.5), (24.5, 2.5)], bob1=[0.5], bob2=[0.1])
    made = prepare(grid(z), culverts=culvert, start_level="bob1", end_level="bob2")
    np.testing.assert_allclose(made["prepared"].values[2, 5:25], np.linspace(0.5, 0.1, 20), atol=0.011)
    high = lines([(5.5, 2.5), (24.5, 2.5)], bob1=[3.0], bob2=[0.1])
    made = prepare(grid(z), culverts=high, start_level="bob1", end_level="bob2")
    assert codes(made) == ["DT166", "DT172"] and made["errors"] == 1
    assert made["prepared"].values.max() == 2.0


@pytest.mark.parametrize("place", range(40, 44))
@pytest.mark.parametrize("turned", [False, True])
def test_a_thin_wall_holds_water_in_larger_cells(place, turned):
    """One cell of 0.5 m wide and 0.8 m high, on ground that falls 1 : 100, in cells of 2 m."""
    z = np.tile(0.005 * np.arange(80.0), (80, 1))
    z[:, place] += 0.8
    z = z.T if turned else z
    ready = prepare(grid(z, 0.5), cell_size=2.0)["prepared"].values
    ready = ready.T if turned else ready
    walls = (ready > ready.mean(axis=1, keepdims=True) + 0.5).sum(axis=1)
    assert (walls == 1).all()
    assert ready.max() == pytest.approx(0.8 + 0.005 * place, abs=1e-5)
    plain = prepare(grid(z, 0.5), cell_size=2.0, crest=0.0)["prepared"].values
    assert plain.max() < 0.6


def test_a_slanting_wall_has_no_gap():
    """No way of four directions through the coarse cells is lower than the wall."""
    from dtwin_plugin.models.flood.scan.depressions import depressions_of

    z = np.zeros((120, 120))
    for k in range(120):
        z[k, k // 2 + 20 : k // 2 + 22] = 1.0
    ready = prepare(grid(z, 0.5), cell_size=2.0)["prepared"].values
    from scipy import ndimage

    low, _ = ndimage.label(ready < 0.9)
    assert low[15, 0] != low[15, -1]
    assert depressions_of(ready) is not None


def test_a_ditch_keeps_its_level_in_cells_that_it_half_fills():
    z = np.full((24, 24), 2.0)
    z[:, 9:12] = 0.5
    ditch = base_map((box(4.5, 0, 6, 12), "waterdeel", 0))
    ready = prepare(grid(z, 0.5), base_map=ditch, cell_size=2.0)["prepared"].values
    np.testing.assert_array_equal(ready[:, 2], 0.5)
    np.testing.assert_array_equal(ready[:, [1, 3]], 2.0)


def test_a_slope_or_a_kerb_without_a_back_is_no_wall():
    z = np.tile(0.05 * np.arange(40.0), (40, 1))
    z[:, 20:] += 0.3
    ready = prepare(grid(z, 0.5), cell_size=2.0)["prepared"].values
    np.testing.assert_allclose(ready, z.reshape(10, 4, 10, 4).mean(axis=(1, 3)), atol=1e-5)


def test_walls_that_are_drawn_are_kept_at_their_top():
    z = np.zeros((20, 20))
    z[7, :] = 0.08  # a kerb lower than what is looked for
    kerb = prepare(grid(z, 0.5), cell_size=1.0, walls=lines([(0.1, 6.2), (9.9, 6.2)]))["prepared"].values
    np.testing.assert_allclose(kerb[3], 0.08, atol=1e-6)
    wall = lines([(5.2, 0.1), (5.2, 9.9)], top=[1.5])
    top = prepare(grid(np.zeros((20, 20)), 0.5), cell_size=1.0, walls=wall, wall_top="top")["prepared"].values
    np.testing.assert_array_equal(top[:, 5], 1.5)
    assert (top != 0).sum() == 10


def test_a_false_dam_is_cut_and_a_real_one_is_not():
    z = np.full((9, 30), 1.0)
    z[4] = 0.01 * np.arange(30)[::-1]
    z[4, 10] += 0.08
    z[4, 20] += 0.5
    made = prepare(grid(z), dam=0.1)
    assert codes(made) == ["DT174"]
    assert made["prepared"].values[4, 10] == pytest.approx(z[4, 9], abs=1e-6)
    assert made["prepared"].values[4, 20] == pytest.approx(z[4, 20])


def test_what_is_odd_is_listed_and_left():
    z = np.full((30, 30), 1.0)
    z[:3, :5] = np.nan
    z[10:12, 10] = 9.0
    z[20, 20] = -4.0
    z[15:20, 5:10] = np.nan
    island = Features(Geometries.build("polygon", [box(0, 28, 3, 30), box(20, 2, 25, 5)]))
    made = prepare(grid(z), buildings=island, spike=2.0)
    assert codes(made) == ["DT163", "DT164", "DT164", "DT165", "DT175"]
    assert made["prepared"].values[10, 10] == 9.0 and np.isnan(made["prepared"].values[0, 0])
    assert made["findings"].columns["severity"][0] == "error"
    assert made["open_findings"] == 4


def test_many_findings_of_a_kind_are_cut_short():
    z = np.zeros((120, 120))
    z[2::4, 2::4] = 5.0
    made = prepare(grid(z))
    assert codes(made).count("DT164") == 500 and codes(made).count("DT176") == 1
    assert "400 more findings with code DT164" in " ".join(made["findings"].columns["finding"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"terrain": grid(np.arange(100.0).reshape(10, 10) * 10)}, "DT177"),
        ({"terrain": grid(np.arange(100.0).reshape(10, 10) * 10.01)}, "DT103"),
        (
            {"base_map": Features(Geometries.build("polygon", [box(0, 0, 5, 5)]), {"class": np.array(["road"])})},
            "DT178",
        ),
        ({"culverts": lines([(0, 0), (5, 5)]), "start_level": "bob"}, "DT179"),
        ({"wall_top": "top"}, "DT179"),
    ],
)
def test_what_is_wrong_is_told_before(given, code):
    values = {item.name: item.default for item in FLOOD_TERRAIN.inputs}
    values.update({"terrain": grid(np.random.default_rng(1).random((10, 10))), **given})
    assert code in [p.code for p in check(FLOOD_TERRAIN, values)]


def test_a_terrain_below_nap_at_the_edge_of_the_world_is_no_exception():
    z = np.full((1, 7), -6.7)
    made = prepare(grid(z), culverts=lines([(-5.0, 0.5), (20.0, 0.5)]))
    np.testing.assert_allclose(made["prepared"].values, -6.7, rtol=1e-6)
