"""The panel "Scenarios": keep what is seen under a name, show it again, and compare two."""

from .dock import ScenariosDock

__all__ = ["ScenariosDock"]
