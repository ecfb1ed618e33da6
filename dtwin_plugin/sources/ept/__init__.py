"""Entwine point tiles (EPT): a folder or an address with a file for each node of an octree."""

from .source import EptSource

__all__ = ["EptSource"]
