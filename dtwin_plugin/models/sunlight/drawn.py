"""A plan as it stands: surfaces in space as they are, outlines drawn with a height as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from ..base import Values


def standing(values: Values) -> Features:
    """Return the plan of a model of sunlight with its surfaces in space.

    Outlines with a field `height` [m] become blocks, as in a test of a plan: from their field `base` [m NAP], or from
    the mean ground along their walls. The ground is the terrain, or the surface where buildings are given apart.

    Parameters
    ----------
    values : dict
        With `plan`, and `surface`, `terrain` and `buildings` where they are given.

    Raises
    ------
    InputError
        If the plan has neither, or a block stands nobody knows where.
    """
    from ..plan.blocks import blocks_of, is_drawn  # at first use: not everybody tests plans

    plan = values["plan"]
    if not len(plan) or not is_drawn(plan):
        return plan
    if "height" not in plan.columns:
        raise InputError(
            "The plan is flat on the map and has no field {field}: it would throw no shadow.",
            hint="Add the field with the height of each outline in m, or choose a layer of surfaces in space.",
            field="height",
        )
    ground = values.get("terrain") or (values["surface"] if values.get("buildings") is not None else None)
    if ground is None and "base" not in plan.columns:
        raise InputError(
            "The plan is drawn on the map, and the ground that it stands on is not known.",
            hint="Give the terrain too, or the field base in m NAP.",
        )
    triangles = np.concatenate([block.triangles for block in blocks_of(plan, None, ground, [])])
    rings = np.concatenate([triangles, triangles[:, :1]], axis=1)
    shapes = Geometries.build("polygon", [[[ring]] for ring in rings.tolist()])
    return Features(shapes, crs=RD_NAP)
