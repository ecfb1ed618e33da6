"""The panel "Section": a line on the map, the layers that count, and the drawing."""

from .dock import SectionDock

__all__ = ["SectionDock"]
