"""Instrument: point at something, and read what is known of it."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QVBoxLayout

from dtwin_plugin.layers.object_facts import facts_of
from dtwin_plugin.translate import tr

from .facts import FactsPanel
from .highlight import Highlight
from .instrument import Instrument
from .scene import Scene
from .view import View3D


class Inspect(Instrument):
    """Tells what is seen at a pixel, and marks it on the map."""

    takes_clicks = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.facts = FactsPanel()
        self.highlight = Highlight(scene.iface.mapCanvas())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.facts)

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Tell what is seen at a pixel of a view."""
        scene = self.scene
        found = scene.objects_met(view, x, y)
        if not found:
            self.facts.clear()
            self.highlight.clear()
            scene.said.emit(tr("There is no object here; the ground and layers on it are asked on the map."))
            return
        layer, hit = found[0]
        self.facts.show_facts(facts_of(layer, hit.owner, QgsProject.instance().mapLayers().values()))
        self.highlight.show_feature(layer, hit.owner)
        scene.said.emit(tr("{layer} at {x:.1f}, {y:.1f}, {z:.2f} m").format(
            layer=layer.name(), x=hit.place[0], y=hit.place[1], z=hit.place[2]))  # fmt: skip

    def scene_closing(self) -> None:
        """Forget what was pointed at."""
        self.facts.clear()
        self.highlight.clear()
