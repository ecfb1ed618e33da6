"""Noise in Delft: ground of the AHN, buildings of a city model and roads of the BGT, with assumed traffic."""

import math

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingFeedback, QgsVectorLayer
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.data.camera import Camera
from dtwin_plugin.layers.film import pixels_of
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.styles_noise import NOISE, classes

X_MIN, X_MAX, Y_MIN, Y_MAX = 84_870, 85_040, 447_455, 447_600
WIDTH, HEIGHT, SHARE, PITCH = 800, 600, 0.66, 50.0
ASSUMED = 6000  # vehicles a day on each local road
# Of the shares of red, green and blue: less than the least step of the ramp, 0.035; light changes them hardly
NEAR = 0.02


@pytest.fixture
def run(provider, context):
    def call(name, **parameters):
        feedback = QgsProcessingFeedback()
        found, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
        assert ok, feedback.textLog()
        return found

    yield call
    context.temporaryLayerStore().removeAllMapLayers()


def axes(path):
    """A line along each local road of the BGT, through its middle in its longest direction, with assumed traffic."""
    made = QgsVectorLayer("LineString?crs=EPSG:28992&field=daily:integer&field=speed:integer", "roads", "memory")
    for road in QgsVectorLayer(str(path), "bgt", "ogr").getFeatures():
        if road["function"] != "rijbaan lokale weg" or road.geometry().area() < 100:
            continue
        xy = np.array([(v.x(), v.y()) for v in road.geometry().vertices()])
        middle = road.geometry().centroid().asPoint()
        middle = np.array([middle.x(), middle.y()])
        way = np.linalg.svd(xy - middle, full_matrices=False)[2][0]
        along = (xy - middle) @ way
        ends = [middle + way * along.min(), middle + way * along.max()]
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt("LINESTRING(" + ", ".join(f"{x} {y}" for x, y in ends) + ")"))
        feature.setAttributes([ASSUMED, 50])
        made.dataProvider().addFeature(feature)
    return made


def hues(path):
    """Return the share of red, green and blue in each pixel, shape (rows, columns, 3)."""
    pixels = pixels_of(QImage(str(path))).astype(float)[..., :3]
    return pixels / np.maximum(pixels.sum(axis=2, keepdims=True), 1)


def is_colour(hue, colours):
    wanted = np.array([QColor(colour).getRgb()[:3] for colour in np.atleast_1d(colours)], float)
    return (np.abs(hue - wanted / wanted.sum(axis=1, keepdims=True)) < NEAR).all(axis=-1)


def met_where_projected(hue, panels, heading):
    """Return how many panels that face the camera are in the picture, and the share of them in the colour of their
    class where the camera has them; and the share of those in the colour that others have, taken at random."""
    centre = ((X_MIN + X_MAX) / 2, (Y_MIN + Y_MAX) / 2, 0.0)
    distance = SHARE * max(X_MAX - X_MIN, Y_MAX - Y_MIN) / (2 * math.tan(math.radians(22.5)))
    camera = Camera(centre, distance, PITCH, heading, WIDTH, HEIGHT)
    middles, colours = [], []
    for panel in panels:
        facing = math.radians(panel["facing"])
        if math.sin(facing) * camera.axes[0][0] + math.cos(facing) * camera.axes[0][1] > -0.5:
            continue  # seen from aside or behind
        middles.append(np.mean([(v.x(), v.y(), v.z()) for v in list(panel.geometry().vertices())[:4]], axis=0))
        colours.append(next(colour for low, colour in NOISE[::-1] if panel["lden"] >= low))
    x, y, _ = camera.project(middles).T
    inside = (x > 2) & (x < WIDTH - 3) & (y > 2) & (y < HEIGHT - 3)
    there, colours = hue[y[inside].astype(int), x[inside].astype(int)], np.array(colours)[inside]
    others = np.random.default_rng(1).permutation(colours)
    return int(inside.sum()), float(is_colour(there, colours).mean()), float(is_colour(there, others).mean())


@pytest.fixture
def delft(run, shared, tmp_path):
    """The files of a run, by name; the roads, and the panels on facades."""
    names = ("ground.tif", "surfaces.gpkg", "footprints.gpkg", "points.gpkg", "panels.gpkg", "houses.gpkg",
             "levels.tif", "classes.csv", "delft.qgz", "map.png")  # fmt: skip
    file = {name: str(tmp_path / name) for name in names}
    run("terrainfrompoints", file=str(shared / "pointcloud" / "delft_ahn3" / "ahn3_cropped_1.laz"), cell_size=1.0,
        fill_distance=30.0, terrain=file["ground.tif"])  # fmt: skip
    run("loadcityjson", file=str(shared / "cityjson" / "delft_3dfier" / "testarea.city.json"),
        surfaces=file["surfaces.gpkg"], footprints=file["footprints.gpkg"])  # fmt: skip
    roads = axes(shared / "basisregistraties" / "delft_bgt" / "bgt_wegdeel.sqlite")
    houses = f"{file['footprints.gpkg']}|subset=\"type\" = 'Building'"
    run("roadnoise", roads=roads, terrain=file["ground.tif"], buildings=houses, grid_spacing=10.0,
        points=file["points.gpkg"], panels=file["panels.gpkg"], tested=file["houses.gpkg"], grid=file["levels.tif"],
        summary=file["classes.csv"])  # fmt: skip
    layer = QgsVectorLayer(file["panels.gpkg"], "panels", "ogr")
    found = [file, roads, layer, list(layer.getFeatures())]
    yield found
    found.clear()  # pytest keeps the list until after QGIS has ended; a layer alive then ends the process


@pytest.mark.slow
def test_every_facade_of_delft_has_a_level_and_the_colour_of_its_class(run, delft):
    file, roads, layer, panels = delft
    lden = np.array([panel["lden"] for panel in panels], float)
    assert len(lden) > 2000 and np.isfinite(lden).all()
    # 6,000 vehicles a day at 50 km/h are 63 to 68 dB at 10 m; the axes pass some walls at 1 m, which is 10 dB more
    assert np.median(lden) < lden.max() - 8 and 68 < lden.max() < 78
    loudest = panels[int(lden.argmax())].geometry().centroid()
    assert min(road.geometry().distance(loudest) for road in roads.getFeatures()) < 3.0
    assert {0, 1, 2} <= {panel["storey"] for panel in panels}
    load_sidecars(layer)
    labels = [rule.label() for rule in layer.renderer().rootRule().children()]
    assert labels == [text for _, _, text in classes("lden")]
    run("makeproject", layers=[file["panels.gpkg"], file["levels.tif"]], terrain=file["ground.tif"], title="Delft",
        project=file["delft.qgz"], picture=file["map.png"])  # fmt: skip
    hue = hues(file["map.png"])
    assert min(is_colour(hue, colour).mean() for low, colour in NOISE if 55 <= low < 70) > 0.001


@pytest.mark.gl
@pytest.mark.slow
def test_facades_of_delft_are_seen_in_3d_where_they_stand_in_the_colours_of_their_classes(run, delft, tmp_path):
    file, _, _, panels = delft
    run("makeproject", layers=[file["panels.gpkg"]], terrain=file["ground.tif"], title="Delft",
        project=file["delft.qgz"], picture=file["map.png"])  # fmt: skip
    for heading in (0, 120, 240):
        picture = tmp_path / f"view{heading}.png"
        run("picture3d", project=file["delft.qgz"], extent=f"{X_MIN},{X_MAX},{Y_MIN},{Y_MAX} [EPSG:28992]",
            heading=heading, pitch=PITCH, share=SHARE, width=WIDTH, height=HEIGHT, picture=str(picture))  # fmt: skip
        many, own, others = met_where_projected(hues(picture), panels, heading)
        # other walls hide some; light and the edges of pixels take some
        assert many > 200 and own > 0.5 and own > 2 * others, (heading, many, own, others)
