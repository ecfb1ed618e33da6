"""Utrecht Science Park below the ground: voxels, soundings, boreholes and cables and pipes in one project."""

import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsLineString,
    QgsPoint,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProfileRequest,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from scipy.interpolate import griddata

from dtwin_plugin.data import Grid
from dtwin_plugin.data.soils import COLOURS
from dtwin_plugin.layers import styles3d
from dtwin_plugin.sources.raster_write import write_cog

LOGS = ("sites", "sticks", "columns", "curve", "counts")
KLIC = ("cables", "tubes", "points", "areas", "drawing", "precautions", "request", "sleeves", "attachments")
PARK = "139500,141300,454700,456100"  # x, then y
STREETS = "136700,136790,456090,456190"  # where three of the pipelines are thick


def run(provider, name, context, **parameters):
    feedback = QgsProcessingFeedback()
    result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
    assert ok, feedback.textLog()
    return result, feedback.textLog()


@pytest.fixture(scope="module")
def utrecht(provider, shared, tmp_path_factory):
    """All that is known of it, loaded and in a project."""
    styles3d.initialise()
    folder, context = tmp_path_factory.mktemp("utrecht"), QgsProcessingContext()

    def files(prefix, names):
        return {name: str(folder / f"{prefix}_{name}.gpkg") for name in names}

    park, found = shared / "subsurface" / "geost_usp", {}
    for kind in ("cpts", "boreholes"):
        source = str(park / f"{kind}_usp.parquet")
        found[kind], _ = run(provider, "loadlogs", context, file=source, **files(kind, LOGS))
    geotop = {"voxels": str(folder / "voxels.gpkg"), "classes": str(folder / "classes.gpkg")}
    found["geotop"], _ = run(provider, "loadgeotop", context, file=str(park / "geotop_usp.nc"), **geotop)
    delivery = str(shared / "klic" / "Levering_22G0027001_1.zip")
    # A plane stands for the AHN, of which there is none here: cables without a height need a ground.
    write_cog(Grid(np.full((60, 80), 2.5), 136_100, 456_600, 10.0, unit="m"), folder / "ground.tif")
    ground = str(folder / "ground.tif")
    found["klic"], _ = run(provider, "loadklic", context, file=delivery, terrain=ground, **files("klic", KLIC))
    found["answers"] = answers(provider, context, folder, found)
    layers = [
        *(found["answers"][name] for name in ("areas_3d", "lines_3d")),
        *(found[kind][name] for name in ("sites", "sticks", "columns") for kind in ("boreholes", "cpts")),
        *(found["klic"][name] for name in KLIC if found["klic"].get(name) and name != "attachments"),
        found["answers"]["suitability"],
        found["geotop"]["voxels"],
    ]
    project = {"project": str(folder / "utrecht.qgz"), "picture": str(folder / "map.png")}
    run(provider, "makeproject", context, layers=layers, title="Utrecht", confidential=True, **project)
    yield {**found, **project, "folder": folder}
    context.temporaryLayerStore().removeAllMapLayers()


def answers(provider, context, folder, found):
    """Where infiltration suits the ground, and a section through three deep boreholes.

    The levels of soundings and boreholes stand for the AHN, of which there is none here.
    """
    places = []
    for kind in ("cpts", "boreholes"):
        for row in QgsVectorLayer(found[kind]["sites"]).getFeatures():
            place = row.geometry().asPoint()
            places.append((place.x(), place.y(), row["surface"]))
    x, y, height = np.array(places).T
    rows, columns = np.mgrid[0:28, 0:36]
    middles = (139_525 + 50 * columns, 456_075 - 50 * rows)
    ground = griddata((x, y), height, middles, method="nearest")
    write_cog(Grid(ground.astype(np.float32), 139_500, 456_100, 50.0, unit="m"), folder / "park.tif")
    line = QgsVectorLayer("LineString?crs=EPSG:28992", "line", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("LineString (140250 455200, 140650 455120)"))
    line.dataProvider().addFeature(feature)
    line.updateExtents()
    context.temporaryLayerStore().addMapLayer(line)
    common = {"terrain": str(folder / "park.tif")}
    suits, _ = run(
        provider, "suitability", context, use="infiltration", soil=found["geotop"]["voxels"], groundwater=1.2,
        cell_size=50, suitability=str(folder / "suitability.tif"), deviation=str(folder / "deviation.tif"),
        chance=str(folder / "chance.tif"), **common,
    )  # fmt: skip
    outputs = {name: str(folder / f"section_{name}.gpkg") for name in ("areas", "lines", "areas_3d", "lines_3d")}
    section, _ = run(
        provider, "section", context, line=line.id(), voxels=found["geotop"]["voxels"], groundwater_depth=1.2,
        sticks=found["boreholes"]["sticks"], distance=60, picture=str(folder / "section.png"), **outputs, **common,
    )  # fmt: skip
    return {**suits, **section}


def layer(utrecht, kind, name):
    found = QgsVectorLayer(utrecht[kind][name], name, "ogr")
    assert found.isValid()
    found.loadDefaultStyle()
    return found


def test_all_tests_and_boreholes_are_there(utrecht):
    """111 tests with 73,128 rows and 67 boreholes with 1,398 layers, as the description of the files has them."""
    assert (utrecht["cpts"]["count"], utrecht["boreholes"]["count"]) == (111, 67)
    assert utrecht["cpts"]["refused"] == utrecht["cpts"]["without_surface"] == 0
    (tests,) = layer(utrecht, "cpts", "counts").getFeatures()
    (holes,) = layer(utrecht, "boreholes", "counts").getFeatures()
    assert (tests["kind"], tests["sites"], holes["kind"], holes["sites"]) == ("cpt", 111, "borehole", 67)
    assert layer(utrecht, "cpts", "curve").featureCount() == tests["rows"]
    assert layer(utrecht, "boreholes", "sticks").featureCount() == holes["rows"] == 1398
    box = layer(utrecht, "cpts", "sites").extent()
    assert (round(box.xMinimum(), 2), round(box.yMaximum(), 2)) == (139524.46, 455999.55)


def test_sticks_hang_from_the_surface_without_gaps(utrecht):
    surfaces = {row["number"]: row["surface"] for row in layer(utrecht, "boreholes", "sites").getFeatures()}
    for row in layer(utrecht, "boreholes", "sticks").getFeatures():
        top, bottom = (vertex.z() for vertex in row.geometry().vertices())
        assert (top, bottom) == (row["z_max"], row["z_min"])
        # heights are sums of two float64 of centimetres
        assert top == pytest.approx(surfaces[row["number"]] - row["top"], abs=1e-9)
        assert bottom == pytest.approx(top - row["thickness"], abs=1e-9)
    layers = {}
    for row in layer(utrecht, "cpts", "sticks").getFeatures():
        layers.setdefault(row["number"], []).append((row["top"], row["bottom"], row["zone"]))
    assert len(layers) == 111
    for stack in layers.values():
        for above, below in zip(stack, stack[1:]):
            assert above[1] == below[0] and above[2] != below[2]  # one joins the next, and behaves otherwise
        assert all(bottom - top >= 0.2 - 1e-9 for top, bottom, _ in stack) or len(stack) == 1


def test_the_curve_has_height_friction_and_behaviour(utrecht):
    """Friction ratio is friction over resistance, and height is surface minus depth."""
    surfaces = {row["number"]: row["surface"] for row in layer(utrecht, "cpts", "sites").getFeatures()}
    zones, checked = Counter(), 0
    for row in layer(utrecht, "cpts", "curve").getFeatures():
        zones[row["zone"]] += 1
        if row["depth"] is not None:
            assert row["height"] == pytest.approx(surfaces[row["number"]] - row["depth"], abs=1e-9)
            checked += 1
    assert checked > 70_000 and set(zones) <= set(range(10))
    sand = sum(zones[zone] for zone in (5, 6, 7, 8))  # the ground here is sand of the Utrecht ridge with clay on it
    assert sand > 0.6 * sum(zones.values()) and zones[3] > 0


def test_soil_has_the_colours_of_tno(utrecht):
    sticks = layer(utrecht, "boreholes", "sticks")
    colours = {}
    for category in sticks.renderer().categories():
        bar = category.symbol().symbolLayer(0).subSymbol()
        colours[category.value()] = bar.symbolLayer(1).color().name().upper()
    assert colours == {number: COLOURS[number] if number >= 0 else "#E0E0E0" for number in colours}
    assert {1, 2, 5, 6} <= set(colours)
    assert sticks.hasScaleBasedVisibility() and sticks.minimumScale() == 5000
    columns = layer(utrecht, "boreholes", "columns")
    assert columns.renderer3D().type() == "rulebased" and columns.featureCount() == 1398
    assert columns.elevationProperties().extrusionEnabled()
    one = next(columns.getFeatures('"number" = 1'))
    assert one.geometry().boundingBox().width() == pytest.approx(2.0)  # the default thickness


def test_columns_stand_in_an_elevation_profile_at_their_heights(utrecht):
    """Along a street with four boreholes within 60 m, to 271 m below NAP."""
    columns = layer(utrecht, "boreholes", "columns")
    request = QgsProfileRequest(QgsLineString([QgsPoint(140_250, 455_200), QgsPoint(140_650, 455_120)]))
    request.setCrs(columns.crs())
    request.setTolerance(60)
    generator = columns.createProfileGenerator(request)
    assert generator.generateProfile()
    near = [row for row in columns.getFeatures() if row["site"] in ("B32C0486", "B32C0489", "B32C0497", "B32C1227")]
    heights = generator.takeResults().zRange()
    assert heights.lower() == pytest.approx(min(row["z_min"] for row in near))
    assert heights.lower() < -250 and heights.upper() < 5


def test_the_tests_agree_with_the_voxels_where_they_stand(utrecht):
    """Sand and no sand, of the model and of the tests at the same places: most metres are the same."""
    voxels = {}
    for row in layer(utrecht, "geotop", "voxels").getFeatures():
        box = row.geometry().boundingBox()
        voxels[int(box.xMinimum() // 100), int(box.yMinimum() // 100), round(row["z_min"] * 2)] = row["class"]
    same, all_of_it = 0.0, 0.0
    for row in layer(utrecht, "boreholes", "sticks").getFeatures():
        place = row.geometry().vertexAt(0)
        middle = (row["z_min"] + row["z_max"]) / 2
        known = voxels.get((int(place.x() // 100), int(place.y() // 100), int(np.floor(middle * 2))))
        if known is not None and row["lithoclass"] >= 1:
            all_of_it += row["thickness"]
            same += row["thickness"] * ((known >= 4) == (row["lithoclass"] >= 4))
    assert all_of_it > 100 and same > 0.7 * all_of_it  # the boreholes went into the model; a voxel is 100 m wide


def test_the_project_holds_it_all_in_order(utrecht):
    project = QgsProject()
    assert project.read(utrecht["project"])
    layers = list(project.mapLayers().values())
    assert all(item.isValid() for item in layers) and len(layers) >= 12
    vectors = [item for item in layers if isinstance(item, QgsVectorLayer)]
    cables = [item for item in vectors if "links" in item.fields().names()]
    assert cables[0].featureCount() >= 57 and utrecht["klic"]["count"] > 0
    assert sum(item.featureCount() for item in vectors if item.name() == "Soundings, boreholes and wells") == 178
    names = {item.name() for item in layers}
    assert {"Suitability", "Section in space, areas"} <= names
    assert Path(utrecht["picture"]).stat().st_size > 20_000
    keep(utrecht["picture"], "subsurface-map")
    project.clear()


def test_infiltration_suits_sand_and_not_clay(utrecht):
    """The score is between 0 and 1 all over, and higher where the voxels of 0.5 to 2.5 m are sand than elsewhere."""
    score = QgsRasterLayer(utrecht["answers"]["suitability"])
    sand, other = [], []
    for row in layer(utrecht, "geotop", "voxels").getFeatures():
        middle = row.geometry().centroid().asPoint()
        if row["z_min"] <= 0.5 < row["z_max"]:  # the ground lies at about 2 m above NAP
            value, known = score.dataProvider().sample(middle, 1)
            if known:
                (sand if row["class"] >= 5 else other).append(value)
    assert min(sand + other) >= 0 and max(sand + other) <= 1
    assert len(sand) > 20 and len(other) > 5 and np.mean(sand) > np.mean(other) + 0.1
    assert 0 < utrecht["answers"]["area"] < 1800 * 1400


def test_the_section_shows_soil_groundwater_and_four_boreholes(utrecht):
    areas = layer(utrecht, "answers", "areas")
    kinds = Counter(row["kind"] for row in areas.getFeatures())
    assert kinds["soil"] > 50 and kinds["borehole"] > 20, kinds
    assert utrecht["answers"]["length"] == pytest.approx(np.hypot(400, 80), abs=0.01)
    keep(utrecht["folder"] / "section.png", "subsurface-section")
    assert seen(utrecht["folder"] / "section.png")[hue("#F3E106")] > 1000  # sand


@pytest.mark.gl
@pytest.mark.slow
def test_soundings_stand_in_front_of_the_voxels_in_3d(provider, utrecht, shared):
    """A strip of voxels behind, and columns of 12 m with sand and clay before it, without the ground over them."""
    folder, context = utrecht["folder"], QgsProcessingContext()
    layers, park = [], shared / "subsurface" / "geost_usp"
    for kind in ("cpts", "boreholes"):
        columns = {"columns": str(folder / f"thick_{kind}.gpkg"), "diameter": 12}
        result, _ = run(provider, "loadlogs", context, file=str(park / f"{kind}_usp.parquet"), **columns)
        layers.append(result["columns"])
    strip = {"extent": "139500,141300,455900,456100 [EPSG:28992]", "voxels": str(folder / "strip.gpkg")}
    result, _ = run(provider, "loadgeotop", context, file=str(park / "geotop_usp.nc"), **strip)
    hues = picture(provider, context, folder, "park", [*layers, result["voxels"]], PARK, pitch=70)
    for colour in ("#F3E106", "#009200"):  # medium sand and clay
        assert hues[hue(colour)] > 100, colour


@pytest.mark.gl
@pytest.mark.slow
def test_cables_and_pipes_are_tubes_in_3d(provider, utrecht):
    hues = picture(
        provider, QgsProcessingContext(), utrecht["folder"], "streets", [utrecht["klic"]["tubes"]], STREETS, pitch=40
    )
    # the only lines that do not lie under each other
    assert hues[hue("#FF7F00")] > 1000  # pipelines with dangerous contents, three of them 1.2 m thick


def picture(provider, context, folder, name, layers, extent, pitch):
    """Pixels by hue of the 3D picture of layers; it is confidential as they may be."""
    project, path = str(folder / f"{name}.qgz"), str(folder / f"{name}.png")
    run(provider, "makeproject", context, layers=layers, title=name, confidential=True, project=project)
    view = {"pitch": pitch, "heading": 0, "share": 0.6, "width": 1200, "height": 700}
    area = f"{extent} [EPSG:28992]"
    run(
        provider, "picture3d", context, project=project, extent=area, underground=True, confidential=True, picture=path,
        **view,
    )  # fmt: skip
    keep(path, f"subsurface-{name}-3d")
    return seen(path)


def keep(path, name):
    pictures = os.environ.get("DTWIN_PICTURES")
    if pictures:
        shutil.copy(path, Path(pictures) / f"{name}.png")


def hue(colour):
    """The hue in steps of 15 degrees: light changes how bright a colour is in 3D, and not its hue."""
    from qgis.PyQt.QtGui import QColor

    return QColor(colour).hsvHue() // 15


def seen(path):
    """Pixels by hue, of those that are no grey."""
    from qgis.PyQt.QtGui import QImage

    image = QImage(str(path))
    colours = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return Counter(colour.hsvHue() // 15 for colour in colours if colour.hsvSaturation() > 90)
