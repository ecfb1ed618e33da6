"""The panel with the 3D view in the real QGIS: opened, clicked, kept, closed, unloaded and loaded again."""

import shutil

import numpy as np
import pytest
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

X, Y = 112_000.0, 460_000.0
COUNT = 100


@pytest.fixture(scope="module")
def town(qgis_app, tmp_path_factory):
    """A hundred houses, some behind others, on a ground with a hole below the first."""
    folder = tmp_path_factory.mktemp("town")
    heights = np.full((260, 260), 0.0, np.float32)
    heights[20:30, 20:30] = np.nan
    write_cog(Grid(heights, X - 10, Y + 250, 1.0, unit="m"), folder / "ground.tif")
    rng = np.random.default_rng(7)
    corners = [(X + 24 * (k % 10), Y + 24 * (k // 10)) for k in range(COUNT)]
    sizes, tall = rng.uniform(8, 18, COUNT), rng.uniform(3, 30, COUNT)
    squares = [[[[(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x, y)]]] for (x, y), s in zip(corners, sizes)]
    names = [f"NL.IMBAG.Pand.{k:016d}" for k in range(COUNT)]
    shapes = Geometries.build("polygon", squares)
    houses = {"identificatie": column(names), "height": column(tall.tolist())}
    write_features(Features(shapes, houses), folder / "houses.gpkg", "houses", Silent())
    water = {"identificatie": column([name[-16:] for name in names]), "water_depth_max": column([0.25] * COUNT)}
    write_features(Features(shapes, water), folder / "water.gpkg", "water", Silent())
    boxes = np.array([[x, y, 0, x + s, y + s, h] for (x, y), s, h in zip(corners, sizes, tall)])
    return folder, names, boxes


def in_front(boxes, origin, direction):
    """The box that a ray meets first, by where it enters and leaves each pair of planes."""
    with np.errstate(divide="ignore"):
        one, two = (boxes[:, :3] - origin) / direction, (boxes[:, 3:] - origin) / direction
    enters, leaves = np.minimum(one, two).max(axis=1), np.maximum(one, two).min(axis=1)
    met = (enters <= leaves) & (leaves > 0)
    return int(np.argmin(np.where(met, enters, np.inf))) if met.any() else None


@pytest.mark.gl
@pytest.mark.slow
def test_houses_are_clicked_in_the_real_qgis(real_qgis, keep_pictures, town, tmp_path):
    folder, names, boxes = town
    for name in ("ground.tif", "houses.gpkg", "water.gpkg"):
        shutil.copy(folder / name, tmp_path / name)
    found = real_qgis("view3d_trial", tmp_path, "nl")
    assert found["title"] == "3D-weergave" and found["ready"], found
    assert found["project keeps its ground"] and found["project keeps its layers"]
    origin = np.array(found["camera"]["position"])
    expected = [names[in_front(boxes, origin, np.array(click["direction"]))] for click in found["clicks"]]
    assert [click["told"] for click in found["clicks"]] == expected
    aimed = sum(click["aimed"] == click["told"] for click in found["clicks"])
    assert len(expected) == COUNT and aimed > COUNT / 2  # some stand behind others
    assert found["groups"][0] == "houses" and "water" in found["groups"]  # joined by the BAG id
    assert found["moved"] == pytest.approx(90, abs=1e-3)
    assert max(found["came back"]) < 0.01  # the view keeps single precision
    assert [aimed for aimed, _ in found["scenes"]] == [told for _, told in found["scenes"]]
    assert "houses" not in found["after removal"]
    assert found["views after closing"] == found["views after unload"] == 0
    assert not found["docks after unload"] and found["docks after reload"]
    red, ground = share(tmp_path / "view.png")
    assert red > 0.03 and ground > 0.05
    _, none = share(tmp_path / "ground_none.png")
    assert none < ground / 4
    assert found["follows"] == pytest.approx([30, 300], abs=1e-2)
    assert found["leads"] == pytest.approx([10, 350], abs=1e-2)
    assert found["layers"] == [["ground", "houses", "water"], ["ground"]]
    assert found["views after comparing"] == 1
    keep_pictures(tmp_path, ("view", "ground_none", "ground_clear", "compare"), "view3d")


def share(path):
    """Shares of the window that are red as a house, and grey as the ground, right of its middle."""
    image = QImage(str(path))
    right = [
        QColor(image.pixel(x, y))
        for x in range(image.width() // 2, image.width(), 4)
        for y in range(200, image.height(), 4)
    ]
    red = sum(c.hsvSaturation() > 120 and (c.hsvHue() < 15 or c.hsvHue() > 345) for c in right)
    dark = sum(c.hsvSaturation() < 30 and c.value() < 140 for c in right)
    return red / len(right), dark / len(right)
