"""Where the sun stands, what it reaches, and for how long."""

from .facade_model import FACADE_SUN
from .shadow_models import SHADOW, SUN_HOURS
from .solar_model import SOLAR_ROOFS
from .study_model import SHADOW_STUDY

SUNLIGHT = (FACADE_SUN, SHADOW, SHADOW_STUDY, SOLAR_ROOFS, SUN_HOURS)

__all__ = ["SUNLIGHT"]
