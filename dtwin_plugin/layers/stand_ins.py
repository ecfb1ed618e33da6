"""Layers that 3D views draw in place of those of the project, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsMapLayer, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .stretch3d import stretched_copy

Change = Callable[[QgsMapLayer], "QgsMapLayer | None"]
_ORIGINAL = "dtwin/original"
# what a user saves is heard of by `afterCommitChanges` alone, and what came from elsewhere by `dataChanged`
_SIGNALS = ("renderer3DChanged", "subsetStringChanged", "dataChanged", "styleChanged", "afterCommitChanges")


class StandIns(QObject):
    """Copies for the views of one scene: drawn otherwise, and as much higher as the view is stretched.

    Attributes
    ----------
    extent : QgsRectangle
        The part of the map in the scene, in the project's CRS.
    factor : float
        Heights are drawn times this; set it by `stretch`.
    """

    stale = pyqtSignal()  # what is drawn must be asked for again

    def __init__(self) -> None:
        super().__init__()
        self.extent = QgsRectangle()
        self.factor = 1.0
        self._changes: dict[str, Change] = {}
        self._shown: dict[str, QgsMapLayer | None] = {}
        self._drawn: dict[str, QgsMapLayer] = {}
        self._followed: set[str] = set()
        self._soon = QTimer(self)  # not in the midst of what QGIS does with a change of a layer
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.stale)

    def set_change(self, key: str, change: Change | None) -> None:
        """Let views draw what a function makes of each layer: itself, a copy, or None for nothing."""
        if change is None and key not in self._changes:
            return
        self._changes.pop(key, None)
        if change is not None:
            self._changes[key] = change
        self._changed()

    def stretch(self, factor: float) -> None:
        """Draw heights times a factor."""
        if factor != self.factor:
            self.factor = factor
            self._changed()

    def shown(self, layer: QgsMapLayer) -> QgsMapLayer | None:
        """Return what views show of a layer, at its true heights; None for nothing."""
        key = layer.id()
        if key in self._shown:
            return self._shown[key]
        found: QgsMapLayer | None = layer
        for change in self._changes.values():
            found = change(found) if found is not None else None
            if found is not None and found is not layer:
                found.setCustomProperty(_ORIGINAL, key)
        if found is not layer:  # a layer of the project is not kept: it may go at any time
            self._shown[key] = found
            self._follow(layer)
        return found

    def drawn(self, layer: QgsMapLayer) -> QgsMapLayer:
        """Return what a view must be given to draw what it shows at the heights that are asked for."""
        if self.factor == 1.0:
            return layer
        key = layer.id()
        if key not in self._drawn:
            found = stretched_copy(layer, self.factor, self.extent, QgsProject.instance().crs().authid())
            if found is layer:
                return layer
            self._drawn[key] = found
            self._follow(layer)
        return self._drawn[key]

    def clear(self) -> None:
        """Let go of all copies and of what was asked for; there must be no view any more."""
        self._changes.clear()
        self.factor = 1.0
        self._soon.stop()
        self._make_anew()

    def _follow(self, layer: QgsMapLayer) -> None:
        """Make copies anew when a layer of which there is one changes."""
        if layer.id() not in self._followed:
            self._followed.add(layer.id())
            for name in _SIGNALS:
                if hasattr(layer, name):
                    getattr(layer, name).connect(self._changed)

    def _changed(self) -> None:
        self._make_anew()
        self._soon.start()

    def _make_anew(self) -> None:
        """Forget the copies; a view keeps those that it shows."""
        for key in self._followed:
            layer = QgsProject.instance().mapLayer(key)
            for name in _SIGNALS if layer is not None else ():
                if hasattr(layer, name):
                    getattr(layer, name).disconnect(self._changed)
        for known in (self._followed, self._shown, self._drawn):
            known.clear()


def original_id(layer: QgsMapLayer) -> str:
    """Return the id of the layer of the project that a copy stands for; that of any other layer itself."""
    return str(layer.customProperty(_ORIGINAL, "") or layer.id())
