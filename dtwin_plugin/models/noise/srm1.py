"""From roads to receivers by the Dutch standard method 1: one straight road in open view, in dB(A).

References: R as in `srm_table`, chapter 1. The figure that draws where the road may bend (R figure 1.1) could not be
read: the limit for that is our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import Cancelled, InputError

from .bands import BANDS
from .srm1_roads import Line, lines_of
from .srm_emission import emission_1
from .srm_table import HEIGHT
from .transfer import WEATHERS, Transfer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from .roads import Roads
    from .scene import Scene
    from .traffic import Traffic

    Floats = NDArray[np.float64]

HOLDS, BENDS, UNEVEN, UNSEEN = range(4)
_BEND = 0.2  # of the distance that the road may leave its straight line by: 0.8 dB at most (own limit)
_GAP = 1.0  # m: a shorter gap between pieces of one road is none
_UNEVEN = 3.0  # m from the mean height of the road, R 1.3 b
_UNSEEN, _STEP = 30.0, 2.0  # degrees that may be out of sight, R 1.3 c, and between lines of sight
_ALONG = np.tan(np.radians(np.arange(-62.0, 63.0, _STEP)))  # places between 2d on either side, in distances
_SLANT = np.tan(np.radians(20.0))  # a wall that slants more is not "about parallel" (own limit), R 1.7 b
_FARTHEST = 100.0  # m from the road to a wall that reflects, R 1.7 d
_LITTLE = 0.05  # of the energy: roads for which the method does not hold add no more than 0.2 dB
_CHUNK = 64  # receivers


class Seen(NamedTuple):
    """How a receiver sees a road: whether the method holds, its share of energy, and the distance on the map [m]."""

    verdict: int
    gain: float
    away: float


def losses(r: float, h_w: float, h_road: float, soft: float) -> float:
    """Return what distance, air, ground and weather take [dB], R 1.9 to 1.12.

    Parameters
    ----------
    r : float
        Shortest distance from receiver to source line [m].
    h_w, h_road : float
        Of receiver and road above the ground [m].
    soft : float
        Share of soft ground before the road, 0 to 1.

    Examples
    --------
    10 lg 100 + 0.01 100^0.9 + 3.5 (1 - e^-0.6957) = 20 + 0.631 + 1.754:

    >>> round(losses(100.0, 5.0, 0.0, 0.0), 2)
    22.39
    """
    ground = 2.0 + 4.0 * (1.0 - np.exp(-0.04 * r)) * (np.exp(-0.65 * h_w) + np.exp(-0.65 * (h_road + HEIGHT)))
    meteo = 3.5 * (1.0 - np.exp(-0.04 * r / (h_w + h_road + HEIGHT)))
    return float(10.0 * np.log10(r) + 0.01 * r**0.9 + soft * ground + meteo)


def seen(scene: Scene, line: Line, receiver: Floats) -> Seen:
    """Return how a receiver (x, y, z, ground) sees a road: HOLDS, or why not."""
    from . import srm1_kernels

    to = line.nearest(receiver[:2])
    away = float(np.hypot(*to))
    if away < _GAP:
        return Seen(BENDS, 0.0, away)
    forth = to / away
    axes = np.array([[forth[1], -forth[0]], forth])  # along the road as it is thought of, and to it
    inside = line.between((line.pieces.reshape(-1, 2) - receiver[:2]) @ axes.T, 2.0 * away)
    ends = np.sort(inside[:, [0, 2]], axis=1)
    straight = len(inside) > 0 and (np.abs(inside[:, [1, 3]] - away) <= _BEND * away).all()
    if not straight or covered(ends, 2.0 * away, _GAP) < 4.0 * away - _GAP:
        return Seen(BENDS, 0.0, away)
    heights = srm1_kernels.grounds(scene, inside.reshape(-1, 2) @ axes + receiver[:2])
    road = float(heights.mean())
    if np.abs(heights - road).max() > _UNEVEN:
        return Seen(UNEVEN, 0.0, away)
    sights = np.column_stack([_ALONG * away, np.full(len(_ALONG), away)]) @ axes + receiver[:2]
    many = srm1_kernels.hidden(scene, receiver, sights, np.full(len(sights), road + HEIGHT))
    if many < 0 or many * _STEP > _UNSEEN:
        return Seen(UNSEEN, 0.0, away)
    h_w, h_road = max(float(receiver[2] - receiver[3]), 0.0), max(road - float(receiver[3]), 0.0)
    r = float(np.hypot(away, receiver[2] - road - HEIGHT))
    soft = srm1_kernels.softness(scene, _triangle(away) @ axes + receiver[:2])
    walls = reflecting(scene, axes, receiver, away)
    return Seen(HOLDS, 10.0 ** (0.1 * (walls - losses(r, h_w, h_road, soft))), away)


def reflecting(scene: Scene, axes: Floats, receiver: Floats, away: float) -> float:
    """Return what walls across the road add [dB]: 1.5 times the share of the road that they line, R 1.7."""
    from .scene import BUILDING, WALL

    pieces = scene.pieces[(scene.kinds == BUILDING) | (scene.kinds == WALL)]
    ends = ((pieces[:, :4].reshape(-1, 2) - receiver[:2]) @ axes.T).reshape(-1, 4)
    behind = np.minimum(ends[:, 1], ends[:, 3]) - away
    even = np.abs(ends[:, 3] - ends[:, 1]) <= _SLANT * np.abs(ends[:, 2] - ends[:, 0])
    across = np.sort(ends[:, [0, 2]], axis=1)
    reach = 2.0 * (behind + away)
    beside = (across[:, 0] < reach) & (across[:, 1] > -reach)
    high = np.minimum(pieces[:, 4], pieces[:, 5]) > receiver[2]
    chosen = (behind > 0.0) & (behind < min(_FARTHEST, 4.0 * away)) & even & beside & high
    if not chosen.any():
        return 0.0
    half = 2.0 * (float(behind[chosen].min()) + away)
    return 1.5 * covered(across[chosen], half, 0.0) / (2.0 * half)


def covered(spans: Floats, half: float, gap: float) -> float:
    """Return how much of -half to half spans cover, where a shorter gap is none [m].

    >>> covered(np.array([[-9.0, 1.0], [1.5, 3.0]]), 5.0, 0.0), covered(np.array([[-9.0, 1.0], [1.5, 3.0]]), 5.0, 1.0)
    (7.5, 8.0)
    """
    whole, last = 0.0, -half
    for low, high in sorted(spans.tolist()):
        low = last if low - last <= gap else low
        low, high = max(low, last), min(high, half)
        if high > low:
            whole, last = whole + high - low, high
    return whole


def _triangle(away: float) -> Floats:
    """Return places evenly spread before a road, between the lines to 2d on either side, R 1.9: along and to it."""
    steps = (np.arange(8) + 0.5) / 8.0
    to = away * np.repeat(np.sqrt(steps), len(steps))
    return np.column_stack([2.0 * to * np.tile(2.0 * steps - 1.0, len(steps)), to])


def of_receiver(
    scene: Scene, lines: list[Line], receiver: Floats, far: float, power: Floats
) -> tuple[int, list[tuple[int, float]]]:
    """Return whether the method holds at a receiver, and the share of energy of each road.

    Where it does not hold for a road, that matters unless the road, as if it were endless and in view, adds little.

    Parameters
    ----------
    power : ndarray
        Emission of each line as energy, by period, shape (lines, 3).
    """
    found, sum_of, doubt, why = list[tuple[int, float]](), np.zeros(power.shape[1]), np.zeros(power.shape[1]), HOLDS
    for number, line in enumerate(lines):
        if not power[number].any() or line.away(receiver[:2]) > far:
            continue
        one = seen(scene, line, receiver)
        if one.verdict == HOLDS:
            found.append((line.feature, one.gain))
            sum_of += one.gain * power[number]
        else:
            doubt += 10.0**0.15 / max(one.away, 1.0) * power[number]  # with all that walls can add
            why = one.verdict
    if why != HOLDS and (doubt > _LITTLE * sum_of).any():
        return why, []
    return HOLDS, found


def verdicts(scene: Scene, roads: Roads, receivers: Floats, far: float, traffic: Traffic) -> list[int]:
    """Return at which receivers the method holds: HOLDS, or why not."""
    lines, power = _lines(roads, traffic)
    return [of_receiver(scene, lines, receiver, far, power)[0] for receiver in receivers]


def chunks_1(
    scene: Scene, roads: Roads, receivers: Floats, far: float, traffic: Traffic, progress: Progress
) -> Iterator[Transfer]:
    """Yield what comes to the receivers, chunk after chunk; nothing where the method does not hold.

    The energy is the same in all bands and weathers: the emission of this method has no bands.
    """
    lines, power = _lines(roads, traffic)
    for begin in range(0, len(receivers), _CHUNK):
        if progress.is_cancelled():
            raise Cancelled
        some = receivers[begin : begin + _CHUNK]
        pairs = [of_receiver(scene, lines, receiver, far, power)[1] for receiver in some]
        every = [pair for each in pairs for pair in each]
        starts = offsets_of([len(each) for each in pairs])
        gains = np.array([gain for _, gain in every], np.float32)
        energy = np.broadcast_to(gains[:, None, None], (len(every), WEATHERS, len(BANDS)))
        yield Transfer(starts, np.array([feature for feature, _ in every], np.int64), np.ascontiguousarray(energy))
        progress.report(min(begin + _CHUNK, len(receivers)) / len(receivers))


def _lines(roads: Roads, traffic: Traffic) -> tuple[list[Line], Floats]:
    lines = lines_of(roads, traffic)
    if not lines:
        raise InputError("The roads have no line with a length.", hint="Choose a layer of lines.")
    rows = [line.feature for line in lines]
    speeds = np.broadcast_to(traffic.speeds[:, None, :], traffic.flows.shape)
    each = [emission_1(traffic.flows[row], speeds[row], str(traffic.surfaces[row])) for row in rows]
    return lines, 10.0 ** (0.1 * np.array(each))
