"""GEF: cone penetration tests and boreholes as the Netherlands exchanged them before the BRO, and still does."""

from .source import GefSource

__all__ = ["GefSource"]
