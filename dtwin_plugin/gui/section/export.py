"""Saving a section: as a drawing (PDF, SVG, PNG) or as its layers."""

from __future__ import annotations

import shutil
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QPushButton

from dtwin_plugin.errors import DtwinError, file_error
from dtwin_plugin.layers import privacy
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.section_sheet import Sheet, confidential_line, save
from dtwin_plugin.translate import mark, tr
from dtwin_plugin.twin.privacy import strictest

if TYPE_CHECKING:
    from .dock import SectionDock

OUTPUTS = ("areas", "lines", "points", "areas_3d", "lines_3d")
_DRAWINGS = {"pdf": mark("Drawing as PDF…"), "svg": mark("Drawing as SVG…"), "png": mark("Drawing as PNG…")}
_TITLES = {"areas_3d": mark("Section in space, areas"), "lines_3d": mark("Section in space, lines")}


class ExportButton(QPushButton):
    """A menu of what a section can be saved as."""

    def __init__(self, dock: SectionDock) -> None:
        super().__init__(tr("Save"))
        self._dock = dock
        self._sources: tuple[str, ...] = ()
        self._level, self._until = "", ""
        menu = QMenu(self)
        for suffix, text in _DRAWINGS.items():
            menu.addAction(tr(text)).triggered.connect(partial(self._ask_drawing, suffix))
        menu.addAction(tr("Data, and add it to the 3D view…")).triggered.connect(self._ask_data)
        self.setMenu(menu)

    def note(self, layers: list[QgsMapLayer]) -> None:
        """Remember of which layers the section is made, and how open they are."""
        self._sources = tuple(f"{layer.name()} ({Path(layer.source().split('|')[0]).name})" for layer in layers)
        self._level = strictest(privacy.level_of(layer) for layer in layers)
        self._until = min(filter(None, (privacy.keep_until_of(layer) for layer in layers)), default="")

    def _ask_drawing(self, suffix: str, _checked: bool = False) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save"), f"section.{suffix}", f"{suffix.upper()} (*.{suffix})")
        if name:
            path = Path(name)
            self.save_drawing(path if path.suffix.lower() == f".{suffix}" else Path(f"{name}.{suffix}"))

    def save_drawing(self, path: Path) -> None:
        """Write the drawing that the panel shows as an A3 sheet."""
        dock = self._dock
        if dock.view.data is None:
            return
        title = QgsProject.instance().title()
        sheet = Sheet(
            f"{title}: {tr('Vertical section')}" if title else "",
            dock.view.exaggeration,
            self._sources,
            date.today().isoformat(),
            confidential_line(self._level, self._until),
        )
        try:
            save(dock.view.data, sheet, path)
        except DtwinError as error:
            dock.say(error.text(tr))
        except OSError as error:
            dock.say(file_error(error).text(tr))
        else:
            dock.say(tr("{file} is saved.").format(file=str(path)))

    def _ask_data(self, _checked: bool = False) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for the layers of the section"))
        if folder:
            self.save_data(Path(folder))

    def save_data(self, folder: Path) -> None:
        """Copy the layers and the record of the run, and add the upright ones to the project."""
        dock = self._dock
        try:
            copies = {
                name: Path(shutil.copy(str(dock.results[name]), folder))
                for name in (*OUTPUTS, "record")
                if name in dock.results
            }
        except OSError as error:
            dock.say(file_error(error).text(tr))
            return
        for name, title in _TITLES.items():
            layer = QgsVectorLayer(f"{copies[name]}|layername={name}", tr(title), "ogr")
            if layer.isValid() and layer.featureCount():
                load_sidecars(layer)
                QgsProject.instance().addMapLayer(layer)
        dock.say(tr("{file} is saved.").format(file=str(folder)))
