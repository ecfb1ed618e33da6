"""The panel "Sources": an area on top, what there is below it, and where each source is."""

from .dock import SourcesDock

__all__ = ["SourcesDock"]
