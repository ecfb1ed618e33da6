"""What lies above and under a place, from layers of each kind."""

import csv
import math

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.column_parts import column_at
from dtwin_plugin.layers.column_soundings import drawn, groundwater_of, nearest_sites
from dtwin_plugin.layers.ground_column import save_table
from dtwin_plugin.layers.privacy import PROPERTY
from dtwin_plugin.sources.raster_write import write_cog

from .test_shapes3d import X, Y, box, layer

RD = QgsCoordinateReferenceSystem("EPSG:28992")


def styled(found, style):
    found.setCustomProperty("dtwin/style", style)
    return found


@pytest.fixture
def relief():
    return Relief(Grid(np.full((40, 40), -0.4), X - 10, Y + 30, 1.0))


@pytest.fixture
def town(qgis_app, tmp_path):
    """A house over a cable, a sewer and three voxels, and water beside it."""
    house = styled(layer("Polygon", [(box(0, 0), ["0503100000012345"])], "field=identificatie:string"), "footprints")
    styles3d.extruded_by_rules(house, {"1 = 1": "#ff0000"}, "-0.5", "8.5")
    kinds = {"theme": "string", "diameter": "double", "z_source": "string", "z_uncertainty": "double"}
    columns = "&field=".join(f"{name}:{kind}" for name, kind in {**kinds, "xy_uncertainty": "double"}.items())
    cables = styled(layer("LineStringZ", [
        (f"LineStringZ({X} {Y + 6} -1, {X + 10} {Y + 6} -2)", ["water", 110.0, "nap", 0.1, 0.3]),
        (f"LineStringZ({X} {Y + 12} -1, {X + 10} {Y + 12} -1)", ["gasLageDruk", 63.0, "standard", 0.5, 1.0]),
    ], f"field={columns}"), "klic_lines")  # fmt: skip
    cables.setCustomProperty(PROPERTY, "confidential")
    cells = [(box(0, 0), [number, name, -k - 1.5, -k - 0.5, 0.5 + 0.1 * k])
             for k, (number, name) in enumerate([(2, "Clay"), (2, "Clay"), (5, "Fine sand")])]  # fmt: skip
    fields = "class:int&field=class_name:string&field=z_min:double&field=z_max:double&field=probability:double"
    voxels = styled(layer("Polygon", cells, f"field={fields}"), "voxels")
    fields = "field=klasse:string&field=fysiek_voorkomen:string&field=relatieve_hoogteligging:int"
    covers = [["wegdeel", "gesloten verharding", 0], ["overbruggingsdeel", None, 1]]
    cover = styled(layer("Polygon", [(box(-5, -5, 30), values) for values in covers], fields), "bgt")
    write_cog(Grid(np.full((30, 30), 0.25), X - 5, Y + 25, 1.0, unit="m"), tmp_path / "depth.tif")
    depth = styled(QgsRasterLayer(str(tmp_path / "depth.tif"), "Water depth"), "water_depth")
    return [house, cables, voxels, cover, depth]


def kinds(column):
    return [part.kind for part in column.parts]


def test_a_column_goes_from_the_roof_down(town, relief):
    column = column_at(X + 5, Y + 5, RD, town, relief, 3.0)
    assert column.surface == pytest.approx(-0.4)
    building, water, cover, soil, cable, sand, bridge = column.parts
    assert (building.kind, building.top, building.bottom) == ("building", pytest.approx(8), pytest.approx(-0.5))
    assert "0503100000012345" in building.name and building.note.startswith("8.4 m")
    assert (water.top, water.bottom) == (pytest.approx(-0.15), pytest.approx(-0.4))
    assert cover.name == "Wegdeel: gesloten verharding" and cover.top == pytest.approx(-0.4)
    assert (cable.top, cable.bottom) == (pytest.approx(-1.5 + 0.055), pytest.approx(-1.5 - 0.055))
    assert cable.distance == pytest.approx(1) and "Ø 110 mm" in cable.name and "height ± 0.1 m" in cable.note
    assert (soil.name, soil.top, soil.bottom) == ("Clay", -0.5, -2.5) and soil.note == "probability 50 - 60 %"
    assert (sand.name, sand.top, sand.bottom) == ("Fine sand", -2.5, -3.5)
    assert bridge.top != bridge.top and "level 1" in bridge.note  # nobody says how high it is
    assert column.depth(cable.top) == pytest.approx(1.045)


def test_cables_beyond_the_distance_are_not_told_and_an_estimate_is_said_to_be_one(town, relief):
    assert kinds(column_at(X + 5, Y + 5, RD, town, relief, 0.5)).count("cable") == 0
    near, far = [part for part in column_at(X + 5, Y + 5, RD, town, relief, 8.0).parts if part.kind == "cable"][::-1]
    assert far.distance == pytest.approx(7) and "estimate" in far.note
    assert near.distance == pytest.approx(1) and "estimate" not in near.note


def test_without_ground_no_depth_is_told(town):
    column = column_at(X + 5, Y + 5, RD, town, None, 3.0)
    assert math.isnan(column.surface) and math.isnan(column.depth(-1.0))
    water = next(part for part in column.parts if part.kind == "water")
    assert math.isnan(water.top)
    assert column_at(X + 500, Y, RD, town, None, 3.0).parts == ()


def test_what_may_not_be_handed_on_is_not_in_the_table(town, relief, tmp_path):
    column = column_at(X + 5, Y + 5, RD, town, relief, 3.0)
    assert "cable" not in kinds(column.public()) and len(column.public().parts) == len(column.parts) - 1
    save_table(column.public(), tmp_path / "column.csv")
    with (tmp_path / "column.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == kinds(column.public())
    assert rows[0]["top_m_nap"] == "8.000" and rows[0]["bottom_m_below_ground"] == "0.100"
    assert rows[-1]["top_m_nap"] == ""


def test_the_log_has_what_lies_here_and_cables_beside_it(town, relief):
    here, cables = drawn(column_at(X + 5, Y + 5, RD, town, relief, 3.0), [])
    assert [bar.group for bar in here.bars] == ["building", "water", "soil", "soil"]
    assert [bar.colour for bar in cables.bars] == ["#0000FF"] and here.surface == cables.surface


def test_the_nearest_site_of_each_kind_stands_beside_it(qgis_app):
    project = QgsProject.instance()
    sites = layer("Point", [(f"Point({X + at} {Y})", [number, name, kind, 1, -0.3])
                            for number, (at, name, kind) in enumerate([(30, "B1", "borehole"), (60, "B2", "borehole"),
                                                                       (90, "W1", "well")])],
                  "field=number:int&field=id:string&field=kind:string&field=rows:int&field=surface:double")  # fmt: skip
    project.addMapLayer(sites)
    found = nearest_sites(project, X, Y, RD, 100.0)
    assert [(round(distance), sounding.name) for distance, sounding, _ in found] == [
        (30, "B1 (30 m away)"), (90, "W1 (90 m away)")]  # fmt: skip
    assert nearest_sites(project, X, Y, RD, 20.0) == [] and groundwater_of(found) == []
    project.removeMapLayer(sites.id())
