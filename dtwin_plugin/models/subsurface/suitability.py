"""How well the ground suits a use, and how sure that is, given the probabilities of the soil.

Whether a voxel is of a good class is drawn many times from its probabilities. Voxels above each other are of one layer
more often than not, so that the draws of a column go together: each voxel has a normal variable, correlated with the
one above it by exp(-thickness / range), and is good where that lies below the quantile of its probability (a Gaussian
copula, Markov in z).

References
----------
Malczewski, J. (1999). GIS and Multicriteria Decision Analysis. Wiley (weighted linear combination with constraints).
Stafleu, J. et al. (2011). 3D modelling of the shallow subsurface of Zeeland, the Netherlands. Neth. J. Geosci. 90,
293-310 (what the probabilities of GeoTOP are).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress, Silent

from .criteria import Criterion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_AT_ONCE = 4_000_000  # draws that are in memory at once: 32 MB


@dataclass(frozen=True)
class Ground:
    """What is known of each column of the ground.

    Attributes
    ----------
    probability : ndarray
        float64, shape (columns, layers, 10): probability of each lithoclass, from the top downwards; NaN unknown.
    depth : ndarray
        float64, shape (columns, layers): depth of the middle of each layer below the ground [m]; below 0 is air.
    thickness : float
        Of a layer [m].
    values : dict of str to ndarray
        float64, shape (columns,): value of each other criterion; NaN unknown.
    taken : ndarray or None
        float64, shape (columns, layers): share of each layer that is taken [1].
    """

    probability: Floats
    depth: Floats
    thickness: float
    values: dict[str, Floats]
    taken: Floats | None = None


@dataclass(frozen=True)
class Suitability:
    """The answer for each column, shape (columns,); NaN where a criterion that counts is not known.

    `mean` and `deviation` are of the weighted score [1], 0 where the use is forbidden; `chance` is the probability that
    the score reaches the threshold; `scores` hold the mean score of each criterion, by its name.
    """

    mean: Floats
    deviation: Floats
    chance: Floats
    scores: dict[str, Floats]


def overlap(ground: Ground, top: float, bottom: float) -> Floats:
    """Return the thickness of each layer within a range of depths [m], shape (columns, layers)."""
    upper, lower = ground.depth - ground.thickness / 2, ground.depth + ground.thickness / 2
    return np.clip(np.minimum(lower, bottom) - np.maximum(upper, top), 0.0, None)


def suitability(
    ground: Ground,
    criteria: Sequence[Criterion],
    threshold: float,
    draws: int,
    vertical_range: float,
    seed: int = 1,
    progress: Progress | None = None,
) -> Suitability:
    """Return how well each column suits a use.

    Parameters
    ----------
    threshold : float
        Score from which the ground is called suitable [1].
    draws : int
        How often the soil is drawn; the error of a chance is 0.5 / sqrt(draws) at most.
    vertical_range : float
        Range of the correlation along a column [m].

    Raises
    ------
    Cancelled
        If the user stops it.
    """
    progress = progress or Silent()
    columns, layers, _ = ground.probability.shape
    random = np.random.default_rng(seed)
    known, scores, fixed, allowed = _fixed(ground, criteria)
    soil = [criterion for criterion in criteria if criterion.name == "soil"]
    weight = sum(criterion.weight for criterion in criteria if not criterion.knockout)
    total, square, reached = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    sums = [np.zeros(columns) for _ in soil]
    step = max(1, _AT_ONCE // max(1, columns * layers)) if soil else draws
    for first in range(0, draws, step):
        if progress.is_cancelled():
            raise Cancelled
        progress.report(first / draws)
        count = min(step, draws - first)
        ranks = _ranks(random, count, layers, ground.thickness, vertical_range) if soil else None
        score, open_to = np.tile(fixed, (count, 1)), np.tile(allowed, (count, 1))
        for number, criterion in enumerate(soil):
            value = criterion.score(_share(ground, criterion, ranks))
            sums[number] += value.sum(axis=0)
            if criterion.knockout:
                open_to = open_to * value
            else:
                score = score + criterion.weight * value
        score = score / weight * open_to
        total += score.sum(axis=0)
        square += (score**2).sum(axis=0)
        reached += (score >= threshold).sum(axis=0)
    mean = total / draws
    deviation = np.sqrt(np.maximum(square / draws - mean**2, 0.0))
    scores.update({_label(criterion): part / draws for criterion, part in zip(soil, sums)})
    blank = ~known | np.isnan(mean)
    mean, deviation, chance = (np.where(blank, np.nan, part) for part in (mean, deviation, reached / draws))
    return Suitability(mean, deviation, chance, scores)


def _label(criterion: Criterion) -> str:
    return f"{criterion.name}_knockout" if criterion.knockout else criterion.name


def _fixed(
    ground: Ground, criteria: Sequence[Criterion]
) -> tuple[NDArray[np.bool_], dict[str, Floats], Floats, Floats]:
    """Return which columns are known, and the scores, weighted sum and permission of all criteria but soil."""
    columns = len(ground.depth)
    known, total, allowed = np.ones(columns, bool), np.zeros(columns), np.ones(columns)
    scores: dict[str, Floats] = {}
    for criterion in criteria:
        if criterion.name == "soil":
            part = overlap(ground, criterion.top, criterion.bottom)
            unknown = (part > 0) & np.isnan(ground.probability).all(axis=2)
            # The range must be known whole: the voxels may end above its bottom.
            known &= ~unknown.any(axis=1) & (part.sum(axis=1) >= (criterion.bottom - criterion.top) * 0.999)
            continue
        value = _taken(ground, criterion) if criterion.name == "claims" else ground.values[criterion.name]
        score = criterion.score(value)
        scores[_label(criterion)] = score
        if criterion.knockout:
            allowed = allowed * score
        else:
            total = total + criterion.weight * score
    return known, scores, total, allowed


def _taken(ground: Ground, criterion: Criterion) -> Floats:
    """Return which share of a range of depths is taken; what is not mapped is free."""
    if ground.taken is None:
        return np.zeros(len(ground.depth))
    part = overlap(ground, criterion.top, criterion.bottom)
    with np.errstate(invalid="ignore"):
        return (np.nan_to_num(ground.taken) * part).sum(axis=1) / part.sum(axis=1)


def _share(ground: Ground, criterion: Criterion, ranks: Floats | None) -> Floats:
    """Return which share of the range is of a good class, in each draw: shape (draws, columns)."""
    chance = np.nan_to_num(ground.probability[:, :, list(criterion.classes)]).sum(axis=2)
    part = overlap(ground, criterion.top, criterion.bottom)
    assert ranks is not None
    with np.errstate(invalid="ignore"):
        result: Floats = ((ranks < chance) * part).sum(axis=2) / part.sum(axis=1)
    return result


def _ranks(random: np.random.Generator, draws: int, layers: int, thickness: float, vertical_range: float) -> Floats:
    """Return a number from 0 to 1 for each layer in each draw, alike in layers near each other: (draws, 1, layers).

    All columns get the same, so that a map has no speckle: only what differs in the ground differs in the answer.
    """
    from scipy.special import ndtr

    rho = float(np.exp(-thickness / vertical_range)) if vertical_range > 0 else 0.0
    normal = random.standard_normal((draws, 1, layers))
    for layer in range(1, layers):
        normal[:, :, layer] = rho * normal[:, :, layer - 1] + np.sqrt(1 - rho**2) * normal[:, :, layer]
    ranks: Floats = ndtr(normal)
    return ranks
