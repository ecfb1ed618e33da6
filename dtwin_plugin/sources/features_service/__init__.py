"""Services of features: OGC API - Features and WFS 2.0, by area and in RD."""

from .ogcapi import OgcFeaturesSource
from .probe import source_of
from .service import Collection, Service
from .wfs import WfsSource

__all__ = ["Collection", "OgcFeaturesSource", "Service", "WfsSource", "source_of"]
