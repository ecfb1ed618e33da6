"""The calculation models: `MODELS`, from id to description, stands in `registry`."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

from .base import Field, Model

if TYPE_CHECKING:
    from .registry import MODELS

__all__ = ["MODELS", "Field", "Model"]
__getattr__ = later(__name__, {"MODELS": "registry"})
