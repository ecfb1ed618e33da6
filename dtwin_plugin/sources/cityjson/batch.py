"""What documents and sequences have in common: some families of city objects and their vertices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_OBJECTS = 2000  # city objects in a batch
MAX_TEXT = 2 << 20  # characters of JSON in a batch; as Python objects they take 10 to 15 times as much


@dataclass(frozen=True)
class Family:
    """City objects that belong together, by id, and their vertices: `count` from row `start` on."""

    objects: dict[str, dict[str, Any]]
    start: int
    count: int


@dataclass(frozen=True)
class Batch:
    """Families whose surfaces are made together.

    Attributes
    ----------
    vertices : ndarray
        Shape (n, 3), in the CRS of the file.
    fraction : float
        Share of the file that has been read (0 to 1).
    appearance : dict
        Materials and textures that the families bring themselves, counted.
    """

    families: list[Family]
    vertices: NDArray[np.float64]
    fraction: float
    appearance: dict[str, int] = field(default_factory=dict)
