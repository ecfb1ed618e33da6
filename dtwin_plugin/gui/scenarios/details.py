"""What is known of one scenario: its texts and its layers."""

from __future__ import annotations

from dataclasses import replace

from qgis.core import QgsIconUtils, QgsProject
from qgis.PyQt.QtCore import QDate, QEvent, QLocale, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.translate import tr
from dtwin_plugin.twin.scenarios import Scenario

_ROLE = Qt.ItemDataRole.UserRole


class Details(QWidget):
    """The texts of a scenario, which are kept when one leaves their field, and its layers."""

    edited = pyqtSignal(str, str, str)  # a scenario, and its purpose and note as they are to be
    design = pyqtSignal(str, bool)  # a layer, and whether it is a plan design
    add_selected = pyqtSignal()
    remove = pyqtSignal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scenario: Scenario | None = None
        self.purpose, self.note, self.date = QLineEdit(), QPlainTextEdit(), QLabel()
        self.purpose.setPlaceholderText(tr("The question that it answers"))
        self.note.setPlaceholderText(tr("What others are to know of it"))
        self.note.setTabChangesFocus(True)
        self.note.setMaximumHeight(64)
        self.layers = QListWidget()
        self.layers.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.layers.setToolTip(tr("Tick what is a plan design: it can be switched on and off."))
        self.layers.setAccessibleName(tr("Layers"))
        self.add_button = QPushButton(tr("Add selected layers"))
        self.add_button.setToolTip(tr("Those that are selected in the panel Layers."))
        self.remove_button = QPushButton(tr("Take out"))
        self.remove_button.setToolTip(tr("The layers stay in the project."))
        form = QFormLayout()
        form.addRow(tr("Purpose"), self.purpose)
        form.addRow(tr("Note"), self.note)
        form.addRow(tr("Made"), self.date)
        form.addRow(tr("Layers"), self.layers)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addLayout(row)
        self.purpose.editingFinished.connect(self.keep)
        self.note.installEventFilter(self)
        self.layers.itemChanged.connect(self._tick)
        self.layers.itemSelectionChanged.connect(self._enable)
        self.add_button.clicked.connect(lambda *_: self.add_selected.emit())
        self.remove_button.clicked.connect(lambda *_: self.remove.emit(self._selected()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the note when one leaves it."""
        if event.type() == QEvent.Type.FocusOut:
            self.keep()
        return super().eventFilter(watched, event)

    def keep(self) -> None:
        """Tell of texts that were changed."""
        if self._scenario is not None:
            purpose, note = self.purpose.text().strip(), self.note.toPlainText().strip()
            if (purpose, note) != (self._scenario.purpose, self._scenario.note):
                self._scenario = replace(self._scenario, purpose=purpose, note=note)
                self.edited.emit(self._scenario.name, purpose, note)

    def show_scenario(self, scenario: Scenario | None) -> None:
        """Show a scenario, or none."""
        is_same = self._scenario is not None and scenario is not None and scenario.name == self._scenario.name
        if not (is_same and self.note.hasFocus()):
            self.note.setPlainText(scenario.note if scenario else "")
        if not (is_same and self.purpose.hasFocus()):
            self.purpose.setText(scenario.purpose if scenario else "")
        self._scenario = scenario
        day = QDate.fromString(scenario.date, Qt.DateFormat.ISODate) if scenario else QDate()
        self.date.setText(QLocale().toString(day, QLocale.FormatType.ShortFormat) if day.isValid() else "")
        self.layers.blockSignals(True)
        self.layers.clear()
        for identifier in scenario.layers if scenario else ():
            layer = QgsProject.instance().mapLayer(identifier)
            if layer is not None:
                item = QListWidgetItem(QgsIconUtils.iconForLayer(layer), layer.name(), self.layers)
                item.setData(_ROLE, identifier)
                ticked = Qt.CheckState.Checked if identifier in scenario.designs else Qt.CheckState.Unchecked
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(ticked)
        self.layers.blockSignals(False)
        self.setEnabled(scenario is not None)
        self._enable()

    def _tick(self, item: QListWidgetItem) -> None:
        self.design.emit(item.data(_ROLE), item.checkState() == Qt.CheckState.Checked)

    def _selected(self) -> list[str]:
        return [item.data(_ROLE) for item in self.layers.selectedItems()]

    def _enable(self) -> None:
        self.remove_button.setEnabled(bool(self._selected()))
