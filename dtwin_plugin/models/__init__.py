"""The calculation models: one explicit mapping from id to description."""

from .base import Field, Model
from .flood import FLOOD_MODELS
from .quality import CHECK_QUALITY
from .subsurface import SUBSURFACE
from .sunlight import SUNLIGHT

MODELS = {model.id: model for model in (CHECK_QUALITY, *FLOOD_MODELS, *SUBSURFACE, *SUNLIGHT)}

__all__ = ["MODELS", "Field", "Model"]
