"""Findings while polygons and shells are examined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Found:
    """Codes with the shell and the place that they are about.

    Attributes
    ----------
    codes : list of str
    shells, xyz : list of ndarray
        Shell of each finding, and its place [m], in pieces of some findings.
    """

    codes: list[str] = field(default_factory=list)
    shells: list[NDArray[np.int64]] = field(default_factory=list)
    xyz: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, code: str, shells: NDArray[np.int64], xyz: NDArray[np.float64]) -> None:
        """Add findings of one code; `xyz` is from the origin of the mesh, shape (n, 3)."""
        if len(shells):
            self.codes.extend([code] * len(shells))
            self.shells.append(np.asarray(shells, np.int64))
            self.xyz.append(np.asarray(xyz, float).reshape(-1, 3))

    def all_shells(self) -> NDArray[np.int64]:
        """Return the shell of each finding."""
        return np.concatenate([np.empty(0, np.int64), *self.shells])

    def all_xyz(self) -> NDArray[np.float64]:
        """Return the place of each finding."""
        return np.concatenate([np.empty((0, 3)), *self.xyz])
