"""The panel "Soundings": what lies below the sites that a user picks on the map."""

from .dock import SoundingsDock

__all__ = ["SoundingsDock"]
