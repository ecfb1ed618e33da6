"""Installations, as points, lines or areas: what they give off, and what of it comes to receivers.

References
----------
ISO 717-1 (2020), Acoustics - Rating of sound insulation - Part 1, table 4: A-weighted spectra no. 1 and 2.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import Cancelled

from ..attributes import column_of, names_of, numbers_of
from .bands import A_WEIGHTING, BANDS, PERIODS, total
from .directivity import faces_of
from .road_shares import RoadShares, joined_shares, road_shares
from .source_shapes import parts_of
from .transfer import Transfer, no_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

    from .scene import Scene
    from .transfer import Paths

    Floats = NDArray[np.float64]

TOTALS = ("lwa", "power", "bronvermogen")  # columns, dB(A)
HEIGHTS = ("height", "hoogte")  # columns, m above the ground
# ISO 717-1 table 4, in dB(A) of 125 to 2000 Hz: what is mainly of medium and high, and of low and medium pitch
SPECTRA = {
    "medium": np.array([-np.inf, -21.0, -14.0, -8.0, -5.0, -4.0, -np.inf, -np.inf]),
    "low": np.array([-np.inf, -14.0, -10.0, -7.0, -4.0, -6.0, -np.inf, -np.inf]),
}
_CHUNK, _PATHS = 32, 40_000  # receivers and paths in one call at most: between them a user may stop it
_FAINTEST, _LOUDEST = 0.0, 150.0  # dB(A), beyond which no installation of a neighbourhood is


class Sources(NamedTuple):
    """Sources, and the points that stand for them.

    Attributes
    ----------
    places : ndarray
        x, y and height above the ground of each point [m], shape (points, 3).
    powers : ndarray
        Sound power of each source by period and octave band [dB(A)], shape (n, 3, 8); -inf for silence.
    names : list of str
        Of the sources.
    owners : ndarray
        int64, the source of each point; does not decrease.
    shares : ndarray
        Of the power of its source, of each point.
    faces : ndarray
        Of each source, see `faces_of`, shape (n, 7).
    """

    places: Floats
    powers: Floats
    names: list[str]
    owners: NDArray[np.int64]
    shares: Floats
    faces: Floats


def sources_of(
    features: Features,
    height: float,
    spectrum: str,
    running: Floats,
    addition: float,
    step: float = 2.0,
    whole: bool = True,
) -> Sources:
    """Return the sources of a layer.

    Octave bands are read of the columns lw_63 to lw_8000 [dB, not weighted] where all are known, else a total of
    `TOTALS` gets a spectrum; percents of operation of day, evening and night, height and addition of columns of that
    name.

    Parameters
    ----------
    height : float
        Of sources without one [m].
    spectrum : str
        A key of `SPECTRA`.
    running : ndarray
        Percent of each period that sources without a column run, shape (3,).
    addition : float
        For tones and the like [dB], of sources without one.
    step : float
        Lines and areas become points at most so far apart [m].
    whole : bool
        Whether the power is that of the whole source, and not of each metre of a line or square metre of an area.

    Raises
    ------
    InputError
        If lines and areas make too many points.
    """
    bands = _bands(features, spectrum) + _column(features, ("addition",), addition)[:, None]
    shares = np.column_stack([_column(features, (name,), running[k]) for k, name in enumerate(PERIODS)]) / 100.0
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = bands[:, None, :] + 10.0 * np.log10(shares)[:, :, None]
    parts = parts_of(features.geometries, step)
    if not whole:
        with np.errstate(divide="ignore"):
            powers = powers + 10.0 * np.log10(parts.sizes)[:, None, None]
    heights = _column(features, HEIGHTS, height)[parts.owners]
    places = np.column_stack([parts.places, heights])
    return Sources(places, powers, names_of(features), parts.owners, parts.shares, faces_of(features))


def _bands(features: Features, spectrum: str) -> Floats:
    """Return the power by octave band [dB(A)]; NaN where it is not known."""
    shape = SPECTRA[spectrum] - total(SPECTRA[spectrum])  # the rounded spectra miss up to 0.4 dB together
    found = _column(features, TOTALS, np.nan)[:, None] + shape
    columns = [column_of(features, (f"lw_{band}",)) for band in BANDS]
    if all(columns):
        given = np.column_stack([numbers_of(features, str(name)) for name in columns]) + A_WEIGHTING
        found = np.where(np.isfinite(given).all(axis=1)[:, None], given, found)
    return found


def _column(features: Features, names: tuple[str, ...], default: float) -> Floats:
    """Return a column as numbers, with a default where it is not known."""
    name = column_of(features, names)
    if name is None:
        return np.full(len(features), default)
    found = numbers_of(features, name)
    return np.where(np.isnan(found), default, found)


def unusable(sources: Sources) -> NDArray[np.bool_]:
    """Return which sources have no power, or one that cannot be."""
    levels = total(sources.powers)
    loudest = levels.max(axis=1)
    with np.errstate(invalid="ignore"):
        odd = (loudest > _LOUDEST) | (np.isfinite(loudest) & (loudest < _FAINTEST))
    return odd | np.isnan(levels).any(axis=1)


def odd_running(features: Features) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which sources run for no share from 0 to 100 percent, and which for at most 1: a fraction is so written.

    A fraction that is read as a percent makes a source 20 dB too quiet.
    """
    shares = np.column_stack([_column(features, (name,), np.nan) for name in PERIODS])
    with np.errstate(invalid="ignore"):
        wrong = ((shares < 0) | (shares > 100)).any(axis=1)
        small = (shares > 0) & (shares <= 1)
    return wrong, small.any(axis=1) & ~(shares > 1).any(axis=1) & ~wrong


def levels_from(
    scene: Scene,
    sources: Sources,
    receivers: Floats,
    air: Floats,
    how: Paths,
    favourable: Floats,
    progress: Progress,
    most: int = 0,
    singled: int = 0,
) -> tuple[Floats, NDArray[np.int64], RoadShares]:
    """Return the levels of day, evening and night [dB(A)], shape (m, 3), and the loudest source of each receiver.

    The last are the levels of the `most` loudest sources at the first `singled` receivers.

    Parameters
    ----------
    sources : Sources
        With heights in m NAP; whether they stand on a roof follows from those of buildings there.
    receivers : ndarray
        x, y, z and height of the ground [m], shape (m, 4).
    favourable : ndarray
        Share of each period in which the weather carries sound on, 0 to 1, shape (3,).

    Returns
    -------
    tuple
        -inf where no source runs within the distance; -1 for no source; shares, none where not asked for. The loudest
        is that of the largest sum of energies of the three periods with their penalties.

    Raises
    ------
    Cancelled, InputError
    """
    found, loudest, shares, done = [np.empty((0, 3))], [np.empty(0, np.int64)], list[RoadShares](), 0
    power = 10.0 ** (sources.powers / 10.0)
    weights = np.array([1.0, 10.0**0.5, 10.0])  # 0, 5 and 10 dB
    for energy in _energies(scene, sources, receivers, air, how, progress):
        if not np.isfinite(energy).all():
            raise no_path()
        each = np.empty((*energy.shape[:2], 3))
        for period, share in enumerate(favourable):
            mixed = (1.0 - share) * energy[:, :, 0] + share * energy[:, :, 1]
            each[..., period] = (mixed * power[:, period]).sum(axis=-1)
        with np.errstate(divide="ignore"):
            found.append(10.0 * np.log10(each.sum(axis=1)))
        heard = (each * weights).sum(axis=-1)
        loudest.append(np.where(heard.max(axis=1, initial=0.0) > 0.0, heard.argmax(axis=1), -1))
        if most and done < singled:
            some = _as_transfer(energy[: singled - done])
            own = np.arange(energy.shape[1])  # each source is a group of its own
            shares.append(road_shares(some, sources.powers - A_WEIGHTING, favourable, own, most, done))
        done += len(energy)
    return np.concatenate(found), np.concatenate(loudest), joined_shares(shares)


def _as_transfer(energy: Floats) -> Transfer:
    """Return what comes of each source to each receiver as that of roads is kept; sources out of reach are left out."""
    receiver, source = np.nonzero(energy.any(axis=(2, 3)))
    starts = np.searchsorted(receiver, np.arange(len(energy) + 1)).astype(np.int64)
    return Transfer(starts, source.astype(np.int64), energy[receiver, source].astype(np.float32))


def _energies(
    scene: Scene, sources: Sources, receivers: Floats, air: Floats, how: Paths, progress: Progress
) -> Iterator[Floats]:
    """Yield 10^(-A/10) of chunks of receivers in their order, shape (chunk, sources, 2, 8), some at a time in threads.

    Each receiver is calculated by itself, so that neither chunks nor threads change a bit of the result.
    """
    from . import point_kernels
    from .receivers import roofs_over
    from .stand_kernels import ON_GROUND, ON_ROOF

    places, owners = sources.places, sources.owners
    roof = np.isfinite(roofs_over(scene, places))
    stand = np.column_stack([np.where(roof, ON_ROOF, ON_GROUND), np.zeros(len(places))])
    places = np.column_stack([places, stand, sources.faces[owners]])
    filled, starts = np.unique(owners, return_index=True)
    size = max(min(_CHUNK, _PATHS // max(len(places), 1)), 1)

    def chunk(begin: int) -> Floats:
        some = np.ascontiguousarray(receivers[begin : begin + size])
        energy = np.zeros((len(some), len(places), 2, len(BANDS)))
        point_kernels.from_points(scene, places, some, how.far, air, how.sideways, how.reach, how.order, energy)
        energy *= sources.shares[:, None, None]
        found = np.zeros((len(some), len(sources.names), 2, len(BANDS)))
        if len(filled):
            found[:, filled] = np.add.reduceat(energy, starts, axis=1)
        return found

    threads = os.cpu_count() or 1
    begins = range(0, len(receivers), size)
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, len(begins), threads):
            if progress.is_cancelled():
                raise Cancelled
            yield from pool.map(chunk, begins[begin : begin + threads])
            progress.report(min(begin + threads, len(begins)) / len(begins))
