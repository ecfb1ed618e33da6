"""REGIS II and DGM, the layers of the deeper ground: from files, and by area from a service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part, Progress, Silent

from ..base import SourceInfo
from ..retry import retrying
from ..transport import Transport
from .arrays import Arrays, crs_code
from .layers import Stack, StackArrays, read_stack, stack_arrays, voxels_of
from .netcdf import NetcdfArrays

Heights = tuple[float, float]


class RegisSource:
    """A netCDF file of REGIS II or DGM as voxels, or as tops and bottoms.

    Parameters
    ----------
    path : str or path
    cell_height : float
        Height of the voxels [m].
    heights : tuple of float, optional
        Lowest and highest height that is wanted [m NAP]; default all.
    """

    def __init__(self, path: str | Path, *, cell_height: float = 1.0, heights: Heights | None = None) -> None:
        self.path, self.cell_height, self.heights = Path(path), cell_height, heights

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; raises SourceError, FormatError, CrsError."""
        progress = progress or Silent()
        arrays = NetcdfArrays(self.path)
        found = stack_arrays(arrays, progress)
        stack = read_stack(arrays, found, None, progress)
        facts = facts_of(arrays, found)
        top, bottom = stack.values["top"], stack.values["bottom"]
        there = np.isfinite(top) & np.isfinite(bottom)
        facts["layers_with_data"] = [name for name, cells in zip(stack.names, there) if cells.any()]
        facts["known_cells"] = int(there.sum())
        box: tuple[float, ...] = stack.extent.bounds
        if there.any():
            low, high = float(bottom[there].min()), float(top[there].max())
            box = (*box[:2], low, *box[2:], high)
        return SourceInfo("REGIS II layers, netCDF", "voxels", crs_code(arrays) or found.crs, box, int(top.size), facts)

    def stack(self, extent: Extent | None = None, progress: Progress | None = None) -> Stack:
        """Return the layers of the cells that touch an area (None = all); raises as `describe`, InputError outside."""
        progress = progress or Silent()
        arrays = NetcdfArrays(self.path)
        return read_stack(arrays, stack_arrays(arrays, progress), extent, progress)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Voxels]:
        """Yield the voxels that touch an area (None = all) as one block; raises as `stack`."""
        progress = progress or Silent()
        stack = self.stack(extent, Part(progress, 0.0, 0.5))
        yield voxels_of(stack, self.cell_height, self.heights, Part(progress, 0.5, 1.0), self.path.name)


class RegisServiceSource:
    """REGIS II by area from an OPeNDAP service.

    Parameters
    ----------
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    url : str, optional
        Of the data set; that of the catalogue ("regis") if absent.
    cell_height, heights
        As of `RegisSource`.
    """

    def __init__(
        self, transport: Transport, *, url: str | None = None, cell_height: float = 1.0, heights: Heights | None = None
    ) -> None:
        self.url, self._transport = url or catalogue.url_of("regis"), transport
        self.cell_height, self.heights = cell_height, heights

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts that the service tells without its cells."""
        progress = progress or Silent()
        arrays = self._arrays(progress)
        found = stack_arrays(arrays, progress)
        x, y = found.axes["x"], found.axes["y"]
        facts = {**facts_of(arrays, found), "url": self.url}
        count = len(found.names) * x.count * y.count
        box = (x.lower, y.lower, x.upper, y.upper)
        return SourceInfo("REGIS II layers, OPeNDAP", "voxels", found.crs, box, count, facts)

    def stack(self, extent: Extent | None = None, progress: Progress | None = None) -> Stack:
        """Return the layers of the cells that touch an area.

        Raises
        ------
        InputError
            If there is no area, it lies outside, or it is too large.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        Cancelled
            If the user stops it.
        """
        if extent is None:
            raise InputError("{file} is read by area.", hint="Choose an area.", file="REGIS II")
        progress = progress or Silent()
        arrays = self._arrays(progress)
        return read_stack(arrays, stack_arrays(arrays, progress), extent, progress)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Voxels]:
        """Yield the voxels that touch an area as one block; raises as `stack`."""
        progress = progress or Silent()
        stack = self.stack(extent, Part(progress, 0.0, 0.8))
        yield voxels_of(stack, self.cell_height, self.heights, Part(progress, 0.8, 1.0))

    def _arrays(self, progress: Progress) -> Arrays:
        from .dap import DapArrays

        return DapArrays(retrying(self._transport, progress), self.url)


def facts_of(arrays: Arrays, found: StackArrays) -> dict[str, Any]:
    """Return what the header tells; labels are the middles of cells, as REGIS has them."""
    x, y = found.axes["x"], found.axes["y"]
    return {
        "dimensions": {"layer": len(found.names), "y": y.count, "x": x.count},
        "variables": list(arrays.dimensions()),
        "cell_size": x.step,
        "x": (x.lower + x.step / 2, x.upper - x.step / 2),
        "y": (y.lower + y.step / 2, y.upper - y.step / 2),
        "layers": list(found.names),
        "title": str(arrays.attributes("").get("title", "")),
    }
