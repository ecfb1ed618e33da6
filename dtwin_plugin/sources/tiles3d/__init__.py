"""3D Tiles 1.0 and 1.1: described, and brought to triangles or points in RD New and m NAP."""

from .source import Tiles3dSource

__all__ = ["Tiles3dSource"]
