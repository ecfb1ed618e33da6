"""What a scene without a view shows of what is set on the instruments of the 3D panel: copies of layers, a ground."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.translate import mark, tr

from . import below3d, cut3d, ground3d, pit3d, results3d, view_states
from .compare3d import Change, is_difference, without_designs, without_results
from .finish import style_of
from .legend3d import without_rules
from .scene3d import DETAIL, Detail

_WHOLE = mark("“{layer}” is not cut in pictures.")


class SceneStates:
    """Changes the layers and the ground of one scene.

    Parameters
    ----------
    project : QgsProject
        Of the layers; it stays as it is.
    extent : QgsRectangle
        The part of the map in the scene, in the CRS of the project.
    states : dict
        What is set on each instrument, by its key.
    warn : callable
        Is told what cannot be shown.

    Attributes
    ----------
    differences : list of QgsMapLayer
        Shown on top, in place of the results that they are of.
    """

    def __init__(
        self, project: QgsProject, extent: QgsRectangle, states: dict[str, dict[str, Any]], warn: Callable[..., None]
    ) -> None:
        self._project, self._extent, self._warn = project, extent, warn
        self._below = states.get("below", {})
        self._hidden = view_states.hidden(states.get("legend", {}))
        self._style = view_states.below_style(self._below)
        self._results = {each.target: each for each in view_states.colourings(states.get("results", {}))}
        section = view_states.section(states.get("section", {}))
        self._planes = section.planes() if section is not None else []
        found, with_designs = view_states.comparison(states.get("compare", {}))
        difference = project.mapLayer(found) if found else None
        self.differences: list[QgsMapLayer] = [difference] if difference and is_difference(difference) else []
        self._left_out: list[Change] = [without_results(each) for each in self.differences]
        if not with_designs:
            self._left_out.append(without_designs(project))

    def layer(self, layer: QgsMapLayer) -> QgsMapLayer | None:
        """Return what is shown of a layer of the project: itself, a copy, or None for nothing; it is not cut yet."""
        key, found = layer.id(), self._coloured(layer)
        if key in self._hidden.layers or any(change(layer) is None for change in self._left_out):
            return None
        styled = self._style(found)
        rules = self._hidden.rules.get(key)
        if rules and isinstance(styled, QgsVectorLayer) and styled.renderer3D() is not None:
            return without_rules(styled, rules)
        return styled

    def _coloured(self, layer: QgsMapLayer) -> QgsMapLayer:
        colouring = self._results.get(layer.id())
        source = self._project.mapLayer(colouring.source) if colouring is not None else None
        if colouring is None or not (isinstance(layer, QgsVectorLayer) and isinstance(source, QgsVectorLayer)):
            return layer
        try:
            return results3d.coloured(colouring, layer, source).layer
        except DtwinError as error:
            self._warn(error.text(tr))
            return layer

    def sleeves(self) -> list[QgsVectorLayer]:
        """Return where cables and pipes may lie, if that is shown."""
        found: list[QgsVectorLayer] = []
        for layer in self._project.mapLayers().values() if self._below.get("sleeves") is True else ():
            if style_of(layer) == "klic_lines":
                try:
                    found.append(below3d.sleeves_of(layer, self._extent, self._project.crs()))
                except DtwinError as error:
                    self._warn(error.text(tr))
        return found

    def ground(
        self, plain: QgsRasterLayer | None, folder: Path
    ) -> tuple[QgsRasterLayer | None, Detail, list[QgsMapLayer]]:
        """Return the ground, how finely it must be drawn, and the layers that belong to it.

        Parameters
        ----------
        plain : QgsRasterLayer or None
            Without holes; None where the ground is flat.
        folder : Path
            Where others are written.
        """
        if plain is None:
            return None, DETAIL, []
        kind, share = view_states.ground(self._below), view_states.opacity(self._below) / 100
        found, ground, detail = view_states.hole(self._below), plain, DETAIL
        more: list[QgsMapLayer] = []
        if kind == view_states.CLEAR:
            more.append(ground3d.see_through(plain, self._extent, max(share, 0.01)))
        elif kind == view_states.PIT and found is not None:
            hole, depth = found
            detail = pit3d.detail_for(hole, self._extent)
            ground = pit3d.ground_with(plain, self._extent, hole, folder / "pit.tif")
            more.append(pit3d.pit(plain, self._extent, hole, depth, share))
        if self._planes:
            ground, finer = cut3d.cut_ground(ground, self._extent, self._planes, folder / "cut.tif")
            detail = min(detail, finer, key=lambda each: each.error)
        return ground, detail, more

    def cut(self, layers: Iterable[QgsMapLayer]) -> list[QgsMapLayer]:
        """Return layers without what the section cuts away."""
        if not self._planes:
            return list(layers)
        found = []
        for layer in layers:
            if not cut3d.can_be_cut(layer, self._project.crs()):
                self._warn(_WHOLE, layer=layer.name())
                found.append(layer)
            else:
                found.append(cut3d.cut_layer(layer, self._planes, self._extent))
        return found
