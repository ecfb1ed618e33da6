"""Where the sun stands, what it reaches, and for how long."""

from .facade_model import FACADE_SUN
from .shadow_models import SHADOW, SUN_HOURS

SUNLIGHT = (FACADE_SUN, SHADOW, SUN_HOURS)

__all__ = ["SUNLIGHT"]
