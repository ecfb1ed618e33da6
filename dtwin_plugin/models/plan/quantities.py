"""All that a rule can be about, by the name that a rule file has for it."""

from __future__ import annotations

from .boundary import BOUNDARY_DISTANCE
from .building_area import OUTSIDE_BUILDING_AREA
from .built import BUILT_PERCENTAGE
from .heights import BUILDING_HEIGHT
from .quantity import Quantity

QUANTITIES: dict[str, Quantity] = {
    quantity.id: quantity
    for quantity in (
        BUILDING_HEIGHT,
        BUILT_PERCENTAGE,
        OUTSIDE_BUILDING_AREA,
        BOUNDARY_DISTANCE,
    )
}
