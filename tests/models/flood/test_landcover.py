"""Land cover: every class does to water what its row of the table says, and what has no row is told beforehand."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.csv_table import rows_of, shipped
from dtwin_plugin.models.flood import FLOOD, FLOOD_SURFACE
from dtwin_plugin.models.flood.surface.landcover import classes_on, cover_of
from dtwin_plugin.models.flood.surface.landcover_table import cover_table, rows_for
from dtwin_plugin.models.flood.surface.taking import taking_of
from dtwin_plugin.progress import Silent

FLAT = Grid(np.full((8, 8), -1.0), 100.0, 208.0, 1.0, unit="m")
MM = 1e-3
HOUR = 3600.0


def values_of(model=FLOOD, **values):
    defaults = {item.name: item.default for item in model.inputs}
    return {**defaults, "terrain": FLAT, "boundary": "closed", "after": 0.0, "threads": 1, **values}


def rectangle(left, bottom, right, top):
    return [[[(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]]]


def covers(*rows):
    """Return features from (left, bottom, right, top, klasse, fysiek_voorkomen, level)."""
    columns = {
        "klasse": np.array([row[4] for row in rows], object),
        "fysiek_voorkomen": np.array([row[5] for row in rows], object),
        "relatieve_hoogteligging": np.array([row[6] for row in rows], object),
    }
    return Features(Geometries.build("polygon", [rectangle(*row[:4]) for row in rows]), columns)


STREET = (100, 200, 108, 204, "wegdeel", "gesloten verharding", 0)  # the southern half
GARDEN = (100, 204, 108, 208, "begroeidterreindeel", "groenvoorziening", "0")
TOWN = covers(STREET, GARDEN, (102, 205, 105, 208, "pand", None, 0))


def name_at(features, row, column, covered=None):
    number = classes_on(features, rows_for(features, cover_table()), cover_table(), FLAT, covered)[row, column]
    return cover_table()[number].name if number >= 0 else None


def flood(**values):
    given = values_of(**values)
    assert not [problem for problem in check(FLOOD, given) if problem.level == "error"]
    found = FLOOD.run(given, Silent())
    assert found["mass_error"] < 1e-6
    return found


def volume(found, term="infiltration"):
    return dict(zip(found["balance"]["term"], found["balance"]["volume"]))[term]


# --- the table ---


def test_every_row_of_the_table_has_a_source_and_every_class_a_row_for_all_its_values():
    rows = rows_of(shipped("flood", "landcover.csv"), ("klasse", "source", "confirmed"))
    assert all(row["source"] and row["confirmed"] in ("yes", "no") for row in rows)
    table = cover_table()
    assert {row.klasse for row in table} == {row.klasse for row in table if not row.column}
    for row in table:
        assert row.name and (not row.counts or 0.01 <= row.roughness <= 0.1)


def test_paving_is_smooth_and_tight_and_green_is_not():
    rows = {row.name: row for row in cover_table()}
    assert rows["closed paving"].roughness < rows["open paving"].roughness < rows["green"].roughness
    assert rows["closed paving"].infiltration == 0 < rows["open paving"].infiltration < rows["green"].infiltration
    assert rows["roof"].sewer == rows["closed paving"].sewer == 1 and rows["green"].sewer == 0


@pytest.mark.parametrize(("text", "message"), [
    ("klasse,column\na,b\n", "no column value, name, roughness"),
    ("klasse,column,value,name,roughness,interception,infiltration,sewer,soil\na,,,x,0,1,1,1,no\n", "'0' for rough"),
    ("klasse,column,value,name,roughness,interception,infiltration,sewer,soil\na,,,x,.1,1,1,2,no\n", "'2' for sewer"),
    ("klasse,column,value,name,roughness,interception,infiltration,sewer,soil\n" + "a,,,x,.1,1,1,1,no\n" * 2, "twice"),
])  # fmt: skip
def test_a_table_that_cannot_be_is_named(tmp_path, text, message):
    table = tmp_path / "own.csv"
    table.write_text(text)
    with pytest.raises(InputError, match=message):
        cover_table(table)
    found = [p for p in check(FLOOD, values_of(landcover=TOWN, landcover_table=table)) if p.code == "DT130"]
    assert len(found) == 1 and found[0].level == "error"


# --- polygons to cells ---


def test_the_ground_level_counts_whatever_comes_last():
    water = (100, 200, 108, 208, "waterdeel", None, 0)
    bridge = (100, 202, 108, 206, "overbruggingsdeel", None, 1)
    tunnel = (100, 202, 108, 206, "tunneldeel", None, -1)
    for rows in ((water, bridge), (bridge, water)):
        assert name_at(covers(*rows), 4, 4) == "water"
    for rows in ((tunnel, bridge), (bridge, tunnel)):
        assert name_at(covers(*rows), 4, 4) == "closed, no sewer"
    high = (100, 202, 108, 206, "begroeidterreindeel", None, 2)
    assert name_at(covers(high, bridge), 4, 4) == "closed, no sewer"


def test_of_one_level_the_lower_row_counts_and_what_lies_over_others_does_not():
    house, area = (102, 202, 106, 206, "pand", None, 0), (100, 200, 108, 208, "functioneelgebied", None, 0)
    for rows in ((house, STREET, area), (area, STREET, house)):
        assert name_at(covers(*rows), 5, 3) == "roof" and name_at(covers(*rows), 7, 0) == "closed paving"
        assert name_at(covers(*rows), 0, 0) is None


def test_buildings_are_roofs():
    covered = np.zeros((8, 8), int)
    covered[6, 6] = 1
    assert name_at(TOWN, 6, 6, covered) == "roof" and name_at(TOWN, 6, 5, covered) == "closed paving"


def test_land_cover_without_levels_or_looks_has_its_class_alone():
    bare = Features(TOWN.geometries, {"klasse": TOWN.columns["klasse"]})
    assert [cover_table()[row].name for row in rows_for(bare, cover_table())] == ["closed paving", "green", "roof"]
    assert name_at(bare, 7, 0) == "closed paving"


# --- what the model makes of it ---


def test_without_land_cover_and_rasters_one_number_holds_everywhere():
    taken = taking_of(values_of(), ground())
    assert isinstance(taken.roughness, float) and isinstance(taken.infiltration, float)
    assert taken.storage is None and taken.sewer_share is None and taken.surface.plain


def ground(covered=None):
    from dtwin_plugin.models.flood.ground import Ground

    return Ground(FLAT, FLAT.values, None, covered)


def test_each_class_has_its_numbers_and_the_form_the_rest():
    cover = cover_of(values_of(landcover=covers(STREET), roughness=0.04, interception=2.0), FLAT, None)
    assert cover.roughness[7, 0] == 0.015 and cover.roughness[0, 0] == 0.04
    assert cover.interception[7, 0] == pytest.approx(0.3 * MM) and cover.interception[0, 0] == pytest.approx(2 * MM)
    assert cover.infiltration[7, 0] == 0 and np.isnan(cover.infiltration[0, 0])
    assert cover.sewer[7, 0] == 1 and cover.sewer[0, 0] == 0
    taken = taking_of(values_of(landcover=covers(STREET), infiltration=20.0), ground())
    assert taken.infiltration[7, 0] == 0 and taken.infiltration[0, 0] == pytest.approx(20 * MM / HOUR)


def test_leaves_soil_and_sewer_take_what_the_table_says():
    """50 mm in an hour: 32 m2 of closed street, 23 of garden and 9 of roof, that stay apart by walls of no data."""
    found = flood(landcover=covers(STREET), rain=50.0, infiltration=0.0)
    # 0.3 mm on the street, and the sewer takes 20 of 50 mm/h from the street; the flat north has nothing
    expected = 32 * 0.3 * MM + 32 * 20 * MM
    assert volume(found) == pytest.approx(expected, rel=0.02)  # nothing to take in the first half minute
    dry = flood(landcover=covers(STREET), rain=50.0, infiltration=0.0, sewer_capacity=0.0)
    assert volume(dry) == pytest.approx(32 * 0.3 * MM, rel=1e-5)


def test_the_balance_names_the_parts_of_the_infiltration():
    found = flood(landcover=TOWN, rain=50.0)
    parts = [volume(found, term) for term in ("interception", "soil", "sewer")]
    assert min(parts) > 0 and sum(parts) == pytest.approx(volume(found), rel=1e-9)
    assert "soil" not in flood(rain=50.0)["balance"]["term"]


def test_green_takes_what_its_row_says():
    garden = covers((100, 200, 108, 208, "begroeidterreindeel", None, 0))
    assert volume(flood(landcover=garden, rain=60.0)) == pytest.approx(64 * (5 + 10 * 55 / 60) * MM, rel=0.01)


def test_roofs_drain_to_the_sewer_or_onto_the_street():
    roofs = covers((100, 200, 108, 208, "pand", None, 0))
    connected, street = (flood(landcover=roofs, rain=50.0, roofs=roof) for roof in ("sewer", "street"))
    assert volume(connected) == pytest.approx(64 * 20.5 * MM, rel=0.02)
    assert volume(street) == pytest.approx(64 * 0.5 * MM, rel=1e-5)


def test_what_the_sewer_cannot_take_of_a_roof_flows_onto_the_street():
    house = covers((102, 202, 106, 206, "pand", None, 0))
    buildings = Features(house.geometries)
    given = {"landcover": house, "buildings": buildings, "infiltration": 0.0, "rain": 60.0}
    found = flood(**given, sewer_capacity=10.0, after=0.5)
    ring = found["depth_max"].values[0]
    without = flood(**given, sewer_capacity=0.0, after=0.5)["depth_max"].values[0]
    assert 0 < ring.mean() < without.mean()


@pytest.mark.parametrize(("method", "numbers"), [
    ("horton", {"horton_ratio": 3.0, "horton_decay": 2.0}), ("greenampt", {"soil_class": "silt_loam"})
])  # fmt: skip
def test_laws_hold_where_the_soil_lies_open_and_not_on_paving(method, numbers):
    both = covers(STREET, GARDEN)
    taken = taking_of(values_of(landcover=both, infiltration_method=method, **numbers), ground())
    assert taken.infiltration == 0.0 and taken.surface.law is not None
    found = flood(landcover=both, infiltration_method=method, sewer_capacity=0.0, rain=70.0, **numbers)
    plain = flood(landcover=both, sewer_capacity=0.0, rain=70.0)
    street = flood(
        landcover=covers(STREET), infiltration_method=method, sewer_capacity=0.0, infiltration=0.0, **numbers
    )
    if method == "horton":
        assert volume(found) > volume(plain)
        assert volume(street) == pytest.approx(32 * 0.3 * MM, rel=1e-4)
    else:  # 6.5 mm/h and 166.8 mm of suction in 0.7 of the pores, everywhere but on the street
        assert volume(found) == pytest.approx(32 * 0.3 * MM + 32 * (5 + 29.9) * MM, rel=0.1)


def test_a_raster_of_the_soil_counts_in_the_garden_and_not_under_the_street():
    capacity = Grid(np.full((8, 8), 36.0), 100.0, 208.0, 1.0)
    taken = taking_of(values_of(landcover=TOWN, infiltration_capacity=capacity), ground())
    assert taken.infiltration[0, 0] == pytest.approx(1e-5) and taken.infiltration[7, 0] == 0
    assert taken.infiltration[1, 3] == 0  # the house


def test_rasters_count_before_polygons_where_they_have_data():
    half = np.full((8, 8), np.nan)
    half[:, :4] = 0.1
    raster = Grid(half, 100.0, 208.0, 1.0)
    cover = cover_of(
        values_of(landcover=TOWN, roughness_map=raster, interception_map=raster, sewer_share=raster), FLAT, None
    )
    assert cover.roughness[7, 0] == pytest.approx(0.1) and cover.roughness[7, 7] == 0.015
    assert cover.interception[7, 0] == pytest.approx(1e-4) and cover.interception[7, 7] == pytest.approx(3e-4)
    assert cover.sewer[7, 0] == pytest.approx(0.1) and cover.sewer[7, 7] == 1


# --- the model of the surface ---


def test_the_rasters_of_the_surface_give_what_the_land_cover_gives():
    made = FLOOD_SURFACE.run(values_of(FLOOD_SURFACE, landcover=TOWN), Silent())
    rasters = {
        name: made[name] for name in ("roughness_map", "interception_map", "infiltration_capacity", "sewer_share")
    }
    direct, chained = flood(landcover=TOWN), flood(**rasters)
    np.testing.assert_allclose(direct["depth_max"].values, chained["depth_max"].values, atol=1e-6)
    assert volume(direct) == pytest.approx(volume(chained), rel=1e-5)


def test_the_surface_says_which_classes_lie_where_and_how_large_they_are():
    made = FLOOD_SURFACE.run(values_of(FLOOD_SURFACE, landcover=TOWN, buildings=None), Silent())
    areas = dict(zip(made["surface_classes"]["name"], made["surface_classes"]["area"]))
    assert areas == {"green": 23.0, "closed paving": 32.0, "roof": 9.0} and made["known_area"] == 64.0
    rows = made["surface_class"].values
    assert cover_table()[int(rows[7, 0]) - 1].name == "closed paving"
    street = FLOOD_SURFACE.run(values_of(FLOOD_SURFACE, landcover=covers(STREET), roofs="street"), Silent())
    assert np.isnan(street["roughness_map"].values[0, 0]) and street["known_area"] == 32.0
    with pytest.raises(InputError, match="No polygon of a known class"):
        FLOOD_SURFACE.run(values_of(FLOOD_SURFACE, landcover=covers((0, 0, 1, 1, "wegdeel", None, 0))), Silent())


# --- checks ---


def problems(model=FLOOD, **values):
    return {problem.code: problem for problem in check(model, values_of(model, **values))}


@pytest.mark.parametrize("model", [FLOOD, FLOOD_SURFACE])
def test_codes_without_a_row_are_told_with_their_number_and_place(model):
    strange = covers(
        STREET, (100, 204, 104, 208, "maanlandschap", None, 0), (104, 204, 108, 208, "maanlandschap", None, 0)
    )
    found = problems(model, landcover=strange)["DT129"]
    assert "2 polygons: maanlandschap (2 x, at 102, 206)" in found.text() and found.level == "warning"
    assert "DT129" not in problems(model, landcover=TOWN)


@pytest.mark.parametrize("model", [FLOOD, FLOOD_SURFACE])
def test_land_cover_without_a_class_is_refused(model):
    other = Features(TOWN.geometries, {"class": TOWN.columns["klasse"]})
    found = problems(model, landcover=other)["DT128"]
    assert found.level == "error" and "it has class" in found.text()


@pytest.mark.parametrize(("name", "low", "high"), [
    ("roughness_map", 0.0, 0.03), ("roughness_map", 0.02, 30.0), ("interception_map", -1.0, 2.0),
    ("sewer_share", 0, 100),
])  # fmt: skip
def test_a_raster_of_another_unit_is_refused(name, low, high):
    raster = Grid([[low] + [high] * 7] * 8, 100.0, 208.0, 1.0)
    found = problems(**{name: raster})["DT131"]
    assert found.level == "error" and found.field == name


def test_a_sewer_that_is_counted_twice_is_told():
    share = Grid(np.full((8, 8), 0.5), 100.0, 208.0, 1.0)
    assert "20 mm/h everywhere" in problems(sewer_share=share)["DT133"].text()
    assert "DT133" not in problems(sewer_share=share, infiltration=0.0)


@pytest.mark.parametrize(("factor", "unit", "told"), [
    (1.0, "m", False), (100.0, "m", True), (1000.0, "m", True), (1.0, "cm", True)
])  # fmt: skip
def test_a_terrain_in_centimetres_or_millimetres_is_refused(factor, unit, told):
    y, x = np.mgrid[0:20, 0:20]
    heights = 0.5 * np.sin(x / 9) * np.cos(y / 7) + np.random.default_rng(1).uniform(0, 0.03, x.shape)
    found = problems(terrain=Grid(factor * heights, 100.0, 208.0, 0.5, unit=unit)).get("DT132")
    assert (found is not None) == told
    if found:
        assert found.level == "error" and found.field == "terrain"


@pytest.mark.parametrize(("name", "value", "unit", "level"), [
    ("infiltration_capacity", 0.05, "", "warning"), ("infiltration_capacity", 2.0, "m d-1", "error"),
    ("soil_storage", 1.2, "m", "warning"), ("soil_storage", 20.0, "cm", "error"), ("soil_storage", 20.0, "mm", None),
    ("infiltration_capacity", 20.0, "mm h-1", None),
])  # fmt: skip
def test_soil_in_another_unit_is_told(name, value, unit, level):
    found = problems(**{name: Grid(np.full((8, 8), value), 100.0, 208.0, 1.0, unit=unit)}).get("DT132")
    assert (found.level if found else None) == level


def test_polygons_with_numbers_of_their_own_have_those_and_their_class_the_rest():
    own = TOWN.with_columns(
        {"roughness": np.array([0.04, np.nan, None], object), "sewer": np.array(["0,5", "", None], object)}
    )
    cover = cover_of(values_of(landcover=own), FLAT, None)
    assert cover.roughness[7, 0] == 0.04 and cover.sewer[7, 0] == 0.5
    assert cover.interception[7, 0] == pytest.approx(0.3 * MM)
    assert cover.roughness[0, 0] == 0.05 and cover.sewer[1, 3] == 1
    wrong = TOWN.with_columns({"sewer": np.array([50.0, 0.0, 100.0])})
    found = problems(landcover=wrong)["DT131"]
    assert found.level == "error" and "2 numbers outside 0.0 to 1.0, the first of them 50 at 104, 202" in found.text()


def test_surfaces_can_be_edited_and_given_back():
    made = FLOOD_SURFACE.run(values_of(FLOOD_SURFACE, landcover=TOWN), Silent())
    surfaces = made["surfaces"]
    assert surfaces.columns["surface"].tolist() == ["closed paving", "green", "roof"]
    assert surfaces.units == {"roughness": "s m-1/3", "interception": "mm", "infiltration": "mm h-1"}
    direct, back = flood(landcover=TOWN), flood(landcover=surfaces)
    np.testing.assert_array_equal(direct["depth_max"].values, back["depth_max"].values)
    edited = surfaces.with_columns({"infiltration": np.array([50.0, 50.0, 0.0])})
    assert volume(flood(landcover=edited), "soil") > volume(direct, "soil")
    house = covers((102, 202, 106, 206, "pand", None, 0), STREET)  # of one level: the house counts, whatever is edited
    edited = house.with_columns({"roughness": np.array([np.nan, 0.9])})
    assert cover_of(values_of(landcover=edited), FLAT, None).roughness[5, 3] == 0.015


@pytest.mark.parametrize("columns", [{}, {"klasse": np.array([], object)}])
def test_a_layer_without_polygons_here_leaves_the_numbers(columns):
    empty = Features(Geometries.build("polygon", []), columns)
    assert not [problem for problem in check(FLOOD, values_of(landcover=empty)) if problem.level == "error"]
    found = FLOOD.run(values_of(landcover=empty, rain=50.0), Silent())
    plain = FLOOD.run(values_of(rain=50.0), Silent())
    np.testing.assert_array_equal(found["depth_max"].values, plain["depth_max"].values)


@pytest.mark.parametrize("values", [
    {"rain": 0.0}, {"infiltration_method": "horton", "infiltration": 0.0}, {"infiltration_method": "greenampt",
    "soil_moisture": 1.0}, {"roughness": 1.0}, {"interception": 50.0, "sewer_capacity": 0.0},
    {"after": 3.0, "infiltration_method": "greenampt", "soil_class": "sand"},
])  # fmt: skip
def test_the_ends_of_the_scale_run_and_keep_their_water(values):
    found = flood(landcover=TOWN, **values)
    assert np.isfinite(found["depth_max"].values).all() and (found["depth_max"].values >= 0).all()
