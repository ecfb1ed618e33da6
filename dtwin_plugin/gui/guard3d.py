"""Layers leave 3D views before they leave the project: QGIS 3.40 would draw what is no more, and die."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsMapLayer, QgsProject, QgsTiledSceneLayer

from dtwin_plugin.layers.tiles_loading import delete_now, let_loading_finish, let_tiles_finish

if TYPE_CHECKING:
    from collections.abc import Iterable


class Guard:
    """Takes layers out of all open 3D views, also those of the user, before they are removed; `remove` ends that.

    3D Tiles that get another renderer or are read anew finish too, for QGIS then deletes what stood for them.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._signal = QgsProject.instance().layersWillBeRemoved["QStringList"]
        self._signal.connect(self._before)
        project = QgsProject.instance()
        project.layersAdded.connect(self._follow)
        self._follow(project.mapLayers().values())

    def _follow(self, layers: Iterable[QgsMapLayer]) -> None:
        for layer in _tiles(layers):
            layer.request3DUpdate.connect(let_loading_finish)

    def _before(self, ids: list[str]) -> None:
        import qgis._3d  # noqa: F401  without it QGIS cannot hand over a view; the start of QGIS can wait for it

        for canvas in self._iface.mapCanvases3D():
            settings = canvas.mapSettings() if canvas is not None else None  # of one that is closing
            if settings is not None:
                shown = settings.layers()
                settings.setLayers([layer for layer in shown if layer.id() not in ids])
                let_tiles_finish(layer for layer in shown if layer.id() in ids)
                delete_now(canvas.scene())

    def remove(self) -> None:
        """Let QGIS be as it was."""
        self._signal.disconnect(self._before)
        project = QgsProject.instance()
        project.layersAdded.disconnect(self._follow)
        for layer in _tiles(project.mapLayers().values()):
            layer.request3DUpdate.disconnect(let_loading_finish)


def _tiles(layers: Iterable[QgsMapLayer]) -> list[QgsTiledSceneLayer]:
    return [layer for layer in layers if isinstance(layer, QgsTiledSceneLayer)]
