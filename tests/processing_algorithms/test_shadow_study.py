"""A shadow study in one run: its report, its pictures, its files, and what it leaves when it does not end well."""

import csv
import json
import shutil
import subprocess

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers.film import pixels_of
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

X, Y, CELL, SIDE = 155_000.0, 463_000.0, 1.0, 160
EVERY, MIDDLE, NONE = range(3)


def square(left, bottom, right, top, z=None):
    places = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    return [(X + x, Y + y) if z is None else (X + x, Y + y, z) for x, y in places]


@pytest.fixture
def site(tmp_path):
    """A field with a house of 8 m north of a block of 20 m, as files."""
    ground = np.zeros((SIDE, SIDE))
    write_cog(Grid(ground, X, Y + SIDE, CELL, unit="m"), tmp_path / "terrain.tif")
    heights = ground.copy()
    heights[60:70, 70:90] = 8.0  # y from 90 to 100 m
    write_cog(Grid(heights, X, Y + SIDE, CELL, unit="m"), tmp_path / "surface.tif")
    house = Features(Geometries.build("polygon", [[[square(70, 90, 90, 100)]]]), {"id": column(["house"])})
    write_features(house, tmp_path / "footprints.gpkg", "footprints", Silent())
    plan = Features(Geometries.build("polygon", [[[square(70, 70, 90, 80, 20.0)]]]), {"id": column(["plan"])})
    write_features(plan, tmp_path / "plan.gpkg", "plan", Silent())
    return {
        "surface": str(tmp_path / "surface.tif"),
        "terrain": str(tmp_path / "terrain.tif"),
        "plan": str(tmp_path / "plan.gpkg"),
        "footprints": str(tmp_path / "footprints.gpkg"),
        "days": "21-3, 21-6",
        "times": "9:00, 12:00, 15:00",
        "step": 60,
        "around": 60,
        "scenes": NONE,
    }


@pytest.fixture
def run(provider, context, site, tmp_path):
    def study(feedback=None, **parameters):
        out = tmp_path / "out"
        files = {"moments": "moments.csv", "lost": "lost.tif", "light_after": "after.tif", "points": "points.gpkg",
                 "tested": "tested.gpkg", "summary": "summary.csv", "record": "run.json",
                 "report": "study.pdf"}  # fmt: skip
        given = {**site, **{name: str(out / file) for name, file in files.items()}, "folder": str(out / "pictures")}
        algorithm = provider.algorithm("shadowstudy").create()
        feedback = feedback or QgsProcessingFeedback(False)
        result, _ = algorithm.run({**given, **parameters}, context, feedback, {}, False)
        return result

    return study


def pixels(path):
    image = QImage(str(path))
    assert not image.isNull(), path
    return pixels_of(image).astype(int)


def red(picture):
    """How many pixels have the colour of new shadow: more red than green and blue, which are about the same."""
    r, g, b = (picture[..., band] for band in range(3))
    return int(((r - g > 70) & (abs(g - b) < 40)).sum())


def text_of(path):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def test_one_run_gives_the_whole_package(run, tmp_path):
    result = run(purpose="Does the house keep its sun?", title="Block [% 6*7 %]")
    out = tmp_path / "out"
    rows = list(csv.DictReader(open(result["moments"])))
    assert [row["time"] for row in rows] == [
        f"2026-{day}T{clock}" for day in ("03-21", "06-21") for clock in ("09:00", "12:00", "15:00")
    ]
    pictures = {path.name: pixels(path) for path in (out / "pictures").glob("2026*.png")}
    assert len(pictures) == 12
    for name, picture in pictures.items():
        new = float(next(row for row in rows if name.startswith(row["time"].replace("T", "_").replace(":", "")))["new"])
        assert new > 0
        share = red(picture) / picture[..., 0].size
        if "before" in name:
            assert share < 0.001, name
        else:
            # the map shows no more than 140 m by 130 m, and no less than the new shadow needs
            assert 0.9 * new / (140 * 130) < share < 0.5, name
    text = text_of(result["report"])
    assert "Does the house keep its sun?" in text and "Block [ % 6*7 %]" in text and "42" not in text.split("\n")[1]
    for row in rows:
        assert f"{float(row['new']):,.0f}" in text
    for words in (
        "Shadow on 21 March 2026",
        "Change of the hours of sun",
        "Sun at facades",
        "How this was made",
        "What this study does not say",
        "TNO light",
        "surface.tif",
        json.load(open(result["record"]))["id"],
    ):
        assert words in text, words  # fmt: skip
    assert (out / "lost.tif").is_file() and (out / "points.gpkg").is_file()


def test_north_is_up_and_the_shadow_falls_away_from_the_sun(run, tmp_path):
    """At 9:00 in March the sun stands in the south-east, and the new shadow falls to the north-west of the plan."""
    run(times="9:00", days="21-3")
    picture = pixels(tmp_path / "out" / "pictures" / "2026-03-21_0900_after.png")
    r, g, b = (picture[..., band] for band in range(3))
    shadow = np.argwhere((r - g > 70) & (abs(g - b) < 40)).mean(axis=0)
    plan = np.argwhere((b - r > 100) & (g < 140)).mean(axis=0)  # blue
    assert shadow[0] < plan[0] and shadow[1] < plan[1]


def test_a_plan_that_is_drawn_on_the_map_stands_as_a_block(run, tmp_path):
    """Its height goes up from the terrain at 0 m, so that it throws the shadow of the plan in space."""
    drawn = Features(Geometries.build("polygon", [[[square(70, 70, 90, 80)]]]), {"height": column([20.0])})
    write_features(drawn, tmp_path / "drawn.gpkg", "drawn", Silent())
    tables, warnings = [], []
    for name in ("plan", "drawn"):
        result = run(plan=str(tmp_path / f"{name}.gpkg"), times="12:00", report="")
        tables.append([row["new"] for row in csv.DictReader(open(result["moments"]))])
        warnings.append(" ".join(json.load(open(result["record"]))["warnings"]))
    assert tables[0] == tables[1] and min(map(float, tables[1])) > 0
    assert "it stands from 0.00 to 20.00 m NAP" in warnings[1] and "it stands" not in warnings[0]


def test_a_study_in_dutch_is_dutch(run, monkeypatch):
    from dtwin_plugin.translate import set_language

    set_language("nl")
    try:
        text = text_of(run(days="21-3", times="12:00")["report"])
    finally:
        set_language("en")
    assert "21 maart" in text and "Schaduwstudie" in text


def test_without_footprints_facades_are_not_tested_and_the_report_says_so(run, tmp_path):
    result = run(footprints=None, points=None, tested=None, summary=None, days="21-3", times="12:00")
    assert "Facades were not tested." in text_of(result["report"])
    assert "points" not in result


def test_without_a_display_the_report_has_maps_and_a_warning(run):
    feedback = QgsProcessingFeedback(False)
    result = run(feedback, scenes=EVERY, days="21-3", times="12:00")
    from dtwin_plugin.layers.opengl import opengl_fault

    if not opengl_fault():
        pytest.skip("there is OpenGL here")
    assert "no pictures in 3D" in feedback.textLog() and "no pictures in 3D" in text_of(result["report"])


def test_what_fails_leaves_nothing(run, tmp_path, monkeypatch):
    from dtwin_plugin.errors import ModelError
    from processing_algorithms import writers

    def broken(*_):
        raise ModelError("The disk is full.")

    monkeypatch.setattr(writers, "write_output", broken)
    with pytest.raises(QgsProcessingException, match="The disk is full"):
        run(days="21-3", times="12:00")
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not left, left


def test_who_stops_it_finds_nothing_written(run, tmp_path):
    class Stopping(QgsProcessingFeedback):
        def setProgressText(self, text):
            if text.startswith("Map 2"):
                self.cancel()

    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        run(Stopping(False), days="21-3")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.gl
def test_the_plan_and_its_shadow_are_in_the_pictures_in_3d(run, tmp_path):
    result = run(scenes=MIDDLE, days="21-3", times="9:00, 12:00, 15:00")
    found = list((tmp_path / "out" / "pictures").glob("*_3d.png"))
    assert [path.name for path in found] == ["2026-03-21_1200_3d.png"]
    picture = pixels(found[0])
    r, g, b = (picture[..., band] for band in range(3))
    assert red(picture) > 1000  # of 415,000: the new shadow on the ground
    assert ((b - r > 60) & (b > 90)).sum() > 1000  # the blue block, in light and in shade
    assert "The plan and its shadow in 3D" in text_of(result["report"])
