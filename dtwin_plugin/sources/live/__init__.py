"""Live and counted sources: sensors, traffic, air, weather and water as time series on features."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .asking import ask
    from .reading import parse, read_series

__all__ = ["ask", "parse", "read_series"]
__getattr__ = later(__name__, {"ask": "asking", "parse": "reading", "read_series": "reading"})
