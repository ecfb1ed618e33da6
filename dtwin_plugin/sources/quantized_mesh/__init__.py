"""Terrain as quantized mesh 1.0: triangles by tile, heights above the ellipsoid."""

from .source import QuantizedMeshSource

__all__ = ["QuantizedMeshSource"]
