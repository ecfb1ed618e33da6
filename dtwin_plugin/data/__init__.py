"""The carriers that everything speaks: small frozen dataclasses over NumPy arrays, with their unit and CRS."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .extent import Extent
    from .features import Features
    from .geometries import Geometries
    from .grid import Grid
    from .logs import Logs
    from .network import Network
    from .pointcloud import PointCloud
    from .reference import LayerReference
    from .series import Series
    from .surfaces import Surfaces
    from .voxels import Voxels

__all__ = [
    "Extent",
    "Features",
    "Geometries",
    "Grid",
    "LayerReference",
    "Logs",
    "Network",
    "PointCloud",
    "Series",
    "Surfaces",
    "Voxels",
]
__getattr__ = later(
    __name__,
    {
        "Extent": "extent",
        "Features": "features",
        "Geometries": "geometries",
        "Grid": "grid",
        "Logs": "logs",
        "Network": "network",
        "PointCloud": "pointcloud",
        "LayerReference": "reference",
        "Series": "series",
        "Surfaces": "surfaces",
        "Voxels": "voxels",
    },
)
