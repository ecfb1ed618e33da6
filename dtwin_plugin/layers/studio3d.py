"""Pictures of the viewpoints of a project that no window shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qgis._3d import Qgs3DMapSettings
from qgis.core import QgsDateTimeRange, QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.translate import mark
from dtwin_plugin.twin.viewpoints import Viewpoint

from . import ground3d, moments3d, scene3d, view_states
from .scene_states import SceneStates

_ROUND = 1.5  # times the distance of the camera: what is around the place that it looks at
_LEAST = 100.0  # m
_LEFT_OUT = mark("What is set on “{instrument}” is not in the pictures.")
_TWO_VIEWS = mark("“{viewpoint}” has two views beside each other; its picture is of the first.")
_NOT_SHOWN = {"measure": mark("Measure"), "column": mark("What lies here")}
States = dict[str, dict[str, Any]]


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
        self._settings: Qgs3DMapSettings | None = None
        self._key, self._count = "", 0
        self._warned: set[str] = set()
        provider = project.elevationProperties().terrainProvider()
        found = provider.layer() if hasattr(provider, "layer") else None
        self._terrain = found if isinstance(found, QgsRasterLayer) else None
        self._scale, self._offset = provider.scale(), provider.offset()

    def moments(self, viewpoint: Viewpoint) -> Moments | None:
        """Return the moments of what is shown from a viewpoint; None where nothing changes."""
        return moments3d.moments_of(self._layers(viewpoint))

    def picture(self, viewpoint: Viewpoint, extent: QgsRectangle, width: int, height: int) -> QImage:
        """Return what is seen from a viewpoint of a part of the map; raises ModelError where no picture comes."""
        v, states = viewpoint, _states(viewpoint)
        self.tell(viewpoint)
        factor, span = self._factor(states), moments3d.text_range(v.begin, v.end)
        key = json.dumps([v.layers, v.begin, v.end, extent.toString(2), states], sort_keys=True)
        if key != self._key or self._settings is None:  # most pictures of a film are of one scene
            self.close()
            self._settings, self._key = self._scene(viewpoint, states, extent, span, factor), key
        place = (v.x, v.y, v.z * factor)
        pose = scene3d.pose_at(self._settings, place, v.distance, v.pitch, v.heading)
        return scene3d.rendered(self._project, self._settings, pose, width, height, span)

    def close(self) -> None:
        """Let go of the scene that was drawn last."""
        if self._settings is not None:
            self._settings.setLayers([])
        self._settings = None
        grounds = {layer.id() for layer in self._grounds.values()}
        self._project.removeMapLayers([i for i in self._project.mapLayers() if i not in self._own | grounds])

    def _scene(
        self,
        viewpoint: Viewpoint,
        states: States,
        extent: QgsRectangle,
        span: QgsDateTimeRange | None,
        factor: float,
    ) -> Qgs3DMapSettings:
        """Return what is seen as a scene; the layers that were made for it are in the project."""
        made = SceneStates(self._project, extent, states, self._warn_once)
        self._count += 1
        folder = self._folder / f"scene-{self._count}"  # QGIS may still read that of the one before
        folder.mkdir()
        ground, detail, more = made.ground(self._ground(extent), folder)
        if ground is not None and ground.project() is None:
            self._project.addMapLayer(ground, False)
        layers = [shown for layer in self._layers(viewpoint) if (shown := made.layer(layer)) is not None]
        layers = [*made.differences, *layers]
        if span is not None:
            layers = [copy for layer in layers if (copy := moments3d.at(layer, span)) is not None]
        drawn = made.cut([*more, *made.sleeves(), *layers])
        settings = scene3d.settings_of(self._project, extent, ground, factor, drawn, detail)
        if view_states.ground(states["below"]) in (view_states.CLEAR, view_states.NONE):
            scene3d.below_ground(settings)
        return settings

    def _layers(self, viewpoint: Viewpoint) -> list[QgsMapLayer]:
        """Return the layers that a viewpoint shows and that are in the project; all visible ones where none is."""
        shown = [self._project.mapLayer(layer) for layer in viewpoint.layers]
        return [layer for layer in shown if layer is not None] or self._project.layerTreeRoot().checkedLayers()

    def _ground(self, extent: QgsRectangle) -> QgsRasterLayer | None:
        if self._terrain is None:
            return None
        key = extent.toString(2)
        if key not in self._grounds:
            folder = self._folder / f"ground-{len(self._grounds)}"
            ground = ground3d.without_holes(self._terrain, extent, folder, self._scale, self._offset)
            if ground.project() is None:
                self._project.addMapLayer(ground, False)
            self._grounds[key] = ground
        return self._grounds[key]

    def _factor(self, states: States) -> float:
        """Return what heights are drawn times: what the run asks for, or else what was set in the view."""
        found = states["below"].get("factor")
        kept = float(found) if isinstance(found, (int, float)) and 0.1 <= found <= 100 else 1.0
        return self._exaggeration if self._exaggeration != 1 else kept

    def tell(self, viewpoint: Viewpoint) -> None:
        """Warn of what a viewpoint keeps that pictures do not show."""
        if len(viewpoint.themes) > 1:
            self._warn_once(_TWO_VIEWS, viewpoint=viewpoint.name)
        states = _states(viewpoint)
        for key in set(states) & set(_NOT_SHOWN):
            if any(states[key].values()):
                self._warn_once(_LEFT_OUT, instrument=_NOT_SHOWN[key])

    def _warn_once(self, text: str, **values: str) -> None:
        said = text.format(**values)
        if said not in self._warned:
            self._warned.add(said)
            self._warn(text, **values)


def _states(viewpoint: Viewpoint) -> States:
    """Return what is set on instruments; nothing where it is not as we write it."""
    found = {key: state for key, state in viewpoint.states.items() if isinstance(state, dict)}
    return {"below": {}, **found}


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
