"""Which reader a file of matrices needs, and how matrices are written."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import FormatError, InputError, file_error

from .limits import expect_names, expect_size
from .omx import MAGIC, read_omx, write_omx
from .tables import read_table

STYLE = "OMX (*.omx);;CSV (*.csv)"  # of an output
_HEAD = 65_536


def read_matrices(path: str | Path, names: Collection[str] | None = None) -> Matrices:
    """Return the matrices of a file: OMX, a table as text, or trips in TNTP.

    Parameters
    ----------
    names : collection of str, optional
        Matrices to read; default all.

    Raises
    ------
    SourceError
        If it cannot be read, or is no file of matrices.
    InputError
        If none of the names is there.
    MissingDependencyError
        If it is OMX and h5py is not there.
    """
    path = Path(path)
    try:
        expect_size(path)
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if head.startswith(MAGIC):
            found = read_omx(path, names)
        elif b"<END OF METADATA>" in head.upper() or path.suffix.lower() == ".tntp":
            found = _tntp(path, names)
        elif b"\x00" in head:
            raise FormatError("{file} is no OMX and no text.", hint="Give OMX, CSV or TNTP trips.", file=path.name)
        else:
            found = read_table(path, names)
    except OSError as error:
        raise file_error(error) from error
    return found


def _tntp(path: Path, names: Collection[str] | None) -> Matrices:
    from ..tntp import read_trips

    expect_names(names, ("trips",), path.name)
    zones, values = read_trips(path)
    return Matrices(tuple(zones), {"trips": values})


def trips_of(path: str | Path, name: str = "") -> tuple[tuple[str, ...], np.ndarray]:
    """Return the zones and one matrix of trips, its unknown cells as none.

    Raises
    ------
    InputError
        If it has more matrices and none is named, or trips below 0.
    """
    found = read_matrices(path, [name] if name else None)
    values = found.one(name)
    values = np.where(np.isnan(values), 0.0, values)  # a cell that a table leaves empty has no trips
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError("{file} has trips below 0 or without end.", file=Path(path).name)
    return found.zones, values


@dataclass(frozen=True)
class MatrixFile:
    """Matrices that write themselves, as an output of kind "file" does.

    Attributes
    ----------
    matrices : Matrices
    """

    matrices: Matrices

    def write(self, path: str | Path) -> None:
        """Write OMX where the name ends in .omx, else a CSV with a row for each pair; beside, and renamed.

        Raises
        ------
        MissingDependencyError
            If OMX is asked and h5py is not there.
        """
        path = Path(path)
        if path.suffix.lower() == ".omx":
            write_omx(self.matrices, path)
        else:
            write_csv(self.matrices, path)


def write_csv(matrices: Matrices, path: Path) -> None:
    """Write a row for each pair that has a value; the pairs of a zone with itself all, so that no zone is lost."""
    zones, names = matrices.zones, list(matrices.values)
    stack = np.array([matrices.values[name] for name in names]).reshape(len(names), len(zones), len(zones))
    with written_beside(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["origin", "destination", *names])
        for row, origin in enumerate(zones):
            wanted = (stack[:, row] != 0).any(axis=0)  # NaN, not known, is no 0 either
            wanted[row] = True
            for column in np.flatnonzero(wanted):
                cells = stack[:, row, column].tolist()
                writer.writerow([origin, zones[column], *("" if cell != cell else repr(cell) for cell in cells)])
