"""Voxels to a layer and back."""

import sqlite3

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeatureSource, QgsRectangle, QgsVectorLayer

from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.errors import Cancelled, CrsError
from dtwin_plugin.layers.voxels import voxels_of, write_voxels
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.geotop import GeotopSource, RegisSource, joined
from dtwin_plugin.translate import language, set_language


def read(layer, extent=None):
    return voxels_of(QgsProcessingFeatureSource(layer, QgsProcessingContext()), extent, Silent(), layer)


def same(found, expected):
    np.testing.assert_array_equal(found.classes, expected.classes)
    if expected.probability is not None:
        np.testing.assert_array_equal(found.probability, expected.probability)
    assert (found.probability is None) == (expected.probability is None)
    for name, values in expected.layers.items():
        np.testing.assert_array_equal(found.layers[name], values)
        assert found.layers[name].dtype == values.dtype
    place = "x_min", "y_min", "z_min", "cell_size", "crs", "names"
    assert all(getattr(found, name) == getattr(expected, name) for name in place)


@pytest.fixture
def block():
    random = np.random.default_rng(3)
    shape = (3, 4, 5)
    chances = random.dirichlet(np.ones(2), shape).astype(np.float32)
    classes = random.integers(-1, 2, shape).astype(np.int16)
    chances[classes < 0] = np.nan
    return Voxels(classes, chances, 139_500.0, 454_700.0, -1.0, (100.0, 100.0, 0.5), ("klei", 'zand "grof"'))


def layer_of(path, name="voxels"):
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid()
    return layer


def test_geotop_comes_back_from_its_layer_as_it_was(qgis_app, shared, tmp_path):
    voxels = joined(GeotopSource(shared / "subsurface" / "geost_usp" / "geotop_usp.nc").read())
    write_voxels(voxels, tmp_path / "a.gpkg", "voxels", Silent())
    layer = layer_of(tmp_path / "a.gpkg")
    assert layer.featureCount() == 29_890 and layer.hasSpatialIndex().value == 2  # present
    assert layer.extent() == QgsRectangle(139_500, 454_700, 141_400, 456_200)
    same(read(layer), voxels)


def test_regis_comes_back_with_its_names_and_conductivities(qgis_app, shared, tmp_path):
    source = RegisSource(shared / "subsurface" / "zeeland_nlmod" / "regis.nc", cell_height=10.0)
    voxels = next(source.read(Extent(32_300, 369_600, 33_000, 370_000)))
    write_voxels(voxels, tmp_path / "a.gpkg", "voxels", Silent())
    same(read(layer_of(tmp_path / "a.gpkg")), voxels)


def test_a_dutch_layer_has_dutch_names_and_gives_the_same_voxels(qgis_app, shared, tmp_path, monkeypatch):
    area = Extent(139_500, 454_700, 139_700, 454_800)
    voxels = joined(GeotopSource(shared / "subsurface" / "geost_usp" / "geotop_usp.nc").read(area))
    monkeypatch.setattr("dtwin_plugin.layers.voxels.tr", {"Clay": "Klei"}.get)
    before = language()
    set_language("nl_NL")
    try:
        write_voxels(voxels, tmp_path / "a.gpkg", "voxels", Silent())
        layer = layer_of(tmp_path / "a.gpkg")
        assert "Klei" in layer.uniqueValues(layer.fields().lookupField("class_name"))
        same(read(layer), voxels)
    finally:
        set_language(before)


def test_an_area_gives_the_cells_that_it_touches(qgis_app, block, tmp_path):
    write_voxels(block, tmp_path / "a.gpkg", "voxels", Silent())
    found = read(layer_of(tmp_path / "a.gpkg"), Extent(139_610, 454_710, 139_690, 454_880))
    np.testing.assert_array_equal(found.classes, block.classes[1:2, :2])
    np.testing.assert_array_equal(found.probability, block.probability[1:2, :2])


def test_a_geopackage_is_as_the_standard_has_it(qgis_app, block, tmp_path):
    write_voxels(block, tmp_path / "a.gpkg", "voxels", Silent())
    base = sqlite3.connect(tmp_path / "a.gpkg")
    known = int((block.classes >= 0).sum())
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert base.execute("SELECT count(*) FROM voxels").fetchone() == (known,)
    assert base.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone() == (known,)
    assert base.execute("SELECT count(*) FROM rtree_voxels_geom").fetchone() == (known,)
    blob, bottom = base.execute("SELECT geom, z_min FROM voxels ORDER BY fid LIMIT 1").fetchone()
    assert blob[:4] == b"GP\0\3" and int.from_bytes(blob[4:8], "little") == 7415 and len(blob) == 133
    extensions = base.execute("SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_metadata'")
    assert extensions.fetchone() == (2,)
    base.close()
    first = next(layer_of(tmp_path / "a.gpkg").getFeatures())
    places = np.argwhere(block.classes >= 0)
    i, j, k = places[0]
    x, y = 139_500 + 100 * int(i), 454_700 + 100 * int(j)
    assert first.geometry().boundingBox() == QgsRectangle(x, y, x + 100, y + 100)
    assert bottom == -1 + 0.5 * k and first.geometry().area() == 10_000


@pytest.mark.parametrize("suffix", [".geojson", ".fgb"])
def test_another_format_loses_the_block_and_keeps_the_cells(qgis_app, block, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_voxels(block, path, "voxels", Silent())
    layer = QgsVectorLayer(str(path), "a", "ogr")
    if layer.crs().authid() not in ("EPSG:7415", "EPSG:28992"):  # a format that knows no heights in its CRS
        from qgis.core import QgsCoordinateReferenceSystem

        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    found = read(layer)
    assert (found.classes >= 0).sum() == (block.classes >= 0).sum()
    assert set(found.names) <= {"klei", 'zand "grof"'}


def test_only_selected_cells_count_where_only_they_are_given(qgis_app, block, tmp_path):
    write_voxels(block, tmp_path / "a.gpkg", "voxels", Silent())
    layer = layer_of(tmp_path / "a.gpkg")
    layer.setSubsetString('"class" = 1')
    found = read(layer)
    assert (found.classes == 1).sum() == (block.classes == 1).sum() and not (found.classes == 0).any()
    assert found.classes.shape == block.classes.shape


def test_a_layer_in_another_system_is_refused(qgis_app):
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=class:integer", "degrees", "memory")
    with pytest.raises(CrsError, match="degrees|EPSG:4326"):
        read(layer)


def test_a_user_who_stops_it_finds_no_file(qgis_app, block, tmp_path):
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        write_voxels(block, tmp_path / "a.gpkg", "voxels", Stopped())
    assert not list(tmp_path.iterdir())


def test_voxels_of_nothing_are_an_empty_layer(qgis_app, tmp_path):
    empty = Voxels(np.full((2, 2, 2), -1, np.int16), None, 139_500.0, 454_700.0, 0.0, (1.0, 1.0, 1.0), ("a",))
    write_voxels(empty, tmp_path / "a.gpkg", "voxels", Silent())
    layer = layer_of(tmp_path / "a.gpkg")
    assert layer.featureCount() == 0
    same(read(layer), empty)
