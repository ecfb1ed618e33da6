"""Services of features: OGC API - Features and WFS 2.0, by area and in RD."""

from .ogcapi import OgcFeaturesSource
from .service import Collection, Service

__all__ = ["Collection", "OgcFeaturesSource", "Service"]
