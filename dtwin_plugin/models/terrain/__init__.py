"""Height of the ground from points: plain functions on carriers."""

from __future__ import annotations

from .gridding import fill_under, grid_points

__all__ = ["fill_under", "grid_points"]
