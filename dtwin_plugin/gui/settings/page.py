"""The page with what can be set: one field for each setting."""

from __future__ import annotations

import os

from qgis.gui import QgsAuthConfigSelect, QgsFileWidget, QgsOptionsPageWidget
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.catalogue import OWN_LIST
from dtwin_plugin.layers import settings
from dtwin_plugin.layers.settings import Setting
from dtwin_plugin.translate import mark, tr

from . import PAGE

_GROUPS = (
    (
        mark("Sources"),
        (settings.CATALOGUE, settings.CACHE_FOLDER, settings.CACHE_LIMIT, *settings.KEYS),
    ),
    (mark("Models"), (settings.THREADS, settings.SCHEDULER)),
    (mark("Restricted layers"), (settings.ACCESS_LOG, settings.ACCESS_LOG_FILE)),
    (mark("3D view"), (settings.SCENE_WIDTH, settings.SHADOWS, settings.AMBIENT_OCCLUSION, settings.EDGES)),
)


class SettingsPage(QgsOptionsPageWidget):
    """The fields; QGIS calls `apply` when the user agrees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE)
        self.fields: dict[str, QWidget] = {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        for title, members in _GROUPS:
            box = QGroupBox(tr(title))
            form = QFormLayout(box)
            for setting in members:
                self._add(form, setting)
            column.addWidget(box)
        note = QLabel(tr("The language is that of QGIS. What is set for 3D holds for the next scene that is opened."))
        note.setWordWrap(True)
        column.addWidget(note)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        QVBoxLayout(self).addWidget(area)
        if os.environ.get(OWN_LIST):
            self.fields[settings.CATALOGUE.name].setEnabled(False)
            text = tr("The environment variable {name} names another one: {path}.")
            column.insertWidget(0, QLabel(text.format(name=OWN_LIST, path=os.environ[OWN_LIST])))

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        field = _field(setting)
        field.setToolTip(tr(setting.doc))
        field.setObjectName(setting.name)
        self.fields[setting.name] = field
        if isinstance(field, QCheckBox):
            form.addRow(field)
        else:
            field.setAccessibleName(tr(setting.title))
            form.addRow(tr(setting.title), field)

    def helpKey(self) -> str:
        """Return nothing: the help of QGIS does not know the page."""
        return ""

    def apply(self) -> None:
        """Keep what the fields have."""
        for _, members in _GROUPS:
            for setting in members:
                setting.keep(_value(self.fields[setting.name]))
        settings.use_catalogue()


def _field(setting: Setting) -> QWidget:
    """Return a field for a setting with what is kept."""
    if isinstance(setting.default, bool):
        box = QCheckBox(tr(setting.title))
        box.setChecked(setting.value)
        return box
    if isinstance(setting.default, int):
        number = QSpinBox()
        number.setRange(setting.low, setting.high)
        number.setSuffix(f" {setting.unit}" if setting.unit else "")
        number.setSpecialValueText(tr("all") if setting.default == setting.low else "")
        number.setGroupSeparatorShown(True)
        number.setValue(setting.value)
        return number
    if setting in (settings.CATALOGUE, settings.CACHE_FOLDER):
        file = QgsFileWidget()
        is_folder = setting is settings.CACHE_FOLDER
        file.setStorageMode(QgsFileWidget.StorageMode.GetDirectory if is_folder else QgsFileWidget.StorageMode.SaveFile)
        file.setFilter("" if is_folder else "JSON (*.json)")
        file.setConfirmOverwrite(False)
        file.setFilePath(setting.value)
        file.lineEdit().setPlaceholderText(tr("In the profile of QGIS"))
        return file
    if setting in settings.KEYS:
        choice = QgsAuthConfigSelect()
        choice.setConfigId(setting.value)
        return choice
    return QLineEdit(setting.value)


def _value(field: QWidget) -> bool | int | str:
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QSpinBox):
        return field.value()
    if isinstance(field, QgsAuthConfigSelect):
        return field.configId()
    return field.filePath().strip() if isinstance(field, QgsFileWidget) else field.text().strip()
