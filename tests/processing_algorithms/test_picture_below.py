"""3D pictures of what lies below the ground."""

import numpy as np
import pytest
from qgis._3d import QgsPhongMaterialSettings, QgsPolygon3DSymbol, QgsVectorLayer3DRenderer
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.layers import finish
from dtwin_plugin.layers.voxels import write_voxels
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.models.subsurface.tubes import tubes
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin import RunRecord
from processing_algorithms.loaders.voxels import LOAD_GEOTOP
from processing_algorithms.writers import write_output

AREA = "0,100,0,100 [EPSG:28992]"
SAND = "#F3E106"  # medium sand


@pytest.fixture
def picture(provider, context, tmp_path):
    """Make a 3D picture of layers below a flat terrain at 0 m, and return its colours, shape (rows, columns, 3)."""
    ground = tmp_path / "ground.tif"
    write_cog(Grid(np.zeros((100, 100), np.float32), 0.0, 100.0, 1.0), ground)

    def run(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, ok = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        assert ok
        return result

    def make(layers, heading=0, **parameters):
        project = str(tmp_path / "p.qgz")
        run("makeproject", layers=layers, terrain=str(ground), title="T", project=project)
        path = run("picture3d", project=project, extent=AREA, picture=str(tmp_path / "p.png"), width=400, height=300,
                   heading=heading, **parameters)["picture"]  # fmt: skip
        image = QImage(path).convertToFormat(QImage.Format.Format_RGB32)
        bits = image.constBits()
        bits.setsize(image.sizeInBytes())
        return np.frombuffer(bytes(bits), np.uint8).reshape(300, 400, 4)[..., 2::-1].astype(int)

    return make


def of(pixels, colour):
    """Mark the pixels that have the hue of a colour, whatever light falls on it."""
    wanted = QColor(colour).getRgb()[:3]
    share = pixels / np.maximum(pixels.sum(axis=2, keepdims=True), 1)
    return (np.abs(share - np.array(wanted) / sum(wanted)) < 0.02).all(axis=2)  # half a step of a dark pixel


@pytest.fixture
def block(tmp_path):
    """A layer of one cell of 20 x 20 m, from 10 to 8 m below the ground."""
    number = next(number for number, name in LITHOCLASSES.items() if name == "Medium sand")
    names = tuple(LITHOCLASSES.values())
    voxels = Voxels(
        np.full((1, 1, 1), list(LITHOCLASSES).index(number), np.int16),
        None,
        40.0,
        40.0,
        -10.0,
        (20.0, 20.0, 2.0),
        names,
    )
    path = tmp_path / "block.gpkg"
    write_voxels(voxels, path, "block", Silent())
    finish.finish_vector(path, "block", "Block", "voxels", RunRecord("x", "1", "X"))
    return str(path)


@pytest.fixture
def pipe(tmp_path):
    """A layer of a tube of 1 m from west to east, its middle 9 m below the ground."""
    line = Geometries.build("line", [[[[(40, 50, -9), (60, 50, -9)]]]])
    columns = {"diameter": np.array([1000.0]), "theme": np.array(["gasHogeDruk"], object),
               "z_source": np.array(["nap"], object)}  # fmt: skip
    path = tmp_path / "pipe.gpkg"
    write_features(tubes(Features(line, columns)), path, "pipe", Silent())
    finish.finish_vector(path, "pipe", "Pipe", "klic_tubes", RunRecord("x", "1", "X"))
    return str(path)


def tall(marked):
    return np.ptp(np.flatnonzero(marked.any(axis=1))) + 1


@pytest.mark.gl
def test_the_ground_hides_what_lies_below_it_unless_one_looks_there(picture, block):
    assert not of(picture([block]), SAND).any()
    assert of(picture([block], underground=True), SAND).sum() > 500
    assert of(picture([block], underground=True, pitch=130), SAND).sum() > 500  # from below


@pytest.mark.gl
@pytest.mark.parametrize(("layer", "colour"), [("block", SAND), ("pipe", "#FFAF3C")])
def test_exaggeration_makes_all_taller_about_nap(picture, request, layer, colour):
    """From aside: 2 m at 100 m away, and 10 m; the block is 20 m thick, so its front is 10 m nearer."""
    layers = [request.getfixturevalue(layer)]
    one, five = (of(picture(layers, underground=True, pitch=90, exaggeration=k), colour) for k in (1, 5))
    assert one.any()
    assert abs(tall(five) - 5 * tall(one)) <= 5  # a row of the small one is five of the large one
    middle = np.flatnonzero(five.any(axis=1)).mean()
    assert abs(middle - 150) <= 2  # the camera looks at its middle, whatever the depth


@pytest.mark.gl
def test_bodies_of_voxels_are_drawn_in_the_colours_of_their_classes(provider, context, picture, tmp_path):
    """Sand on clay on peat, from aside: a third of the block each."""
    classes = np.empty((4, 4, 3), np.int16)
    classes[:] = [1, 2, 6]  # from the bottom up
    voxels = Voxels(classes, None, 30.0, 30.0, -12.0, (10.0, 10.0, 4.0), tuple(LITHOCLASSES.values()))
    path = tmp_path / "soil.gpkg"
    write_output(LOAD_GEOTOP.outputs[0], voxels, path, RunRecord("x", "1", "X"), Silent())
    pixels = picture([str(path)], underground=True, pitch=90)
    shares = [of(pixels, colour).sum() for colour in ("#9D4E40", "#009200", SAND)]
    assert min(shares) > 1000
    # a row of pixels more or less at each border of the layers, which are some 28 rows high
    assert max(shares) / min(shares) < 1.1, shares


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.parametrize(("heading", "top", "right"), [(0, "north", "east"), (90, "east", "south")])
def test_the_heading_is_that_of_a_compass(picture, tmp_path, heading, top, right):
    """Of four posts around the middle, the one in the direction of view is the farthest."""
    posts = {"north": (50, 80, "#ff0000"), "east": (80, 50, "#00ff00"), "south": (50, 20, "#0000ff")}
    layers = []
    for name, (x, y, colour) in posts.items():
        layer = QgsVectorLayer("Polygon?crs=EPSG:28992", name, "memory")
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(x - 5, y - 5, x + 5, y + 5)))
        layer.dataProvider().addFeature(feature)
        path = str(tmp_path / f"{name}.gpkg")
        QgsVectorFileWriter.writeAsVectorFormatV3(
            layer, path, QgsCoordinateTransformContext(), QgsVectorFileWriter.SaveVectorOptions()
        )
        written = QgsVectorLayer(path, name, "ogr")
        symbol, material = QgsPolygon3DSymbol(), QgsPhongMaterialSettings()
        material.setDiffuse(QColor(colour))
        material.setAmbient(QColor(colour))
        symbol.setMaterialSettings(material)
        symbol.setExtrusionHeight(3)
        written.setRenderer3D(QgsVectorLayer3DRenderer(symbol))
        written.saveStyleToDatabase(name, "", True, "")
        layers.append(path)
    pixels = picture(layers, heading=heading, pitch=30, share=1.2)
    places = {name: np.argwhere(of(pixels, colour)).mean(axis=0) for name, (_, _, colour) in posts.items()}
    assert places[top][0] < 100 and places[right][1] > 230, places


@pytest.mark.gl
@pytest.mark.slow
def test_ground_without_a_height_is_filled_for_the_picture(provider, context, tmp_path):
    """AHN has no heights below buildings and water: QGIS would show the sky there, and well around it."""
    heights = np.zeros((100, 100), np.float32)
    heights[45:55, 45:55] = np.nan
    write_cog(Grid(heights, 0.0, 100.0, 1.0), tmp_path / "ground.tif")
    square = [[[[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]]]]
    write_features(Features(Geometries.build("polygon", square), {}), tmp_path / "map.gpkg", "map", Silent())
    made = {"project": str(tmp_path / "p.qgz"), "picture": str(tmp_path / "p.png")}
    for name, parameters in (
        ("makeproject", {"layers": [str(tmp_path / "map.gpkg")], "terrain": str(tmp_path / "ground.tif"),
                         "title": "T", "picture": None}),
        ("picture3d", {"extent": AREA, "width": 300, "height": 300, "pitch": 20, "share": 1.3}),
    ):  # fmt: skip
        _, ok = (
            provider.algorithm(name).create().run({**made, **parameters}, context, QgsProcessingFeedback(), {}, False)
        )
        assert ok
    image = QImage(made["picture"])
    sky = QColor("#dbe9f4").rgb()
    assert image.pixel(2, 2) == sky
    assert all(image.pixel(x, y) != sky for x in range(100, 200, 5) for y in range(100, 200, 5))
