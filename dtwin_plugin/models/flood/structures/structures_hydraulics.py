"""Discharge of culverts, tunnels and weirs from the levels on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

G = 9.81  # m s-2
ORIFICE = 0.6  # contraction of a drowned inlet with a sharp edge
BROAD = (2.0 / 3.0) ** 1.5 * G**0.5  # m1/2 s-1, critical flow over a broad crest: 1.705
_PARTS = 32  # depths of a barrel at which critical flow is looked for: its maximum is flat, 0.1 % remains


@dataclass(frozen=True)
class Barrels:
    """Culverts as arrays, shape (n,).

    Attributes
    ----------
    bottom_a, bottom_b : ndarray
        Level of the inside of the bottom at both ends [m].
    width, height : ndarray
        Inside [m]; of a round one both are the diameter.
    rounded : ndarray of bool
        Round, else rectangular.
    length, roughness, loss : ndarray
        Length [m], Manning's n [s m-1/3], and loss at the inlet in velocity heads.
    """

    bottom_a: Floats
    bottom_b: Floats
    width: Floats
    height: Floats
    rounded: NDArray[np.bool_]
    length: Floats
    roughness: Floats
    loss: Floats

    def wetted(self, depth: ArrayLike) -> tuple[Floats, Floats]:
        """Return the area [m2] and the wetted perimeter [m] of a depth of water [m], shape (..., n).

        >>> box = Barrels(*np.array([[0.0], [0.0], [2.0], [1.0]]), np.array([False]), *np.zeros((3, 1)))
        >>> [part.tolist() for part in box.wetted([0.5])], [part.tolist() for part in box.wetted([1.0])]
        ([[1.0], [3.0]], [[2.0], [6.0]])
        """
        y = np.clip(np.asarray(depth, float), 0.0, self.height)
        angle = 2.0 * np.arccos(np.clip(1.0 - 2.0 * y / self.height, -1.0, 1.0))
        circle = self.height**2 / 8.0 * (angle - np.sin(angle))
        area = np.where(self.rounded, circle, self.width * y)
        box = self.width + 2.0 * y + np.where(y >= self.height, self.width, 0.0)
        return area, np.where(self.rounded, angle * self.height / 2.0, box)

    def critical(self, energy: Floats) -> tuple[Floats, Floats]:
        """Return the critical discharge [m3 s-1] of an energy height over the bottom [m], and its depth [m].

        It is the largest that the energy can bring through: max over y of A(y) sqrt(2 g (E - y)).
        """
        depths = np.arange(_PARTS + 1)[:, None] / _PARTS * np.minimum(self.height, np.maximum(energy, 0.0))
        flows = self.wetted(depths)[0] * np.sqrt(2.0 * G * np.maximum(energy - depths, 0.0))
        best = flows.argmax(axis=0)
        each = np.arange(len(best))
        return flows[best, each], depths[best, each]

    def flow(self, level_a: ArrayLike, level_b: ArrayLike) -> Floats:
        """Return the discharge from a to b [m3 s-1], below 0 from b to a, for the levels on both sides [m].

        The smaller of what the inlet and the barrel let through. Inlet: critical flow over the higher bottom, and once
        the inlet is drowned also an orifice, Q = 0.6 A sqrt(2 g (E - D/2)). Barrel: the energy equation with losses at
        the inlet, by friction (Manning) and of the velocity at the outlet,

            H1 - H2 = Q^2 / 2g (k / A_u^2 + 2 g n^2 L / (A_m^2 R_m^(4/3)) + 1 / A_d^2),

        with the wet section upstream (u), downstream (d) and at the mean depth of both (m). The level downstream is no
        lower than critical depth over the bottom there.

        Examples
        --------
        Full on both sides: 0.5 m2, no friction, no loss at the inlet, so that v = sqrt(2 g 0.2); the inlet lets more.

        >>> box = Barrels(*np.array([[0.0], [0.0], [1.0], [0.5]]), np.array([False]), *np.zeros((3, 1)))
        >>> box.flow([3.2], [3.0]).round(4).tolist(), box.flow([3.0], [3.2]).round(4).tolist()
        ([0.9905], [-0.9905])
        """
        a, b = np.asarray(level_a, float), np.asarray(level_b, float)
        forward = a >= b
        high, low = np.maximum(a, b), np.minimum(a, b)
        upper = np.where(forward, self.bottom_a, self.bottom_b)
        lower = np.where(forward, self.bottom_b, self.bottom_a)
        energy = high - np.maximum(upper, lower)
        inlet, critical_depth = self.critical(energy)
        full = self.wetted(self.height)[0]
        orifice = ORIFICE * full * np.sqrt(2.0 * G * np.maximum(energy - self.height / 2.0, 0.0))
        inlet = np.where(energy > self.height, np.minimum(inlet, orifice), inlet)
        depth_d = np.clip(np.maximum(low - lower, critical_depth), 0.0, self.height)
        depth_u = np.clip(high - upper, 0.0, self.height)
        head = np.maximum(high - np.maximum(low, lower + np.minimum(critical_depth, depth_d)), 0.0)
        barrel = np.sqrt(2.0 * G * head / self._resistance(depth_u, depth_d))
        return np.where(forward, 1.0, -1.0) * np.where(energy > 0, np.minimum(inlet, barrel), 0.0)

    def _resistance(self, depth_u: Floats, depth_d: Floats) -> Floats:
        """Return the losses per Q^2 / 2g [m-4]."""
        (area_u, _), (area_d, _) = self.wetted(depth_u), self.wetted(depth_d)
        area_m, perimeter = self.wetted((depth_u + depth_d) / 2.0)
        area_u, area_d, area_m = (np.maximum(area, 1e-9) for area in (area_u, area_d, area_m))
        radius = area_m / np.maximum(perimeter, 1e-9)
        friction = 2.0 * G * self.roughness**2 * self.length / (area_m**2 * radius ** (4.0 / 3.0))
        return self.loss / area_u**2 + friction + 1.0 / area_d**2


def weir_flow(level_a: ArrayLike, level_b: ArrayLike, crest: ArrayLike, width: ArrayLike, factor: ArrayLike) -> Floats:
    """Return the discharge over a weir from a to b [m3 s-1], below 0 from b to a.

    Free: Q = C B h1^1.5, with h1 the level over the crest. Drowned: that times (1 - (h2 / h1)^1.5)^0.385
    (Villemonte 1947).

    Parameters
    ----------
    level_a, level_b, crest : array_like
        Levels [m].
    width, factor : array_like
        Width B [m] and C [m1/2 s-1]; 1.7 for a broad crest.

    Examples
    --------
    >>> weir_flow(1.25, 0.0, 1.0, 2.0, 1.7).round(4), weir_flow(0.9, 1.25, 1.0, 2.0, 1.7).round(4)
    (0.425, -0.425)
    """
    a, b, top = (np.asarray(value, float) for value in (level_a, level_b, crest))
    over = np.maximum(np.maximum(a, b) - top, 0.0)
    behind = np.maximum(np.minimum(a, b) - top, 0.0)
    ratio = np.divide(behind, over, out=np.zeros_like(over), where=over > 0)
    drowned = np.maximum(1.0 - ratio**1.5, 0.0) ** 0.385
    return np.where(a >= b, 1.0, -1.0) * np.asarray(factor, float) * np.asarray(width, float) * over**1.5 * drowned
