"""GeoTOP, the voxel model of the upper layers of the Netherlands: from files, and by area from a service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Voxels
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part, Progress, Silent

from ..base import SourceInfo
from ..retry import retrying
from ..stop import stop_if_asked
from ..transport import Transport
from .arrays import Arrays, crs_code
from .cells import CHUNK, Block, Cut, block_of, cut_of, voxels
from .join import expect_room
from .netcdf import MAGIC, NetcdfArrays
from .text import TextArrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Heights = tuple[float, float]
_MOST_COUNTED = 100_000_000  # cells: about 10 s; all of GeoTOP has 2.3 milliard


class GeotopSource:
    """A GeoTOP file (netCDF, or text with a line a voxel) as voxels in RD New and m NAP.

    Parameters
    ----------
    path : str or path
    heights : tuple of float, optional
        Lowest and highest height that is wanted [m NAP]; default all.
    """

    def __init__(self, path: str | Path, *, heights: Heights | None = None) -> None:
        self.path, self.heights = Path(path), heights

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; all classes are looked at, slab by slab, unless the file is of the whole country.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no GeoTOP, or broken.
        CrsError
            If it is not in RD New.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        arrays, text = self._arrays()
        block = block_of(arrays, progress)
        facts, warnings = facts_of(arrays, block)
        total = int(np.prod([axis.count for axis in block.axes.values()]))
        if total > _MOST_COUNTED:
            warnings = (*warnings, f"{arrays.name} has {total} cells, and its classes are not counted.")
        else:
            counts, codes = _counts(arrays, block, progress)
            facts["lithok"] = {str(number): counts[number] for number in sorted(counts)}
            facts["stratigraphy"] = sorted(codes)
            facts["known_cells"] = sum(count for number, count in counts.items() if number >= 0)
        box = (*block.extent.bounds[:2], block.axes["z"].lower, *block.extent.bounds[2:], block.axes["z"].upper)
        name = "GeoTOP, text" if text else "GeoTOP, netCDF"
        return SourceInfo(name, "voxels", crs_code(arrays) or block.crs, box, total, facts, warnings)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Voxels]:
        """Yield the voxels that touch an area (None = all) in slabs; raises as `describe`, and InputError outside."""
        progress = progress or Silent()
        arrays, _ = self._arrays()
        block = block_of(arrays, progress)
        yield from voxels(arrays, block, cut_of(block.axes, extent, self.heights, arrays.name), progress)

    def _arrays(self) -> tuple[Arrays, bool]:
        """Return the arrays of the file, and whether it is text."""
        try:
            with self.path.open("rb") as stream:
                text = stream.read(4) not in MAGIC
        except OSError:
            text = False  # what is wrong with it is told when it is opened
        return (TextArrays(self.path), True) if text else (NetcdfArrays(self.path), False)


class GeotopServiceSource:
    """GeoTOP by area from an OPeNDAP service.

    Parameters
    ----------
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    url : str, optional
        Of the data set; that of the catalogue ("geotop") if absent.
    heights : tuple of float, optional
        Lowest and highest height that is wanted [m NAP]; default all.
    """

    def __init__(self, transport: Transport, *, url: str | None = None, heights: Heights | None = None) -> None:
        self.url, self.heights, self._transport = url or catalogue.url_of("geotop"), heights, transport

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts that the service tells without its cells."""
        progress = progress or Silent()
        arrays = self._arrays(progress)
        block = block_of(arrays, progress)
        facts, warnings = facts_of(arrays, block)
        box = (*block.extent.bounds[:2], block.axes["z"].lower, *block.extent.bounds[2:], block.axes["z"].upper)
        total = int(np.prod([axis.count for axis in block.axes.values()]))
        return SourceInfo("GeoTOP, OPeNDAP", "voxels", block.crs, box, total, {**facts, "url": self.url}, warnings)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Voxels]:
        """Yield the voxels that touch an area in slabs, each from one request.

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
            raise InputError("{file} is read by area.", hint="Choose an area.", file="GeoTOP")
        progress = progress or Silent()
        arrays = self._arrays(progress)
        block = block_of(arrays, Part(progress, 0.0, 0.05))
        cut = cut_of(block.axes, extent, self.heights, "GeoTOP")
        expect_room(cut.count, "GeoTOP")
        found = False
        most = max(1, CHUNK // (len(block.variables) + len(block.chances)))  # one request answers a million values
        for piece in voxels(arrays, block, cut, Part(progress, 0.05, 1.0), most):
            found = found or bool((piece.classes >= 0).any())
            yield piece
        if not found:
            progress.warn("GeoTOP does not cover this area: no voxel in it has a class.")

    def _arrays(self, progress: Progress) -> Arrays:
        from .dap import DapArrays

        return DapArrays(retrying(self._transport, progress), self.url)


def facts_of(arrays: Arrays, block: Block) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what the header tells, and what a user should know."""
    whole = arrays.attributes("")
    axes = block.axes
    facts: dict[str, Any] = {
        "dimensions": {axis: axes[axis].count for axis in "xyz"},
        "variables": list(arrays.dimensions()),
        "cell_size": tuple(axes[axis].step for axis in "xyz"),
        # labels as GeoTOP has them: the lower corner of the first and of the last cell
        **{axis: (axes[axis].lower, axes[axis].upper - axes[axis].step) for axis in "xyz"},
        "title": str(whole.get("title", "")),
        "classes_with_chance": list(block.chances),
    }
    warnings = []
    if not block.chances:
        warnings.append(f"{arrays.name} has no chances: how sure a class is cannot be told.")
    return facts, tuple(warnings)


def _counts(arrays: Arrays, block: Block, progress: Progress) -> tuple[dict[int, int], set[int]]:
    """Return how many cells each lithoclass has (-127 where none is known), and the units of stratigraphy."""
    only = Block(block.axes, block.dimensions, {k: v for k, v in block.variables.items() if not k.startswith("unc")},
                 {}, block.crs)  # fmt: skip
    counts: dict[int, int] = {}
    codes: set[int] = set()
    whole = Cut(*((0, block.axes[axis].count) for axis in "xyz"))
    for piece in voxels(arrays, only, whole, progress):
        stop_if_asked(progress)
        numbers, found = np.unique(piece.classes, return_counts=True)
        for number, count in zip(numbers.tolist(), found.tolist()):
            counts[-127 if number < 0 else number] = counts.get(-127 if number < 0 else number, 0) + count
        if "stratigraphy" in piece.layers:
            codes |= _codes(piece.layers["stratigraphy"])
    return counts, codes


def _codes(values: NDArray[np.int16]) -> set[int]:
    return set(np.unique(values[values > 0]).tolist())
