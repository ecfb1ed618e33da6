"""The panel with a section: what it takes the layers for, what it starts, shows, tells and saves."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QEventLoop, QPointF, QTimer
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.gui.section import SectionDock
from dtwin_plugin.gui.section.roles import ROLES, likely, may_be
from dtwin_plugin.layers import privacy
from dtwin_plugin.layers.voxels import write_voxels
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

X, Y = 136_400.0, 456_200.0
RD = QgsCoordinateReferenceSystem("EPSG:28992")


@pytest.fixture(scope="module")
def provider(qgis_app, qgis_processing):
    from processing_algorithms.provider import DtwinProvider

    instance = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(instance)
    yield instance
    QgsApplication.processingRegistry().removeProvider(instance)


@pytest.fixture
def project(provider, tmp_path):
    """A project with a terrain, cables of a confidential delivery, and a layer that is neither."""
    write_cog(Grid(np.full((60, 80), 1.2), X, Y + 60, 1.0, unit="m"), tmp_path / "ground.tif")
    rows = [[[[(X + 30, Y, -1.0), (X + 30, Y + 60, -1.0)]]]]
    columns = {"theme": column(["water"]), "diameter": column([300.0]), "z_uncertainty": column([0.2])}
    pipe = Features(Geometries.build("line", rows), columns, crs="EPSG:7415")
    write_features(pipe, tmp_path / "cables.gpkg", "cables", Silent())
    ground = QgsRasterLayer(str(tmp_path / "ground.tif"), "ahn")
    ground.elevationProperties().setEnabled(True)
    cables = QgsVectorLayer(f"{tmp_path}/cables.gpkg|layername=cables", "cables", "ogr")
    cables.setCustomProperty(privacy.PROPERTY, "confidential")
    other = QgsVectorLayer("LineString?crs=EPSG:28992&field=name:string", "streets", "memory")
    found = QgsProject.instance()
    found.addMapLayers([other, ground, cables])
    yield found
    found.removeAllMapLayers()


@pytest.fixture
def dock(project):
    class Window:
        canvas = QgsMapCanvas()

        def mapCanvas(self):
            return self.canvas

        def activeLayer(self):
            return self.active

    window = Window()
    window.canvas.setDestinationCrs(RD)
    panel = SectionDock(window)
    panel.window = window
    yield panel
    panel.close_for_good()
    panel.deleteLater()
    window.canvas.deleteLater()


def line(text="LINESTRING(136402 456230, 136478 456230)"):
    return QgsGeometry.fromWkt(text)


def make(dock):
    """Make the section and wait for its end."""
    loop = QEventLoop()
    dock.start()
    assert dock._run is not None, dock.message.text()
    dock._run.ended.connect(lambda *_: QTimer.singleShot(0, loop.quit))
    QTimer.singleShot(60_000, loop.quit)
    loop.exec()
    assert dock.view.data is not None, dock.message.text()


def test_layers_are_known_by_their_columns(project):
    layers = list(project.mapLayers().values())
    found = {role.name: likely(role, layers) for role in ROLES}
    assert found["terrain"].name() == "ahn" and found["present_lines"].name() == "cables"
    assert [name for name, layer in found.items() if layer is not None] == ["terrain", "present_lines"]
    (sticks,) = (role for role in ROLES if role.name == "sticks")
    assert {layer.name() for layer in may_be(sticks, layers)} == {"streets", "cables"}


def test_what_is_new_is_taken_and_what_was_left_out_stays_out(dock, project):
    boxes = dock.chooser.lists
    assert boxes["terrain"].currentText() == "ahn"
    boxes["terrain"].setCurrentIndex(0)
    sticks = QgsVectorLayer("LineStringZ?crs=EPSG:28992&field=site:string&field=lithoclass:int", "logs", "memory")
    project.addMapLayer(sticks)
    assert boxes["sticks"].currentText() == "logs" and boxes["terrain"].currentData() == ""
    project.removeMapLayer(sticks.id())
    assert boxes["sticks"].currentData() == ""


def test_the_section_is_made_in_the_background_shown_and_told(dock, tmp_path):
    assert not dock.make.isEnabled() and not dock.export.isEnabled()
    dock.line.set_line(line(), RD)
    assert dock.line.state.text().startswith("Line of 76") and dock.make.isEnabled()
    make(dock)
    dock.view.resize(900, 420)
    frame, scale = dock.view.frame(), dock.view._scale()
    text = dock.view.point(QPointF(frame.x(28.0) * scale, frame.y(-1.0) * scale))
    assert text.startswith("28.0 m along, -1.00 m NAP; Water") and "ø300" in text and "± 0.20 m in height" in text
    assert dock.place.text() == text and dock.line._marker.isVisible()
    assert dock.line._marker.center().x() == pytest.approx(X + 30, abs=0.1)  # a pixel is 0.08 m
    assert dock.view.point(QPointF(1, 1)) == "" and not dock.line._marker.isVisible()
    image = dock.view.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert "#4b3621" in seen and "#0000ff" in seen  # ground and water main


def test_drawings_and_data_are_saved_and_say_what_is_confidential(dock, project, tmp_path):
    dock.line.set_line(line(), RD)
    make(dock)
    dock.export.save_drawing(tmp_path / "a.svg")
    assert "a.svg is saved" in dock.message.text() and "Confidential" in (tmp_path / "a.svg").read_text()
    dock.export.save_data(tmp_path)
    upright = [layer for layer in project.mapLayers().values() if layer.name().startswith("Section in space")]
    assert {layer.name() for layer in upright} == {"Section in space, areas", "Section in space, lines"}
    assert all(privacy.level_of(layer) == "confidential" for layer in upright)
    assert {f"section_{name}.gpkg" for name in ("areas", "lines", "points")} <= {p.name for p in tmp_path.iterdir()}


def test_the_exaggeration_is_that_of_the_drawing(dock):
    dock.line.set_line(line(), RD)
    make(dock)
    dock.view.resize(900, 420)
    dock.chooser.exaggeration.setValue(5.0)
    frame = dock.view.frame()
    assert frame.up / frame.across == pytest.approx(5.0)


def test_a_line_is_taken_from_the_selection_or_asked_for(dock):
    dock.window.active = None
    dock.line.use.click()
    assert dock.line.points is None and "Select a line" in dock.line.state.text()
    dock.start()
    assert "No line is drawn yet" in dock.message.text()


def test_what_goes_wrong_is_said(dock):
    dock.line.set_line(line("LINESTRING(0 0, 1 0)"), RD)
    loop = QEventLoop()
    dock.start()
    if dock._run is not None:
        dock._run.ended.connect(lambda *_: QTimer.singleShot(0, loop.quit))
        QTimer.singleShot(60_000, loop.quit)
        loop.exec()
    assert dock.view.data is None and dock.message.text() and dock.make.isEnabled()


def street(folder):
    """A street of 80 by 60 m with all that a section shows."""
    rise = np.interp(np.arange(80), [0, 20, 24, 40, 56, 60, 80], [1.6, 1.5, 1.25, 1.32, 1.25, 1.5, 1.6])
    write_cog(Grid(np.tile(rise, (60, 1)), X, Y + 60, 1.0, unit="m"), folder / "ground.tif")
    classes = np.full((16, 12, 20), 6, np.int16)
    classes[..., 11:14], classes[..., 14:17], classes[..., 17:19], classes[..., 19:] = 1, 2, 0, -1
    chances = np.full((16, 12, 20, 10), 0.05, np.float32)
    likely_ = np.where(np.arange(16)[:, None, None] % 3, 0.7, 0.4) * np.ones(classes.shape)
    np.put_along_axis(chances, np.maximum(classes, 0)[..., None].astype(np.int64), likely_[..., None], axis=3)
    block = Voxels(classes, chances, X, Y, -8.5, (5.0, 5.0, 0.5), tuple(LITHOCLASSES.values()))
    write_voxels(block, folder / "soil.gpkg", "soil", Silent())
    pipes = (
        (16, 0.8, "laagspanning", 30, 0.5, 0.5, "assumed"), (18, 0.6, "gasLageDruk", 110, 0.5, 0.2, "surface"),
        (20, 0.4, "water", 160, 1.0, 0.5, "standard"), (30, -1.2, "rioolVrijverval", 500, 0.3, 0.1, "nap"),
        (34, 0.0, "warmte", 315, 0.5, 0.2, "surface"), (60, 0.7, "datatransport", None, 1.0, 0.5, "assumed"),
    )  # fmt: skip
    names = ("theme", "diameter", "xy_uncertainty", "z_uncertainty", "z_source")
    tables = {
        "cables": ("line", [[(X + p[0], Y, p[1]), (X + p[0], Y + 60, p[1])] for p in pipes],
                   {name: [p[2 + i] for p in pipes] for i, name in enumerate(names)}),
        "sticks": ("line", [[(X + 25, Y + 38, a), (X + 25, Y + 38, b)] for a, b in ((1.3, -1.0), (-1.0, -6.0))],
                   {"number": [1, 1], "site": ["B31F0001"] * 2, "kind": ["borehole"] * 2, "lithoclass": [2, 6]}),
        "houses": ("polygon", [rectangle(4, 20, 10, 20), rectangle(70, 20, 9, 20)],
                   {"b3_h_maaiveld": [1.5, 1.5], "b3_h_70p": [9.0, 7.4]}),
        "bodies": ("polygon", [rectangle(40, 25, 12, 10)], {"bottom": [-0.3], "top": [0.6], "kind": ["Crate"]}),
    }  # fmt: skip
    for name, (form, rows, columns) in tables.items():
        shapes = Geometries.build(form, [[[row]] for row in rows])
        made = Features(shapes, {key: column(values) for key, values in columns.items()}, crs="EPSG:28992")
        write_features(made, folder / f"{name}.gpkg", name, Silent())


def rectangle(x, y, wide, high):
    corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y))
    return [(X + east, Y + north) for east, north in corners]


@pytest.mark.gl
@pytest.mark.slow
def test_the_panel_makes_a_section_in_the_real_qgis(root, real_qgis, qgis_app, tmp_path):
    street(tmp_path)
    found = real_qgis("section_trial", tmp_path, "nl", timeout=250)
    assert found["chosen"] == {
        "terrain": "ground", "voxels": "soil", "sticks": "sticks", "present_lines": "cables",
        "present_areas": "bodies", "buildings": "houses",
    }, found  # fmt: skip
    assert "ø500" in found["told"] and len(found["layers"]) == 8, found  # the upright ones too
    pictures = Path(root) / "build" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    shutil.copy(tmp_path / "section.png", pictures / "section.png")
    for suffix in ("pdf", "svg", "png"):
        shutil.copy(tmp_path / f"drawing.{suffix}", pictures / f"section-drawing.{suffix}")
    image = QImage(str(tmp_path / "section.png"))
    seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert {"#9d4e40", "#009200", "#ead9cd"} <= seen  # peat, clay and a house
    assert "Traceback" not in (tmp_path / "output.txt").read_text()
