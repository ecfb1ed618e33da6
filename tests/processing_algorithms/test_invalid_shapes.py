"""Invalid geometries as the user has chosen in Processing; its usual choice, to stop, must not end QGIS."""

import gc

import pytest
from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from dtwin_plugin.layers.read import table_of
from tests.processing_algorithms.memory_layers import layer

STOP, SKIP = Qgis.InvalidGeometryCheck.AbortOnInvalid, Qgis.InvalidGeometryCheck.SkipInvalid
HOUSE = "POLYGON((84935 447520, 84943 447520, 84943 447528, 84935 447528, 84935 447520))"
BOW_TIE = "POLYGON((84910 447530, 84916 447536, 84916 447530, 84910 447536, 84910 447530))"
WALL = "POLYGON Z((84935 447520 -2, 84943 447520 -2, 84943 447520 6, 84935 447520 6, 84935 447520 -2))"


@pytest.fixture
def run(provider, terrain_file, tmp_path):
    """Run an algorithm as the toolbox does with a choice of what happens to invalid geometries."""

    def start(name, choice, **parameters):
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setInvalidGeometryCheck(choice)
        context.setProject(QgsProject.instance())
        found, good = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
        assert good
        return found, feedback.textLog()

    return start


@pytest.fixture
def flood(run, terrain_file, tmp_path):
    def start(choice, buildings):
        given = {"terrain": str(terrain_file), "rain": 10, "after": 0, "rain_duration": 0.05, "buildings": buildings,
                 "depth_max": str(tmp_path / "d.tif"), "building_depth": str(tmp_path / "b.gpkg")}  # fmt: skip
        found, log = run("flood", choice, **given)
        return QgsVectorLayer(found["building_depth"], "b", "ogr").featureCount(), log

    return start


def test_the_usual_choice_stops_with_a_sentence_and_qgis_goes_on(flood):
    houses = layer("Polygon", ["name:string"], (HOUSE, "good"), (BOW_TIE, "bad"))
    for _ in range(3):  # an error that QGIS throws through the interpreter ends it at the second at the latest
        with pytest.raises(QgsProcessingException, match="Feature 2 of made has an invalid geometry. Repair"):
            flood(STOP, houses)
        gc.collect()


def test_they_are_left_out_where_the_user_wants_that_and_it_is_told(flood):
    houses = layer("Polygon", ["name:string"], (HOUSE, "good"), (BOW_TIE, "bad"))
    count, log = flood(SKIP, houses)
    assert count == 1 and "1 features of made have an invalid geometry and are left out." in log


def test_the_choice_of_an_input_goes_before_that_of_processing(flood):
    houses = layer("Polygon", ["name:string"], (HOUSE, "good"), (BOW_TIE, "bad"))
    QgsProject.instance().addMapLayer(houses)
    try:
        chosen = QgsProcessingFeatureSourceDefinition(
            houses.id(), False, -1, Qgis.ProcessingFeatureSourceDefinitionFlag.OverrideDefaultGeometryCheck, SKIP
        )
        assert flood(STOP, chosen)[0] == 1
    finally:
        QgsProject.instance().removeMapLayer(houses.id())


def test_a_wall_is_no_invalid_geometry(run, terrain_file, tmp_path):
    """On the map it is a line; with the usual choice no 3D model would run in the toolbox."""
    walls = layer("PolygonZ", ["id:string"], (WALL, "wall"))
    assert not next(walls.getFeatures()).geometry().isGeosValid()
    given = {"surface": str(terrain_file), "buildings": walls, "days": "21-3", "times": "12:00"}
    found, log = run("shadow", STOP, light=str(tmp_path / "l.tif"), sun=str(tmp_path / "s.csv"), **given)
    assert found["light"].endswith("l.tif") and "invalid" not in log


def test_a_table_of_polygons_is_read_whatever_its_shapes(provider):
    context = QgsProcessingContext()
    context.setInvalidGeometryCheck(STOP)
    rows = layer("Polygon", ["minutes:double"], (BOW_TIE, 5.0))  # a source does not keep it
    source = QgsProcessingFeatureSource(rows, context)
    source.setInvalidGeometryCheck(STOP)
    assert table_of(source) == {"minutes": [5.0]}
