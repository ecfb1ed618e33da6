"""What happens to results that are added to the map, as the dialogs do."""

import gc

import pytest
from qgis.core import (
    Qgis,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from dtwin_plugin.layers.finish import fit_in
from processing_algorithms import base

RESULTS = ("depth_max", "depth", "building_depth")


@pytest.fixture
def project(qgis_app):
    project = QgsProject()
    yield project
    project.clear()


@pytest.fixture
def loaded(provider, project, context, terrain_file, buildings_file, tmp_path):
    """The context of a run whose results are to be added to the project, and their paths."""
    context.setProject(project)
    paths = dict(zip(RESULTS, (str(tmp_path / name) for name in ("max.tif", "depth.tif", "houses.gpkg"))))
    for name, path in paths.items():
        context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails(name, project, name))
    parameters = {"terrain": str(terrain_file), "buildings": str(buildings_file), "after": 0, **paths}
    result, done = provider.algorithm("flood").create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert done, result
    return context, paths


def processor_of(context, path):
    return context.layerToLoadOnCompletionDetails(path).postProcessor()


def test_each_layer_has_a_processor_of_its_own_that_qgis_may_delete(loaded):
    context, paths = loaded
    processors = [processor_of(context, path) for path in paths.values()]
    assert len({sip.unwrapinstance(processor) for processor in processors}) == len(RESULTS)
    assert not any(sip.ispyowned(processor) for processor in processors)


def test_a_processor_is_kept_until_its_run_is_gone(qgis_app, project):
    context = QgsProcessingContext()
    context.addLayerToLoadOnCompletion("a", QgsProcessingContext.LayerDetails("a", project, "a"))
    context.layerToLoadOnCompletionDetails("a").setPostProcessor(base.sidecars())
    gc.collect()
    kept = processor_of(context, "a")
    assert isinstance(kept, base._Sidecars)
    del context
    gc.collect()
    assert sip.isdeleted(kept)
    base.sidecars()
    assert kept not in base._kept


def test_a_moment_waits_for_the_temporal_controller_and_the_largest_depth_is_seen(loaded, project):
    context, paths = loaded
    for name in ("depth_max", "depth"):
        layer = project.addMapLayer(QgsRasterLayer(paths[name], name))
        processor_of(context, paths[name]).postProcessLayer(layer, context, QgsProcessingFeedback())
    seen = {node.layer().name(): node.isVisible() for node in project.layerTreeRoot().findLayers()}
    assert seen == {"depth_max": True, "depth": False}


ROOFS, ROADS = "MultiPolygonZ?field=surface:string&field=lod:string", "LineString?field=surface:string"


@pytest.mark.parametrize("last", ["houses", "other"])
@pytest.mark.parametrize(
    ("kind", "size", "blocks"),
    [(ROOFS, 90, False), (ROOFS, 20, True), (ROADS, 90, True), ("PolygonZ?field=surface:string", 90, True)],
    ids=["roofs", "roofs of one design", "roads with a surface", "land cover"],
)
def test_blocks_do_not_cover_roofs(qgis_app, project, kind, size, blocks, last):
    from dtwin_plugin.layers import styles3d

    styles3d.initialise()
    fields = "field=water_class:string&field=b3_h_maaiveld:double&field=b3_h_70p:double"
    layers = {
        "other": QgsVectorLayer(f"{kind}&crs=EPSG:28992", "other", "memory"),
        "houses": QgsVectorLayer(f"MultiPolygon?crs=EPSG:28992&{fields}", "houses", "memory"),
    }
    for name, side in (("other", size), ("houses", 100)):
        feature = QgsFeature(layers[name].fields())
        area = QgsGeometry.fromRect(QgsRectangle(112_000, 460_000, 112_000 + side, 460_000 + side))
        feature.setGeometry(area if kind != ROADS or name == "houses" else area.convertToType(Qgis.GeometryType.Line))
        assert layers[name].dataProvider().addFeature(feature)
        layers[name].updateExtents()
    styles3d.extruded_by_class(layers["houses"], "water_class", {"dry": "#ffffff"})
    for layer in layers.values() if last == "houses" else reversed(layers.values()):
        fit_in(project.addMapLayer(layer), project)
    assert (layers["houses"].renderer3D() is not None) == blocks


def test_results_lie_above_the_terrain_in_whatever_order_they_come(loaded, project, terrain_file):
    from dtwin_plugin.layers.finish import finish_raster, load_sidecars
    from dtwin_plugin.twin import RunRecord

    _, paths = loaded
    finish_raster(terrain_file, "Terrain", "terrain", RunRecord("m", "1", "M"))
    layers = {
        "houses": QgsVectorLayer(paths["building_depth"], "houses", "ogr"),
        "terrain": QgsRasterLayer(str(terrain_file), "terrain"),
        "water": QgsRasterLayer(paths["depth_max"], "water"),
    }
    for layer in layers.values():  # as the dialogs do: on top of what is there
        load_sidecars(layer)
        project.addMapLayer(layer)
        fit_in(layer, project)
    assert [node.name() for node in project.layerTreeRoot().findLayers()] == ["houses", "water", "terrain"]
