"""3D Tiles and point clouds are loaded to the end before what they are loaded with goes, or QGIS 3.40 dies."""

from __future__ import annotations

import time
from collections.abc import Iterable

from qgis.core import QgsAbstract3DRenderer, QgsDataProvider, QgsMapLayer, QgsPointCloudLayer, QgsTiledSceneLayer
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QObject, QThreadPool

PATIENCE = 3.0  # s: a tile takes less, and a server that does not answer must not stop QGIS
_LOOK = 0.002  # s


def let_tiles_finish(layers: Iterable[QgsMapLayer | None]) -> None:
    """Wait for what is loaded of layers that leave a view, where 3D Tiles are among them.

    To be called after they have left and before QGIS handles events again, in which it deletes what stood for them: a
    tile that waits for a thread then is loaded with what is gone (`QgsTiledSceneChunkLoader`, which looks at nothing
    before it begins).
    """
    if any(isinstance(layer, QgsTiledSceneLayer) for layer in layers):
        let_loading_finish()


def change_source(layer: QgsMapLayer, source: str, provider: str) -> None:
    """Give a layer another source, with its name and style as they were, also while 3D views load it.

    What stands for a point cloud or 3D Tiles in a view of QGIS 3.40, and the threads that load for it, read by bare
    pointers into the old source, and QGIS tells of the change when that is gone. So views let go of the layer first,
    and take it again with its new source.
    """
    kept = _let_go(layer) if isinstance(layer, (QgsPointCloudLayer, QgsTiledSceneLayer)) else None
    layer.setDataSource(source, layer.name(), provider, QgsDataProvider.ProviderOptions(), False)
    if kept is not None:
        layer.setRenderer3D(kept)
    layer.trigger3DUpdate()


def _let_go(layer: QgsMapLayer) -> QgsAbstract3DRenderer | None:
    """Let no view and no thread read of a layer any more; return the 3D renderer that brings it back."""
    renderer = layer.renderer3D()
    kept = renderer.clone() if renderer is not None else None
    if kept is not None:
        layer.setRenderer3D(None)
        _delete_what_left()  # which cancels what it loads
    let_loading_finish()  # maps are drawn from it too
    return kept


def _delete_what_left() -> None:
    """Delete what has left the scenes of all 3D views."""
    from qgis.utils import iface

    if hasattr(iface, "mapCanvases3D"):
        import qgis._3d  # noqa: F401  without it QGIS cannot hand over a view

    for canvas in iface.mapCanvases3D() if hasattr(iface, "mapCanvases3D") else ():
        delete_now(canvas.scene() if canvas is not None else None)


def delete_now(scene: QObject | None) -> None:
    """Delete what a 3D scene wants to delete later: until then it goes on to load the layers that it stood for.

    QGIS 3.40 starts the next load of it when one ends, and events of that come before the one that deletes it.
    """
    for part in scene.children() if scene is not None else ():
        QCoreApplication.sendPostedEvents(part, QEvent.Type.DeferredDelete)


def let_loading_finish() -> None:
    """Wait for all that is loaded or drawn, for a while.

    `QThreadPool.waitForDone` would end the threads too, with what Qt 3D keeps in them, and QGIS would die of that.
    """
    pool, end = QThreadPool.globalInstance(), time.monotonic() + PATIENCE
    while pool.activeThreadCount() and time.monotonic() < end:  # a thread is active until nothing waits for one
        time.sleep(_LOOK)
