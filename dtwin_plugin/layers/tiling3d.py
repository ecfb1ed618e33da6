"""How finely the 3D view divides vector layers: over the whole scene, whatever part of a layer that shows.

A tile of the 3D view is drawn anew when it changes, and makes its features one after another: many small tiles cost a
drawing each, and large ones keep the view from moving. In trials 1,000 to 4,000 features a tile were the quickest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from qgis.core import QgsCoordinateReferenceSystem, QgsFeatureRequest, QgsMapLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt import sip

from dtwin_plugin.data.crs import is_rd

from . import qgis3d
from .read import crs_name

_LEAF = 4000  # features in a tile at most
_FEW, _MANY = 3, 6  # levels: fewer make the smallest layer slow, more the largest
_DIVIDED = ("vector", "rulebased")  # types of renderers that have tiles
_MOST = _LEAF * 4 ** (_MANY - 1)  # features from which more make no difference


def levels_for(count: int) -> int:
    """Return the levels of tiles for features in a scene: there are 4 ** (levels - 1) of the finest.

    >>> [levels_for(count) for count in (0, 30_000, 150_000, 10**9)]
    [3, 3, 4, 6]
    """
    wanted = 1 + math.ceil(math.log(count / _LEAF, 4)) if count > _LEAF else 1
    return min(max(wanted, _FEW), _MANY)


def tiling(levels: int) -> qgis3d.QgsVectorLayer3DTilingSettings:
    """Return the settings of a renderer."""
    settings = qgis3d.QgsVectorLayer3DTilingSettings()
    settings.setZoomLevelsCount(levels)
    return settings


class Fitted:
    """Layers whose tiles fit a scene until they are given back the ones of their own."""

    def __init__(self) -> None:
        self._before: list[tuple[QgsVectorLayer, int, qgis3d.QgsVectorLayer3DTilingSettings]] = []

    def fit(self, layers: Iterable[QgsMapLayer], extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Divide layers as the scene of an extent asks, before it is made. One that asks for one tile keeps it."""
        self.restore()
        for layer in layers:
            own = _own(layer)
            if own is None or own.zoomLevelsCount() == 1:
                continue
            inside = alike(layer.crs(), crs) and not extent.contains(layer.extent())
            levels = levels_for(_count(layer, extent) if inside else layer.featureCount())
            if levels != own.zoomLevelsCount():
                self._before.append((layer, levels, qgis3d.QgsVectorLayer3DTilingSettings(own)))
                _set(layer, tiling(levels))

    def restore(self) -> None:
        """Give the layers their own tiles back, for a view of all of them; not those that have got others since."""
        for layer, levels, own in self._before:
            found = None if sip.isdeleted(layer) else _own(layer)
            if found is not None and found.zoomLevelsCount() == levels:
                _set(layer, own)
        self._before.clear()


def alike(one: QgsCoordinateReferenceSystem, two: QgsCoordinateReferenceSystem) -> bool:
    """Tell whether coordinates on the map are the same in two systems; RD New is so with heights and without."""
    return bool(one == two) or all(is_rd(crs_name(crs)) for crs in (one, two))


def _own(layer: QgsMapLayer) -> qgis3d.QgsVectorLayer3DTilingSettings | None:
    """Return how a layer is divided, None where it is not."""
    renderer = _divided(layer)
    return renderer.tilingSettings() if renderer is not None else None


def _set(layer: QgsMapLayer, settings: qgis3d.QgsVectorLayer3DTilingSettings) -> None:
    renderer = _divided(layer)
    if renderer is not None:
        renderer.setTilingSettings(settings)


def _divided(layer: QgsMapLayer) -> qgis3d.QgsAbstractVectorLayer3DRenderer | None:
    """Return the renderer of a layer that is drawn in tiles. A layer deletes its renderer at will: it is not kept.

    Python knows what QGIS read from a file as the base class only.
    """
    renderer = layer.renderer3D() if isinstance(layer, QgsVectorLayer) else None
    if renderer is None or renderer.type() not in _DIVIDED:
        return None
    return sip.cast(renderer, qgis3d.QgsAbstractVectorLayer3DRenderer)


def _count(layer: QgsVectorLayer, extent: QgsRectangle) -> int:
    """Return how many features of a layer are in an extent, as far as it makes a difference."""
    request = QgsFeatureRequest(extent).setFlags(QgsFeatureRequest.Flag.NoGeometry).setNoAttributes().setLimit(_MOST)
    return sum(1 for _ in layer.getFeatures(request))
