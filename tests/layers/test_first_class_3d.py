"""Every layer that the plugin makes looks right in a plain 3D view of QGIS too, by what is stored with it."""

import pytest
from qgis._3d import QgsClassificationPointCloud3DSymbol, QgsPointCloudLayer3DRenderer
from qgis.core import (
    Qgis,
    QgsFeature,
    QgsGeometry,
    QgsLineString,
    QgsMapLayer,
    QgsMapLayerElevationProperties,
    QgsPoint,
    QgsPointCloudLayer,
    QgsProfileRequest,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from dtwin_plugin.layers import finish, reference, styles3d
from dtwin_plugin.layers.styles import STYLES
from scripts import small_twin

# What stands in space, with the kind of layer and the fields that its style reads.
SPACE = {
    "building_depth": ("MultiPolygon", "water_class:string", "b3_h_maaiveld:double", "b3_h_70p:double"),
    "building_water": ("MultiPolygon", "water_inside:string", "b3_h_maaiveld:double", "b3_h_70p:double"),
    "claims": ("MultiPolygon", "taken:double", "z_min:double", "z_max:double"),
    "clash": ("MultiPolygon", "outcome:string", "bottom:double", "top:double"),
    "conflicts": ("MultiLineStringZ", "outcome:string"),
    "corridors": ("MultiLineStringZ", "rank:integer"),
    "depth_outlines": ("MultiPolygon", "bottom:double", "top:double"),
    "footprints": ("MultiPolygon", "b3_h_maaiveld:double", "b3_h_70p:double"),
    "ifc_elements": ("MultiPolygonZ", "type:string", "surface:string"),
    "klic_tubes": ("MultiPolygonZ", "theme:string", "z_source:string"),
    "log_columns": ("MultiPolygon", "kind:string", "lithoclass:integer", "z_min:double", "z_max:double"),
    "noise_buildings": ("MultiPolygon", "lden:double", "b3_h_maaiveld:double", "b3_h_70p:double"),
    "noise_change": ("MultiPointZ", "change:string"),
    "noise_panels": ("MultiPolygonZ", "lden:double"),
    "noise_points": ("MultiPointZ", "lden:double"),
    "noise_sources": ("MultiPointZ", "lden:double", "rank:integer"),
    "plan_violations": ("MultiPolygonZ", "outcome:string"),
    "quality": ("MultiPointZ", "severity:string", "code:string"),
    "section_areas_3d": ("MultiPolygonZ", "kind:string", "theme:string", "colour:string", "label:string"),
    "section_lines_3d": ("MultiLineStringZ", "kind:string", "theme:string", "colour:string", "label:string"),
    "sun_buildings": ("MultiPolygon", "sun_verdict:string", "b3_h_maaiveld:double", "b3_h_70p:double"),
    "sun_panels": ("MultiPolygonZ", "verdict:string"),
    "sun_points": ("MultiPointZ", "verdict:string"),
    "sun_roofs": ("MultiPolygonZ", "sun_class:string"),
    "surfaces": ("MultiPolygonZ", "surface:string"),
    "trees": ("MultiPoint",),
    "voxel_bodies": ("MultiPolygonZ", "number:integer", "name:string", "by:string", "side:string"),
    "voxel_bodies_probability": ("MultiPolygonZ", "number:integer", "name:string", "by:string", "side:string"),
    "voxel_probability": ("MultiPolygon", "probability:double", "class:integer", "z_min:double", "z_max:double"),
    "voxels": ("MultiPolygon", "class:integer", "class_name:string", "z_min:double", "z_max:double"),
    "water_change": ("MultiPolygon", "change:string", "b3_h_maaiveld:double", "b3_h_70p:double"),
}
FILES = {"points", "water_mesh"}  # in space as well: no layer in memory can be of their kind, the small twin has them
HEIGHTS = {"terrain", "water_level"}  # rasters of heights: surfaces in profiles, and the ground of a scene
# What lies on the ground as on the map, for it has no heights of its own.
GROUND = {
    "accumulation", "addresses", "bgt", "bgt_lines", "bgt_points", "boundaries", "chance", "depressions",
    "desire_lines",
    "flood_measures", "flow_paths", "furniture", "infiltration", "klic_areas", "klic_drawing", "klic_points",
    "klic_precautions", "klic_request", "klic_sleeves",
    "network_links", "network_nodes", "network_problems", "network_turns", "network_zones",
    "noise_contours", "noise_difference", "noise_levels",
    "parcels", "pit", "plan_objects", "rain",
    "rain_surfaces", "reach_areas", "reach_closed", "reach_links", "reach_places", "reach_routes", "register",
    "road_passable", "live_observed", "live_values", "sensor_observations", "sensor_stations", "sensor_stretches",
    "settlement", "settlement_sites", "sewer_exchange", "sewer_links", "sewer_nodes", "soil_class",
    "suitability", "sun_change", "sun_hours", "sun_light", "sun_study",
    "rule_areas", "traffic_difference", "traffic_flows", "traffic_flows_by_period", "traffic_selected", "traffic_turns",
    "terrain_change", "terrain_findings", "top10nl", "tree_areas", "tree_rows", "trip_ends", "uncertainty",
    "values", "vulnerable_water", "water_arrival", "water_depth", "water_difference", "water_duration",
    "water_hazard", "water_rating", "water_velocity",
}  # fmt: skip
# What other layers stand for in space, and sections whose x is a distance.
ELSEWHERE = {
    "klic_lines": {"klic_tubes"}, "log_sites": {"log_columns"}, "log_sticks": {"log_columns"},
    "log_screens": {"log_columns"}, "log_series": {"log_columns"}, "section_areas": {"section_areas_3d"},
    "section_lines": {"section_lines_3d"}, "section_points": {"section_areas_3d"},
}  # fmt: skip


def test_each_style_is_told_where_it_stands():
    told = [*SPACE, *FILES, *HEIGHTS, *GROUND, *ELSEWHERE]
    assert sorted(told) == sorted(STYLES), "a new style must be told here where it stands in 3D"
    assert all(others <= set(SPACE) for others in ELSEWHERE.values())


@pytest.mark.parametrize("style", sorted(SPACE))
def test_what_stands_in_space_has_its_renderer(qgis_app, style):
    styles3d.initialise()
    kind, *fields = SPACE[style]
    layer = QgsVectorLayer("&".join([f"{kind}?crs=EPSG:28992", *(f"field={f}" for f in fields)]), style, "memory")
    layer.dataProvider().addFeature(QgsFeature(layer.fields()))
    STYLES[style](layer)
    assert layer.renderer3D() is not None and layer.renderer3D().type() == "rulebased"
    if kind == "MultiPolygon":  # which has no heights of its own: what 3D extrudes profiles do too
        profile, keys = layer.elevationProperties(), QgsMapLayerElevationProperties.Property
        assert profile.clamping() == Qgis.AltitudeClamping.Absolute and profile.extrusionEnabled()
        assert all(profile.dataDefinedProperties().isActive(key) for key in (keys.ZOffset, keys.ExtrusionHeight))


def test_profiles_show_a_block_from_its_ground_to_its_roof(qgis_app):
    fields = "field=b3_h_maaiveld:double&field=b3_h_70p:double"
    layer = QgsVectorLayer(f"MultiPolygon?crs=EPSG:28992&{fields}", "houses", "memory")
    house = QgsFeature(layer.fields())
    house.setGeometry(QgsGeometry.fromRect(QgsRectangle(112_000, 460_000, 112_010, 460_010)))
    house.setAttributes([-1.5, 7.0])
    layer.dataProvider().addFeature(house)
    layer.updateExtents()
    STYLES["footprints"](layer)
    request = QgsProfileRequest(QgsLineString([QgsPoint(111_990, 460_004), QgsPoint(112_020, 460_006)]))
    request.setCrs(layer.crs())
    generator = layer.createProfileGenerator(request)
    assert generator.generateProfile()
    heights = generator.takeResults().zRange()
    assert (heights.lower(), heights.upper()) == (-1.5, 7.0)


@pytest.fixture(scope="module")
def small(qgis_app, tmp_path_factory):
    styles3d.initialise()
    folder = tmp_path_factory.mktemp("small")
    return folder, small_twin.main(folder)


IN_SPACE = {"surfaces", "footprints", "results", "trees", "tubes", "columns", "voxels"}


@pytest.mark.parametrize("name", sorted({*IN_SPACE, "cables", "base_map"}))
def test_a_package_opens_with_what_3d_needs(small, name):
    folder, kinds = small
    layer = QgsVectorLayer(f"{folder / kinds[name]['file']}|layername={name}", name, "ogr")
    assert (layer.renderer3D() is not None) == (name in IN_SPACE)


def test_terrain_is_a_surface_and_water_has_its_times(small):
    folder, kinds = small
    layers = {name: QgsRasterLayer(str(folder / kinds[name]["file"]), name) for name in ("terrain", "depth")}
    for layer in layers.values():
        finish.load_sidecars(layer)
    assert layers["terrain"].elevationProperties().isEnabled()
    properties = layers["depth"].temporalProperties()
    assert properties.isActive() and len(properties.fixedRangePerBand()) == len(small_twin.TIMES)


def test_a_flood_stands_at_its_level_and_follows_time(small):
    folder, kinds = small
    layer = finish.mesh_layer(folder / kinds["water"]["file"], "water")
    assert layer.renderer3D().type() == "mesh" and layer.temporalProperties().isActive()
    span = layer.temporalProperties().timeExtent()
    assert span.begin().secsTo(span.end()) == (small_twin.TIMES[-1] - small_twin.TIMES[0]).astype(int)


def test_points_have_the_classes_of_the_map_in_3d(small):
    folder, kinds = small
    layer = QgsPointCloudLayer(str(folder / kinds["points"]["file"]), "points", "copc")
    finish.load_sidecars(layer)
    renderer = sip.cast(layer.renderer3D(), QgsPointCloudLayer3DRenderer)  # Python knows what was read by its base only
    symbol = sip.cast(renderer.symbol(), QgsClassificationPointCloud3DSymbol)
    assert {c.value(): c.color().name() for c in symbol.categoriesList()} == {
        c.value(): c.color().name() for c in layer.renderer().categories()
    }
    assert not layer.sync3DRendererTo2DRenderer()


def test_a_project_with_3d_tiles_is_not_asked_how_they_come_to_rd(small):
    from qgis.core import QgsCoordinateReferenceSystem

    folder, kinds = small
    (layer,) = reference.read_definition(folder / kinds["tiles"]["file"])
    project = QgsProject()
    project.addMapLayer(layer)
    finish.fit_in(layer, project)
    target = QgsCoordinateReferenceSystem("EPSG:28992")
    for name in ("EPSG:4978", "EPSG:4979"):
        assert project.transformContext().hasTransform(QgsCoordinateReferenceSystem(name), target)


def test_3d_tiles_are_drawn_and_at_their_height(small):
    folder, kinds = small
    (layer,) = reference.read_definition(folder / kinds["tiles"]["file"])
    assert layer.type() == QgsMapLayer.LayerType.TiledScene and layer.renderer3D().type() == "tiledscene"


@pytest.mark.parametrize("first", ["surfaces", "footprints"])
def test_a_house_stands_once_in_whatever_order_its_layers_come(small, first):
    folder, kinds = small
    project = QgsProject()
    names = [first, *({"surfaces", "footprints"} - {first})]
    for name in names:
        layer = project.addMapLayer(QgsVectorLayer(f"{folder / kinds[name]['file']}|layername={name}", name, "ogr"))
        finish.fit_in(layer, project)
    drawn = {layer.name(): layer.renderer3D() is not None for layer in project.mapLayers().values()}
    assert drawn == {"surfaces": True, "footprints": False}
    project.clear()
