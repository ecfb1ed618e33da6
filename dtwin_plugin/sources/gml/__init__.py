"""Geometries of GML 2 and 3: what is written in a file as elements, as arrays of coordinates."""

from .frame import crs_of, ordered
from .geometry import GEOMETRIES, Shape, shape_of

__all__ = ["GEOMETRIES", "Shape", "crs_of", "ordered", "shape_of"]
