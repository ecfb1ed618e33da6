"""Building information models: IFC2x3, IFC4 and IFC4.3."""

from .georeference import Finding, Georeference, Note
from .source import IfcSource

__all__ = ["Finding", "Georeference", "IfcSource", "Note"]
