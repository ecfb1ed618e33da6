"""Text files of DINOloket and of the BRO: boreholes, groundwater levels and composition, electrical soundings."""

from .source import DinoSource

__all__ = ["DinoSource"]
