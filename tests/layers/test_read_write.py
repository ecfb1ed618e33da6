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
    QgsRectangle,
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


def test_rows_that_a_format_leaves_out_are_told(features, tmp_path, qgis_app):
    progress = Silent()
    write.write_features(features, tmp_path / "a.gpkg", "a", progress)
    assert progress.warnings == []
    write.write_features(features, tmp_path / "a.fgb", "a", progress)
    kept = opened(tmp_path / "a.fgb").featureCount()  # 1 or 2: newer versions of GDAL may keep what has no shape
    assert len(progress.warnings) == 2 - kept and all("lacks 1 rows" in told for told in progress.warnings)


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


def test_a_layer_in_memory_with_a_long_source_is_no_file(tmp_path):
    fields = "&".join(f"field=column_{number}:double" for number in range(20))
    assert read.file_behind(f"LineString?crs=EPSG:28992&{fields}") is None
    (tmp_path / "a.gpkg").touch()
    assert read.file_behind(f"{tmp_path / 'a.gpkg'}|layername=a") == tmp_path / "a.gpkg"


def test_a_raster_layer_is_cut_to_the_area(tmp_path, qgis_app):
    write_cog(Grid(np.arange(100.0).reshape(10, 10), 84_000, 448_000, 1.0, unit="m"), tmp_path / "g.tif")
    layer = QgsRasterLayer(str(tmp_path / "g.tif"), "g")
    grid = read.grid_of(layer, Extent(84_002, 447_994, 84_005, 447_998), Silent())
    assert grid.shape == (4, 3) and grid.values[0, 0] == 22


def test_an_area_in_another_crs_is_brought_to_rd(monkeypatch, qgis_app):
    # in place of the transformation, whose grids may not be here: 1000 m to the right and up
    monkeypatch.setattr("dtwin_plugin.sources.crs.to_rd", lambda points, crs: np.asarray(points, float) + 1000)
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    assert read.extent_of(QgsRectangle(0, 10, 20, 30), mercator).bounds == pytest.approx((1000, 1010, 1020, 1030))


def test_a_table_gives_numbers_and_says_where_there_is_none(tmp_path, qgis_app):
    (tmp_path / "t.csv").write_text('minutes,rain\n0,"1,5"\n5,x\n')
    with pytest.raises(InputError, match="Row 2 of .* has 'x' in column rain"):
        read.table_of(source_of(opened(tmp_path / "t.csv")))
    (tmp_path / "u.csv").write_text('minutes,rain\n0,"1,5"\n')
    assert read.table_of(source_of(opened(tmp_path / "u.csv"))) == {"minutes": [0.0], "rain": [1.5]}


def test_column_names_that_differ_in_case_only_or_are_taken_are_numbered(features, tmp_path, qgis_app):
    columns = {name: column([name, None]) for name in ("Name", "name", "geom", "GEOM_2")}
    write.write_features(Features(features.geometries, columns), tmp_path / "a.gpkg", "a", Silent())
    layer = opened(tmp_path / "a.gpkg")
    row = next(layer.getFeatures())
    assert [row[name] for name in ("Name_2", "name", "geom_3", "GEOM_2")] == ["Name", "name", "geom", "GEOM_2"]


def test_an_attribute_named_surface_keeps_its_own_values(tmp_path, qgis_app):
    ring = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 0, 1)]
    shapes = Geometries.build("polygon", [[[ring]]])
    columns = {"id": column(["a"]), "type": column(["Building"]), "lod": column(["2"]), "parent": column([None])}
    columns["surface"] = column(["120 m2"])
    surfaces = Surfaces(shapes, np.array(["WallSurface"]), np.zeros(1, int), columns)
    write.write_surfaces(surfaces, tmp_path / "s.gpkg", "s", Silent())
    row = next(opened(tmp_path / "s.gpkg").getFeatures())
    assert (row["surface"], row["surface_2"], row["id"]) == ("WallSurface", "120 m2", "a")


def test_a_shapefile_is_whole_and_leaves_nothing_beside(features, tmp_path, qgis_app):
    write.write_features(features, tmp_path / "a.shp", "a", Silent())
    assert {path.name for path in tmp_path.iterdir()} == {"a.shp", "a.shx", "a.dbf", "a.prj", "a.cpg"}
    assert next(opened(tmp_path / "a.shp").getFeatures())["text"] == "a"


@pytest.mark.parametrize("suffix", [".csv", ".shp", ".geojson"])
def test_a_write_that_is_cancelled_leaves_no_parts(features, tmp_path, qgis_app, suffix):
    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        write.write_features(features, tmp_path / f"a{suffix}", "a", Stop())
    assert not list(tmp_path.iterdir())


def test_a_table_refuses_what_is_no_finite_number(tmp_path, qgis_app):
    (tmp_path / "t.csv").write_text('minutes,rain\n0,"nan"\n5,1\n')
    with pytest.raises(InputError, match="expected a number"):
        read.table_of(source_of(opened(tmp_path / "t.csv")))


def test_values_that_qt_has_no_type_for_become_text(features, tmp_path, qgis_app):
    columns = {"n": np.array([10**30, "half \ud800"], object)}
    write.write_features(Features(features.geometries, columns), tmp_path / "a.gpkg", "a", Silent())
    assert [row["n"] for row in opened(tmp_path / "a.gpkg").getFeatures()] == [str(10**30), "half ?"]


def test_a_cancelled_read_is_no_half_layer(features, tmp_path, qgis_app):
    class Stop(Silent):
        def is_cancelled(self):
            return True

    write.write_features(features, tmp_path / "a.gpkg", "a", Silent())
    with pytest.raises(Cancelled):
        read.features_of(source_of(opened(tmp_path / "a.gpkg")), "polygon", None, Stop())


def test_numbers_of_a_table_stay_numbers_where_some_are_missing(tmp_path):
    table = {"layer": ["a", "b"], "covered": [None, 99.5], "oldest": [2014, None], "count": [1, 2], "note": [None, "x"]}
    write.write_table(table, tmp_path / "a.gpkg", "a", Silent())
    layer = QgsVectorLayer(f"{tmp_path / 'a.gpkg'}|layername=a", "a", "ogr")
    kinds = {field.name(): field.typeName() for field in layer.fields()}
    assert (kinds["covered"], kinds["oldest"], kinds["note"]) == ("Real", "Real", "String")
    assert kinds["count"].startswith("Integer")
    assert [feature["covered"] for feature in layer.getFeatures()][1] == 99.5
