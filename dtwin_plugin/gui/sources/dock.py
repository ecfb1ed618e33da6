"""The panel itself: it holds no calculation, it gathers, starts the algorithm, and shows."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis, QgsProject
from qgis.gui import QgsDockWidget, QgsFilterLineEdit
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.catalogue.products import products
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import network
from dtwin_plugin.translate import plural, tr
from dtwin_plugin.twin.jobs import CANCELLED, TITLES, WAITING

from ..numbers import shown
from .area import AreaWidget, told
from .run import Run
from .target import TargetFile
from .tree import ProductTree


class SourcesDock(QgsDockWidget):
    """Choose an area, tick what you want, load."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sources"), parent)
        self.setObjectName("DtwinSources")
        self.setMinimumWidth(320)
        self._iface = iface
        self._run: Run | None = None
        self.area = AreaWidget(iface)
        self.search = QgsFilterLineEdit()
        self.search.setShowSearchIcon(True)
        self.search.setPlaceholderText(tr("Search by name, theme or owner"))
        self.own = QPushButton(tr("Own sources…"))
        self.own.setToolTip(tr("Add, change or remove sources of your organisation."))
        self.tree = ProductTree()
        self.file = TargetFile()
        self.offline = QCheckBox(tr("Work offline"))
        self.offline.setToolTip(tr("Only what is in the cache is used."))
        self.load, self.stop = QPushButton(tr("Load")), QPushButton(tr("Stop"))
        self.load.setDefault(True)
        self.bar, self.message = QProgressBar(), QLabel()
        self.message.setWordWrap(True)
        # a long path or address has no place to wrap: it must not make the window wider
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cache = QPushButton()
        self.cache.setFlat(True)
        self.setWidget(self._body())
        self._connect()
        self.refresh()

    def _body(self) -> QWidget:
        """Return the widgets in their places: the area on top."""
        body = QWidget()
        layout = QVBoxLayout(body)
        top = QGroupBox(tr("Area"))
        QVBoxLayout(top).addWidget(self.area)
        layout.addWidget(top)
        self.crs = QPushButton(tr("The project is not in RD New: set it to EPSG:28992"))
        layout.addWidget(self.crs)
        finding = QHBoxLayout()
        finding.addWidget(self.search, 1)
        finding.addWidget(self.own)
        layout.addLayout(finding)
        layout.addWidget(self.tree, 1)
        form = QFormLayout()
        form.addRow(tr("Save as"), self.file)
        layout.addLayout(form)
        layout.addWidget(self.bar)
        layout.addWidget(self.message)
        row = QHBoxLayout()
        row.addWidget(self.offline)
        row.addWidget(self.cache)
        row.addStretch()
        row.addWidget(self.stop)
        row.addWidget(self.load)
        layout.addLayout(row)
        return body

    def _connect(self) -> None:
        self.search.textChanged.connect(self.tree.search)
        self.tree.changed.connect(self._tell)
        self.load.clicked.connect(self.start)
        self.stop.clicked.connect(self._stop)
        choices = QMenu(self)
        choices.addAction(tr("Clear…"), self._clear_cache)
        choices.addAction(tr("Largest size…"), self._limit_cache)
        self.cache.setMenu(choices)
        self.crs.clicked.connect(self._use_rd)
        self.own.clicked.connect(self._show_own)
        QgsProject.instance().crsChanged.connect(self._look_at_crs)

    def refresh(self) -> None:
        """Read the catalogue again, keeping what is ticked."""
        try:
            self.tree.fill(products(), set(self.tree.ticked()) or None)
        except DtwinError as error:
            self._say(error.text(tr))
        self._look_at_crs()
        self._show_cache()
        self._set_running(False)
        self._tell()

    def _show_own(self) -> None:
        from .own import OwnSources

        dialog = OwnSources(self)
        dialog.changed.connect(self.refresh)
        dialog.exec()
        dialog.deleteLater()

    def start(self) -> None:
        """Load what is ticked."""
        try:
            area = self.area.parameters()
        except DtwinError as error:
            self._say(error.text(tr))
            return
        parameters = {**area, **self._parameters(told(area))}
        run = Run(parameters, QgsProject.instance())
        problem = run.problem()
        if problem:
            self._say(problem)
            return
        self.tree.clear_states()
        for name in self.tree.ticked():
            self.tree.show_state(name, WAITING)
        run.feedback.source.connect(self.tree.show_state)
        run.feedback.progressChanged.connect(self._show_progress)
        run.ended.connect(self._end)
        self._run = run
        self._say("")
        self._set_running(True)
        run.start()

    def _parameters(self, area: str) -> dict[str, Any]:
        ticked = ",".join(self.tree.ticked())
        return {
            "products": ticked,
            "offline": self.offline.isChecked(),
            "geopackage": self.file.path_for(f"{area}: {ticked}"),
        }

    def _show_progress(self, percent: float) -> None:
        self.bar.setValue(int(percent))

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._say(tr("Stopping…"))

    def _end(self, successful: bool, results: dict[str, Any], reason: str) -> None:
        self._run = None
        self._set_running(False)
        self._show_cache()
        if not successful:
            for name in self.tree.ticked():
                if self.tree.state_of(name) == tr(TITLES[WAITING]):
                    self.tree.show_state(name, CANCELLED)
            self._say(reason or tr("It ended without a result; see the log messages."))
            return
        loaded, failed = int(results.get("loaded", 0)), int(results.get("failed", 0))
        text = plural(
            loaded,
            "{loaded} source loaded, {failed} failed. The log is a table in the group.",
            "{loaded} sources loaded, {failed} failed. The log is a table in the group.",
        )
        self._say(tr(text).format(loaded=loaded, failed=failed))
        level = Qgis.MessageLevel.Warning if failed else Qgis.MessageLevel.Success
        self._iface.messageBar().pushMessage(tr("Digital twin"), self.message.text(), level)

    def _tell(self) -> None:
        count = len(self.tree.ticked())
        self.load.setText(tr("Load ({count})").format(count=count))
        self.load.setEnabled(count > 0 and self._run is None)

    def _set_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.bar.setValue(0)
        self.stop.setVisible(running)
        for widget in (self.area, self.own, self.tree, self.file, self.offline):
            widget.setEnabled(not running)
        self._tell()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _look_at_crs(self) -> None:
        self.crs.setVisible(QgsProject.instance().crs().authid() != RD)

    def _use_rd(self) -> None:
        from qgis.core import QgsCoordinateReferenceSystem

        QgsProject.instance().setCrs(QgsCoordinateReferenceSystem(RD))

    def _show_cache(self) -> None:
        size = network.cache().size() / 1e6
        self.cache.setText(tr("Cache: {size} MB").format(size=shown(size)))
        self.cache.setToolTip(tr("Answers of services that are kept in your profile, up to a size that you choose."))

    def _clear_cache(self) -> None:
        question = tr("Clear all answers of services that are kept in your profile?")
        buttons = QMessageBox.StandardButton
        if QMessageBox.question(self, tr("Cache"), question) == buttons.Yes:
            network.cache().clear()
            self._show_cache()

    def _limit_cache(self) -> None:
        now = network.cache_limit() >> 20
        size, chosen = QInputDialog.getInt(self, tr("Cache"), tr("Largest size [MB]"), now, 10, 100_000, 100)
        if chosen:
            network.set_cache_limit(size)

    def close_for_good(self) -> None:
        """Stop what runs, wait for its end and let go of the project, before the plugin is unloaded."""
        if self._run is not None:
            self._run.close()
            self._run = None
        QgsProject.instance().crsChanged.disconnect(self._look_at_crs)
