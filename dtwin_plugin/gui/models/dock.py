"""The panel: a model is found, opened in its own dialog, and its results are loaded again."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsProject
from qgis.gui import QgsCollapsibleGroupBox, QgsDockWidget, QgsFilterLineEdit
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers import scenarios
from dtwin_plugin.layers.finish import fit_in
from dtwin_plugin.translate import plural, tr

from ..algorithms import PROVIDER, algorithms, open_dialog
from .history import History
from .jobs import Jobs
from .listing import Listed, listed
from .runs import Run
from .server_jobs import ServerJobs
from .tree import ModelTree


class ModelsDock(QgsDockWidget):
    """Search, read, run; see what runs and what has run."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Models"), parent)
        self.setObjectName("DtwinModels")
        self.setMinimumWidth(320)
        self._iface = iface
        self.search = QgsFilterLineEdit()
        self.search.setShowSearchIcon(True)
        self.search.setPlaceholderText(tr("Search by name, subject or group"))
        self.tree, self.text = ModelTree(), QTextBrowser()
        self.run = QPushButton(tr("Run…"))
        self.run.setToolTip(tr("Open the dialog of the model; the map and all panels stay free."))
        self.jobs, self.history, self.server_jobs = Jobs(), History(), ServerJobs()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWidget(self._body())
        self._connect()
        self._fill()
        self._provider = QgsApplication.processingRegistry().providerById(PROVIDER)
        if self._provider is not None:  # a server or a model of somebody else was added, or taken away
            self._provider.algorithmsLoaded.connect(self._fill)
        self._show_jobs()

    def _body(self) -> QWidget:
        choosing = QWidget()
        column = QVBoxLayout(choosing)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.run)
        reading = QWidget()
        below = QVBoxLayout(reading)
        below.addWidget(self.text, 1)
        below.addLayout(row)
        self._running = QGroupBox(tr("Runs now"))
        QVBoxLayout(self._running).addWidget(self.jobs)
        ran = QGroupBox(tr("Recent runs"))
        QVBoxLayout(ran).addWidget(self.history)
        on_servers = QgsCollapsibleGroupBox(tr("Jobs on servers"))
        on_servers.setCollapsed(not self.server_jobs.list.topLevelItemCount())
        QVBoxLayout(on_servers).addWidget(self.server_jobs)
        last = QWidget()
        bottom = QVBoxLayout(last)
        for widget in (self._running, ran, on_servers, self.message):
            bottom.addWidget(widget)
        splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (choosing, reading, last):
            splitter.addWidget(widget)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([300, 180, 220])
        return splitter

    def _connect(self) -> None:
        self.search.textChanged.connect(self.tree.search)
        self.search.returnPressed.connect(self._open)
        self.tree.chosen.connect(self._look_at)
        self.tree.wanted.connect(self._open)
        self.run.clicked.connect(lambda *_: self._open())
        self.jobs.changed.connect(self._show_jobs)
        self.history.load.connect(self.load)
        self.history.again.connect(lambda run: open_dialog(run.algorithm, dict(run.parameters)))
        self.history.add_to.connect(self.add_to)

    def _fill(self) -> None:
        self.tree.fill(map(listed, algorithms()))
        self._look_at(None)

    def _look_at(self, model: Listed | None) -> None:
        self.text.setHtml(model.page() if model is not None else tr("Choose a model to read what it does."))
        self.run.setEnabled(model is not None)

    def _open(self, model: Listed | None = None) -> None:
        model = model or self.tree.current()
        if model is not None:
            open_dialog(model.id)

    def _show_jobs(self, _count: int = 0) -> None:
        self._running.setVisible(len(self.jobs) > 0)

    def load(self, run: Run) -> list[QgsMapLayer]:
        """Load the results of a run that are not in the project yet."""
        project = QgsProject.instance()
        new = [layer for layer in run.layers(project) if layer.project() is None]
        project.addMapLayers(new, False)
        for layer in new:
            project.layerTreeRoot().insertLayer(0, layer)  # and not in the group that happens to be selected
            fit_in(layer, project)
        count = len(new)
        text = tr(plural(count, "{count} layer is loaded.", "{count} layers are loaded.")).format(count=count)
        self._say(text if count else tr("Its layers are in the project already, or its files hold none."))
        return new

    def add_to(self, run: Run, name: str) -> None:
        """Add the results of a run to a scenario."""
        project = QgsProject.instance()
        layers = list(run.layers(project))
        try:
            scenarios.add_layers(project, name, layers, filter(None, [run.record().get("id")]))
        except DtwinError as error:
            self._say(error.text(tr), Qgis.MessageLevel.Warning)
            return
        count = len(layers)
        text = plural(count, "{count} layer is in scenario {name}.", "{count} layers are in scenario {name}.")
        self._say(tr(text).format(count=count, name=name))

    def _say(self, text: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Info) -> None:
        self.message.setText(text)
        self._iface.messageBar().pushMessage(tr("Digital twin"), text, level)

    def close_for_good(self) -> None:
        """Let go of what QGIS keeps, before the plugin is unloaded."""
        self.jobs.close_for_good()
        self.history.close_for_good()
        self.server_jobs.close_for_good()
        if self._provider is not None and not sip.isdeleted(self._provider):
            self._provider.algorithmsLoaded.disconnect(self._fill)
