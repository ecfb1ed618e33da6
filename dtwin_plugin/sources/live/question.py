"""What is asked of a server: an area, and from when on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.sources.crs import extent_from_rd

from .datex_sites import SiteTable


class Question:
    """What is asked of a source."""

    def __init__(self, extent: Extent | None, since: np.datetime64 | None, sites: SiteTable | None) -> None:
        self.extent, self.since, self.sites = extent, since, sites

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Longitude and latitude of the corners of the area."""
        return None if self.extent is None else extent_from_rd(self.extent, "OGC:CRS84")

    def times(self) -> tuple[str, str]:
        """From when and until when, at least the last day."""
        now = datetime.now(timezone.utc)
        begin = time_text(self.since) if self.since is not None else (now - timedelta(days=1)).strftime(_FORMAT)
        return begin, now.strftime(_FORMAT)

    def polygon(self) -> str:
        """The area as WKT."""
        x0, y0, x1, y1 = (f"{edge:.6f}" for edge in self.box or ())
        return f"POLYGON (({x0} {y0}, {x1} {y0}, {x1} {y1}, {x0} {y1}, {x0} {y0}))"


_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def time_text(time: np.datetime64) -> str:
    """Return a moment as servers take it (RFC 3339)."""
    return f"{np.datetime_as_string(time, unit='s')}Z"
