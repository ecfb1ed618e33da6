"""The state of a run as one file, from which the run goes on as if it had never stopped.

The file is a NumPy archive (`.npz`) without compression: `header`, JSON as bytes, and every array that the solver, its
surface, its recorders and what exchanges water with it need. What is read is held against what the solver expects
before any of it is taken in: names, types, shapes and sizes, and a fingerprint of terrain, roughness and scheme.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError

from ..base import Field, Values
from ..problem import WARNING, Problem, problem_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .simulation import Exchange
    from .solvers.flow import FlowSolver

VERSION = 1
HEADER = "header"
LARGEST_HEADER = 100_000  # bytes
NPY_HEADERS = range(64, 1025, 64)  # bytes, the header of an array
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
NEVER_BELOW_ZERO = {"depth", "largest", "room"}

ADVANCED = (
    Field(
        "start_state",
        "Saved state to start from",
        "file",
        optional=True,
        advanced=True,
        doc="The state that another run saved: this one goes on from its time, on the same terrain with the same "
        "scheme, surface and structures. Series start anew; what a 1D network holds is not in it.",
    ),
)
OUTPUTS = (
    Field(
        "state",
        "State at the end",
        "file",
        optional=True,
        advanced=True,
        doc="The whole state of the run (.npz), from which another run can go on to the same result, to the last bit.",
    ),
)
# inputs whose exchange has a memory that is not in the state
OUTSIDE = ("sewer_network",)


@dataclass(frozen=True)
class SavedState:
    """What a state file holds.

    Attributes
    ----------
    header : mapping
        "version", "fingerprint" and "numbers" (name to number).
    arrays : mapping of str to ndarray
        All arrays by name; not copied.
    """

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, solver: FlowSolver, exchanges: Sequence[Exchange] = ()) -> SavedState:
        """Return the state of a solver and its exchanges as it is now; write it before the solver goes on."""
        header = {"version": VERSION, "fingerprint": fingerprint(solver), "numbers": solver.state_numbers()}
        return cls(header, _arrays_of(solver, exchanges))

    def write(self, path: Path) -> None:
        """Write the file; it appears whole or not at all."""
        text = json.dumps(self.header, allow_nan=False).encode()
        with written_beside(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, array in {HEADER: np.frombuffer(text, np.uint8), **self.arrays}.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


def fingerprint(solver: FlowSolver) -> str:
    """Return what tells two runs apart whose states must not be mixed: scheme, cells, terrain and roughness."""
    digest = hashlib.sha256()
    digest.update(f"{type(solver).__name__} {solver.cell_size!r} {solver.settings!r}".encode())
    for array in solver.fixed_arrays():
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays_of(solver: FlowSolver, exchanges: Sequence[Exchange]) -> dict[str, NDArray[Any]]:
    """Return all arrays of a solver and of what exchanges water with it, by name."""
    found = solver.state_arrays()
    for exchange in exchanges:
        kept = getattr(exchange, "kept_arrays", None)  # what only writes down has none
        kind = type(exchange).__name__.lower()
        arrays = kept() if kept else {}
        found.update({f"{kind}_{name}": array for name, array in arrays.items() if array.size})
    return found


def restore(path: Path, solver: FlowSolver, exchanges: Sequence[Exchange] = ()) -> None:
    """Set a solver, with its surface, recorders and exchanges in place, to the state of a file.

    Raises
    ------
    InputError
        If the file is no state, or that of another terrain, scheme, surface or set of outputs. The solver is as it was
        then, unless the file cannot be read to its end.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            header = _header(archive, path)
            if header["fingerprint"] != fingerprint(solver):
                raise InputError(
                    "{file} is the state of another terrain, roughness or scheme.",
                    hint="Take the inputs of the run that saved it.",
                    file=path.name,
                )
            expected = _arrays_of(solver, exchanges)
            numbers = header["numbers"]
            _check_members(archive, expected, numbers, solver.state_numbers(), path)
            for name, array in expected.items():
                _read_into(archive, name, array, path)
    except BROKEN as error:
        raise _no_state(path) from error
    solver.set_numbers(numbers)
    for exchange in exchanges:
        if hasattr(exchange, "go_on"):
            exchange.go_on(solver.time)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the state to start from, as far as its header tells."""
    path = values.get("start_state")
    if path is None:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _header(archive, path)
    except InputError as error:
        yield problem_of("DT201", "start_state", error)
        return
    except BROKEN:
        yield problem_of("DT201", "start_state", _no_state(path))
        return
    if any(values.get(name) is not None for name in OUTSIDE):
        yield Problem(
            "DT202",
            "start_state",
            "A saved state holds no water of the 1D network: it starts as its own file says.",
            {},
            WARNING,
        )


def check_end(solver: FlowSolver, end: float) -> None:
    """Raise if a run that ends at `end` [s] is over at the state that it starts from.

    Raises
    ------
    InputError
        If nothing is left to calculate.
    """
    if solver.time >= end - 1e-6:
        raise InputError(
            "The saved state is of minute {minute:.1f}, and the run ends at minute {end:.1f}.",
            hint="Let the run last longer.",
            minute=solver.time / 60,
            end=end / 60,
        )


def _no_state(path: Path) -> InputError:
    return InputError("{file} is no saved state of a flood run, or it is damaged.", file=path.name)


def _header(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return the header of a state file, checked."""
    name = f"{HEADER}.npy"
    if name not in archive.namelist() or archive.getinfo(name).file_size > LARGEST_HEADER:
        raise _no_state(path)
    header = json.loads(_array(archive, HEADER).tobytes())
    if not isinstance(header, dict) or not isinstance(header.get("numbers"), dict) or "fingerprint" not in header:
        raise _no_state(path)
    if header.get("version") != VERSION:
        raise InputError(
            "{file} is a saved state of version {found}; this plugin reads version {expected}.",
            file=path.name,
            found=header.get("version"),
            expected=VERSION,
        )
    return header


def _check_members(
    archive: zipfile.ZipFile,
    expected: Mapping[str, NDArray[Any]],
    numbers: Mapping[str, Any],
    known: Mapping[str, float],
    path: Path,
) -> None:
    """Raise unless the archive holds the expected arrays and numbers, no more, and none larger than expected."""
    found = {info.filename: info.file_size for info in archive.infolist()}
    names = {f"{name}.npy" for name in expected} | {f"{HEADER}.npy"}
    fitting = all(found.get(f"{name}.npy", 0) - array.nbytes in NPY_HEADERS for name, array in expected.items())
    sound = set(numbers) == set(known) and all(
        isinstance(value, float) and math.isfinite(value) for value in numbers.values()
    )
    if set(found) != names or len(found) != len(archive.infolist()) or not fitting or not sound:
        raise InputError(
            "{file} does not hold what this run needs: its surface or its outputs, structures or open water differ "
            "from those of the run that saved it, or it is damaged.",
            hint="Take the inputs and outputs of that run.",
            file=path.name,
        )


def _read_into(archive: zipfile.ZipFile, name: str, array: NDArray[Any], path: Path) -> None:
    """Read an array into the one that is there."""
    found = _array(archive, name)
    sound = found.shape == array.shape and found.dtype == array.dtype
    if not sound or not np.isfinite(found).all() or (name in NEVER_BELOW_ZERO and found.min(initial=0) < 0):
        raise _no_state(path)
    array[...] = found


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return an array of the archive; no more memory than its member takes, whatever its header says."""
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(member)
        if fortran or dtype.hasobject:
            raise ValueError(name)
        return np.frombuffer(member.read(), dtype).reshape(shape)
