"""A hundred random objects of each kind, projected and clicked: their own id comes back, or that of who is in front."""

import numpy as np
import pytest
from qgis._3d import QgsLine3DSymbol, QgsVectorLayer3DRenderer
from qgis.core import QgsFeature, QgsGeometry, QgsLineString, QgsPoint, QgsVectorLayer

from dtwin_plugin.data import Extent, Features, Geometries, Grid
from dtwin_plugin.data.camera import Camera
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers.shapes3d import shapes_of
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.write import write_features, write_surfaces
from dtwin_plugin.models.subsurface.tubes import tubes
from dtwin_plugin.progress import Silent

from .pick_oracles import FacesByGeos, LinesOnScreen, Prisms, stepped

X, Y = 112_000.0, 460_000.0
COUNT = 100


def camera_at(x, y, z, distance=180.0, pitch=55.0, heading=30.0):
    return Camera((x, y, z), distance, pitch, heading, 1200, 800)


def rays(camera, places):
    """The lines of sight through the whole pixels at which places are seen, with the number of each place."""
    for number, (x, y, _) in enumerate(camera.project(places)):
        if 0 < x < camera.width and 0 < y < camera.height:
            yield number, (round(x), round(y)), camera.ray(round(x), round(y))


def layer_of(features, path, style):
    write_features(features, path, "t", Silent())
    found = QgsVectorLayer(f"{path}|layername=t", style, "ogr")
    STYLES[style](found)
    return found


def judged(shapes, camera, ids, places, oracle):
    """Click on each place, and hold what is met against the oracle; return how many are in view, and how many met."""
    seen = own = 0
    for number, _, (origin, direction) in rays(camera, places):
        hits = [hit for hit in ((shapes.faces and shapes.faces.first(origin, direction)),
                                (shapes.tubes and shapes.tubes.first(origin, direction))) if hit]  # fmt: skip
        hit = min(hits, key=lambda h: h.distance, default=None)
        distance, owners = oracle(origin, direction)
        owner = hit.owner if hit else None
        assert owner in owners, (number, hit, distance)
        assert hit is None or hit.distance == pytest.approx(distance, abs=0.03)
        seen, own = seen + 1, own + (owner == ids[number])
    return seen, own


@pytest.fixture(scope="module")
def waterdam(qgis_app, sample, tmp_path_factory):
    """Buildings of the sample municipality by surface."""
    from dtwin_plugin.sources.cityjson import CityJsonSource

    folder = tmp_path_factory.mktemp("houses")
    area = Extent(X + 300, Y + 300, X + 520, Y + 520)
    finest = list(CityJsonSource(sample / "buildings.city.json").read(area))[-1]
    write_surfaces(finest, folder / "houses.gpkg", "t", Silent())
    houses = QgsVectorLayer(f"{folder / 'houses.gpkg'}|layername=t", "houses", "ogr")
    houses.setSubsetString("\"lod\" = '2.2'")  # of a house at several levels of detail as many walls lie in one place
    STYLES["surfaces"](houses)
    return houses


def test_surfaces_of_houses_in_the_sample(waterdam):
    rng = np.random.default_rng(1)
    features = {feature.id(): feature for feature in waterdam.getFeatures()}
    ids = rng.choice(sorted(features), COUNT, replace=False)
    places = [part_centre(features[name]) for name in ids]
    box = waterdam.extent()
    camera = camera_at(box.center().x(), box.center().y(), 3.0, 250.0)
    seen, own = judged(shapes_of(waterdam), camera, ids, places, FacesByGeos(waterdam))
    assert seen > 60 and own > 20


def part_centre(feature):
    part = next(iter(feature.geometry().constParts()))
    return np.array([(v.x(), v.y(), v.z()) for v in part.vertices()][:-1]).mean(axis=0)


def test_buildings_of_delft(qgis_app, shared, tmp_path):
    """Of the 3DBAG at LoD 2.2, with walls that share edges and roofs of many corners."""
    from dtwin_plugin.sources.cityjson import CityJsonSource

    source = CityJsonSource(shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl", lod="2.2")
    pieces = [piece for piece in source.read(None) if len(piece)]
    write_surfaces(pieces[-1], tmp_path / "delft.gpkg", "t", Silent())
    houses = QgsVectorLayer(f"{tmp_path / 'delft.gpkg'}|layername=t", "houses", "ogr")
    STYLES["surfaces"](houses)
    features = {feature.id(): feature for feature in houses.getFeatures()}
    ids = np.random.default_rng(6).choice(sorted(features), COUNT, replace=False)
    places = [part_centre(features[name]) for name in ids]
    box = houses.extent()
    camera = camera_at(box.center().x(), box.center().y(), 5.0, 900.0)
    seen, own = judged(shapes_of(houses), camera, ids, places, FacesByGeos(houses))
    assert seen > 60 and own > 20


def random_lines(seed):
    """Two legs each, the second turned by at most 60 degrees."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform([X, Y, -4], [X + 120, Y + 120, -0.5], (COUNT, 3))
    turn = rng.uniform(0, 2 * np.pi, COUNT)
    ways = []
    for angle in (turn, turn + rng.uniform(-1, 1, COUNT)):
        ways.append(
            rng.uniform(8, 20, COUNT)[:, None] * np.stack([np.cos(angle), np.sin(angle), 0.02 * np.cos(turn)], 1)
        )
    return np.stack([starts, starts + ways[0], starts + ways[0] + ways[1]], axis=1)


def test_cables_as_tubes(qgis_app, tmp_path):
    paths = random_lines(2)
    shapes = Geometries.build("line", [[[list(map(tuple, path))]] for path in paths])
    columns = {"theme": column(["water"] * COUNT), "type": column(["x"] * COUNT), "z_source": column(["nap"] * COUNT),
               "diameter": np.random.default_rng(2).uniform(100, 900, COUNT)}  # fmt: skip
    layer = layer_of(tubes(Features(shapes, columns)), tmp_path / "tubes.gpkg", "klic_tubes")
    ids = [feature.id() for feature in layer.getFeatures()]
    places = paths[:, :2].mean(axis=1)
    camera = camera_at(X + 60, Y + 60, -2.0, 130.0)
    seen, own = judged(shapes_of(layer), camera, ids, places, FacesByGeos(layer))
    assert seen > 80 and own > 40


def test_cables_as_thin_lines(qgis_app):
    paths = random_lines(3)
    layer = QgsVectorLayer("LineStringZ?crs=EPSG:28992", "lines", "memory")
    for path in paths:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry(QgsLineString([QgsPoint(*place) for place in path.tolist()])))
        layer.dataProvider().addFeature(feature)
    symbol = QgsLine3DSymbol()
    symbol.setRenderAsSimpleLines(True)
    layer.setRenderer3D(QgsVectorLayer3DRenderer(symbol))
    found = shapes_of(layer).tubes
    camera = camera_at(X + 60, Y + 60, -2.0, 130.0)
    pixel = 4 * 2 * np.tan(np.radians(camera.field_of_view) / 2) / camera.height
    lines = LinesOnScreen(camera, paths)
    own = seen = 0
    for number, (x, y), (origin, direction) in rays(camera, paths[:, :2].mean(axis=1)):
        hit = found.first(origin, direction, pixel)
        sure, maybe = lines.near(x, y, 3.0), lines.near(x, y, 5.0)  # a pixel at the edge of the picture is not as wide
        assert hit is not None and hit.owner - 1 in maybe
        assert all(maybe[hit.owner - 1] <= depth + 0.5 for depth in sure.values())
        seen, own = seen + 1, own + (hit.owner == number + 1)
    assert seen > 80 and own > 70


def test_voxels_and_boreholes(qgis_app, tmp_path):
    rng = np.random.default_rng(4)
    for style, sides, tall in (("voxels", 4, 0.5), ("log_columns", 8, 3.0)):
        angles = np.arange(sides) * 2 * np.pi / sides + np.pi / 4
        middles, radius = rng.uniform([X, Y], [X + 60, Y + 60], (COUNT, 2)), 4.0 if sides == 4 else 1.5
        corners = middles[:, None] + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        bottoms = rng.uniform(-12, -2, COUNT)
        rings = [[[[*map(tuple, ring), tuple(ring[0])]]] for ring in corners]
        classes = rng.integers(1, 4, COUNT)
        words = {"class_name": column(["x"] * COUNT), "kind": column(["borehole"] * COUNT)}
        columns = {"class": classes, "lithoclass": classes, **words, "z_min": bottoms, "z_max": bottoms + tall}
        layer = layer_of(Features(Geometries.build("polygon", rings), columns), tmp_path / f"{style}.gpkg", style)
        ids = [feature.id() for feature in layer.getFeatures()]
        places = np.column_stack([middles, bottoms + tall])
        camera = camera_at(X + 30, Y + 30, -5.0, 90.0)
        seen, own = judged(shapes_of(layer), camera, ids, places, Prisms(ids, corners, bottoms, bottoms + tall))
        assert seen > 60 and own > 30, style


def test_trees_on_a_slope(qgis_app, tmp_path):
    rng = np.random.default_rng(5)
    slope = np.arange(160) * 0.05
    relief = Relief(Grid(np.tile(slope, (160, 1)), X - 20, Y + 140, 1.0))
    middles = rng.uniform([X, Y], [X + 100, Y + 100], (COUNT, 2))
    trees = layer_of(
        Features(Geometries.points(middles), {"soort": column(["Tilia"] * COUNT)}), tmp_path / "t.gpkg", "trees"
    )
    ground = relief.heights(middles[:, 0], middles[:, 1])
    ids = np.array([feature.id() for feature in trees.getFeatures()])
    shapes = shapes_of(trees, relief=relief)
    crown, trunk = max(shapes.tubes.radii), min(shapes.tubes.radii)
    ball = next(ends for ends, radius in zip(shapes.tubes.ends, shapes.tubes.radii) if radius == crown)
    first = np.argmin(np.hypot(*(middles - ball[0, :2]).T))
    top = ball[0, 2] - ground[first]  # of the middle of a crown above the ground, as the style has it
    assert 3 < top < 12 and 1 < crown < 5 and trunk < 0.5

    def inside(places):
        flat = np.hypot(places[:, None, 0] - middles[:, 0], places[:, None, 1] - middles[:, 1])
        up = places[:, None, 2] - ground
        within = (np.hypot(flat, up - top) <= crown) | ((flat <= trunk) & (up >= 0) & (up <= top))
        return np.where(within.any(axis=1), ids[np.argmax(within, axis=1)], -1)

    camera = camera_at(X + 50, Y + 50, 3.0, 140.0)
    places = np.column_stack([middles, ground + top])

    def oracle(origin, direction):
        return stepped(inside, origin, direction, 22.0, -1.0)

    seen, own = judged(shapes, camera, ids, places, oracle)
    assert seen > 80 and own > 50
