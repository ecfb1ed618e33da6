"""Height of the ground, and of what stands on it, from points: plain functions on carriers."""

from __future__ import annotations

from .gridding import fill_under, grid_points
from .surface import ground_grid, surface_grid, without_noise

__all__ = ["fill_under", "grid_points", "ground_grid", "surface_grid", "without_noise"]
