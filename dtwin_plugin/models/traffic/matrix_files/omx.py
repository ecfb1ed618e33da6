"""OMX, the open matrix format: matrices and the ids of their zones in HDF5.

References
----------
OMX specification 0.2 (2014), github.com/osPlanning/omx/wiki/Specification: root attributes OMX_VERSION and SHAPE, group
`data` with one dataset a matrix, group `lookup` with one dataset an index.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.matrices import Matrices, zone_text
from dtwin_plugin.errors import FormatError, MissingDependencyError, SourceError

from .limits import expect_chunks, expect_names, expect_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"\x89HDF\r\n\x1a\n"
_VERSION = b"0.2"
# indexes that programs write, the likeliest id of a zone first, in small letters
_LOOKUPS = ("zone", "zones", "zone_id", "zoneid", "zone number", "zone_number", "no", "taz", "taz_id", "id", "index")


def _h5py() -> Any:
    """Return h5py; raises MissingDependencyError where it is not there, SourceError where it cannot be used.

    A program with GDAL has an HDF5 of its own, whose functions Linux would give to h5py, which brings another version:
    so h5py is loaded such that it looks into its own libraries first.
    """
    flags = sys.getdlopenflags() if hasattr(sys, "getdlopenflags") else 0
    deep = getattr(os, "RTLD_DEEPBIND", 0)
    try:
        if deep:
            sys.setdlopenflags(flags | deep)
        import h5py
    except ImportError:
        raise MissingDependencyError("h5py", "read and write matrices in OMX") from None
    except ValueError as error:  # what it says where it was given functions of another HDF5 all the same
        raise SourceError(
            "OMX cannot be used here: h5py does not go with the HDF5 of this program.", hint="Use CSV."
        ) from error
    finally:
        if deep:
            sys.setdlopenflags(flags)
    return h5py


def read_omx(path: Path, names: Collection[str] | None = None, lookup: str = "") -> Matrices:
    """Return the matrices of an OMX file.

    Parameters
    ----------
    names : collection of str, optional
        Matrices to read; default all.
    lookup : str
        Index with the ids of the zones; default the first that can be one. Without any, zones are 1, 2, 3 and so on.

    Raises
    ------
    FormatError
        If it is no OMX, its matrices are not square, or it refers to other files.
    MissingDependencyError
        If h5py is not there.
    """
    h5py = _h5py()
    try:
        with h5py.File(path, "r") as file:
            found = _datasets(file, "data", path)
            if not found:
                raise FormatError("{file} has no matrices in its group data.", file=path.name)
            expect_names(names, found, path.name)
            found = {name: found[name] for name in names or found}
            zones = _size(found, path)
            expect_room(zones, len(found), path.name)
            values = {name: _values(dataset) for name, dataset in found.items()}
            return Matrices(_zones(_datasets(file, "lookup", path), zones, lookup, path), values)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:  # what h5py says
        raise FormatError("{file} cannot be read as OMX: {reason}.", file=path.name, reason=str(error)[:200]) from error


def _datasets(file: Any, group: str, path: Path) -> dict[str, Any]:
    """Return the datasets of a group that lie in the file itself: links may name any file of this machine."""
    h5py = _h5py()
    if not isinstance(file.get(group, getlink=True), h5py.HardLink) or not isinstance(file.get(group), h5py.Group):
        return {}
    found = {}
    for name in file[group]:
        if not isinstance(file[group].get(name, getlink=True), h5py.HardLink):
            raise FormatError("{file}: {name} is a link to elsewhere.", file=path.name, name=str(name)[:60])
        item = file[group][name]
        if not isinstance(item, h5py.Dataset):
            continue
        if item.external or item.is_virtual:
            raise FormatError("{file}: {name} is kept in another file.", file=path.name, name=str(name)[:60])
        expect_chunks(item.chunks, item.dtype.itemsize, f"{path.name}: {str(name)[:60]}")
        found[str(name)] = item
    return found


def _size(found: dict[str, Any], path: Path) -> int:
    for name, dataset in found.items():
        first = next(iter(found.values())).shape
        if dataset.ndim != 2 or dataset.shape[0] != dataset.shape[1] or dataset.shape != first or not dataset.size:
            raise FormatError(
                "{file}: matrix {name} is of shape {shape}; expected square ones of one size.",
                file=path.name,
                name=name[:60],
                shape=str(dataset.shape),
            )
        if dataset.dtype.kind not in "fiu":
            raise FormatError("{file}: matrix {name} holds no numbers.", file=path.name, name=name[:60])
    return int(next(iter(found.values())).shape[0])


def _values(dataset: Any) -> NDArray[np.float64]:
    values = dataset[...].astype(np.float64)
    if "NA" in dataset.attrs:
        mark = np.asarray(dataset.attrs["NA"]).ravel()
        if mark.size == 1 and mark.dtype.kind in "fiu":
            values[values == float(mark[0])] = np.nan
    return values


def _zones(lookups: dict[str, Any], count: int, wanted: str, path: Path) -> tuple[str, ...]:
    if wanted and wanted not in lookups:
        raise FormatError(
            "{file} has no index {name}; it has {found}.",
            file=path.name,
            name=wanted[:60],
            found=", ".join(lookups)[:200] or "-",
        )
    rank = {name: place for place, name in enumerate(_LOOKUPS)}
    ordered = [wanted] if wanted else sorted(lookups, key=lambda name: (rank.get(name.lower(), len(rank)), name))
    for name in ordered:
        if lookups[name].shape != (count,):
            continue
        ids = tuple(zone_text(value) for value in lookups[name][...].tolist())
        if len(set(ids)) == count and all(ids):
            return ids
    broken = next((name for name in ordered if wanted or name.lower() in rank), None)
    if broken is not None:  # zones called 1, 2, 3 instead would be taken for others
        raise FormatError("{file}: index {name} is no id of each zone once.", file=path.name, name=broken[:60])
    return tuple(str(number + 1) for number in range(count))


def write_omx(matrices: Matrices, path: Path) -> None:
    """Write matrices as OMX, compressed by rows; the same matrices give the same bytes."""
    h5py = _h5py()
    count = len(matrices.zones)
    with written_beside(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_(_VERSION)
        file.attrs["SHAPE"] = np.array([count, count], np.int32)
        data, lookup = file.create_group("data"), file.create_group("lookup")
        for name, values in matrices.values.items():
            data.create_dataset(
                name.replace("/", "_"),
                data=np.asarray(values, np.float64),
                chunks=(max(1, min(count, 65_536 // max(count, 1))), count) if count else None,
                compression="gzip" if count else None,
                compression_opts=1 if count else None,
                shuffle=bool(count),
                track_times=False,
            )
        lookup.create_dataset("zone", data=_ids(matrices.zones), track_times=False)


def _ids(zones: tuple[str, ...]) -> NDArray[Any]:
    """Return ids as numbers where they are that, as most programs want them, else as texts."""
    numbers = all(zone.isascii() and zone.isdigit() and str(int(zone)) == zone and len(zone) < 10 for zone in zones)
    return np.array([int(z) for z in zones], np.int32) if numbers else np.array([z.encode() for z in zones])
