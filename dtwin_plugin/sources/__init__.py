"""Formats and services, one module each; `registry` knows which reads what."""

from .base import Source, SourceInfo
from .registry import open_source

__all__ = ["Source", "SourceInfo", "open_source"]
