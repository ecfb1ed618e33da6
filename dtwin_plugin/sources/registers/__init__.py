"""Base registers as files: BGT and IMGeo, BAG, the cadastral map (BRK), TOP10NL and plain GML, also in a zip."""

from .source import RegisterSource

__all__ = ["RegisterSource"]
