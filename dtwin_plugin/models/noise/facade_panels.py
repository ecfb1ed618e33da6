"""Levels on facades as panels on the walls, for the 3D view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.panels import OFF, panels

from ..base import Values

if TYPE_CHECKING:
    from dtwin_plugin.data import Features
    from dtwin_plugin.data.walls import FacadePoints


def panels_of(points: Features, facades: FacadePoints, values: Values) -> Features:
    """Return the points on facades as panels, each as wide as the wall that it stands for and a storey high.

    Parameters
    ----------
    points : Features
        Those on facades first, then others, which get no panel.
    values : mapping
        "storey" and "height" of the points above floors, and "spacing" where the width of wall is not known [m].
    """
    below = min(values["height"], values["storey"])
    widths = values["spacing"] if facades.widths is None else facades.widths
    # points stand before the wall already
    shapes = panels(
        facades.places, facades.normals, widths, below, values["storey"] - below, max(OFF - values["offset"], 0.0)
    )
    return replace(points.take(np.arange(len(facades))), geometries=shapes)
