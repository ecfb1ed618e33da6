"""Results, the legend and comparing in the 3D panel: in the real QGIS, and what of it needs no OpenGL."""

import numpy as np
import pytest
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.camera import Camera
from dtwin_plugin.data.columns import column
from dtwin_plugin.gui.view3d.overlay import scale_of
from dtwin_plugin.layers.styles_water import BUILDING_DEPTH
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

X, Y, GROUND = 112_000.0, 460_000.0, 12.0
COUNT = 36
CLASSES = ("wet", "nuisance", "damage")


def town(folder):
    """Houses on high ground that has a hole, and the class of the water at each but the last."""
    heights = np.full((180, 180), GROUND, np.float32)
    heights[20:30, 20:30] = np.nan
    heights[0, 0] = 60.0  # so that the ground is not drawn as black
    write_cog(Grid(heights, X - 10, Y + 170, 1.0, unit="m"), folder / "ground.tif")
    corners = [(X + 26 * (k % 6), Y + 26 * (k // 6)) for k in range(COUNT)]
    squares = [[[[(x, y), (x + 16, y), (x + 16, y + 16), (x, y + 16), (x, y)]]] for x, y in corners]
    names = [f"NL.IMBAG.Pand.{k:016d}" for k in range(COUNT)]
    shapes = Geometries.build("polygon", squares)
    top = GROUND + 4 + np.arange(COUNT) % 5
    columns = {"identificatie": column(names), "b3_h_maaiveld": np.full(COUNT, GROUND), "b3_h_70p": top}
    write_features(Features(shapes, columns), folder / "houses.gpkg", "houses", Silent())
    classes = [CLASSES[k % 3] for k in range(COUNT - 1)] + ["unknown"]
    water = {"identificatie": column([name[-16:] for name in names]), "water_class": column(classes)}
    water["water_depth"] = np.arange(COUNT) / 40
    write_features(Features(shapes, water), folder / "water.gpkg", "water", Silent())


@pytest.mark.gl
@pytest.mark.slow
def test_results_legend_and_two_scenarios_in_the_real_qgis(real_qgis, keep_pictures, qgis_app, tmp_path):
    town(tmp_path)
    found = real_qgis("view3d_results_trial", tmp_path, timeout=400)
    keep_pictures(tmp_path, ("all_settings", "results", "legend", "beside", "over_75", "over_25"), "view3d-results")
    assert "load an area" in found["nothing"] and "no terrain" in found["flat"] and found["message"] == ""
    assert "no OpenGL" in found["no OpenGL"] and found["views without"] == 0
    every, none = found["settings"]
    assert every[:3] == ["1", "1", "1"] and none[:3] == ["0", "0", "0"]
    assert every[3:] == none[3:]  # the origin of the scene to the last digit
    assert found["ready"] and found["looks at"] == pytest.approx(GROUND, abs=0.01)
    assert found["bearings"].startswith("RD 112")
    assert found["fields"] == ["water_class", "water_depth"] and found["counted"] == f"{COUNT} objects have a value."
    labels = [label for _, label in BUILDING_DEPTH.values()]
    assert found["swatches"] == found["legend"]["houses"] == [*labels, "No value"]
    assert found["hidden"] == ["ground"] and found["on the map"] == ["ground", "houses"]
    box = found["place"]
    for name in CLASSES:
        colour = BUILDING_DEPTH[name][0]
        assert share(tmp_path / "results.png", box, colour) > 0.01
        assert share(tmp_path / "plain.png", box, colour) < 0.002
    assert share(tmp_path / "hidden.png", box, "#e8c8b8") < 0.002 < share(tmp_path / "plain.png", box, "#e8c8b8") - 0.03
    assert found["named"] == ["with houses", "bare"]
    assert found["sizes"][0] == found["sizes"][1]
    at_75, at_25 = (quarters(tmp_path / f"over_{share}.png", box) for share in (75, 25))
    assert at_75[1] > 0.03 and at_25[1] < 0.002  # the second quarter of the views: houses until the handle passes it
    assert at_75[3] < 0.002 and at_25[0] > 0.005
    assert found["design"] == [False, True]
    assert found["kept"] == {"views": "over", "share": 0.25, "difference": "", "design": True}
    assert found["views at the end"] == 1


def share(path, box, colour, quarter=None):
    """Share of the view that has the hue and the strength of a colour, however it is lit; of all or of a quarter."""
    left, top, width, height = box
    columns = range(left, left + width, 3)
    if quarter is not None:
        columns = range(left + quarter * width // 4 + 8, left + (quarter + 1) * width // 4 - 8, 3)
    image, wanted, count, met = QImage(str(path)), QColor(colour), 0, 0
    for x in columns:
        for y in range(top + 80, top + height, 3):
            pixel = QColor(image.pixel(x, y))
            away = abs(pixel.hsvHue() - wanted.hsvHue())
            is_near = min(away, 360 - away) < 7 and abs(pixel.hsvSaturation() - wanted.hsvSaturation()) < 45
            met += is_near and pixel.hsvHue() >= 0
            count += 1
    return met / count


def quarters(path, box):
    return [share(path, box, "#e8c8b8", quarter) for quarter in range(4)]


@pytest.mark.parametrize("distance", [3, 40, 777, 5_000, 90_000])
def test_the_scale_is_round_and_as_wide_as_its_length_is_in_the_picture(distance):
    camera = Camera((X, Y, 5.0), distance, 0, 0, 900, 700)
    length, pixels = scale_of(camera)
    ends = camera.project([[X, Y, 5.0], [X + length, Y, 5.0]])
    assert ends[1, 0] - ends[0, 0] == pytest.approx(pixels, rel=1e-6)
    assert 40 < pixels <= 110 and f"{length:e}"[0] in "125"
