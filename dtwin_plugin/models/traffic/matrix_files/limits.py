"""How large matrices may be that are read from a file: any file may be made to fill the memory."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

from dtwin_plugin.errors import FormatError, InputError

MOST_ZONES = 10_000  # 0.8 GB a matrix; the national model of the Netherlands has some 1,500
MOST_CELLS = 300_000_000  # of all matrices together: 2.4 GB
_LARGEST = 4 << 30  # bytes of a file
_PIECE = 256 << 20  # bytes of a chunk, unpacked; programs take some kB to some MB
_WIDEST = 4096  # bytes of a single value: a text of an id


def expect_size(path: Path) -> None:
    """Raise FormatError where a file is larger than matrices can be."""
    if path.stat().st_size > _LARGEST:
        raise FormatError("{file} is larger than a file of matrices can be.", file=path.name)


def expect_room(zones: int, matrices: int, file: str) -> None:
    """Raise FormatError where matrices would not fit in the memory."""
    if zones > MOST_ZONES or zones * zones * matrices > MOST_CELLS:
        raise FormatError(
            "{file} has {matrices} matrices of {zones} zones, more than can be held.",
            hint="Name one matrix, or take larger zones.",
            file=file,
            matrices=matrices,
            zones=zones,
        )


def expect_chunks(chunks: tuple[int, ...] | None, size: int, what: str) -> None:
    """Raise FormatError where a piece that is unpacked as a whole fills the memory, however small the matrix is."""
    if size > _WIDEST or math.prod(chunks or (1,)) * size > _PIECE:
        raise FormatError(
            "{what} is packed in pieces larger than {limit} MB.",
            hint="Write it again with smaller chunks.",
            what=what,
            limit=_PIECE >> 20,
        )


def expect_names(wanted: Collection[str] | None, found: Collection[str], file: str) -> None:
    """Raise InputError where a matrix is wanted that a file does not have."""
    absent = [name for name in wanted or () if name not in found]
    if absent:
        raise InputError(
            "{file} has no matrix {name}; it has {found}.",
            file=file,
            name=absent[0][:60],
            found=", ".join(found)[:200] or "-",
        )
