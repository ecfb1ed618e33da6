"""The calculation models: one explicit mapping from id to description."""

from .base import Field, Model
from .flood import FLOOD

MODELS = {model.id: model for model in (FLOOD,)}

__all__ = ["MODELS", "Field", "Model"]
