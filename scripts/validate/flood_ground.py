"""The ground of a case: holes filled, buildings as blocks."""

import numpy as np

from dtwin_plugin.errors import FormatError

from .areas import numbered


def ground(case, bed, domain, folder):
    """Return the bed [m] with its buildings.

    `buildings` is an area; `raise` [m] lifts its cells, "block" makes each building a block as the model does, and
    "wall" takes its cells out of the area.
    """
    from dtwin_plugin.models.flood.buildings import fill_holes, raise_buildings

    if case.get("gaps", "wall") == "fill":
        bed = np.asarray(fill_holes(bed), float)
    spec = case.get("buildings")
    if spec is None:
        return bed
    how = spec.get("raise", "block") if isinstance(spec, dict) else "block"
    area = {k: v for k, v in spec.items() if k != "raise"} if isinstance(spec, dict) else spec
    houses = numbered(area, domain, folder)
    if isinstance(area, dict) and "raster" in area:  # a mask knows no houses: those that touch are one
        from scipy import ndimage

        houses, _ = ndimage.label(houses, np.ones((3, 3)))
    if not houses.any():
        raise FormatError("The buildings of the case cover no cell of its terrain.")
    if how == "block":
        return np.asarray(raise_buildings(bed, houses), float)
    if how == "wall":
        return np.where(houses > 0, np.nan, bed)
    return bed + float(how) * (houses > 0)
