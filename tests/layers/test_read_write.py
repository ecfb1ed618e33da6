"""Carriers to files and QGIS layers, and back."""

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dtwin_plugin.data import Extent, Features, Geometries, Grid, Surfaces
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import Cancelled, CrsError, InputError
from dtwin_plugin.layers import finish, read, write
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin import RunRecord

SQUARE = [[[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)], [(0.5, 0.5), (0.5, 1), (1, 1), (1, 0.5), (0.5, 0.5)]]]


@pytest.fixture
def features():
    shapes = Geometries.build("polygon", [SQUARE, []])
    columns = {"n": column([1, None]), "text": column(["a", None]), "big": column([2**60, 1]), "fid": column([5, 5])}
    return Features(shapes, columns, {"n": "m"})


_kept = []  # QGIS's sources do not keep their layer alive


@pytest.fixture(autouse=True)
def _release():
    yield
    _kept.clear()


def source_of(layer):
    context = QgsProcessingContext()
    _kept.extend([layer, context])
    return QgsProcessingFeatureSource(layer, context)


def opened(path):
    layer = QgsVectorLayer(str(path), "layer", "ogr")
    assert layer.isValid()
    _kept.append(layer)
    return layer


def test_features_keep_values_nulls_and_empty_geometries(features, tmp_path, qgis_app):
    write.write_features(features, tmp_path / "a.gpkg", "a", Silent())
    rows = list(opened(tmp_path / "a.gpkg").getFeatures())
    assert rows[0]["n"] == 1.0 and rows[0]["text"] == "a" and rows[0]["big"] == 2**60
    assert not rows[1]["n"] and not rows[1]["text"]
    assert rows[0].geometry().area() == pytest.approx(4 - 0.25)
    assert rows[1].geometry().isEmpty()


def test_units_stand_in_the_alias(features, tmp_path, qgis_app):
    path = tmp_path / "a.gpkg"
    write.write_features(features, path, "a", Silent())
    finish.finish_vector(path, "a", "A", "", RunRecord("m", "1", "M"), features.units)
    fields = opened(path).fields()
    assert fields.field("n").alias() == "n [m]"


def test_a_layer_comes_back_as_it_went(features, tmp_path, qgis_app):
    write.write_features(features, tmp_path / "a.gpkg", "a", Silent())
    back = read.features_of(source_of(opened(tmp_path / "a.gpkg")), "polygon", None, Silent())
    assert np.array_equal(back.geometries.coordinates, features.geometries.coordinates)
    assert back.geometries.features.tolist() == [0, 1, 1]
    assert back.columns["text"].tolist() == ["a", None]


def test_surfaces_become_a_row_for_each_object_and_kind(tmp_path, qgis_app):
    ring = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 0, 1)]
    shapes = Geometries.build("polygon", [[[ring]], [[ring]], [[ring]]])
    columns = {"id": column(["a"]), "type": column(["Building"]), "lod": column(["2"]), "parent": column([None])}
    surfaces = Surfaces(shapes, np.array(["WallSurface", "RoofSurface", "WallSurface"]), np.zeros(3, int), columns)
    write.write_surfaces(surfaces, tmp_path / "s.gpkg", "s", Silent())
    rows = {f["surface"]: f.geometry().constGet().numGeometries() for f in opened(tmp_path / "s.gpkg").getFeatures()}
    assert rows == {"WallSurface": 2, "RoofSurface": 1}


def test_a_cancelled_write_leaves_nothing(features, tmp_path, qgis_app):
    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        write.write_features(features, tmp_path / "a.gpkg", "a", Stop())
    assert not list(tmp_path.iterdir())


def test_an_unknown_suffix_is_one_sentence(features, tmp_path, qgis_app):
    with pytest.raises(InputError, match="a.xyz cannot be written"):
        write.write_features(features, tmp_path / "a.xyz", "a", Silent())


def test_curves_are_cut_into_chords(qgis_app):
    layer = QgsVectorLayer("CurvePolygon?crs=EPSG:28992", "curves", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("CurvePolygon(CircularString(0 0, 1 1, 2 0, 1 -1, 0 0))"))
    layer.dataProvider().addFeature(feature)
    found = read.features_of(source_of(layer), "polygon", None, Silent())
    assert len(found.geometries.coordinates) > 36


def test_a_layer_without_crs_is_refused(qgis_app):
    layer = QgsVectorLayer("Polygon?crs=EPSG:28992", "no crs", "memory")
    layer.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(CrsError, match="no coordinate reference system"):
        read.features_of(source_of(layer), "polygon", None, Silent())


def test_another_kind_of_geometry_is_refused(qgis_app):
    layer = QgsVectorLayer("Point?crs=EPSG:28992", "points", "memory")
    with pytest.raises(InputError, match="point geometry; expected polygon"):
        read.features_of(source_of(layer), "polygon", None, Silent())


def test_a_raster_layer_is_cut_to_the_area(tmp_path, qgis_app):
    write_cog(Grid(np.arange(100.0).reshape(10, 10), 84_000, 448_000, 1.0, unit="m"), tmp_path / "g.tif")
    layer = QgsRasterLayer(str(tmp_path / "g.tif"), "g")
    grid = read.grid_of(layer, Extent(84_002, 447_994, 84_005, 447_998), Silent())
    assert grid.shape == (4, 3) and grid.values[0, 0] == 22


def test_a_table_gives_numbers_and_says_where_there_is_none(tmp_path, qgis_app):
    (tmp_path / "t.csv").write_text('minutes,rain\n0,"1,5"\n5,x\n')
    with pytest.raises(InputError, match="Row 2 of .* has 'x' in column rain"):
        read.table_of(source_of(opened(tmp_path / "t.csv")))
    (tmp_path / "u.csv").write_text('minutes,rain\n0,"1,5"\n')
    assert read.table_of(source_of(opened(tmp_path / "u.csv"))) == {"minutes": [0.0], "rain": [1.5]}
