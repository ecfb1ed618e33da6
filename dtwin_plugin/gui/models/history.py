"""The list of runs that were made, with what can be done with one."""

from __future__ import annotations

import html
from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsGui
from qgis.PyQt.QtCore import QLocale, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QAction
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.layers import scenarios
from dtwin_plugin.translate import tr

from ..numbers import shown
from .runs import Run, recent, state_text

_ROLE = Qt.ItemDataRole.UserRole


class History(QWidget):
    """The runs; what a button asks is told by a signal."""

    load = pyqtSignal(object)
    again = pyqtSignal(object)
    add_to = pyqtSignal(object, str)  # a run, and the scenario that gets its results

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("When"), tr("What"), tr("Results")])
        self.list.setRootIsDecorated(False)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.list.setAccessibleName(tr("Recent runs"))
        self.load_button = QPushButton(tr("Load results"))
        self.again_button = QPushButton(tr("Open again…"))
        self.again_button.setToolTip(tr("Open the dialog with the values of this run."))
        self.add_button = QPushButton(tr("Add to scenario"))
        self._names = QMenu(self.add_button)
        self.add_button.setMenu(self._names)
        self._later = QTimer(self)  # a run is told of several times
        self._later.setSingleShot(True)
        self._later.setInterval(200)
        row = QHBoxLayout()
        for button in (self.load_button, self.add_button, self.again_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addLayout(row)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(self._enable)
        self.list.itemActivated.connect(lambda *_: self._tell(self.load))
        self.load_button.clicked.connect(lambda *_: self._tell(self.load))
        self.again_button.clicked.connect(lambda *_: self._tell(self.again))
        self._names.aboutToShow.connect(self._list_scenarios)
        self._names.triggered.connect(lambda action: self._tell(self.add_to, action.data()))
        self._later.timeout.connect(self.refresh)
        # PyQt cannot hand over what the registry tells, so that no function of Python may hear it
        self._heard = QAction(self)
        self._heard.triggered.connect(lambda *_: self._later.start())
        registry = QgsGui.historyProviderRegistry()
        self._signals = (registry.entryAdded, registry.entryUpdated)
        for signal in self._signals:
            signal.connect(self._heard.trigger)

    def refresh(self) -> None:
        """Read the history again, and look at the run that was looked at."""
        before = self.current()
        self.list.clear()
        for run in recent():
            when = QLocale().toString(run.when, QLocale.FormatType.ShortFormat)
            item = QTreeWidgetItem([when, run.title, state_text(run)])
            item.setData(0, _ROLE, run)
            item.setToolTip(1, page(run))
            self.list.addTopLevelItem(item)
            if before is not None and run.when == before.when and run.algorithm == before.algorithm:
                self.list.setCurrentItem(item)
        self._enable()

    def current(self) -> Run | None:
        """Return the run that is looked at."""
        item = self.list.currentItem()
        return item.data(0, _ROLE) if item is not None else None

    def _enable(self, *_: Any) -> None:
        run = self.current()
        has_files = run is not None and bool(run.files())
        self.load_button.setEnabled(has_files)
        self.add_button.setEnabled(has_files)
        self.again_button.setEnabled(run is not None)

    def _list_scenarios(self) -> None:
        self._names.clear()
        for scenario in scenarios.scenarios_of(QgsProject.instance()):
            self._names.addAction(scenario.name).setData(scenario.name)
        if self._names.isEmpty():
            self._names.addAction(tr("There are no scenarios yet; make one in the panel Scenarios.")).setEnabled(False)

    def _tell(self, signal: Any, *more: Any) -> None:
        run = self.current()
        if run is not None:
            signal.emit(run, *more)

    def close_for_good(self) -> None:
        """Hear no more of the history."""
        self._later.stop()
        for signal in self._signals:
            signal.disconnect(self._heard.trigger)


def page(run: Run) -> str:
    """Return what is known of a run as HTML: purpose, figures, files and warnings."""
    record = run.record()
    lines = [f"<b>{html.escape(run.title)}</b>"]
    if record.get("purpose"):
        lines.append(f"{tr('Purpose of the run')}: {html.escape(str(record['purpose']))}")
    lines += [f"{html.escape(title)}: {shown(value, 2)}" for title, value in run.numbers().items()]
    lines += [f"{html.escape(title)}: {html.escape(path.name)}" for title, path in run.files().items()]
    warnings = record.get("warnings")
    lines += [html.escape(str(text)) for text in warnings[:5]] if isinstance(warnings, list) else []
    return "<br>".join(lines)
