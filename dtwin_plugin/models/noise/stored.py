"""What comes of roads to receivers as one file: with other traffic the levels follow from it in a moment.

The file is a NumPy archive (`.npz`): `header`, JSON as bytes, with a fingerprint of everything that paths depend on,
and the arrays of a `Transfer`. What is read is held against what the run expects before any of it is taken in.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError

from .bands import BANDS
from .transfer import WEATHERS, Paths, Transfer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .roads import Roads
    from .scene import Scene

    Floats = NDArray[np.float64]

VERSION = 4  # another one whenever paths are calculated otherwise
_FORMAT = "dtwin-road-transfer"
_MEMBERS = ("header.npy", "starts.npy", "roads.npy", "energy.npy")
_LARGEST_HEADER = 10_000  # bytes
_NPY_HEADER = 1024  # bytes, of one array at most
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError, RuntimeError)


@dataclass(frozen=True)
class StoredTransfer:
    """A transfer with the fingerprint of its geometry."""

    transfer: Transfer
    fingerprint: str

    def write(self, path: Path) -> None:
        """Write the file; it appears whole or not at all."""
        header = json.dumps({"format": _FORMAT, "version": VERSION, "fingerprint": self.fingerprint}).encode()
        made = self.transfer
        arrays = (np.frombuffer(header, np.uint8), made.starts, made.roads, made.energy)
        with written_beside(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in zip(_MEMBERS, arrays):
                with archive.open(name, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


def fingerprint(scene: Scene, roads: Roads, receivers: Floats, air: Floats, how: Paths) -> str:
    """Return what tells two runs apart whose paths differ: all but what drives and on what surface."""
    digest = hashlib.sha256(repr((VERSION, astuple(how))).encode())
    for array in _arrays((scene, roads, receivers, air)):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays(item: Any) -> list[NDArray[Any]]:
    """Return all arrays and numbers in nested tuples, as arrays."""
    return [one for part in item for one in _arrays(part)] if isinstance(item, tuple) else [np.asarray(item)]


def read_transfer(path: Path, expected: str, receivers: int, roads: int) -> Transfer:
    """Return the transfer of a file.

    Parameters
    ----------
    expected : str
        The fingerprint of this run.
    receivers, roads : int
        How many this run has.

    Raises
    ------
    InputError
        If the file is none, is damaged, or is of other roads, receivers, buildings, ground or settings.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if sorted(sizes) != sorted(_MEMBERS) or sizes[_MEMBERS[0]] > _LARGEST_HEADER:
                raise _none(path)
            header = json.loads(_array(archive, _MEMBERS[0]).tobytes())
            if not isinstance(header, dict) or header.get("format") != _FORMAT:
                raise _none(path)
            if header.get("version") != VERSION or header.get("fingerprint") != expected:
                raise InputError(
                    "{file} was stored with other roads, receivers, buildings, ground, air or paths.",
                    hint="Take the inputs of the run that stored it, or leave it out to calculate anew.",
                    file=path.name,
                )
            return _checked(archive, sizes, path, receivers, roads)
    except _BROKEN as error:
        raise _none(path) from error


def _checked(archive: zipfile.ZipFile, sizes: dict[str, int], path: Path, receivers: int, roads: int) -> Transfer:
    if sizes[_MEMBERS[1]] > 8 * (receivers + 1) + _NPY_HEADER:
        raise _none(path)
    starts = _array(archive, _MEMBERS[1])
    if starts.shape != (receivers + 1,) or starts.dtype != np.int64 or starts[0] != 0 or (np.diff(starts) < 0).any():
        raise _none(path)
    pairs = int(starts[-1])
    of_energy = 4 * WEATHERS * len(BANDS)
    if sizes[_MEMBERS[2]] > 8 * pairs + _NPY_HEADER or sizes[_MEMBERS[3]] > of_energy * pairs + _NPY_HEADER:
        raise _none(path)
    which, energy = _array(archive, _MEMBERS[2]), _array(archive, _MEMBERS[3])
    fits = which.shape == (pairs,) and which.dtype == np.int64 and energy.dtype == np.float32
    if not fits or energy.shape != (pairs, WEATHERS, len(BANDS)):
        raise _none(path)
    if pairs and (which.min() < 0 or which.max() >= roads or not np.isfinite(energy).all() or energy.min() < 0):
        raise _none(path)
    return Transfer(starts, which, energy)


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(name) as member:
        return np.asarray(np.lib.format.read_array(member, allow_pickle=False))


def _none(path: Path) -> InputError:
    return InputError(
        "{file} is no stored transfer of road noise, or it is damaged.",
        hint="Leave it out to calculate anew.",
        file=path.name,
    )
