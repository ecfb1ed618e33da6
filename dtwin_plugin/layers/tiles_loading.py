"""3D Tiles and point clouds are loaded to the end before what they are loaded with goes, or QGIS 3.40 dies."""

from __future__ import annotations

import time
from collections.abc import Iterable

from qgis.core import QgsDataProvider, QgsMapLayer, QgsPointCloudLayer, QgsTiledSceneLayer
from qgis.PyQt.QtCore import QThreadPool

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

    Threads of QGIS 3.40 read point clouds and 3D Tiles by what goes with the old source: the loader of point clouds
    keeps a bare pointer to their index. QGIS tells of the change when that is gone.
    """
    if isinstance(layer, (QgsPointCloudLayer, QgsTiledSceneLayer)):
        let_loading_finish()
    layer.setDataSource(source, layer.name(), provider, QgsDataProvider.ProviderOptions(), False)
    layer.trigger3DUpdate()  # views begin anew, before they go on with the old


def let_loading_finish() -> None:
    """Wait for all that is loaded or drawn, for a while.

    `QThreadPool.waitForDone` would end the threads too, with what Qt 3D keeps in them, and QGIS would die of that.
    """
    pool, end = QThreadPool.globalInstance(), time.monotonic() + PATIENCE
    while pool.activeThreadCount() and time.monotonic() < end:  # a thread is active until nothing waits for one
        time.sleep(_LOOK)
