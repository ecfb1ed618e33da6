"""The file to save to: what is typed gets its folder and its suffix, in sight."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from qgis.core import QgsProject
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QWidget

from dtwin_plugin.translate import tr

_SUFFIX = ".gpkg"


class TargetFile(QgsFileWidget):
    """The GeoPackage of a load."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggested = self._filled = ""
        self.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.setFilter("GeoPackage (*.gpkg)")
        self.lineEdit().setPlaceholderText(tr("A new file, named by the time"))
        self.lineEdit().editingFinished.connect(self.complete)

    def complete(self) -> str:
        """Return the whole path of what is typed, and show it; "" where nothing is."""
        text = self.filePath().strip()
        if not text:
            return ""
        path = Path(text).expanduser()
        if path.suffix.lower() != _SUFFIX:
            path = path.with_name(path.name + _SUFFIX)
        path = _home() / path  # which is the path itself where that begins at a root
        if str(path) != self.filePath():
            self.setFilePath(str(path))
        return str(path)

    def path_for(self, wanted: str) -> str:
        """Return the file for a load.

        Where the user typed none it is a new one, except for the same load again: another area in the same file would
        take the place of layers that are in the project.

        Parameters
        ----------
        wanted : str
            Says what is loaded; the same text for the same load.
        """
        path = self.complete()
        if path and (path != self._suggested or wanted == self._filled):
            return path
        self._suggested, self._filled = str(_free(_home(), datetime.now())), wanted
        self.setFilePath(self._suggested)
        return self._suggested


def _home() -> Path:
    return Path(QgsProject.instance().homePath() or Path.home())


def _free(folder: Path, moment: datetime) -> Path:
    """Return a name by the time that no file has."""
    stem = f"{tr('digital-twin')}-{moment:%Y%m%d-%H%M}"
    names = (folder / f"{stem}{f'-{number}' if number > 1 else ''}{_SUFFIX}" for number in range(1, 1000))
    return next(path for path in names if not path.exists())
