"""Pictures of the viewpoints of a project that no window shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qgis._3d import Qgs3DMapSettings
from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.translate import mark
from dtwin_plugin.twin.viewpoints import Viewpoint

from . import ground3d, moments3d, scene3d

_ROUND = 1.5  # times the distance of the camera: what is around the place that it looks at
_LEAST = 100.0  # m
_OPACITY = 45  # per cent, of see-through ground
_FOLLOWED = {"below": {"ground", "opacity", "factor"}, "legend": {"layers"}}  # what is set on instruments, by its key
_LEFT_OUT = mark("Part of what is set on “{instrument}” is not in the pictures.")
_NAMES = {"below": mark("Under the ground"), "section": mark("Section"), "results": mark("Results"),
          "measure": mark("Measure"), "column": mark("What lies here"), "legend": mark("Legend")}  # fmt: skip
_ON = {"logs"}  # what is on when nothing is set
_NOT_SEEN = {"time", "viewpoints", "film", "inspect", "compare"}  # those that change nothing in a picture of one view


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
        All heights times this; 1 = as each viewpoint has it.
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
        span, states = moments3d.text_range(viewpoint.begin, viewpoint.end), _states(viewpoint)
        self._tell(states)
        factor = self._factor(states)
        layers = self._layers(viewpoint)
        if span is not None:
            layers = [copy for layer in layers if (copy := moments3d.at(layer, span)) is not None]
        ground = self._ground(extent)
        settings = scene3d.settings_of(self._project, extent, ground, factor, layers)
        try:
            self._show_ground(states["below"], settings, ground, extent)
            v = viewpoint
            pose = scene3d.pose_at(settings, (v.x, v.y, v.z * factor), v.distance, v.pitch, v.heading)
            return scene3d.rendered(self._project, settings, pose, width, height, span)
        finally:
            settings.setLayers([])
            grounds = {layer.id() for layer in self._grounds.values()}
            self._project.removeMapLayers([i for i in self._project.mapLayers() if i not in self._own | grounds])

    def _layers(self, viewpoint: Viewpoint) -> list[QgsMapLayer]:
        """Return the layers that a viewpoint shows and that are in the project; all visible ones where none is."""
        shown = [self._project.mapLayer(layer) for layer in viewpoint.layers]
        found = [layer for layer in shown if layer is not None] or self._project.layerTreeRoot().checkedLayers()
        hidden = _states(viewpoint)["legend"].get("layers")
        return [layer for layer in found if layer.id() not in (hidden if isinstance(hidden, list) else ())]

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

    def _factor(self, states: dict[str, dict[str, Any]]) -> float:
        """Return what heights are drawn times: what the run asks for, or else what was set in the view."""
        found = states["below"].get("factor")
        kept = float(found) if isinstance(found, (int, float)) and 0.1 <= found <= 100 else 1.0
        return self._exaggeration if self._exaggeration != 1 else kept

    def _tell(self, states: dict[str, dict[str, Any]]) -> None:
        """Warn, once for each instrument, of what is set on it and is not in the picture."""
        for key, state in states.items():
            left = any(bool(state[name]) != (name in _ON) for name in set(state) - _FOLLOWED.get(key, set()))
            if left and key not in _NOT_SEEN | self._warned:
                self._warned.add(key)
                self._warn(_LEFT_OUT, instrument=_NAMES.get(key, key))

    def _show_ground(
        self, state: dict[str, Any], settings: Qgs3DMapSettings, ground: QgsRasterLayer | None, extent: QgsRectangle
    ) -> None:
        """Show the ground as it was: solid, to be looked through, or not at all."""
        if state.get("ground") in ("clear", "none"):
            scene3d.below_ground(settings)
        if state.get("ground") == "clear" and ground is not None:
            share = state.get("opacity", _OPACITY)
            known = isinstance(share, (int, float)) and 0 <= share <= 100
            glass = ground3d.see_through(ground, extent, (share if known else _OPACITY) / 100)
            self._project.addMapLayer(glass, False)
            settings.setLayers([glass, *settings.layers()])


def _states(viewpoint: Viewpoint) -> dict[str, dict[str, Any]]:
    """Return what is set on instruments; nothing where it is not as we write it."""
    found = {key: state for key, state in viewpoint.states.items() if isinstance(state, dict)}
    return {"below": {}, "legend": {}, **found}


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
