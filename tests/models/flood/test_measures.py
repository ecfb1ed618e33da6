"""Measures change what they should and nothing else, and cost what the table says; a difference is one."""

import csv

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.ground import ground_of
from dtwin_plugin.models.flood.measures.measures_table import KINDS, measures_table
from dtwin_plugin.models.flood.sewers.sewer_districts import sewer_of
from dtwin_plugin.models.flood.structures.structures_table import structures_of
from dtwin_plugin.paths import plugin_file
from dtwin_plugin.progress import Silent

MODEL, DIFFERENCE = MODELS["floodmeasures"], MODELS["flooddifference"]


def ground(rows=10, columns=20):
    return Grid(np.zeros((rows, columns)), 0, rows, 1.0, unit="m")


def polygons(*boxes, **columns):
    shapes = [[[[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]]] for x, y, w, h in boxes]
    return Features(Geometries.build("polygon", shapes), {name: np.array(one, object) for name, one in columns.items()})


def values(model=MODEL, **given):
    found = {item.name: item.default for item in model.inputs}
    return {**found, **({"terrain": ground()} if model is MODEL else {}), **given}


def run(**given):
    return MODEL.run(values(**given), Silent())


def test_each_measure_changes_its_own_layer():
    made = run(
        measures=polygons(
            (0, 0, 2, 2), (4, 0, 2, 2), (8, 0, 2, 2), (12, 0, 2, 2), (16, 0, 2, 2),
            type=["groendak", "wadi", "lowered street", "permeable_paving", "Krat"],
            storage_mm=[40, None, None, 60, None], depth=[None, 0.25, 0.1, None, None],
            infiltration_mmh=[None, 30, None, None, 80], volume=[None, None, None, None, 2],
        ),
        infiltration=20.0,
    )  # fmt: skip
    terrain = made["new_terrain"].values
    assert terrain[9, [0, 4, 8, 12, 16]].tolist() == pytest.approx([0, -0.25, -0.1, 0, 0])
    capacity = made["new_infiltration_capacity"].values
    # where the number of the run is more, it holds
    assert capacity[9, [0, 4, 8, 12, 16]].tolist() == pytest.approx([20, 30, 20, 40, 80])
    storage = made["new_soil_storage"].values
    # 2 m3 below 4 m2 are 500 mm; the rest has no limit
    assert storage[9, [12, 16]].tolist() == pytest.approx([60, 500]) and np.isnan(storage[9, [0, 4, 8]]).all()
    assert made["new_interception_map"].values[9, 0] == 40 and np.isnan(made["new_interception_map"].values[9, 4])
    # of the mean costs 90, 75, 175 and 95 EUR per m2 of 4 m2, and 400 EUR per m3 of 2 m3
    assert made["costs"]["cost_mean"] == pytest.approx([360, 300, 700, 380, 800])
    assert made["cost"] == pytest.approx(2540) and set(made["costs"]["confirmed"]) == {"no"}
    assert "new_structures" not in made and "new_landcover" not in made


def test_a_wadi_is_level_and_below_all_ground_around():
    terrain = ground()
    terrain.values[:, :] = np.linspace(0, 1, 20)
    made = run(terrain=terrain, measures=polygons((4, 4, 4, 4), type=["wadi"]))
    inside = made["new_terrain"].values[2:6, 4:8]
    assert np.unique(inside).size == 1 and inside[0, 0] == pytest.approx(terrain.values[0, 4] - 0.3)
    assert (made["new_terrain"].values[:2] == terrain.values[:2]).all()
    assert (terrain.values[2:6, 4:8] >= 0).all()  # what came in is as it was


def test_a_soil_that_holds_something_holds_more():
    made = run(
        measures=polygons((0, 0, 2, 2), type=["crates"], volume=[1]),
        soil_storage=Grid(np.full((10, 20), 30.0), 0, 10, 1.0),
    )
    assert made["new_soil_storage"].values[9, 0] == pytest.approx(30 + 250)


def test_barriers_are_levees_beside_the_structures_of_the_run():
    line = Features(
        Geometries.build("line", [[[[(0, 5), (20, 5)]]]]),
        {"type": np.array(["drempel"], object), "height": np.array([0.4])},
    )
    culvert = Features(
        Geometries.build("line", [[[[(0, 1), (9, 1)]]]]),
        {"type": np.array(["culvert"], object), "width": np.array([0.5])},
    )
    made = run(measure_lines=line, structures=culvert)
    assert made["new_structures"].columns["type"].tolist() == ["culvert", "levee"]
    assert made["new_structures"].columns["raise"][1] == 0.4
    assert made["cost"] == pytest.approx(20 * 350)


def test_thresholds_are_raised_where_they_are_drawn():
    boxes = (1, 1, 2, 2), (6, 1, 2, 2), (11, 1, 2, 2), (14, 1, 2, 2)
    buildings = polygons(*boxes, drempel=[None, "0,3", 0.1, "low"])
    area = polygons((0, 0, 9, 9), type=["raised_threshold"], height=[0.2])
    made = run(buildings=buildings, measures=area)
    assert made["new_buildings"].columns["drempel"].tolist() == pytest.approx([0.35, 0.5, 0.1, 0.15])
    assert made["costs"]["quantity"] == [2.0] and made["cost"] == 3000


@pytest.mark.parametrize(
    ("storage", "expected"),
    [(None, np.nan), (7.0, 17.0)],
)
def test_a_larger_sewer_adds_to_what_its_district_has(storage, expected):
    districts = polygons((0, 0, 10, 10), (10, 0, 10, 10), name=["a", "b"])
    area = polygons((2, 2, 7, 7), type=["groter riool"], storage_mm=[10], capacity_mmh=[5])
    made = run(sewer_districts=districts, measures=area, sewer_storage=storage)["new_sewer_districts"].columns
    # the other one keeps to the rule of the run
    assert made["capacity_mmh"].tolist() == pytest.approx([25, np.nan], nan_ok=True)
    assert made["storage_mm"].tolist() == pytest.approx([expected, np.nan], nan_ok=True)
    found = {
        problem.code
        for problem in check(MODEL, values(sewer_districts=districts, measures=area, sewer_storage=storage))
    }
    assert ("DT191" in found) == (storage is None)


def test_districts_with_dutch_columns_keep_what_they_hold():
    """7 mm and 30 mm/h of each district, and 12 m3 of one: 10 mm and 10 mm/h more for those in the area."""
    sizes = {"berging_mm": [7, 7, None], "capaciteit_mmh": ["30,5", 30, 30], "berging_m3": [None, None, 12.0]}
    districts = polygons((0, 0, 6, 10), (6, 0, 6, 10), (12, 0, 8, 10), **sizes)
    area = polygons((0, 0, 6, 10), (12, 0, 8, 10), type=["groter riool"] * 2)
    made = run(sewer_districts=districts, measures=area)["new_sewer_districts"]
    given = {**{item.name: item.default for item in FLOOD.inputs}, "sewer_districts": made}
    sewer = sewer_of(given, ground_of({**given, "terrain": ground()}), None)
    assert sewer.storage == pytest.approx([17 * 0.06, 7 * 0.06, 12 + 10 * 0.08])
    assert sewer.rate[5, [2, 8, 15]] * 3.6e6 == pytest.approx([40.5, 30, 40])


def test_a_barrier_joins_structures_with_dutch_columns():
    line = Geometries.build("line", [[[[(0, 5), (20, 5)]]]])
    weir = Features(line, {"soort": np.array(["stuw"], object), "kruinhoogte": np.array(["1,5"], object),
                           "breedte": np.array([2.0])})  # fmt: skip
    wall = Features(line, {"type": np.array(["barrier"], object)})
    found = structures_of(run(structures=weir, measure_lines=wall)["new_structures"])
    assert [(item.kind, item.values["crest"], item.values["raise"]) for item in found][0][:2] == ("weir", 1.5)
    assert found[1].kind == "levee" and found[1].values["raise"] == 0.3


def test_a_larger_sewer_without_the_middle_of_a_district_is_one_more():
    districts = polygons((0, 0, 20, 10), capacity_mmh=[12])
    area = polygons((0, 0, 4, 4), type=["larger_sewer"])
    made = run(sewer_districts=districts, measures=area)["new_sewer_districts"].columns
    assert made["capacity_mmh"].tolist() == [12, 22]
    alone = run(measures=area)["new_sewer_districts"].columns
    assert alone["capacity_mmh"].tolist() == [10] and alone["storage_mm"].tolist() == [10]


def test_what_soaks_lies_above_the_land_cover():
    cover = polygons((0, 0, 20, 10), klasse=["wegdeel"])
    made = run(landcover=cover, measures=polygons((0, 0, 4, 4), (5, 5, 2, 2), type=["wadi", "lowered_street"]))
    assert made["new_landcover"].columns["klasse"].tolist() == ["wegdeel", "maatregel"]


def test_a_flood_run_takes_what_the_measures_give():
    flood = MODELS["flood"]
    y, x = np.mgrid[0:10, 0:20]
    terrain = Grid(0.02 * np.abs(x - 10), 0, 10, 1.0, unit="m")
    made = run(
        terrain=terrain,
        measures=polygons((8, 0, 4, 10), type=["crates"], volume=[5], infiltration_mmh=[400]),
        infiltration=0.0,
    )
    base = {item.name: item.default for item in flood.inputs}
    base.update(boundary="closed", infiltration=0.0, after=0.0, rain=50.0)
    before = flood.run({**base, "terrain": terrain}, Silent())
    names = ("infiltration_capacity", "soil_storage")
    after = flood.run({**base, "terrain": made["new_terrain"], **{n: made[f"new_{n}"] for n in names}}, Silent())
    taken = dict(zip(after["balance"]["term"], after["balance"]["volume"]))["infiltration"]
    assert taken == pytest.approx(5.0, rel=1e-4)  # the crates are full: 10 m3 fell
    found = DIFFERENCE.run(
        values(DIFFERENCE, before=before["depth_max"], after=after["depth_max"], cost=made["cost"]), Silent()
    )
    assert found["volume_less"] > 4 and found["cost_per_m3"] == pytest.approx(2000 / found["volume_less"])
    assert np.nanmax(found["difference"].values) < 1e-3


def test_wrong_measures_are_listed():
    wrong = polygons((0, 0, 2, 2), (3, 0, 2, 2), (90, 0, 2, 2), type=["vijver", "wadi", "wadi"], depth=[1, 30, 0.3])
    assert [problem.code for problem in check(MODEL, values(measures=wrong))] == ["DT188", "DT189", "DT190"]
    text = polygons((0, 0, 2, 2), type=["wadi"], depth=["deep"])
    assert [problem.code for problem in check(MODEL, values(measures=text))] == ["DT189"]
    assert [(problem.code, problem.level) for problem in check(MODEL, values())] == [("DT185", "warning")]


def test_every_kind_has_a_row_with_its_source():
    assert set(measures_table()) == set(KINDS)
    with plugin_file("resources", "flood", "measures.csv").open(encoding="utf-8") as stream:
        assert all(row["source"] and row["confirmed"] in ("yes", "no") for row in csv.DictReader(stream))


def test_a_table_with_an_unknown_kind_is_one_sentence(tmp_path):
    text = "type,size,default,cost_low,cost_mean,cost_high,cost_unit\npond,depth,1,1,1,1,m2\n"
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(InputError, match="pond"):
        measures_table(tmp_path / "mine.csv")


def test_a_difference_has_areas_by_class_and_changes_of_objects():
    before, after = np.full((10, 20), 0.2), np.full((10, 20), 0.2)
    after[:, :5] = 0.05  # 50 m2 much less
    after[:, 15:] = 0.25  # 50 m2 more
    buildings = polygons((2, 4, 2, 2), (9, 4, 2, 2), (17, 4, 2, 2))
    made = DIFFERENCE.run(
        values(DIFFERENCE, before=Grid(before, 0, 10, 1.0), after=Grid(after, 0, 10, 1.0), buildings=buildings,
               roads=polygons((0, 0, 4, 9))), Silent())  # fmt: skip
    assert made["building_change"].columns["change"].tolist() == ["much less", "same", "more"]
    assert made["road_change"].columns["depth_change"].tolist() == pytest.approx([-0.15])
    rows = dict(zip(made["statistics"]["term"], made["statistics"]["value"]))
    assert rows["area with much less water"] == rows["area with more water"] == 50
    assert rows["area deeper than 0.15 m, before"] == 200 and rows["area deeper than 0.15 m, after"] == 150
    assert made["volume_less"] == pytest.approx(50 * 0.15 - 50 * 0.05, rel=1e-5) and "cost_per_m3" not in made


def test_water_in_a_wadi_is_not_on_the_street():
    before, after = np.full((10, 20), 0.2), np.full((10, 20), 0.1)
    after[:, :5] = 0.6  # the wadi is full
    grids = {"before": Grid(before, 0, 10, 1.0), "after": Grid(after, 0, 10, 1.0)}
    wadi = polygons((0, 0, 5, 10))
    made = DIFFERENCE.run(values(DIFFERENCE, **grids, leave_out=wadi, cost=300.0), Silent())
    assert made["volume_less"] == pytest.approx(15.0, rel=1e-5) and made["cost_per_m3"] == pytest.approx(20, rel=1e-5)


def test_without_measures_come_the_layers_of_the_run_without_them():
    made = run(infiltration=12.0)
    assert (made["new_infiltration_capacity"].values == 12).all() and (made["new_terrain"].values == 0).all()
    assert made["cost"] == 0 and "new_soil_storage" not in made


def test_results_of_two_places_are_not_compared():
    there = Grid(np.zeros((4, 4)), 1000, 1000, 1.0)
    found = check(DIFFERENCE, values(DIFFERENCE, before=ground(), after=there))
    assert found[0].level == "error" and found[0].code in ("DT008", "DT187")
