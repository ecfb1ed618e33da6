"""Formats and services, one module each; `registry` knows which reads what."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .base import Source, SourceInfo
    from .registry import open_source

__all__ = ["Source", "SourceInfo", "open_source"]
__getattr__ = later(__name__, {"Source": "base", "SourceInfo": "base", "open_source": "registry"})
