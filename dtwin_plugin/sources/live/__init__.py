"""Live and counted sources: sensors, traffic, air, weather and water as time series on features."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .reading import parse, read_series

__all__ = ["parse", "read_series"]
__getattr__ = later(__name__, {"parse": "reading", "read_series": "reading"})
