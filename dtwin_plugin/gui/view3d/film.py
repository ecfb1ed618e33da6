"""Instrument: a walk along the viewpoints, and pictures, films and sheets of what is seen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from qgis._3d import Qgs3DMapSettings
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, Qt
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from dtwin_plugin.errors import Cancelled, DtwinError, InputError, ModelError
from dtwin_plugin.layers import privacy, scene3d
from dtwin_plugin.layers.film import expect_writable, write_film
from dtwin_plugin.layers.sheet3d import make_sheet
from dtwin_plugin.layers.viewpoints import keep_viewpoints, kept_viewpoints
from dtwin_plugin.translate import mark, tr
from dtwin_plugin.twin.privacy import is_public
from dtwin_plugin.twin.story import Shot, walk
from dtwin_plugin.twin.viewpoints import Viewpoint

from .grab import grabbed
from .instrument import Instrument
from .scene import Scene
from .shown import Frames

_SIZES = (
    (mark("As on the screen"), None),
    ("1280 × 720", (1280, 720)),
    ("1920 × 1080", (1920, 1080)),
    ("3840 × 2160", (3840, 2160)),
)
_TYPED = re.compile(r"\s*(\d+)\s*[x×*]\s*(\d+)\s*(?:px)?\s*")
_LEAST, _LARGEST = 100, 8000  # px of a side, as of `render3d`
_RATES = (2, 4, 8, 12, 25)  # pictures a second of flight
_STILL = 60.0  # s that a picture of the screen waits for all to be drawn; software on a busy machine takes over 20
_TICK = 50  # ms


class FilmPage(Instrument):
    """The viewpoints in their order with the seconds that each takes; play, picture, film, sheet."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([tr("Viewpoint"), tr("Flight [s]"), tr("Stay [s]")])
        self.table.verticalHeader().hide()
        self.size, self.rate = QComboBox(), QComboBox()
        self.play = QPushButton(tr("Play"))
        self.picture, self.film = QPushButton(tr("Picture…")), QPushButton(tr("Film…"))
        self.sheet, self.stop = QPushButton(tr("Sheet")), QPushButton(tr("Stop"))
        self.progress = QProgressBar()
        self._is_stopped = self._is_busy = False
        self._lay_out()
        for button, act in (
            (self.play, self.play_or_stop), (self.picture, self._ask_picture), (self.film, self._ask_film),
            (self.sheet, self.make_sheet), (self.stop, self._stop),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked, act=act: act())
        self.scene.recall.ended.connect(self._flown)
        QgsProject.instance().readProject.connect(self.refresh)
        QgsProject.instance().cleared.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        for title, size in _SIZES:
            self.size.addItem(tr(title), size)
        self.size.setEditable(True)
        self.size.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.size.setToolTip(
            tr(
                "Or type one, such as 2000 × 1500. Those in pixels are made off screen: each takes seconds, and "
                "sections are not in them."
            )
        )
        for rate in _RATES:
            self.rate.addItem(str(rate), rate)
        self.rate.setCurrentIndex(1)
        self.sheet.setToolTip(tr("Add a sheet of what is seen to the layouts of the project, with title and legend."))
        self.progress.hide()
        self.stop.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.play)
        form = QFormLayout()
        form.addRow(tr("Size"), self.size)
        form.addRow(tr("Pictures a second"), self.rate)
        column.addLayout(form)
        row = QHBoxLayout()
        for button in (self.picture, self.film, self.sheet):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.stop)

    def begin(self) -> None:
        """Show what is kept now."""
        self.refresh()

    def views_changed(self) -> None:
        """Let be chosen what can be."""
        self._enable()

    def refresh(self, *_: object) -> None:
        """Show the viewpoints of the project; a new one is in the film."""
        out = {name for name, shown in self._rows() if not shown}
        self.table.setRowCount(0)
        for row, viewpoint in enumerate(kept_viewpoints(QgsProject.instance())):
            self.table.insertRow(row)
            item = QTableWidgetItem(viewpoint.name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked if viewpoint.name in out else Qt.CheckState.Checked)
            self.table.setItem(row, 0, item)
            for column, value in ((1, viewpoint.flight), (2, viewpoint.stay)):
                box = QDoubleSpinBox()
                box.setRange(0.0, 600.0)
                box.setSingleStep(0.5)
                box.setDecimals(1)
                box.setValue(value)
                box.valueChanged.connect(self._keep_times)
                self.table.setCellWidget(row, column, box)
        self.table.resizeColumnsToContents()
        self._enable()

    def _rows(self) -> list[tuple[str, bool]]:
        items = [self.table.item(row, 0) for row in range(self.table.rowCount())]
        return [(item.text(), item.checkState() == Qt.CheckState.Checked) for item in items]

    def _keep_times(self) -> None:
        kept = kept_viewpoints(QgsProject.instance())
        if len(kept) == self.table.rowCount():
            times = [[self.table.cellWidget(row, column).value() for column in (1, 2)] for row in range(len(kept))]
            keep_viewpoints(
                QgsProject.instance(), [replace(each, flight=f, stay=s) for each, (f, s) in zip(kept, times)]
            )

    def chosen(self) -> list[Viewpoint]:
        """Return the viewpoints that are in the film, in their order."""
        shown = {name for name, is_in in self._rows() if is_in}
        return [viewpoint for viewpoint in kept_viewpoints(QgsProject.instance()) if viewpoint.name in shown]

    def _enable(self) -> None:
        if self._is_busy:  # views and projects come and go in the meantime
            return
        there, some = self.scene.view is not None, self.table.rowCount() > 0
        self.play.setEnabled(some)
        self.film.setEnabled(some)
        self.picture.setEnabled(there)
        self.sheet.setEnabled(there)

    def play_or_stop(self) -> None:
        """Fly along the viewpoints in the view, or end that."""
        if self.scene.recall.is_flying:
            self.scene.recall.stop()
        elif self.chosen():
            self.play.setText(tr("Stop"))
            self.scene.recall.fly(self.chosen())

    def _flown(self) -> None:
        self.play.setText(tr("Play"))

    def _ask_picture(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Picture"), "", "PNG (*.png)")
        if path:
            self.save_picture(Path(path).with_suffix(".png"))

    def _ask_film(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Film"), "", "GIF (*.gif);;MP4 (*.mp4)")
        if path:
            self.save_film(Path(path) if Path(path).suffix else Path(path).with_suffix(".gif"))

    def save_picture(self, path: Path) -> None:
        """Save what is seen, at the chosen size."""
        self._try(lambda: scene3d.write_png(self._image(), path), path)

    def save_film(self, path: Path) -> None:
        """Save a walk along the viewpoints, as a film; the view goes along."""
        self._try(lambda: self._save_film(path), path)

    def make_sheet(self) -> None:
        """Add a sheet of what is seen to the layouts of the project: of its own layers, so that it can be saved."""
        view, project = self.scene.view, QgsProject.instance()
        if view is None:
            return
        provider = project.elevationProperties().terrainProvider()
        terrain = provider.layer() if hasattr(provider, "layer") else None
        settings = scene3d.settings_of(project, self.scene.extent, terrain, 1.0, view.layers())
        if view.underground:
            scene3d.below_ground(settings)
        camera = view.camera()
        pose = scene3d.pose_at(settings, view.centre, camera.distance, camera.pitch, camera.heading)
        title = project.title() or tr("3D view")
        layout = make_sheet(project, settings, pose, title, view.layers(), self.scene.clock.shown)
        text = tr("{name} is among the layouts of the project: open it with Project, Layouts.")
        self.scene.said.emit(" ".join([text.format(name=layout.name()), *self._confidential()]))

    def _try(self, work: Callable[[], None], path: Path) -> None:
        self._is_stopped = False
        self._set_busy(True)  # pictures off screen let events through, and one within another ends QGIS
        try:
            work()
        except (DtwinError, OSError) as error:
            self.scene.said.emit(error.text(tr) if isinstance(error, DtwinError) else str(error))
        else:
            self.scene.said.emit(" ".join([tr("{file} is written.").format(file=path.name), *self._confidential()]))
        finally:
            self._set_busy(False)

    def _confidential(self) -> list[str]:
        """Return a warning where what is seen may not be handed on."""
        shown = self.scene.view.layers() if self.scene.view is not None else []
        names = [layer.name() for layer in shown if not is_public(privacy.level_of(layer))]
        return (
            [tr("It may not be handed on: {layers} is confidential.").format(layers=", ".join(names))] if names else []
        )

    def _save_film(self, path: Path) -> None:
        expect_writable(path)
        shots = walk(self.chosen(), self.rate.currentData())
        self.progress.setRange(0, len(shots))
        write_film(path, self._frames(shots))

    def _set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self.progress.setVisible(is_busy)
        self.stop.setVisible(is_busy)
        for widget in (self.table, self.play, self.picture, self.film, self.sheet, self.size, self.rate):
            widget.setEnabled(not is_busy)
        if not is_busy:
            self._enable()

    def _frames(self, shots: list[Shot]) -> Iterator[tuple[QImage, float]]:
        last = ""
        for number, (viewpoint, seconds) in enumerate(shots):
            self.progress.setValue(number)
            if number:
                self._expect_view()  # it may be closed while the last picture was made
            if viewpoint.name != last:
                self.scene.recall.go(viewpoint)
                last = viewpoint.name
            else:
                self.scene.recall.pass_by(viewpoint)
            self._wait()
            yield self._image(), seconds

    def _stop(self) -> None:
        self._is_stopped = True

    def _expect_view(self) -> None:
        if self._is_stopped:
            raise Cancelled
        # one that is not on the screen loads nothing: each picture would wait for a minute
        if self.scene.view is None or not self.scene.place.isVisible():
            raise ModelError(
                "The 3D view was closed or hidden; the film is not written.", hint="Show the map in 3D, and try again."
            )

    def _wait(self) -> None:
        """Let the views load all, and show it; the user may stop, or close them, in the meantime."""
        end, good = time.monotonic() + _STILL, 0
        with Frames(frame.view for frame in self.scene.frames) as frames:
            while not (good >= 3 and frames.are_enough) and time.monotonic() < end:
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _TICK)
                self._expect_view()
                time.sleep(_TICK / 1000)  # which leaves the processor to what draws
                good = good + 1 if all(frame.view.is_ready for frame in self.scene.frames) else 0
                if good < 2:  # frames that began before all was loaded do not show it
                    frames.count_anew()

    def chosen_size(self) -> tuple[int, int] | None:
        """Return the width and height that are chosen or typed [px], None for those of the view; raises InputError."""
        text = self.size.currentText()
        known = self.size.findText(text)
        if known >= 0:
            return self.size.itemData(known)
        typed = _TYPED.fullmatch(text)
        if typed is None or not all(_LEAST <= int(side) <= _LARGEST for side in typed.groups()):
            raise InputError(
                "The size “{text}” is none of a picture.",
                hint="Type its width and height in pixels, each from {least} to {most}, such as 2000 × 1500.",
                text=text, least=_LEAST, most=_LARGEST,
            )  # fmt: skip
        return int(typed[1]), int(typed[2])

    def _image(self) -> QImage:
        view, size = self.scene.view, self.chosen_size()
        if view is None:
            raise ModelError("There is no 3D view.", hint="Show the map in 3D first.")
        image = grabbed(view) if size is None else None
        if image is not None:
            return image
        width, height = size or (view.canvas.width(), view.canvas.height())
        pose = view.canvas.cameraController().cameraPose()
        settings = Qgs3DMapSettings(view.canvas.mapSettings())
        scene3d.light(settings, view.underground)
        return scene3d.rendered(QgsProject.instance(), settings, pose, width, height, self.scene.clock.shown)

    def close_for_good(self) -> None:
        """Hear of no project any more."""
        self._is_stopped = True
        QgsProject.instance().readProject.disconnect(self.refresh)
        QgsProject.instance().cleared.disconnect(self.refresh)
