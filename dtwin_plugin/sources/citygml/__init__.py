"""CityGML 1.0, 2.0 and 3.0: city objects with their surfaces in space."""

from .source import CityGmlSource

__all__ = ["CityGmlSource"]
