"""A named part of a design model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import numpy as np

from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Faces = Union[Sequence[Sequence[int]], NDArray[np.int64]]

MAX_FACES = 50_000_000  # of all groups; instances of one mesh count each
MAX_GROUPS = 200_000


@dataclass(frozen=True)
class Group:
    """Faces with a name and a material.

    Attributes
    ----------
    vertices : ndarray
        Shape (n, 3), in the units and axes of the file.
    faces : sequence of sequence of int, or ndarray
        Corners of each face, not closed.
    colour : str or None
        As "#rrggbb".
    """

    name: str
    vertices: NDArray[np.float64]
    faces: Faces
    material: str | None = None
    colour: str | None = None


def wrong(file: str, reason: object) -> FormatError:
    """Return the error of a model that cannot be read."""
    return FormatError(
        "{file} is not a sound model: {reason}.",
        hint="Export it again.",
        file=file,
        reason=str(reason).rstrip(".")[:300],
    )


def too_large(file: str, what: str, stated: int, there: int) -> FormatError:
    """Return the error of a model that states more than its bytes can hold."""
    return FormatError(
        "{file} states {stated} bytes of {what}, but holds {there}.",
        hint="Download or export it again.",
        file=file,
        what=what,
        stated=stated,
        there=there,
    )
