"""What every instrument of the 3D panel is: a page beside the views, that hears of clicks while it is in front."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtWidgets import QWidget

from .scene import Scene
from .view import View3D


class Instrument(QWidget):
    """One page of the panel; made when it is first chosen, and alive until the panel is removed.

    What it does to the scene stays when another page comes in front. A subclass writes over what it needs.

    Parameters
    ----------
    scene : Scene
    """

    takes_clicks = False  # whether a click in a view is for this page while it is in front; else objects are asked

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        scene.opened.connect(self.scene_opened)
        scene.changed.connect(self.views_changed)
        scene.closing.connect(self.scene_closing)

    def begin(self) -> None:
        """Come in front: clicks are for this page from now on."""

    def end(self) -> None:
        """Another page comes in front."""

    def view_clicked(self, view: View3D, x: float, y: float) -> None:
        """Hear of a click at a pixel of a view; only while in front and `takes_clicks`."""

    def scene_opened(self) -> None:
        """Hear that there is a view where there was none."""

    def views_changed(self) -> None:
        """Hear that there is another number of views: one more must look as the first does."""

    def scene_closing(self) -> None:
        """Hear that the views go: let go of all that is in them."""

    def state(self) -> dict[str, Any]:
        """Return what is set, as plain JSON values, for a viewpoint and the project; empty if nothing is."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Set what `state` returned once, or nothing of it: it comes from a file that anybody may have written."""

    def close_for_good(self) -> None:
        """Leave nothing behind; the scene is closed by then."""
