"""Load area: all that is ticked, for one area, in one go."""

from .algorithm import LoadArea

__all__ = ["LoadArea"]
