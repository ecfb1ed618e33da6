"""Design models without a position of their own: OBJ, glTF, PLY and STL."""

from .source import MeshSource

__all__ = ["MeshSource"]
