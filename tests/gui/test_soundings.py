"""The panel "Soundings": what it reads from layers, how it draws it, and how sites are picked."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QRectF, QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter

from dtwin_plugin.gui.soundings import SoundingsDock, export, plot, scales, view
from dtwin_plugin.layers import soundings as reading
from dtwin_plugin.layers.soundings import Bar, Sounding
from dtwin_plugin.models.subsurface.soil_behaviour import ZONES

OUTPUTS = ("sites", "sticks", "columns", "curve", "screens", "series", "samples", "counts", "findings")


@pytest.fixture(scope="module")
def loaded(qgis_app, qgis_processing, shared, tmp_path_factory):
    """A test as GEF and as XML, boreholes, and levels through time, as layers of one load."""
    from processing_algorithms.provider import DtwinProvider

    folder = tmp_path_factory.mktemp("soundings")
    source = folder / "in"
    source.mkdir()
    data = shared / "subsurface"
    for name in (
        "geolib_plus/CPT000000217393.xml", "geolib_plus/CPT000000217393_IMBRO.gef", "pygef/BHR000000336600.xml",
        "hydropandas/B33F0080001_1.csv",
    ):  # fmt: skip
        shutil.copy(data / name, source)
    for name in data.rglob("GMW*.xml"):
        shutil.copy(name, source)
    provider = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    context = QgsProcessingContext()
    parameters = {"folder": str(source), **{name: str(folder / f"{name}.gpkg") for name in OUTPUTS}}
    feedback = QgsProcessingFeedback()
    result, ok = provider.algorithm("loadlogs").create().run(parameters, context, feedback, {}, False)
    QgsApplication.processingRegistry().removeProvider(provider)
    assert ok and result["count"] == 5, feedback.textLog()
    yield {name: result[name] for name in OUTPUTS if result.get(name)}
    context.temporaryLayerStore().removeAllMapLayers()


@pytest.fixture
def project(loaded):
    """A project with the layers, of which the sites are the first."""
    project = QgsProject()
    for name in OUTPUTS:
        if name in loaded:
            layer = QgsVectorLayer(f"{loaded[name]}|layername={name}", name, "ogr")
            assert layer.isValid()
            project.addMapLayer(layer)
    yield project
    project.clear()


def sites_of(project):
    (layer,) = reading.sites_layers(project)
    return layer


def read(project, condition):
    layer = sites_of(project)
    return reading.soundings_of(project, layer, layer.getFeatures(condition))


def test_the_layers_of_a_load_are_known_by_their_fields(project):
    parts = reading.parts_of(project, sites_of(project))
    assert {part: layer.name() for part, layer in parts.items()} == {
        name: name for name in ("curve", "sticks", "screens", "series")
    }


def test_a_test_has_the_same_curve_from_gef_and_xml(project):
    """Both are drawn at the heights and with the resistance of the files, within their rounding."""
    one, other = read(project, "\"id\" LIKE 'CPT000000217393%' AND \"kind\" = 'cpt'")
    assert len(one.height) == len(other.height) == 1261
    assert np.all(np.diff(one.height) <= 0)  # from the surface down
    # written with 2 and 3 decimals
    assert np.nanmax(np.abs(one.height - other.height)) < 0.011
    assert np.nanmax(np.abs(one.cone - other.cone)) < 0.006
    assert one.surface == pytest.approx(-0.824) and one.height[0] <= one.surface
    assert [bar.group for bar in one.bars] == ["behaviour"] * len(one.bars) and len(one.bars) > 5
    for bar in one.bars:
        assert bar.colour == ZONES[int(bar.name)][1] and bar.top > bar.bottom


def test_a_borehole_has_its_layers_and_a_series_its_levels(project):
    (hole,) = read(project, "\"kind\" = 'borehole'")
    assert len(hole.bars) == 9 and hole.bars[0].top == pytest.approx(hole.surface, abs=1e-6)
    assert all(bar.group == "soil" and bar.name for bar in hole.bars)
    (levels,) = read(project, "\"kind\" = 'levels'")
    assert levels.has_series and len(levels.levels) > 3900 and np.all(np.diff(levels.times) >= 0)
    (well,) = read(project, "\"kind\" = 'well'")
    assert [bar.group for bar in well.bars] == ["screen"]


def sounding(**more):
    height = np.linspace(2.0, -8.0, 101)
    values = {
        "number": 1, "name": "S1", "kind": "cpt", "surface": 2.0, "height": height,
        "cone": np.where(height > -3, 1.0, 20.0), "ratio": np.full(101, 5.0), "pressure": np.full(101, np.nan),
        "bars": (Bar(2.0, -3.0, "#3F5FA8", "3", "3 Clay", "behaviour"), Bar(-3.0, -8.0, "#E9C75B", "6", "6 Sand",
                 "behaviour")),
    }  # fmt: skip
    return Sounding(**{**values, **more})


def drawn(soundings, heights=None, size=(400, 500)):
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    result = plot.draw(painter, QRectF(0, 0, *size), soundings, heights)
    painter.end()
    return image, result


def colours_at(image, rows, columns):
    return {image.pixelColor(x, y).name().upper() for y in rows for x in columns}


def test_curves_and_behaviour_are_drawn_at_their_heights(qgis_app):
    """Above -3 m NAP the strip is that of clay, below it that of sand; the cone jumps from 1 to 20 MPa there."""
    image, result = drawn([sounding()])
    (panel,) = result.panels
    left = int(panel.area.left())
    for height, colour in ((0.0, "#3F5FA8"), (-2.5, "#3F5FA8"), (-3.5, "#E9C75B"), (-7.0, "#E9C75B")):
        y = int(panel.height(height))
        assert colours_at(image, [y], range(left + 2, left + 14)) == {colour}, height
    begin, end = panel.area.left() + 19, panel.area.right()
    for height, cone in ((0.0, 1.0), (-6.0, 20.0)):
        y, x = int(panel.height(height)), begin + (end - begin) * cone / 20.0
        row = colours_at(image, [y], range(int(x) - 4, min(int(x) + 5, int(end) + 1)))
        assert any(QColor(c).red() > 150 and QColor(c).green() < 120 for c in row), height
    middle = (begin + end) / 2  # 5 % is half of 10 %, from the right
    row = colours_at(image, [int(panel.height(0.0))], range(int(middle) - 3, int(middle) + 4))
    assert any(QColor(c).blue() > 120 and QColor(c).red() < 120 for c in row)


def test_a_gap_in_a_curve_stays_a_gap(qgis_app):
    cone = np.where(np.abs(np.linspace(2.0, -8.0, 101) + 3) < 1.0, np.nan, 10.0)
    image, result = drawn([sounding(cone=cone, ratio=np.full(101, np.nan))])
    (panel,) = result.panels
    begin, end = panel.area.left() + 19, panel.area.right()
    x = int(begin + (end - begin) * 10.0 / 10.0) - 1

    def is_red(height):
        row = colours_at(image, [int(panel.height(height))], range(x - 3, x + 2))
        return any(QColor(c).red() > 150 and QColor(c).green() < 120 for c in row)

    assert is_red(0.0) and is_red(-6.0) and not is_red(-3.0)


def test_columns_share_heights_and_levels_stand_below(qgis_app):
    times = np.arange(0.0, 400.0) * 86_400
    levels = Sounding(3, "P1", "levels", 1.0, times=times, levels=np.sin(times / 4e6))
    image, result = drawn([sounding(), sounding(name="S2", number=2, surface=np.nan), levels])
    one, two = result.panels
    assert one.height == two.height and one.area.right() < two.area.left()
    below = image.copy(0, int(one.area.bottom()) + 20, image.width(), 120)
    blue = sum(
        QColor(below.pixel(x, y)).blue() > 150 > 90 > QColor(below.pixel(x, y)).red()
        for x in range(below.width()) for y in range(below.height())
    )  # fmt: skip
    assert blue > 100


def test_more_columns_than_fit_are_told(qgis_app):
    _, result = drawn([sounding(number=n) for n in range(11)], size=(900, 400))
    assert len(result.panels) == plot.MOST and result.left_out == 3


def test_what_is_pointed_at_is_told(qgis_app):
    text = view.told(sounding(), -1.0)
    assert text.startswith("S1 · -1.00 m NAP · 3.00 m below the surface") and "qc 1.00 MPa" in text
    assert "Rf 5.00 %" in text and text.endswith("3 Clay")
    assert "below the surface" not in view.told(sounding(surface=np.nan), -1.0)


def test_the_wheel_zooms_within_what_there_is(qgis_app):
    widget = view.PlotView()
    widget.show_soundings([sounding()])
    widget.zoom(-3.0, 0.5)
    low, high = widget.heights
    assert low < -3.0 < high and high - low == pytest.approx(0.5 * np.subtract(*plot.range_of([sounding()])[::-1]))
    for _ in range(20):
        widget.zoom(-3.0, 0.5)
    assert widget.heights[1] - widget.heights[0] >= 1.0
    widget.zoom(-3.0, 1000.0)
    assert widget.heights is None
    widget.deleteLater()


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_is_saved(qgis_app, tmp_path, suffix):
    path = tmp_path / f"plot.{suffix}"
    export.save([sounding()], path, QSize(400, 300))
    if suffix == "png":
        image = QImage(str(path))
        assert (image.width(), image.height()) == (800, 600)
    else:
        text = path.read_text()
        assert "<svg" in text and "3f5fa8" in text and "S1" in text
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_a_picture_of_another_kind_is_refused(qgis_app, tmp_path):
    from dtwin_plugin.errors import InputError

    with pytest.raises(InputError, match=r"plot\.jpg must end in"):
        export.save([sounding()], tmp_path / "plot.jpg", QSize(400, 300))


def test_ticks_of_years_are_whole(qgis_app):
    found = scales.time_ticks(0.0, 40 * 365.25 * 86_400, 5)
    assert [text for _, text in found] == ["1970", "1980", "1990", "2000", "2010"]
    assert found[1][0] == 3652 * 86_400  # ten years with two leap days


@pytest.fixture
def dock(loaded):
    """The panel in a window with a map only, and the sites of a load in the project."""

    class Window:
        canvas = QgsMapCanvas()

        def mapCanvas(self):
            return self.canvas

    window, project = Window(), QgsProject.instance()
    for name in ("sites", "sticks", "curve", "screens", "series"):
        project.addMapLayer(QgsVectorLayer(f"{loaded[name]}|layername={name}", name, "ogr"))
    window.canvas.setDestinationCrs(sites_of(project).crs())
    panel = SoundingsDock(window)
    yield panel
    panel.close_for_good()
    project.removeAllMapLayers()
    panel.deleteLater()


def test_the_plot_follows_the_selection(dock):
    layer = sites_of(QgsProject.instance())
    layer.selectByExpression("\"kind\" = 'cpt'")
    assert [s.kind for s in dock.plot.soundings] == ["cpt", "cpt"] and dock.message.text() == "2 sites"
    dock.follow.setChecked(False)
    layer.removeSelection()
    assert len(dock.plot.soundings) == 2  # of its own now


def test_a_click_picks_what_has_one_place_and_ctrl_adds(dock):
    """The test lies in two files at one place; the borehole is 47 km away."""
    tool = dock._tool
    ids = tool.at(QgsPointXY(85_800.0, 441_974.5), 2.0)
    assert len(ids) == 2 and tool.at(QgsPointXY(85_900.0, 441_974.5), 2.0) == []
    tool.picked.emit(ids, False)
    assert sites_of(QgsProject.instance()).selectedFeatureCount() == 2
    tool.picked.emit(tool.at(QgsPointXY(132_781.3, 448_031.1), 5.0), True)
    assert [s.kind for s in dock.plot.soundings] == ["cpt", "cpt", "borehole"]
    tool.picked.emit([], False)
    assert dock.message.text() == "There is no site there." and len(dock.plot.soundings) == 3


def test_the_panel_lets_go_of_layers_that_are_removed(dock):
    layer = sites_of(QgsProject.instance())
    layer.selectAll()
    assert len(dock.plot.soundings) == 5
    QgsProject.instance().removeMapLayer(layer.id())
    assert dock.plot.soundings == [] and dock.layers.count() == 0 and not dock.pick.isEnabled()
    assert dock.message.text().startswith("There are no soundings")


@pytest.mark.gl
@pytest.mark.slow
def test_the_panel_in_the_real_qgis(root, real_qgis, tmp_path, loaded):
    """A site is clicked on the map, another is selected, and a picture is saved."""
    for name in loaded:
        shutil.copy(loaded[name], tmp_path / f"{name}.gpkg")
    found = real_qgis("soundings_trial", tmp_path, "nl", timeout=150)
    assert found["title"] == "Sonderingen" and found["layers"] == 1
    assert found["picked"] == 2 and found["selected"] == 2  # GEF and XML have one place; the plot follows
    assert found["all"] == 5 and found["after"] == [0, 0]  # nothing is left when the layers are removed
    assert (tmp_path / "plot.svg").stat().st_size > 20_000
    assert "Traceback" not in (tmp_path / "output.txt").read_text()
    pictures = Path(root) / "build" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    shutil.copy(tmp_path / "soundings.png", pictures / "soundings.png")
