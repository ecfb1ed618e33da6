"""Building models, design models and CityGML as a person loads them."""

import json
import struct

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.layers import styles3d

POINTS = "0 0 84000 447000; 10 0 84008.660254 447005"  # turned 30 degrees to the left


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        feedback = QgsProcessingFeedback(False)
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, feedback, {}, False)
        return result, feedback.textLog()

    return run_algorithm


@pytest.fixture
def duplex(shared):
    pytest.importorskip("ifcopenshell")
    return str(shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc")


def test_a_house_by_two_points_with_its_envelope_and_outline(run, duplex, tmp_path):
    outputs = {name: str(tmp_path / f"{name}.gpkg") for name in ("surfaces", "envelope", "footprint")}
    result, _ = run("loadifc", file=duplex, georeference=2, points=POINTS, height=1.5, report=str(tmp_path / "r.json"),
                    **outputs)  # fmt: skip
    styles3d.initialise()
    layer = QgsVectorLayer(result["surfaces"], "s", "ogr")
    assert layer.crs().authid() == "EPSG:7415" and layer.renderer3D() is not None
    walls = [f for f in layer.getFeatures() if f["type"] == "IfcWallStandardCase"]
    assert len(walls) == 56 and {f["storey"] for f in walls} >= {"Level 1", "Level 2"}
    labels = [rule.label() for rule in layer.renderer().rootRule().children()]
    assert "Walls" in labels and labels[-1] == "Other elements"
    outline = next(QgsVectorLayer(result["footprint"], "f", "ogr").getFeatures())
    assert outline["area"] == pytest.approx(156.6, abs=3) and outline["height_70p"] == pytest.approx(7.96, abs=0.05)
    assert outline.geometry().area() == pytest.approx(outline["area"], rel=0.01)
    kinds = {f["surface"] for f in QgsVectorLayer(result["envelope"], "e", "ogr").getFeatures()}
    assert kinds == {"GroundSurface", "RoofSurface", "WallSurface"}
    assert json.loads((tmp_path / "r.json").read_text())["georeference"]["trust"] == "good" == result["trust"]


def test_a_model_that_cannot_be_trusted_is_refused_with_what_to_do(run, shared, tmp_path):
    pytest.importorskip("ifcopenshell")
    folder = shared / "ifc" / "geonovum"
    with pytest.raises(QgsProcessingException, match=r"outside the Netherlands.*accept the doubtful position"):
        run("loadifc", file=str(folder / "OWL 20230717.ifc"), surfaces=str(tmp_path / "a.gpkg"))
    with pytest.raises(QgsProcessingException, match=r"Boston.*Give two points"):
        run("loadifc", file=str(folder / "IBS_SC_B_Rijijzer NW.ifc"), surfaces=str(tmp_path / "b.gpkg"))
    result, log = run(
        "loadifc", file=str(folder / "OWL 20230717.ifc"), georeference=1, surfaces=str(tmp_path / "c.gpkg")
    )
    assert result["objects"] == 3 and result["trust"] == "doubtful" and "cannot be right as it stands" in log
    assert not (tmp_path / "a.gpkg").exists()


def test_a_report_tells_what_is_there_without_placing_it(run, shared, tmp_path):
    pytest.importorskip("ifcopenshell")
    path = shared / "ifc" / "geonovum" / "Van Brienenoordbrug-IFC4X3.ifc"
    result, log = run("reportifc", file=str(path), report=str(tmp_path / "r.json"))
    assert (result["level"], result["trust"], result["objects"]) == (50, "good", 7) and "San Francisco" in log
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["facts"]["instances"] == 104
    assert [item["level"] for item in found["facts"]["georeference"]["found"]] == [50, 40, 20]


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("", "expected one or two points"),
        ("1 2 3", "expected one or two points"),
        ("a b c d", "expected one or two points"),
        ("0 0 84000 447000; 0 0 84000 447000", "different points"),
        ("0 0 84000 447000; 10000 0 84010 447000", "coordinates in the model in metres"),
    ],
)
def test_known_points_that_are_none_are_one_sentence(run, duplex, tmp_path, points, sentence):
    with pytest.raises(QgsProcessingException, match=sentence):
        run("loadifc", file=duplex, georeference=2, points=points, surfaces=str(tmp_path / "a.gpkg"))


def test_one_point_and_a_rotation_is_enough(run, duplex, tmp_path):
    result, _ = run("loadifc", file=duplex, georeference=2, points="5, 0, 84000, 447000", rotation=90, height=2,
                    classes="IfcRoof, IfcSlab", storeys="Roof", surfaces=str(tmp_path / "a.gpkg"))  # fmt: skip
    box = QgsVectorLayer(result["surfaces"], "s", "ogr").extent()
    # the model's y (-17.9 to 0.1) runs to the east, its x (0 to 8.8) to the south
    assert box.xMinimum() == pytest.approx(83_982.4, abs=0.5) and box.yMaximum() == pytest.approx(447_005, abs=0.5)


def test_a_design_is_put_at_its_point(run, tmp_path):
    pytest.importorskip("trimesh")
    triangle = struct.pack("<12f", 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 10, 5) + b"\0\0"
    (tmp_path / "a.stl").write_bytes(b"\0" * 80 + struct.pack("<I", 1) + triangle)
    result, _ = run(
        "loaddesign", file=str(tmp_path / "a.stl"), x=84_000, y=447_000, z=1, surfaces=str(tmp_path / "a.gpkg")
    )
    box = QgsVectorLayer(result["surfaces"], "s", "ogr").extent()
    assert (box.xMinimum(), box.yMaximum()) == pytest.approx((84_000, 447_010))
    with pytest.raises(QgsProcessingException, match="does not say where it stands"):
        run("loaddesign", file=str(tmp_path / "a.stl"), surfaces=str(tmp_path / "b.gpkg"))
    with pytest.raises(QgsProcessingException, match="needs both x and y"):
        run("loaddesign", file=str(tmp_path / "a.stl"), x=84_000, surfaces=str(tmp_path / "b.gpkg"))


def test_citygml_gives_surfaces_and_footprints(run, tmp_path):
    ring = "84000 447000 0 84000 447010 0 84010 447010 0 84010 447000 0 84000 447000 0"
    (tmp_path / "a.gml").write_text(
        '<CityModel xmlns="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:bldg="http://www.opengis.net/citygml/building/2.0"><gml:boundedBy><gml:Envelope srsName="EPSG:7415"/>'
        '</gml:boundedBy><cityObjectMember><bldg:Building gml:id="a"><bldg:lod0FootPrint><gml:MultiSurface>'
        "<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing>"
        f"<gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>"
        "</gml:MultiSurface></bldg:lod0FootPrint></bldg:Building></cityObjectMember></CityModel>"
    )
    result, _ = run("loadcitygml", file=str(tmp_path / "a.gml"), surfaces=str(tmp_path / "s.gpkg"),
                    footprints=str(tmp_path / "f.gpkg"))  # fmt: skip
    assert result["objects"] == 1
    assert next(QgsVectorLayer(result["footprints"], "f", "ogr").getFeatures()).geometry().area() == pytest.approx(100)
