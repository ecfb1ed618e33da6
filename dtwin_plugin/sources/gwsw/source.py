"""GWSW-Hyd sets as a source of features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.base import SourceInfo

from .network import TEXTS, Sewer, sewer_of
from .tables import read_tables


class GwswSource:
    """A sewer network in GWSW-Hyd (HydX).

    Parameters
    ----------
    path : str or path
        A zip, a folder, or the file Knooppunt.csv of an unpacked set.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def load(self) -> Sewer:
        """Return the network; raises SourceError, FormatError."""
        return sewer_of(read_tables(self.path))

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading all; raises SourceError, FormatError."""
        sewer = self.load()
        extent = nodes_of(sewer).extent
        return SourceInfo(
            "GWSW-Hyd (HydX)",
            "features",
            "EPSG:28992",
            None if extent is None else extent.bounds,
            len(sewer.network.nodes) + len(sewer.network.start),
            {
                "nodes": len(sewer.network.nodes),
                "links": len(sewer.network.start),
                "types": dict(Counter(sewer.network.link_columns["type"].tolist())),
            },
            tuple(f"{fault.table} {fault.name} {TEXTS[fault.what]}" for fault in sewer.faults),
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield the nodes and the links that touch an area (None = all); raises SourceError, FormatError."""
        sewer = self.load()
        for features in (nodes_of(sewer), links_of(sewer)):
            chosen = features if extent is None else features.within(extent)
            if len(chosen):
                yield chosen


def nodes_of(sewer: Sewer) -> Features:
    """Return the nodes as points; levels in m NAP, area in m2."""
    units = {"bottom": "m", "rim": "m", "initial": "m", "area": "m2"}
    return Features(Geometries.points(sewer.network.nodes), sewer.network.node_columns, units, name="sewer nodes")


def links_of(sewer: Sewer) -> Features:
    """Return the links as lines; levels in m NAP, sizes in m, the slope from begin to end."""
    columns = {name: values for name, values in sewer.network.link_columns.items() if name != "curve"}
    with np.errstate(invalid="ignore"):
        columns["slope"] = (columns["bottom_from"] - columns["bottom_to"]) / columns["length"]
    units = dict.fromkeys(("bottom_from", "bottom_to", "length", "width", "height"), "m")
    return Features(sewer.network.lines, columns, units, name="sewer links")
