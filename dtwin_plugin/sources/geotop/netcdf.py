"""Arrays of a netCDF file (classic, 64 bit or HDF5), read window by window through GDAL."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.progress import Progress

from ..osgeo_scope import osgeo
from ..stop import stop_if_asked
from ..tried import try_apart
from .arrays import Window, clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = (b"\x89HDF", b"CDF\x01", b"CDF\x02", b"CDF\x05")
_MOST_ARRAYS = 2000
_MOST_TEXTS = 10_000
_ENDS = 16 << 20  # bytes at either end of a file in which names of arrays are looked for
_BLOCK = 1 << 20
_Known = tuple[dict[str, int], dict[str, Any], Any]  # sizes, attributes and the value for no data of an array


class NetcdfArrays:
    """The arrays of a netCDF file; nothing is kept open between questions."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def dimensions(self) -> Mapping[str, Mapping[str, int]]:
        """Return for each array the sizes of its dimensions."""
        return {name: sizes for name, (sizes, _, _) in self._known.items()}

    def attributes(self, name: str) -> Mapping[str, Any]:
        """Return the attributes of an array, or of the file for ""."""
        return self._known[name][1] if name else self._header[1]

    def read(self, names: Sequence[str], window: Window, progress: Progress) -> dict[str, NDArray[Any]]:
        """Return arrays cut to a window; raises FormatError where the file is damaged."""
        found = {}
        with osgeo() as lib:
            group, close = self._open(lib)
            try:
                for name in names:
                    stop_if_asked(progress)
                    sizes, attributes, nodata = self._known[name]
                    spans = [window.get(dimension, (0, size)) for dimension, size in sizes.items()]
                    start, count = [first for first, _ in spans], [last - first for first, last in spans]
                    array = group.OpenMDArray(name)
                    values = lib.call(array.ReadAsArray, start, count) if start else lib.call(array.ReadAsArray)
                    if values is None or values.dtype.kind not in "iuf":
                        raise FormatError("{file} has no numbers in {name}.", file=self.name, name=name)
                    told = [attributes.get("missing_value"), attributes.get("_FillValue"), nodata]
                    found[name] = clean(values, told, array.GetScale(), array.GetOffset())
                    del array
            except RuntimeError as error:
                raise self._damaged(error) from error
            finally:
                del group
                close()
        return found

    def texts(self, name: str) -> list[str]:
        """Return an array of texts; raises FormatError where it has none."""
        size = math.prod(self._known[name][0].values())
        with osgeo() as lib:
            group, close = self._open(lib)
            try:
                values = lib.call(group.OpenMDArray(name).Read) if size <= _MOST_TEXTS else None
            except RuntimeError as error:
                raise self._damaged(error) from error
            finally:
                del group
                close()
        if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
            raise FormatError("{file} has no texts in {name}.", file=self.name, name=name)
        return [value.strip() for value in values]

    @property
    def _known(self) -> dict[str, _Known]:
        return self._header[0]

    @cached_property
    def _header(self) -> tuple[dict[str, _Known], dict[str, Any]]:
        """What is known of each array, and the attributes of the whole."""
        if not self.path.is_file():
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(self.path))
        try_apart(self.path)
        known: dict[str, _Known] = {}
        with osgeo() as lib:
            group, close = self._open(lib)
            try:
                names = group.GetMDArrayNames(["SHOW_ALL=YES"]) or []
                for name in names[:_MOST_ARRAYS]:
                    array = group.OpenMDArray(name)
                    if array is None:
                        continue
                    sizes = {item.GetName(): int(item.GetSize()) for item in array.GetDimensions() or ()}
                    number = array.GetDataType().GetClass() == lib.gdal.GEDTC_NUMERIC
                    known[name] = (sizes, _attributes(array), array.GetNoDataValueAsDouble() if number else None)
                    del array
                whole = _attributes(group)
            except RuntimeError as error:
                raise self._damaged(error) from error
            finally:
                del group
                close()
        return known, whole

    def _open(self, lib: Any) -> tuple[Any, Any]:
        """Return the root of the file and what closes it."""
        flags = lib.gdal.OF_MULTIDIM_RASTER
        try:
            dataset = [lib.call(lib.gdal.OpenEx, str(self.path.absolute()), flags, allowed_drivers=["netCDF"])]
        except RuntimeError as error:
            raise self._damaged(error) from error
        group = dataset[0].GetRootGroup() if dataset[0] is not None else None
        if group is None:
            raise self._damaged("it has no arrays")
        return group, dataset.clear

    def _damaged(self, reason: object) -> FormatError:
        return FormatError(
            "{file} is damaged or ends too soon: {reason}.",
            hint="Download or export it again.",
            file=self.name,
            reason=str(reason).split("\n")[0].rstrip("."),
        )


def _attributes(owner: Any) -> dict[str, Any]:
    return {item.GetName(): item.Read() for item in owner.GetAttributes() or ()}


def mentions(path: Path, *words: bytes) -> bool:
    """Tell whether a netCDF file mentions all of some names, without opening it.

    Names of arrays stand uncompressed in it, in the header or (HDF5) anywhere before or after the values.
    """
    with path.open("rb") as stream:
        if stream.read(4) not in MAGIC:
            return False
        size = path.stat().st_size
        wanted = set(words)
        for begin in (0, max(_ENDS, size - _ENDS)):
            stream.seek(begin)
            tail = b""
            while wanted and stream.tell() < (begin + _ENDS):
                block = stream.read(_BLOCK)
                if not block:
                    break
                wanted -= {word for word in wanted if word in tail + block}
                tail = block[-64:]
    return not wanted
