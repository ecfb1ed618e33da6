"""Where the sun stands, what it reaches, and for how long."""

from .facade_model import FACADE_SUN
from .shadow_models import SHADOW, SUN_HOURS
from .solar_model import SOLAR_ROOFS

SUNLIGHT = (FACADE_SUN, SHADOW, SOLAR_ROOFS, SUN_HOURS)

__all__ = ["SUNLIGHT"]
