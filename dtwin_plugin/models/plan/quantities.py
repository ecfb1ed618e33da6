"""All that a rule can be about, by the name that a rule file has for it."""

from __future__ import annotations

from .boundary import BOUNDARY_DISTANCE
from .building_area import OUTSIDE_BUILDING_AREA
from .built import BUILT_PERCENTAGE
from .cable_clash import CABLE_CLASH
from .eaves import EAVES_HEIGHT
from .fire import FIRE_DISTANCE
from .flood_door import FLOOD_DEPTH
from .heights import BUILDING_HEIGHT
from .noise_limit import NOISE_LEVEL
from .overhang import OVERHANG_CARRIAGEWAY, OVERHANG_DEPTH, OVERHANG_ROAD
from .quantity import Quantity
from .sun_norm import SUN_HOURS

QUANTITIES: dict[str, Quantity] = {
    quantity.id: quantity
    for quantity in (
        BUILDING_HEIGHT,
        EAVES_HEIGHT,
        BUILT_PERCENTAGE,
        OUTSIDE_BUILDING_AREA,
        BOUNDARY_DISTANCE,
        OVERHANG_CARRIAGEWAY,
        OVERHANG_ROAD,
        OVERHANG_DEPTH,
        FIRE_DISTANCE,
        SUN_HOURS,
        NOISE_LEVEL,
        FLOOD_DEPTH,
        CABLE_CLASH,
    )
}
