"""CityJSON 1.0, 1.1 and 2.0, as one document or as a sequence of features."""

from .build import surfaces_of, surfaces_of_features
from .source import CityJsonSource

__all__ = ["CityJsonSource", "surfaces_of", "surfaces_of_features"]
