"""What is told of an object and of a place: attributes, results of models, sources."""

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.layers.all_facts import told_of
from dtwin_plugin.layers.finish import finish_raster, set_metadata
from dtwin_plugin.layers.object_facts import Spot, as_text, bag_id, facts_of, facts_of_row
from dtwin_plugin.layers.place_facts import facts_at
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin import RunRecord

from .test_shapes3d import X, Y, box, layer

RD = QgsCoordinateReferenceSystem("EPSG:28992")
BAG = "0503100000012345"
NAMES = "field=identificatie:string&field=use:string&field=depth:double"


def test_facts_of_a_building_are_joined_by_its_bag_id_whatever_stands_around_it(qgis_app):
    model = layer("Polygon", [(box(0, 0), [f"NL.IMBAG.Pand.{BAG}", "house", 1.0])], NAMES, "3D model")
    water = layer(
        "Polygon", [(box(0, 0), [BAG, "house", 0.25]), (box(20, 0), ["0503100000099999", "shop", 0.5])], NAMES, "Water"
    )
    other = layer(
        "Polygon", [(box(0, 0), [None, None, None])], "field=name:string&field=a:string&field=b:double", "Trees"
    )
    feature = next(model.getFeatures())
    assert bag_id(model, feature) == BAG
    own, results, source = facts_of(model, feature.id(), [model, water, other])
    assert own.title == "3D model" and ("use", "house") in own.rows
    assert results.title == "Water" and ("depth", "0.25") in results.rows
    assert "use" not in dict(results.rows)  # the same is not told twice
    assert any(BAG in value and value.startswith("https://") for _, value in source.rows)
    assert facts_of(model, 999, []) == []


def test_an_object_without_a_bag_id_has_its_own_facts_and_its_source(qgis_app):
    tree = layer("Polygon", [(box(0, 0), ["t1", "oak", 12.0])], name="Trees")
    metadata = tree.metadata()
    metadata.setTitle("Tree register")
    metadata.setRights(["CC0"])
    tree.setMetadata(metadata)
    own, source = facts_of(tree, 1, [])
    assert dict(own.rows) == {"id": "t1", "kind": "oak", "h": "12"}
    assert "Tree register" in dict(source.rows).values() and "CC0" in dict(source.rows).values()


def record(title, started):
    return RunRecord("flood", "1.2", title, purpose="Trial", rights=["CC BY 4.0"], privacy="internal", started=started)


def test_results_are_told_by_the_model_that_made_them_and_when(qgis_app):
    house = layer("Polygon", [(box(0, 0), [BAG, "house", 1.0])], NAMES, "Houses")
    results = []
    for name, title, started in (
        ("Sun hours", "Sunlight", "2026-02-01T10:00:00"),
        ("Water", "Flood", "2026-01-01T09:30:00"),
    ):
        found = layer("Polygon", [(box(0, 0), [f"X.{BAG}", "x", 0.5])], NAMES, name)
        set_metadata(found, name, record(title, started))
        results.append(found)
    _, first, second, _ = facts_of(house, 1, results)
    assert first.title == "Water (Flood 1.2, 2026-01-01 09:30)" and second.title.startswith("Sun hours (Sunlight")
    _, source = facts_of(results[1], 1, [])
    rows = dict(source.rows)
    assert rows["Model"] == "Flood 1.2" and rows["Privacy"] == "internal" and rows["Rights"] == "CC BY 4.0"
    assert rows["Purpose"] == "Trial"


def test_an_object_of_tiles_is_joined_by_its_bag_id_too(qgis_app):
    house = layer("Polygon", [(box(0, 0), [BAG, "house", 1.25])], NAMES, "Houses")
    tiles = QgsVectorLayer("Point", "Tiles", "memory")  # any layer: what it has is handed over
    own, joined, _ = facts_of_row(tiles, {"id": f"NL.IMBAG.Pand.{BAG}", "height": 7.5, "empty": None}, [house])
    assert dict(own.rows)["height"] == "7.5" and "empty" not in dict(own.rows)
    assert joined.title == "Houses" and dict(joined.rows)["depth"] == "1.25"


def test_of_many_results_at_facades_the_nearest_is_told_and_what_all_range_over(qgis_app):
    """Models call the building of a point "building"; two of its windows are on each of four storeys."""
    house = layer("Polygon", [(box(0, 0), [BAG, "house", 1.0])], NAMES, "Houses")
    windows = [(f"PointZ({X + 10 * east} {Y + 5} {3 * storey + 1})", [BAG, storey, 50.0 + 4 * east + storey, "meets"])
               for storey in range(4) for east in (0, 1)]  # fmt: skip
    others = [(f"PointZ({X} {Y} 0)", ["0503100000099999", 0, 80.0, "exceeds"])]
    fields = "field=building:string&field=storey:int&field=lden:double&field=verdict:string"
    noise = layer("PointZ", [*windows, *others], fields, "Noise at facades")
    spot = Spot((X + 9.9, Y + 5, 7.4), RD)
    _, nearest, every, _ = facts_of(house, 1, [noise], spot)
    assert nearest.title == "Noise at facades: the nearest of 8"
    assert dict(nearest.rows) == {"building": BAG, "storey": "2", "lden": "56", "verdict": "meets"}
    assert every.title == "Noise at facades: all 8"
    assert dict(every.rows) == {"building": BAG, "storey": "0 … 3", "lden": "50 … 57", "verdict": "meets"}
    assert [facts.title for facts in facts_of(house, 1, [noise])[1:-1]] == ["Noise at facades: all 8"]
    (own, *_) = facts_of(noise, 3, [house])
    assert dict(own.rows)["lden"] == "51" and bag_id(noise, noise.getFeature(3)) == BAG


def test_rasters_tell_what_they_have_at_the_place_with_their_unit(qgis_app, tmp_path):
    depth = Grid(np.array([[0.5, np.nan], [1.25, 2.0]]), X, Y + 2, 1.0, unit="m", name="depth")
    write_cog(depth, tmp_path / "depth.tif")
    finish_raster(tmp_path / "depth.tif", "Depth", "water_depth", record("Flood", "2026-01-01T09:30:00"))
    raster = QgsRasterLayer(str(tmp_path / "depth.tif"), "Depth")
    raster.loadDefaultMetadata()
    (group,) = facts_at(X + 0.5, Y + 0.5, RD, [raster])
    assert group.title == "Flood 1.2, 2026-01-01 09:30" and group.rows == (("Depth", "1.25 m"),)
    assert facts_at(X + 1.5, Y + 1.5, RD, [raster]) == []  # no water there
    assert facts_at(X + 9, Y, RD, [raster]) == []


def test_of_a_raster_through_time_the_highest_is_told_or_that_of_the_moment(qgis_app, tmp_path):
    from qgis.core import QgsDateTimeRange
    from qgis.PyQt.QtCore import QDateTime, Qt

    times = np.array(["2026-01-01T12:00", "2026-01-01T12:10"], "datetime64[s]")
    write_cog(Grid(np.array([[[0.75]], [[0.25]]]), X, Y + 1, 1.0, unit="m", times=times), tmp_path / "depth.tif")
    finish_raster(tmp_path / "depth.tif", "Depth", "water_depth", record("Flood", "2026-01-01"), times)
    raster = QgsRasterLayer(str(tmp_path / "depth.tif"), "Depth")
    raster.loadDefaultStyle()
    highest = facts_at(X + 0.5, Y + 0.5, RD, [raster])
    assert highest[0].rows == (("Depth, highest", "0.75 m"),)
    begin = QDateTime.fromString("2026-01-01T12:12:00", Qt.DateFormat.ISODate)
    begin.setTimeSpec(Qt.TimeSpec.UTC)
    now = facts_at(X + 0.5, Y + 0.5, RD, [raster], QgsDateTimeRange(begin, begin.addSecs(60)))
    assert now[0].rows == (("Depth, at the moment shown", "0.25 m"),)


def test_a_voxel_that_is_drawn_as_a_body_is_told_from_its_cell(qgis_app):
    fields = "field=class:int&field=class_name:string&field=z_min:double&field=z_max:double"
    cells = layer("Polygon", [(box(0, 0), [k, name, -k - 1.0, -k]) for k, name in enumerate(("clay", "sand"))], fields)
    cells.setCustomProperty("dtwin/style", "voxels")
    told = told_of(None, -1, None, (X + 5, Y + 5, -1.5), RD, [cells])
    assert ("class_name", "sand") in told[0].rows
    assert told[-1].title == "Place" and "-1.5 m NAP" in dict(told[-1].rows).values()
    assert as_text(told).startswith("layer\n") and "class_name: sand" in as_text(told)


def test_classes_that_the_plugin_wrote_are_told_in_the_words_of_legends(qgis_app, monkeypatch):
    from dtwin_plugin import translate

    monkeypatch.setattr(translate, "_language", "nl")
    fields = "field=surface:string&field=class_name:string&field=name:string"
    soil = "Clayey sand, sandy clay and loam"
    walls = layer("Polygon", [(box(0, 0), ["WallSurface", soil, "Door"])], fields)
    feature = next(walls.getFeatures())
    own = dict(facts_of(walls, feature.id(), [])[0].rows)
    assert own["surface"] == "Gevel" and own["class_name"] == "Kleiig zand, zandige klei en leem"
    assert own["name"] == "Door"  # a name is a name


def test_values_of_a_mesh_have_their_units(qgis_app, tmp_path):
    from dtwin_plugin.layers.finish import mesh_layer
    from scripts import small_twin

    small_twin.main(tmp_path)
    water = mesh_layer(tmp_path / "water.nc", "water")
    (group,) = facts_at(small_twin.X + 40, small_twin.Y + 40, RD, [water])
    rows = dict(group.rows)
    assert rows["Water depth, highest"].endswith(" m") and rows["Velocity of the water, highest"] == "0 m s-1"
    assert set(rows) == {f"{name}, highest" for name in ("Water depth", "Water level", "Velocity of the water")}
