"""Observations as means of equal steps, with how much of each step was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .history import History, Moment, moment, place_of, text

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Channel:
    """One quantity of one station, in equal steps.

    Attributes
    ----------
    x, y : float
        RD New; NaN where the place is not known.
    begins : ndarray of datetime64
        Of the steps, UTC.
    values, share : ndarray
        Means, NaN where nothing was measured, and the share of each step that was measured with a value (0 to 1).
    """

    source: str
    station: str
    name: str
    quantity: str
    part: str
    unit: str
    x: float
    y: float
    begins: NDArray[np.datetime64]
    values: NDArray[np.float64]
    share: NDArray[np.float64]


def resampled(
    begins: NDArray[np.datetime64],
    ends: NDArray[np.datetime64],
    values: NDArray[np.float64],
    start: Moment,
    steps: int,
    step: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each step, weighted by time, and the share of it that has a value.

    A value of a moment counts until the next one, at most the usual time between two (their median).

    >>> hour = np.datetime64("2026-01-01T00", "ms") + np.array([0, 20, 40]) * np.timedelta64(60_000, "ms")
    >>> mean, share = resampled(hour, hour, np.array([10.0, 20.0, np.nan]), hour[0], 2, 3600.0)
    >>> mean.tolist(), share.round(3).tolist()
    ([15.0, nan], [0.667, 0.0])
    """
    order = np.lexsort((ends, begins))
    a = (begins[order] - start).astype("timedelta64[ms]").astype(np.float64) / 1000
    b = (ends[order] - start).astype("timedelta64[ms]").astype(np.float64) / 1000
    value = values[order]
    gaps = np.diff(a)
    usual = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else step
    following = np.append(a[1:], np.inf)
    b = np.where(b > a, b, np.minimum(a + usual, following))
    known = np.isfinite(value) & (b > a)
    a, b, value = a[known], b[known], value[known]
    first = np.floor(a / step).astype(np.int64)
    last = np.maximum(np.ceil(b / step).astype(np.int64), first + 1)
    count = last - first
    owner = np.repeat(np.arange(len(a)), count)
    bins = first[owner] + np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    weight = np.minimum(b[owner], (bins + 1) * step) - np.maximum(a[owner], bins * step)
    inside = (bins >= 0) & (bins < steps) & (weight > 0)
    bins, weight, owner = bins[inside], weight[inside], owner[inside]
    total = np.bincount(bins, weight, steps)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(bins, weight * value[owner], steps) / total
    return np.where(total > 0, mean, np.nan), np.minimum(total / step, 1.0)


def channels(
    history: History,
    source: str = "",
    quantity: str = "",
    begin: Moment | None = None,
    end: Moment | None = None,
    step: float = 3600.0,
) -> Iterator[Channel]:
    """Yield each quantity of each station between two moments, in steps of so many seconds.

    Steps begin at whole steps since 1970 in UTC; absent ends are those of what is kept.
    """
    found = history.rows(
        "SELECT c.fid, s.source, s.station, s.name, c.quantity, c.part, c.unit, s.geom FROM channels c "
        "JOIN stations s ON s.fid = c.station WHERE ? IN ('', s.source) AND ? IN ('', c.quantity) "
        "ORDER BY s.source, s.station, c.quantity, c.part",
        (source, quantity),
    )
    low, high = _ends(history, [row[0] for row in found], begin, end)
    if low is None or high is None:
        return
    size = round(step * 1000)
    first = int(low.astype("datetime64[ms]").astype(np.int64)) // size
    last = -(-int(high.astype("datetime64[ms]").astype(np.int64)) // size)
    start = np.datetime64(first * size, "ms")
    for row in found:
        mean, share = resampled(*values_of(history, row[0], low, high), start, max(last - first, 1), step)
        texts, (x, y) = [str(item or "") for item in row[1:7]], _place(row[7])
        yield Channel(
            *(texts[0], texts[1], texts[2], texts[3], texts[4], texts[5]),
            x,
            y,
            start + np.arange(len(mean)) * np.timedelta64(size, "ms"),
            mean,
            share,
        )


def values_of(history: History, channel: int, begin: Moment, end: Moment) -> tuple[Any, Any, Any]:
    """Return begins, ends and values (NaN for none) of a quantity of a station that overlap a time."""
    rows = history.rows(
        "SELECT begins, ends, value FROM observations WHERE channel = ? AND ends >= ? AND begins < ? ORDER BY begins",
        (channel, text(begin), text(end)),
    )
    begins, ends = (np.array([row[place].rstrip("Z") for row in rows], "datetime64[ms]") for place in (0, 1))
    return begins, ends, np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64)


def _ends(
    history: History, chosen: list[int], begin: Moment | None, end: Moment | None
) -> tuple[Moment | None, Moment | None]:
    marks = ",".join("?" * len(chosen[:900]))
    question = f"SELECT min(begins), max(ends) FROM observations WHERE channel IN ({marks})"
    ((low, high),) = history.rows(question, tuple(chosen[:900])) if len(chosen) <= 900 else history.rows(
        "SELECT min(begins), max(ends) FROM observations")  # fmt: skip
    return begin if begin is not None else moment(low), end if end is not None else moment(high)


def _place(blob: bytes | None) -> tuple[float, float]:
    return place_of(blob) if blob else (np.nan, np.nan)
