"""The basic register of the subsurface (BRO): documents, the GeoPackage of PDOK, and the service by area."""

from .geopackage import BroGeoPackageSource
from .service import BroService
from .source import BroSource

__all__ = ["BroGeoPackageSource", "BroService", "BroSource"]
