"""A section as a person makes it: layers with styles, upright shapes, and a drawing that says what may be handed on."""

import json

import numpy as np
import pytest
from qgis.core import Qgis, QgsProcessingFeedback, QgsVectorLayer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtSvg import QSvgRenderer

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.data.themes import THEMES
from dtwin_plugin.layers import privacy, section_legend, section_sheet, styles3d
from dtwin_plugin.layers.section_data import SectionData
from dtwin_plugin.layers.section_plot import label
from dtwin_plugin.layers.voxels import write_voxels
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

X, Y = 136_400.0, 456_200.0
OUTPUTS = ("areas", "lines", "points", "areas_3d", "lines_3d")


def written(path, form, rows, crs="EPSG:28992", **columns):
    nested = [[[row]] for row in rows]
    shapes = Features(Geometries.build(form, nested), {k: column(v) for k, v in columns.items()}, crs=crs)
    write_features(shapes, path, path.stem, Silent())
    return str(path)


@pytest.fixture(scope="module")
def street(qgis_app, tmp_path_factory):
    """A street of 80 by 60 m: ground at 1.2 m NAP, a sewer and a water main across it, soil, a borehole, a house."""
    folder = tmp_path_factory.mktemp("street")
    write_cog(Grid(np.full((60, 80), 1.2), X, Y + 60, 1.0, unit="m"), folder / "ground.tif")
    classes = np.full((16, 12, 20), 5, np.int16)
    classes[..., 14:18], classes[..., 18:] = 1, -1
    chances = np.full((16, 12, 20, 10), 0.04, np.float32)
    np.put_along_axis(chances, np.maximum(classes, 0)[..., None].astype(np.int64), 0.4, axis=3)
    block = Voxels(classes, chances, X, Y, -8.0, (5.0, 5.0, 0.5), tuple(LITHOCLASSES.values()))
    write_voxels(block, folder / "soil.gpkg", "soil", Silent())
    cables = written(
        folder / "cables.gpkg",
        "line",
        [[(X + 30, Y, -1.0), (X + 30, Y + 60, -1.0)], [(X + 20, Y, 0.2), (X + 20, Y + 60, 0.2)]],
        "EPSG:7415",
        theme=["rioolVrijverval", "water"], diameter=[500.0, None], xy_uncertainty=[0.3, 1.0],
        z_uncertainty=[0.1, 0.5], z_source=["nap", "assumed"], id=["r1", "w1"],
    )  # fmt: skip
    sticks = written(
        folder / "sticks.gpkg",
        "line",
        [[(X + 60, Y + 40, 1.2), (X + 60, Y + 40, -1.0)], [(X + 60, Y + 40, -1.0), (X + 60, Y + 40, -6.0)]],
        "EPSG:7415",
        number=[1, 1], site=["B31F0001", "B31F0001"], kind=["borehole"] * 2, lithoclass=[2, 6],
    )  # fmt: skip
    house = [(X + 5, Y + 20), (X + 15, Y + 20), (X + 15, Y + 40), (X + 5, Y + 40), (X + 5, Y + 20)]
    return {
        "line": written(folder / "line.gpkg", "line", [[(X + 2, Y + 30), (X + 78, Y + 30)]]),
        "terrain": str(folder / "ground.tif"),
        "voxels": str(folder / "soil.gpkg"),
        "present_lines": cables,
        "sticks": sticks,
        "buildings": written(folder / "houses.gpkg", "polygon", [house], b3_h_maaiveld=[1.2], b3_h_70p=[8.0]),
        "groundwater_depth": 0.9,
        "distance": 25.0,
    }


def run(provider, context, street, **more):
    feedback = QgsProcessingFeedback()
    result, ok = provider.algorithm("section").create().run({**street, **more}, context, feedback, {}, False)
    assert ok, feedback.textLog()
    return result, feedback.textLog()


@pytest.fixture
def made(provider, context, street, tmp_path):
    styles3d.initialise()
    outputs = {name: str(tmp_path / f"{name}.gpkg") for name in OUTPUTS}
    result, _ = run(provider, context, street, record=str(tmp_path / "run.json"), **outputs)
    return result


def layer(result, name):
    found = QgsVectorLayer(result[name], name, "ogr")
    found.loadDefaultStyle()
    assert found.isValid()
    return found


def test_areas_lie_at_their_distance_and_height_in_metres_on_no_map(made):
    areas = layer(made, "areas")
    assert areas.crs().description() == "Section: distance along the line and height"
    assert areas.crs().mapUnits() == Qgis.DistanceUnit.Meters and not areas.crs().authid()
    extent = areas.extent()
    assert (extent.xMinimum(), extent.xMaximum(), extent.yMaximum()) == (0, 76, 8)
    kinds = {feature["kind"] for feature in areas.getFeatures()}
    assert kinds == {"soil", "building", "borehole", "cable", "uncertainty"}
    (sewer,) = [f for f in areas.getFeatures() if f["kind"] == "cable"]
    box = sewer.geometry().boundingBox()
    # GeoPackage holds doubles; the corners are rounded in RD, of 456,200 m
    assert box.width() == pytest.approx(0.5, abs=1e-6) and box.center().x() == pytest.approx(28.0, abs=1e-6)
    assert sewer["source"] == "r1" and sewer["z_uncertainty"] == 0.1 and sewer["angle"] == 90


def test_upright_shapes_stand_on_the_line_in_rd_with_their_colours_in_3d(made):
    areas = layer(made, "areas_3d")
    assert areas.crs().authid() == "EPSG:7415" and areas.renderer3D() is not None
    for feature in areas.getFeatures():
        # what lies in front stands before the soil, by 5 times 0.0005 of the length at the most
        apart = 1e-6 if feature["kind"] in ("soil", "building") else 76 * 0.0005 * 5 + 1e-6
        assert all(abs(vertex.y() - Y - 30) <= apart for vertex in feature.geometry().vertices())
    assert layer(made, "lines_3d").renderer3D() is not None


def test_each_look_has_a_rule_in_the_legend(made):
    areas = layer(made, "areas")  # which owns its rules
    labels = [rule.label() for rule in areas.renderer().rootRule().descendants()]
    assert {LITHOCLASSES[1], LITHOCLASSES[5], THEMES["rioolVrijverval"].label, "Building"} <= set(labels)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_it_is_drawn_alone_without_data(provider, context, street, tmp_path, suffix):
    path = tmp_path / f"section.{suffix}"
    result, _ = run(provider, context, street, picture=str(path), title="High Street")
    assert not set(result) & set(OUTPUTS) and sorted(tmp_path.iterdir()) == [path]
    data = path.read_bytes()
    if suffix == "pdf":
        assert data.startswith(b"%PDF") and b"%%EOF" in data[-32:] and len(data) > 10_000
    elif suffix == "svg":
        assert QSvgRenderer(str(path)).isValid() and b"High Street" in data and b"Confidential" not in data
    else:
        image = QImage(str(path))
        assert (image.width(), image.height()) == (3307, 2339)  # A3 at 200 dpi
        seen = {image.pixelColor(x, y).name() for x in range(0, 3307, 3) for y in range(0, 2339, 3)}
        assert {"#9d4e40", "#ffff00", "#ba38a8", "#ead9cd", "#4b3621"} <= seen  # peat, sand, sewer, house, ground


def test_a_drawing_with_cables_that_are_confidential_says_so_and_so_do_its_layers(provider, context, street, tmp_path):
    cables = QgsVectorLayer(street["present_lines"], "cables", "ogr")
    cables.setCustomProperty(privacy.PROPERTY, "confidential")
    cables.setCustomProperty(privacy.KEEP_UNTIL, "2026-12-24")
    outputs = {"areas": str(tmp_path / "areas.gpkg"), "record": str(tmp_path / "run.json")}
    more = {**outputs, "present_lines": cables, "picture": str(tmp_path / "a.svg")}
    result, _ = run(provider, context, street, **more)
    text = (tmp_path / "a.svg").read_text()
    assert "Confidential: has data of cables" in text and "destroy it after 2026-12-24" in text
    assert privacy.level_of(layer(result, "areas")) == "confidential"
    assert json.loads((tmp_path / "run.json").read_text())["privacy"] == "confidential"
    del cables


def test_layers_are_read_near_the_line_only(provider, context, street, tmp_path):
    """So that those of a whole province need not fit in memory."""
    far = written(
        tmp_path / "far.gpkg",
        "line",
        [[(X + 30, Y, -1.0), (X + 30, Y + 60, -1.0)], [(X + 9000, Y, -1.0), (X + 9000, Y + 60, np.nan)]],
        "EPSG:7415",
        theme=["water", "gasLageDruk"], diameter=[100.0, 100.0],
    )  # fmt: skip
    record = tmp_path / "run.json"
    paths = {"present_lines": far, "record": str(record), "areas": str(tmp_path / "a.gpkg")}
    result, log = run(provider, context, street, **paths)
    assert result["length"] == 76 and "no height" not in log
    inputs = [item["name"] for item in json.loads(record.read_text())["inputs"]]
    assert sorted(inputs) == sorted({"line", *street} - {"groundwater_depth", "distance"})  # each once


def test_what_lies_at_a_place_is_told_in_front_first(made):
    data = SectionData.from_files(made)
    found = data.at(28.0, -1.0, (0.1, 0.1))
    assert [item.kind for item in found] == ["cable", "uncertainty", "soil"]
    labels = {label(item) for item in data.items if item.form == "point"}
    assert labels == {"Water 0.20", "Sewer, by gravity ø500 -1.00", "B31F0001 (10.0 m left)"}
    assert [item.kind for item in data.at(8.0, 5.0, (0.1, 0.1))] == ["building"]
    assert [item.kind for item in data.at(40.0, 1.25, (0.1, 0.1))] == ["terrain"]
    assert not data.at(40.0, 5.0, (0.1, 0.1))


def test_the_legend_has_what_is_there_and_no_more(made):
    rows = section_legend.entries(SectionData.from_files(made))
    texts = {name: [entry.text for entry in found] for name, found in rows.items()}
    assert texts["soil"][:2] == [LITHOCLASSES[1], LITHOCLASSES[5]]
    assert texts["soil"][2].startswith("Probability below 50 %")
    assert texts["sticks"][:2] == [LITHOCLASSES[2], LITHOCLASSES[6]]
    assert texts["cable"][:2] == ["Sewer, by gravity", "Water"]
    assert texts["other"] == ["Building", "Ground level", "Groundwater"] and "body" not in texts


def test_a_scale_is_round_and_the_exaggeration_asked_for_holds(made, tmp_path):
    data = SectionData.from_files(made)
    assert section_sheet.save(data, section_sheet.Sheet(exaggeration=1.0), tmp_path / "a.svg") == (300.0, 1.0)
    number, times = section_sheet.save(data, section_sheet.Sheet(), tmp_path / "b.svg")
    assert number == 300 and times > 1


def test_another_suffix_is_refused(made, tmp_path):
    with pytest.raises(Exception, match=r"a.docx cannot be drawn: the suffix is not one of \.pdf, \.svg, \.png"):
        section_sheet.save(SectionData.from_files(made), section_sheet.Sheet(), tmp_path / "a.docx")
    assert not list(tmp_path.glob("*.docx"))
