"""Design models without a position of their own: OBJ, glTF, PLY and STL."""

from .source import MeshSource, up_axis

__all__ = ["MeshSource", "up_axis"]
