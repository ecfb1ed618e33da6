"""Live and counted sources: sensors, traffic, air, weather and water as time series on features."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .asking import LiveSource, ask, live_source
    from .reading import parse, read_series

__all__ = ["LiveSource", "ask", "live_source", "parse", "read_series"]
__getattr__ = later(
    __name__,
    {"LiveSource": "asking", "ask": "asking", "live_source": "asking", "parse": "reading", "read_series": "reading"},
)
