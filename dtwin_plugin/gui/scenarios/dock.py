"""The panel: scenarios are made of what is visible, shown, changed and compared."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import wraps
from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.layers import scenarios
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.scenarios import Scenario

from ..algorithms import open_dialog
from .details import Details

DIFFERENCE = "dtwin:flooddifference"
_ROLE = Qt.ItemDataRole.UserRole


def _told(act: Callable[..., None]) -> Callable[..., None]:
    """Let a fault of an action be told in the panel."""

    @wraps(act)
    def guarded(self: ScenariosDock, *given: Any) -> None:
        self.message.clear()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        try:
            act(self, *given)
        except DtwinError as error:
            self.message.setText(error.text(tr))

    return guarded


class ScenariosDock(QgsDockWidget):
    """The scenarios of the project, what is known of one, and two compared."""

    compare_wanted = pyqtSignal(str, str)  # two map themes, side by side in 3D

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Scenarios"), parent)
        self.setObjectName("DtwinScenarios")
        self.setMinimumWidth(320)
        self._iface = iface
        self._removed: tuple[Scenario, Any] | None = None
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name of a new scenario"))
        self.new = QPushButton(tr("New"))
        self.new.setToolTip(tr("Keep what is visible now as a scenario; results and designs become its own."))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Scenarios"))
        self.show_button, self.update_button = QPushButton(tr("Show")), QPushButton(tr("Update"))
        self.update_button.setToolTip(tr("What is visible now is seen with this scenario from now on."))
        self.remove_button = QPushButton(tr("Remove"))
        self.design = QCheckBox(tr("Plan design"))
        self.design.setToolTip(tr("Show the plan design of this scenario, or what is there without it."))
        self.details = Details()
        self.other = QComboBox()
        self.other.setAccessibleName(tr("Compare with"))
        self.difference = QPushButton(tr("Difference of the flood…"))
        self.difference.setToolTip(tr("Open the calculation with the largest water depth of both filled in."))
        self.beside = QPushButton(tr("Side by side in 3D"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self._later = QTimer(self)  # a project tells of each of its changes
        self._later.setSingleShot(True)
        self._later.setInterval(100)
        self.setWidget(self._body())
        self._connect()
        self.refresh()

    def _body(self) -> QWidget:
        making, doing = QHBoxLayout(), QHBoxLayout()
        making.addWidget(self.name, 1)
        making.addWidget(self.new)
        for widget in (self.show_button, self.update_button, self.design):
            doing.addWidget(widget)
        doing.addStretch(1)
        doing.addWidget(self.remove_button)
        comparing = QGroupBox(tr("Compare with"))
        rows = QVBoxLayout(comparing)
        rows.addWidget(self.other)
        buttons = QHBoxLayout()
        for widget in (self.difference, self.beside):
            buttons.addWidget(widget)
        rows.addLayout(buttons)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addLayout(making)
        column.addWidget(self.list, 1)
        column.addLayout(doing)
        column.addWidget(self.details)
        column.addWidget(comparing)
        column.addWidget(self.message)
        return body

    def _connect(self) -> None:
        self.new.clicked.connect(self._create)
        self.name.returnPressed.connect(self._create)
        self.list.currentItemChanged.connect(lambda *_: self._look_at())
        self.list.itemActivated.connect(lambda *_: self._show())
        self.show_button.clicked.connect(self._show)
        self.update_button.clicked.connect(self._keep_visible)
        self.remove_button.clicked.connect(self._remove)
        self.design.clicked.connect(self._show_designs)
        self.details.edited.connect(self._set_texts)
        self.details.design.connect(self._set_design)
        self.details.add_selected.connect(self._add_selected)
        self.details.remove.connect(self._take_out)
        self.difference.clicked.connect(self._difference)
        self.beside.clicked.connect(self._beside)
        self.message.linkActivated.connect(self._bring_back)
        self._later.timeout.connect(self.refresh)
        project = QgsProject.instance()
        self._slots = (
            (project.readProject, self._other_project),
            (project.cleared, self._other_project),
            (project.layersRemoved, self._changed),
            (project.mapThemeCollectionChanged, self._hear_themes),
        )
        for signal, slot in self._slots:
            signal.connect(slot)
        self._hear_themes()

    def _hear_themes(self) -> None:
        """Hear of changes of map themes, which come with each change of a scenario; each project has other ones."""
        self._themes = QgsProject.instance().mapThemeCollection()
        self._themes.mapThemesChanged.connect(self._changed)

    def _changed(self, *_: Any) -> None:
        self._later.start()

    def _other_project(self, *_: Any) -> None:
        """Forget what is typed: it is of a project that is gone."""
        self.details.show_scenario(None)
        self._removed = None
        self._later.start()

    @property
    def _model(self) -> Any:
        return self._iface.layerTreeView().layerTreeModel()

    def current(self) -> str:
        """Return the name of the scenario that is looked at, "" if none is."""
        item = self.list.currentItem()
        return item.data(_ROLE) if item is not None else ""

    def choose(self, name: str) -> None:
        """Look at a scenario."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_ROLE) == name:
                self.list.setCurrentRow(row)

    def refresh(self) -> None:
        """Read the scenarios of the project again, and look at the one that was looked at."""
        before = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        for scenario in scenarios.scenarios_of(QgsProject.instance()):
            item = QListWidgetItem(scenario.name, self.list)
            item.setData(_ROLE, scenario.name)
            item.setToolTip(scenario.purpose)
        self.choose(before)
        self.list.blockSignals(False)
        self._look_at()

    def _look_at(self) -> None:
        """Show what is known of the scenario that is looked at, and with which it can be compared."""
        project, name = QgsProject.instance(), self.current()
        known = {scenario.name: scenario for scenario in scenarios.scenarios_of(project)}
        scenario = known.get(name)
        self.details.show_scenario(scenario)
        for widget in (self.show_button, self.update_button, self.remove_button):
            widget.setEnabled(scenario is not None)
        self.design.setEnabled(scenario is not None and bool(scenario.designs))
        self.design.setChecked(scenario is not None and scenarios.designs_shown(project, name))
        before = self.other.currentData()
        self.other.clear()
        for other in known if scenario is not None else ():
            if other != name:
                self.other.addItem(other, other)
        self.other.setCurrentIndex(max(0, self.other.findData(before)))
        for widget in (self.other, self.difference, self.beside):
            widget.setEnabled(self.other.count() > 0)

    @_told
    def _create(self, *_: Any) -> None:
        scenario = scenarios.create(QgsProject.instance(), self._model, self.name.text())
        self.name.clear()
        self.refresh()
        self.choose(scenario.name)
        count = len(scenario.layers)
        self.message.setText(tr("Results and designs in it: {count}. The rest is seen with it.").format(count=count))

    @_told
    def _show(self, *_: Any) -> None:
        if self.current():
            scenarios.show(QgsProject.instance(), self._model, self.current())

    @_told
    def _keep_visible(self, *_: Any) -> None:
        scenarios.keep_visible(QgsProject.instance(), self._model, self.current())
        self.message.setText(tr("What is visible now is seen with {name}.").format(name=self.current()))

    @_told
    def _remove(self, *_: Any) -> None:
        self.details.keep()
        name = self.current()
        self._removed = scenarios.forget(QgsProject.instance(), name)
        self.refresh()
        text = tr("{name} is removed; its layers stay.").format(name=name)
        self.message.setTextFormat(Qt.TextFormat.RichText)
        self.message.setText(f'{html.escape(text)} <a href="undo">{tr("Bring it back")}</a>')

    @_told
    def _bring_back(self, *_: Any) -> None:
        if self._removed is not None:
            scenario, record = self._removed
            scenarios.bring_back(QgsProject.instance(), scenario, record)
            self._removed = None
            self.refresh()
            self.choose(scenario.name)

    @_told
    def _show_designs(self, wanted: bool) -> None:
        scenarios.show_designs(QgsProject.instance(), self.current(), wanted)

    @_told
    def _set_texts(self, name: str, purpose: str, note: str) -> None:
        scenarios.set_texts(QgsProject.instance(), name, purpose, note)

    @_told
    def _set_design(self, layer: str, wanted: bool) -> None:
        scenarios.set_design(QgsProject.instance(), self.current(), layer, wanted)
        self._later.start()  # the list is not made anew while it tells of a tick

    @_told
    def _add_selected(self) -> None:
        layers = self._iface.layerTreeView().selectedLayers()
        if not layers:
            raise InputError("No layers are selected.", hint="Select some in the panel Layers.")
        scenarios.add_layers(QgsProject.instance(), self.current(), layers)
        self.refresh()

    @_told
    def _take_out(self, layers: list[str]) -> None:
        scenarios.remove_layers(QgsProject.instance(), self.current(), layers)
        self.refresh()

    @_told
    def _difference(self, *_: Any) -> None:
        project = QgsProject.instance()
        before, after = (scenarios.deepest_water(project, name) for name in (self.current(), self.other.currentData()))
        open_dialog(DIFFERENCE, {"before": before.id(), "after": after.id()})

    @_told
    def _beside(self, *_: Any) -> None:
        self.compare_wanted.emit(self.current(), self.other.currentData())

    def close_for_good(self) -> None:
        """Let go of the project, before the plugin is unloaded."""
        self.details.keep()
        self._later.stop()
        for signal, slot in self._slots:
            signal.disconnect(slot)
        if not sip.isdeleted(self._themes):
            self._themes.mapThemesChanged.disconnect(self._changed)
