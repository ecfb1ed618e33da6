import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.excavation_model import EXCAVATION
from dtwin_plugin.models.subsurface.ground_models import INFILTRATION, SETTLEMENT
from dtwin_plugin.models.subsurface.settlement import Columns, bjerrum_strain, effective_stress
from dtwin_plugin.models.subsurface.soil_table import COLUMNS, soil_table
from dtwin_plugin.progress import Silent

NAMES = tuple(LITHOCLASSES.values())
CLAY, SAND, PEAT = 2, 6, 1
FLAT = Grid(np.zeros((40, 40)), -20.0, 20.0, 1.0)  # ground at NAP


def soil(layers, thickness=0.5, cells=(4, 4), size=10.0):
    """Return columns that are all alike; layers from the top, which is at NAP."""
    classes = np.broadcast_to(np.array(layers[::-1], np.int16), (*cells, len(layers))).copy()
    return Voxels(classes, None, -20.0, -20.0, -thickness * len(layers), (size, size, thickness), NAMES)


def run(model, **values):
    defaults = {item.name: item.default for item in model.inputs}
    return model.run({**defaults, "terrain": FLAT, **values}, Silent())


def square(low, high):
    ring = [(low, low), (high, low), (high, high), (low, high), (low, low)]
    return Features(Geometries.build("polygon", [[[ring]]]))


def own_table(**changes):
    """Return the table that ships as rows, with columns replaced."""
    rows = {name: [1.0] * 10 for name in COLUMNS}
    rows.update({"lithoclass": list(range(10)), "ocr": [1.0] * 10, "weight": [20.0] * 10, "weight_wet": [20.0] * 10})
    rows.update({name: [value] * 10 for name, value in changes.items()})
    return rows


def test_a_worked_example_of_a_textbook_for_clay_under_a_foundation():
    """4 m of clay, e0 = 0.90, Cc = 0.30, from 120 to 180 kPa: 4 x 0.30 / 1.90 x lg(1.5) = 0.1112 m."""
    cr = np.array([0.30 / 1.90])
    zero, one = np.zeros(1), np.ones(1)
    assert 4 * bjerrum_strain(120 * one, 180 * one, 1e4, cr, zero, zero, one)[0] == pytest.approx(0.1112, abs=5e-5)


def test_an_overconsolidated_layer_goes_over_the_bend():
    """RR lg(p / s0) + CR lg(s1 / p) by hand: s0 = 50, p = 80, s1 = 100 kPa, RR = 0.02, CR = 0.15."""
    one = np.ones(1)
    found = bjerrum_strain(50 * one, 100 * one, 1.0, 0.15 * one, 0.02 * one, 0 * one, 1.6 * one)[0]
    assert found == pytest.approx(0.02 * np.log10(80 / 50) + 0.15 * np.log10(100 / 80), rel=1e-12)


def test_isotaches_are_the_formula_of_the_norm_where_the_stress_passes_the_past_one():
    """The difference is Ca lg(1 + tau / t), here tau / t < 1e-4: below 5e-5 Ca."""
    one = np.ones(1)
    days, cr, rr, ca = 1e4, 0.15, 0.03, 0.006
    found = bjerrum_strain(50 * one, 120 * one, days, cr * one, rr * one, ca * one, 1.3 * one)[0]
    norm = rr * np.log10(1.3) + cr * np.log10(120 / 65) + ca * np.log10(days)
    assert found == pytest.approx(norm, abs=5e-5 * ca)


def test_the_stress_of_a_column_is_that_of_hand_arithmetic():
    columns = Columns(np.full((1, 4), SAND), np.array([-0.5, -1.5, -2.5, -3.5]), 1.0, np.array([0.0]))
    found = effective_stress(columns, soil_table(), np.array([-1.5]), 10.0)
    # sand: 18 above the water and 20 below; the water at -1.5 m NAP, 9.81 kN/m3
    expected = [9, 27, 18 * 1.5 + 20 * 1.0 - 9.81, 18 * 1.5 + 20 * 2.0 - 2 * 9.81]
    assert found[0] == pytest.approx(np.array(expected) + 10)


def test_ponded_water_weighs_nothing_on_the_grains():
    columns = Columns(np.full((1, 2), CLAY), np.array([-0.5, -1.5]), 1.0, np.array([0.0]))
    at_ground, pond = (effective_stress(columns, soil_table(), np.array([level])) for level in (0.0, 3.0))
    assert pond == pytest.approx(at_ground)


@pytest.mark.parametrize("method", ["bjerrum", "koppejan"])
def test_nothing_changed_without_creep_settles_nothing_and_load_is_monotonous(method):
    table = own_table(ca=0.0, cs_before="", cs_after="", cr=0.2, rr=0.05, cp_before=40, cp_after=10)
    ground = soil([CLAY] * 8)
    found = [run(SETTLEMENT, soil=ground, soils=table, method=method, load=load)["most"] for load in (0, 5, 20)]
    assert found[0] == pytest.approx(0, abs=1e-12) and 0 < found[1] < found[2]


def test_lower_groundwater_settles_and_higher_lifts():
    table = own_table(ca=0.0, cr=0.2, rr=0.05)
    most = [run(SETTLEMENT, soil=soil([PEAT] * 8), soils=table, lowering=value)["most"] for value in (-0.5, 0.5)]
    assert most[0] < 0 < most[1]


def test_sand_settles_far_less_than_peat_and_the_terrain_sinks_with_it():
    peat, sand = (run(SETTLEMENT, soil=soil([code] * 8), load=10.0) for code in (PEAT, SAND))
    assert sand["most"] < 0.02 < 0.2 < peat["most"]
    assert peat["new_terrain"].values == pytest.approx(-peat["settlement"].sample([0], [0])[0])


def test_only_what_is_loaded_settles_by_the_load():
    found = run(SETTLEMENT, soil=soil([PEAT] * 8), load=10.0, areas=square(-20, 0))
    added = found["settlement"].values - found["without"].values
    assert (added[2:, :2] > 0.05).all() and added[:2, 2:] == pytest.approx(0.0, abs=1e-6)


def test_a_pipe_in_the_sand_below_the_peat_stays_where_one_in_the_peat_sinks():
    ground = soil([PEAT] * 4 + [SAND] * 4)
    shapes = Geometries.build("line", [[[[(0, 0, z), (5, 0, z)]]] for z in (-0.001, -1.0, -3.5)])
    table = own_table(ca=0.0, cr=0.0, rr=0.0)
    table["cr"][PEAT] = 0.3
    table["rr"][PEAT] = 0.3
    found = run(SETTLEMENT, soil=ground, soils=table, load=10.0, lines=Features(shapes))
    most = found["new_lines"].columns["settlement_most"]
    assert most[0] == pytest.approx(found["most"], rel=0.01) and most[0] > most[1] > 0 and most[2] == 0
    assert found["new_lines"].geometries.coordinates[:2, 2] == pytest.approx(-0.001 - most[0])


def test_soil_that_is_not_known_gives_no_number():
    ground = soil([CLAY] * 8)
    ground.classes[0, 0, 3] = -1
    found = run(SETTLEMENT, soil=ground, load=10.0)["settlement"].values
    assert np.isnan(found[-1, 0]) and np.isfinite(found).sum() == 15


def test_ground_that_lies_a_little_above_the_voxels_is_of_the_highest_soil():
    """GeoTOP ends at one height for 100 x 100 m; AHN goes up and down around it."""
    for ground, top in ((soil([-1] * 6 + [CLAY] * 8), -3.0), (soil([CLAY] * 8), 0.0)):
        for above in (0.3, 2.0):
            terrain = Grid(np.full((40, 40), top + above), -20.0, 20.0, 1.0)
            assert np.isfinite(run(SETTLEMENT, soil=ground, terrain=terrain, load=10.0)["settlement"].values).all()
            storage = run(INFILTRATION, soil=ground, terrain=terrain, groundwater=1.0)["storage"].values
            assert storage == pytest.approx(450.0)  # a metre of clay
        for above in (2.1, 9.0):
            terrain = Grid(np.full((40, 40), top + above), -20.0, 20.0, 1.0)
            with pytest.raises(InputError, match="not known"):
                run(SETTLEMENT, soil=ground, terrain=terrain, load=10.0)


def test_the_ground_of_a_column_is_the_mean_of_what_the_terrain_has_there():
    rough = FLAT.values.copy()
    rough[::2] += 0.4
    rough[4:6] = np.nan  # a building in the middle of the upper columns
    even = Grid(np.full((40, 40), 0.2), -20.0, 20.0, 1.0)
    first, second = (run(INFILTRATION, soil=soil([-1] + [SAND] * 6), terrain=t)["storage"].values
                     for t in (Grid(rough, -20.0, 20.0, 1.0), even))  # fmt: skip
    assert first == pytest.approx(second)


def dig(**values):
    return run(EXCAVATION, **{"outline": square(-5.0, 5.03), "bottom": -3.0, **values})


def test_a_box_is_exact():
    assert dig()["volume"] == pytest.approx(3 * 10.03**2, rel=1e-6)


@pytest.mark.parametrize("cell_size", [0.5, 0.25])
def test_a_pit_with_sloping_sides_is_exact_to_a_thousandth(cell_size):
    """A frustum with round corners: V = A d + P n d^2 / 2 + pi n^2 d^3 / 3 for a square of area A and perimeter P."""
    side, depth, slope = 10.03, 3.0, 1.5
    expected = side**2 * depth + 4 * side * slope * depth**2 / 2 + np.pi * slope**2 * depth**3 / 3
    assert dig(slope=slope, cell_size=cell_size)["volume"] == pytest.approx(expected, rel=1e-3)


def test_below_a_plane_the_mean_depth_counts():
    tilted = Grid(np.tile(np.arange(40) * 0.05, (40, 1)), -20.0, 20.0, 1.0)  # 0.025 + 0.05 (x + 20) - ...
    found = dig(terrain=tilted, outline=square(-5.0, 5.0))["volume"]
    assert found == pytest.approx(100 * (3 + 0.05 * 19.5), rel=1e-6)  # the plane is 0.975 m NAP at x = 0


def test_volumes_by_class_add_up_and_are_those_of_the_layers():
    found = dig(soil=soil([CLAY] * 2 + [SAND] * 6), outline=square(-5.0, 5.0), slope=1.0)
    volumes = dict(zip(found["balance"]["lithoclass"], found["balance"]["volume"]))
    assert sum(volumes.values()) == pytest.approx(found["volume"]) and set(volumes) == {CLAY, SAND}
    # The clay is the upper metre: from 2 to 3 m above the bottom.
    part = lambda d: 100 * d + 40 * d**2 / 2 + np.pi * d**3 / 3  # noqa: E731
    assert volumes[CLAY] == pytest.approx(part(3) - part(2), rel=1e-3)
    assert found["backfill"] + found["surplus"] == pytest.approx(found["volume"])
    assert found["surplus"] == pytest.approx(300, rel=1e-6)


def test_a_pit_that_the_terrain_does_not_cover_is_refused_and_not_dug_at_the_height_of_its_edge():
    with pytest.raises(InputError, match="no heights in a part of the pit"):
        dig(terrain=Grid(np.zeros((40, 20)), -20.0, 20.0, 1.0))  # ends at x = 0, in the middle of the pit


@pytest.mark.parametrize(("values", "sentence"), [
    ({"bottom": 2.0}, "lies nowhere below the ground"),
    ({"terrain": Grid(np.full((4, 4), np.nan), 0, 4, 1.0)}, "no terrain around it"),
    ({"cell_size": 0.001}, "choose larger cells"),
])  # fmt: skip
def test_a_pit_that_cannot_be_is_one_sentence(values, sentence):
    with pytest.raises(InputError, match=sentence):
        dig(**values)


def test_water_sinks_through_the_slowest_and_fills_the_pores():
    found = run(INFILTRATION, soil=soil([SAND, CLAY]), groundwater=1.0)
    assert found["capacity"].values == pytest.approx(0.4165, abs=1e-4)  # half a metre of each, as in the doctest
    assert found["storage"].values == pytest.approx(500 * 0.35 + 500 * 0.45)
    wet = run(INFILTRATION, soil=soil([SAND, CLAY]), groundwater=0.0)
    assert (wet["capacity"].values == 0).all() and (wet["storage"].values == 0).all()


def test_classes_that_are_no_soil_are_refused():
    from dataclasses import replace

    with pytest.raises(InputError, match="no lithoclasses"):
        run(INFILTRATION, soil=replace(soil([SAND]), names=tuple(f"x{n}" for n in range(10))))


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"cr": "much"}, "much for cr"), ({"porosity": 0}, "0 for porosity"), ({"lithoclass": 12}, "the class 12")
])  # fmt: skip
def test_a_table_that_cannot_be_is_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        soil_table(own_table(**changes))
