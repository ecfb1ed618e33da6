"""GeoTOP, REGIS II and DGM: what the ground is made of, on cells."""

from __future__ import annotations

from .join import joined
from .regis import RegisServiceSource, RegisSource
from .source import GeotopServiceSource, GeotopSource

__all__ = ["GeotopServiceSource", "GeotopSource", "RegisServiceSource", "RegisSource", "joined"]
