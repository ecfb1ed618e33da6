"""The 3D view of the twin: opened, looked through, and asked."""

from .dock import View3DDock

__all__ = ["View3DDock"]
