"""What lies below Waterdam: soil, soundings and boreholes, groundwater, cables and pipes; and a plan for a street."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import geotop, klic, logs, plan, soil

if TYPE_CHECKING:
    from ..build import Neighbourhood


def write_subsurface(place: Neighbourhood, folder: Path) -> dict[str, int]:
    """Write it all to the folder of the neighbourhood; give the counts.

    `subsurface/geotop.nc`, `subsurface/bro`, `subsurface/gef`, `klic/Levering_….zip` and `plan.gpkg`.
    """
    ground = soil.build(place)
    under = folder / "subsurface"
    under.mkdir()
    counts = {"voxels": geotop.write_geotop(ground, under / "geotop.nc")}
    counts |= logs.write_logs(ground, place.streets, under)
    houses = [building.house for building in place.buildings]
    delivery = klic.build(place.streets, houses, ground)
    counts |= klic.write_delivery(delivery, place.surfaces, folder / "klic")
    return counts | plan.write_plan(place.streets, place.trees, folder / "plan.gpkg")
