"""A layer that stays with its owner: what QGIS needs to open it, and nothing of its contents."""

from __future__ import annotations

from dataclasses import dataclass

from dtwin_plugin.errors import InputError

KINDS = ("raster", "vector", "vectortile", "tiledscene", "pointcloud", "mesh")


@dataclass(frozen=True)
class LayerReference:
    """What QGIS opens a layer of a service by.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    provider : str
        QGIS's name of the provider ("wms", "cesiumtiles", "copc").
    uri : str
        As that provider reads it; never with a password or a key.
    title : str
        For the legend.
    crs : str or None
        Where the provider does not find it itself.
    z_offset : float
        Added to all heights [m], such as minus the height of the quasi-geoid where heights are ellipsoidal.
    style : str
        Name of a style, "" for the provider's own.
    licence, attribution : str
        As the owner states them.

    >>> LayerReference("raster", "wms", "type=xyz&url=https://a.nl/{z}/{x}/{y}.png", "Base map").z_offset
    0.0
    """

    kind: str
    provider: str
    uri: str
    title: str
    crs: str | None = None
    z_offset: float = 0.0
    style: str = ""
    licence: str = ""
    attribution: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(
                "A layer of kind {kind} is not known; expected one of {kinds}.", kind=self.kind, kinds=KINDS
            )
