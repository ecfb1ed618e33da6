"""Time, viewpoints, films and the kept panel in the real QGIS."""

import numpy as np
import pytest
from qgis.PyQt.QtGui import QImage, QImageReader

from dtwin_plugin.layers.film import pixels_of

pytestmark = [pytest.mark.gl, pytest.mark.slow]


@pytest.fixture
def stories(real_qgis, tmp_path):
    """Do parts of the trial; what it told, and a picture by its name."""

    def run(parts):
        found = real_qgis("view3d_stories_trial", tmp_path, timeout=280, DTWIN_PARTS=parts)
        assert found["ready"]
        return found, lambda name: pixels_of(QImage(str(tmp_path / f"{name}.png"))).astype(int)

    return run


def blue(picture):
    """How many pixels of the 3D view, in the right half of the window, are water."""
    right = picture[250:, picture.shape[1] * 6 // 10 : picture.shape[1] * 8 // 10]
    return int(((right[..., 2] - right[..., 0] > 90) & (right[..., 2] > 120)).sum())


def test_map_and_views_go_through_time_together(stories, tmp_path, keep_pictures):
    found, picture = stories("time")
    assert found["moments"] == 3 and "water" in found["shown first"] and "depth" not in found["shown first"]
    assert found["played"] and found["at the end"] == [2, "2026-01-01T12:20:00Z", "T + 20 min"]
    for name in ("water", "depth"):  # a mesh follows by itself, and a raster by the copy that stands in for it
        assert blue(picture(f"{name}_0")) < blue(picture(f"{name}_1")) / 2, name
    assert found["heard"] == [1, "2026-01-01T12:10:00Z"]
    assert found["all times"] == ["All times", ""]
    keep_pictures(tmp_path, ("water_1", "depth_1"), "view3d-time")


def test_viewpoints_bring_all_back_and_keys_turn_the_camera(stories):
    found, _ = stories("viewpoints looks")
    distance, is_flying = found["on the way"]
    assert is_flying and 90 < distance <= 150
    assert found["there"] == [pytest.approx(150, abs=0.01), pytest.approx(45, abs=0.01), pytest.approx(20, abs=0.01),
                              ["ground", "houses"], True]  # fmt: skip
    assert found["water"] == [pytest.approx(90, abs=0.01), pytest.approx(10, abs=0.01), pytest.approx(100, abs=0.01),
                              ["ground", "water"], "2026-01-01T12:10:00Z"]  # fmt: skip
    assert found["ticked before"] == ["water"] and found["back"] == [True, ["water"], True]
    assert found["names"] == ["Peak", "Houses"] and found["icons"] == [True, True]
    assert found["taken over"]
    looks = {key: (round(pitch), round(heading) % 360) for key, (pitch, heading, _, _) in found["looks"].items()}
    assert looks["Home"] == (50, 0) and looks["N"] == (50, 0) and looks["T"] == (0, 0)
    assert [looks[key] for key in "1234"] == [(80, 0), (80, 90), (80, 180), (80, 270)]
    heights = [found["looks"][key][2] for key in ("4", "Plus", "Minus")]
    assert heights[1] > heights[0] + 10 and heights[2] == pytest.approx(heights[0], abs=0.01)


def test_films_pictures_and_sheets_are_made(stories, tmp_path, keep_pictures):
    found, picture = stories("films")
    assert found["walks"] and found["walked"] and found["walked to"] == [["ground", "water"], "2026-01-01T12:10:00Z"]
    assert found["said of the film"] == "walk.gif is written."
    film = QImageReader(str(tmp_path / "walk.gif"))
    assert film.imageCount() == 2
    houses, water = (pixels_of(film.read()).astype(int) for _ in range(2))
    assert (houses[..., 0] - houses[..., 2] > 60).mean() > 0.03  # roofs
    assert (water[..., 2] - water[..., 0] > 90).mean() > 0.3
    assert picture("large").shape == (720, 1280, 3) and (np.ptp(picture("large"), axis=2) > 90).mean() > 0.2
    assert np.abs(picture("large")[360, 640] - (0x18, 0x64, 0xAA)).max() <= 6  # the colour of its legend
    assert picture("as_seen").shape == water.shape
    assert "ffmpeg" in found["said without ffmpeg"] or "walk.mp4" in found["said without ffmpeg"]
    name, items = found["sheet"]
    assert name in found["said of the sheet"]
    assert {"QgsLayoutItem3DMap", "QgsLayoutItemLegend", "QgsLayoutItemPicture"} <= set(items)
    assert (picture("sheet") < 100).mean() > 0.005  # letters
    keep_pictures(tmp_path, ("large", "sheet"), "view3d-film")


def test_the_panel_goes_with_the_project(stories, tmp_path, keep_pictures):
    found, picture = stories("project")
    assert found["saved"] and found["views when cleared"] == 0
    assert found["reopened"] == [True, True, ["ground", "water"], "2026-01-01T12:10:00Z"]
    assert found["views open"] == 1  # and not one more that QGIS kept
    assert blue(picture("reopened")) > 1000
    assert found["stays closed"] == 0
    keep_pictures(tmp_path, ("reopened",), "view3d-project")
