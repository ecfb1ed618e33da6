"""QGIS's classes for 3D, looked up when one is first used: the start of QGIS does not wait for their library."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return a class of `qgis._3d`."""
    import qgis._3d

    return getattr(qgis._3d, name)
