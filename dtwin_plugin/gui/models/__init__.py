"""The panel "Models": search one, run it, and see what runs and what has run."""

from .dock import ModelsDock

__all__ = ["ModelsDock"]
