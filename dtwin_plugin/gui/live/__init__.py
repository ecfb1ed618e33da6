"""The panel "Live": sources that are asked in the background, their history, and the series of a station."""

from .dock import LiveDock

__all__ = ["LiveDock"]
