"""Pictures of the viewpoints of a project that no window shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qgis._3d import Qgs3DMapSettings, QgsCameraPose
from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.twin.viewpoints import Viewpoint

from . import ground3d, moments3d, scene3d

_ROUND = 1.5  # times the distance of the camera: what is around the place that it looks at
_LEAST = 100.0  # m
_APPLIED = {"below"}  # instruments whose states are followed; what cannot be is said
_NOT_SEEN = {"time", "viewpoints", "film", "inspect", "measure", "column"}  # those that change nothing in a picture


class Studio:
    """Renders viewpoints off screen.

    Parameters
    ----------
    project : QgsProject
        Of which no other uses the layers: they may be changed, and others come into it.
    folder : Path
        Where grounds without holes are written.
    warn : callable
        Is told what of a viewpoint is not in a picture.
    exaggeration : float
        All heights times this.
    """

    def __init__(self, project: QgsProject, folder: Path, warn: Callable[..., None], exaggeration: float = 1.0) -> None:
        self._project, self._folder, self._warn, self._exaggeration = project, folder, warn, exaggeration
        self._own = set(project.mapLayers())
        self._grounds: dict[str, QgsRasterLayer] = {}
        self._warned: set[str] = set()
        provider = project.elevationProperties().terrainProvider()
        found = provider.layer() if hasattr(provider, "layer") else None
        self._terrain = found if isinstance(found, QgsRasterLayer) else None

    def moments(self, viewpoint: Viewpoint) -> Moments | None:
        """Return the moments of what is shown from a viewpoint; None where nothing changes."""
        return moments3d.moments_of(self._layers(viewpoint))

    def picture(self, viewpoint: Viewpoint, extent: QgsRectangle, width: int, height: int) -> QImage:
        """Return what is seen from a viewpoint of a part of the map; raises ModelError where no picture comes."""
        span = moments3d.text_range(viewpoint.begin, viewpoint.end)
        layers = self._layers(viewpoint)
        if span is not None:
            layers = [copy for layer in layers if (copy := moments3d.at(layer, span)) is not None]
        ground = self._ground(extent)
        settings = scene3d.settings_of(self._project, extent, ground, self._exaggeration, layers)
        try:
            self._apply(viewpoint.states, settings, ground, extent)
            return scene3d.rendered(self._project, settings, self._pose(settings, viewpoint), width, height, span)
        finally:
            settings.setLayers([])
            grounds = {layer.id() for layer in self._grounds.values()}
            self._project.removeMapLayers([i for i in self._project.mapLayers() if i not in self._own | grounds])

    def _layers(self, viewpoint: Viewpoint) -> list[QgsMapLayer]:
        """Return the layers that a viewpoint shows and that are in the project; all visible ones where none is."""
        shown = [self._project.mapLayer(layer) for layer in viewpoint.layers]
        found = [layer for layer in shown if layer is not None]
        return found or self._project.layerTreeRoot().checkedLayers()

    def _ground(self, extent: QgsRectangle) -> QgsRasterLayer | None:
        if self._terrain is None:
            return None
        key = extent.toString(2)
        if key not in self._grounds:
            ground = ground3d.without_holes(self._terrain, extent, self._folder / f"ground-{len(self._grounds)}")
            if ground.project() is None:
                self._project.addMapLayer(ground, False)
            self._grounds[key] = ground
        return self._grounds[key]

    def _apply(
        self, states: dict[str, Any], settings: Qgs3DMapSettings, ground: QgsRasterLayer | None, extent: QgsRectangle
    ) -> None:
        for key in sorted(set(states) - _APPLIED - _NOT_SEEN - self._warned):
            self._warned.add(key)
            self._warn("What is set on “{instrument}” is not in pictures made off screen.", instrument=key)
        below = states.get("below")
        shown = below.get("ground") if isinstance(below, dict) else None
        if shown in ("clear", "none"):
            scene3d.below_ground(settings)
        if shown == "clear" and ground is not None:
            glass = ground3d.see_through(ground, extent)
            self._project.addMapLayer(glass, False)
            settings.setLayers([glass, *settings.layers()])

    def _pose(self, settings: Qgs3DMapSettings, viewpoint: Viewpoint) -> QgsCameraPose:
        v = viewpoint
        return scene3d.pose_at(settings, (v.x, v.y, v.z * self._exaggeration), v.distance, v.pitch, v.heading)


def extent_around(viewpoints: Sequence[Viewpoint]) -> QgsRectangle:
    """Return the part of the map that viewpoints show: what was in the scene, or else what is around their places."""
    extent = QgsRectangle()
    for viewpoint in viewpoints:
        if viewpoint.extent:
            part = QgsRectangle(*viewpoint.extent)
        else:
            half = max(_ROUND * viewpoint.distance, _LEAST)
            part = QgsRectangle(viewpoint.x - half, viewpoint.y - half, viewpoint.x + half, viewpoint.y + half)
        if extent.isEmpty():
            extent = part
        else:
            extent.combineExtentWith(part)
    return extent
