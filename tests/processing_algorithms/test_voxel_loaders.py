"""GeoTOP and REGIS as algorithms, and what models make of their voxels."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.data import Extent
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.sources.geotop import GeotopSource, RegisSource, joined
from dtwin_plugin.sources.raster import RasterSource

AREA = "139500,140500,454700,455500 [EPSG:28992]"


def run(provider, name, parameters, context):
    algorithm = provider.algorithm(name).create()
    result, done = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert done
    return result


@pytest.fixture
def geotop(shared):
    return shared / "subsurface" / "geost_usp" / "geotop_usp.nc"


@pytest.fixture
def voxels(provider, context, geotop, tmp_path):
    path = str(tmp_path / "geotop.gpkg")
    parameters = {"file": str(geotop), "extent": AREA, "lowest": -10, "voxels": path, "classes": None}
    assert run(provider, "loadgeotop", parameters, context)["cells"] > 1000
    return path


def test_geotop_of_a_file_is_a_layer_in_the_colours_of_tno(voxels):
    styles3d.initialise()
    layer = QgsVectorLayer(voxels, "voxels", "ogr")
    load_sidecars(layer)
    assert layer.crs().authid() == "EPSG:7415" and layer.featureCount() > 1000
    colours = {c.value(): c.symbol().color().name() for c in layer.renderer().categories()}
    assert colours[1] == "#9d4e40" and colours[6] == "#f3e106"
    assert layer.renderer3D().type() == "rulebased"
    properties = layer.elevationProperties()
    assert properties.extrusionEnabled() and properties.dataDefinedProperties().count() == 2
    styles = layer.listStylesInDatabase()[2]
    assert {"GeoTOP", "voxels probability"} <= set(styles)  # beside those of the bodies in the same file
    assert layer.metadata().history()


@pytest.mark.parametrize(("style", "colour"), [("voxels", "#9d4e40"), ("voxel_probability", "#253494")])
def test_the_profile_tool_of_qgis_draws_the_voxels_in_their_colours(voxels, style, colour):
    from qgis.core import QgsLineString, QgsPoint, QgsProfilePlotRenderer, QgsProfileRequest

    layer = QgsVectorLayer(voxels, "voxels", "ogr")
    STYLES[style](layer)
    request = QgsProfileRequest(QgsLineString([QgsPoint(139_500, 454_750), QgsPoint(140_500, 455_450)]))
    request.setCrs(layer.crs())
    renderer = QgsProfilePlotRenderer([layer], request)
    renderer.startGeneration()
    renderer.waitForFinished()
    assert renderer.zRange().lower() == pytest.approx(-10)
    image = renderer.renderToImage(600, 300, 0, 1220, -12, 10)
    shown = {image.pixelColor(x, y).name() for x in range(0, 600, 3) for y in range(300)}
    assert colour in shown


def test_the_table_of_classes_counts_every_voxel(provider, context, geotop, tmp_path):
    parameters = {"file": str(geotop), "voxels": str(tmp_path / "v.gpkg"), "classes": str(tmp_path / "classes.csv")}
    assert run(provider, "loadgeotop", parameters, context)["cells"] == 29_890
    rows = (tmp_path / "classes.csv").read_text().splitlines()
    cells = {row.split(",")[0]: row.split(",")[2:4] for row in rows[1:] if '"' not in row}
    assert float(cells["1"][0]) == 248 and float(cells["1"][1]) == 248 * 5000


def test_geotop_comes_from_the_service_of_the_catalogue(
    provider, context, opendap_server, geotop, tmp_path, monkeypatch
):
    state = opendap_server.Opendap(*opendap_server.of_file(geotop))
    with opendap_server.serve(state):
        row = {"id": "geotop", "title": "T", "owner": "O", "kind": "opendap", "licence": "CC0",
               "attribution": "A", "access_level": "open", "url": state.url}  # fmt: skip
        (tmp_path / "own.json").write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        path = str(tmp_path / "service.gpkg")
        parameters = {"extent": AREA, "lowest": -10, "highest": 5, "voxels": path}
        found = run(provider, "loadgeotop", parameters, context)["cells"]
    (whole,) = [joined(GeotopSource(geotop, heights=(-10, 5)).read(Extent(139_500, 454_700, 140_500, 455_500)))]
    assert found == (whole.classes >= 0).sum()
    assert any("lithok[0:1:9][0:1:7][80:1:109]" in asked for asked in state.asked)


def test_a_service_that_is_silent_is_told_in_a_sentence(provider, context, tmp_path):
    parameters = {"address": "http://127.0.0.1:9/geotop.nc", "voxels": str(tmp_path / "v.gpkg")}
    with pytest.raises(QgsProcessingException, match="is read by area"):
        run(provider, "loadgeotop", parameters, context)
    assert not list(tmp_path.iterdir())


def test_regis_gives_voxels_and_the_sides_of_a_layer(provider, context, shared, tmp_path):
    file = shared / "subsurface" / "zeeland_nlmod" / "regis.nc"
    parameters = {
        "file": str(file), "cell_height": 2.0, "layer": "hlc", "voxels": str(tmp_path / "v.gpkg"),
        "top": str(tmp_path / "top.tif"), "bottom": str(tmp_path / "bottom.tif"), "layers": str(tmp_path / "l.csv"),
    }  # fmt: skip
    assert run(provider, "loadregis", parameters, context)["cells"] > 1000
    (top,) = RasterSource(parameters["top"]).read()
    expected = RegisSource(file).stack().grid("top", 0)
    np.testing.assert_array_equal(top.values, expected.values)
    assert top.extent.bounds == (32_300, 369_600, 34_300, 371_600)
    table = (tmp_path / "l.csv").read_text().splitlines()
    assert table[0].split(",")[:3] == ["number", "layer", "cells"] and len(table) == 16
    layer = QgsVectorLayer(parameters["voxels"], "v", "ogr")
    names = {category.label() for category in layer.renderer().categories()}
    assert "HLc" in names and "KWz1" in names


def test_a_slice_is_coloured_by_class_and_by_probability(provider, context, voxels, tmp_path):
    parameters = {"voxels": voxels, "height": -3.0, "soil_class": str(tmp_path / "c.tif"),
                  "probability": str(tmp_path / "p.tif"), "uncertainty": str(tmp_path / "u.tif")}  # fmt: skip
    assert run(provider, "slicevoxels", parameters, context)["cells"] == 80
    layer = QgsRasterLayer(parameters["soil_class"], "c")
    load_sidecars(layer)
    assert layer.renderer().type() == "paletted"
    assert any(item.color.name() == "#9d4e40" for item in layer.renderer().classes())
    (chances,) = RasterSource(parameters["probability"], unit="1").read()
    assert 0 < np.nanmin(chances.values) and np.nanmax(chances.values) <= 1


def test_height_and_depth_exclude_each_other(provider, context, voxels, tmp_path):
    parameters = {"voxels": voxels, "soil_class": str(tmp_path / "c.tif")}
    for more in ({}, {"height": 0.0, "depth": 1.0}):
        with pytest.raises(QgsProcessingException, match="either a height or a depth"):
            run(provider, "slicevoxels", {**parameters, **more}, context)


def test_the_top_of_peat_and_a_column_come_from_the_same_voxels(provider, context, voxels, tmp_path):
    parameters = {"voxels": voxels, "classes": "Organic material (peat)",
                  **{name: str(tmp_path / f"{name}.tif") for name in ("top", "bottom", "thickness")}}  # fmt: skip
    found = run(provider, "voxelunit", parameters, context)
    assert found["volume"] == 100 * 100 * np.nansum(next(RasterSource(parameters["thickness"]).read()).values)
    (tmp_path / "points.csv").write_text("wkt\n")
    points = QgsVectorLayer("Point?crs=EPSG:28992", "points", "memory")
    (top,) = RasterSource(parameters["top"]).read()
    row, column = np.argwhere(np.isfinite(top.values))[0]
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY

    feature = QgsFeature()
    place = top.x_min + (column + 0.5) * 100, top.y_max - (row + 0.5) * 100
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*place)))
    points.dataProvider().addFeatures([feature])
    table = str(tmp_path / "column.gpkg")
    rows = run(provider, "voxelcolumn", {"voxels": voxels, "points": points, "column": table}, context)["rows"]
    layer = QgsVectorLayer(table, "column", "ogr")
    assert layer.featureCount() == rows
    peat = [f["z_max"] for f in layer.getFeatures() if f["class"] == 1]
    assert max(peat) == pytest.approx(float(top.values[row, column]))


def test_another_layer_of_polygons_is_no_voxels(provider, context, buildings_file, tmp_path):
    parameters = {"voxels": str(buildings_file), "height": 0.0, "soil_class": str(tmp_path / "c.tif")}
    with pytest.raises(QgsProcessingException, match="is no voxels: it lacks class, z_min, z_max"):
        run(provider, "slicevoxels", parameters, context)
