"""3D Tiles that leave a view are loaded to the end first: QGIS 3.40 loads on with what it has deleted, and dies."""

from __future__ import annotations

import time
from collections.abc import Iterable

from qgis.core import QgsMapLayer, QgsTiledSceneLayer
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


def let_loading_finish() -> None:
    """Wait for all that is loaded or drawn, for a while.

    `QThreadPool.waitForDone` would end the threads too, with what Qt 3D keeps in them, and QGIS would die of that.
    """
    pool, end = QThreadPool.globalInstance(), time.monotonic() + PATIENCE
    while pool.activeThreadCount() and time.monotonic() < end:  # a thread is active until nothing waits for one
        time.sleep(_LOOK)
