"""Roads of OpenStreetMap, as PBF and as XML."""

from .source import OsmRoadsSource

__all__ = ["OsmRoadsSource"]
