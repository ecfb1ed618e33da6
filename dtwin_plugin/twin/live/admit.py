"""What of a source may be kept: nothing of single vehicles or persons."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from dtwin_plugin.data import Series
from dtwin_plugin.errors import InputError

from ..aggregate import MINIMUM, grouped
from ..privacy import strictest

_QUARTER = np.timedelta64(15 * 60 * 1000, "ms")
_IDENTITY = re.compile(r"licen[cs]e|plate|kenteken|vehicle_?id|mac_?address|imsi|person|face", re.IGNORECASE)


def admitted(series: Series, level: str) -> Series:
    """Return what of an answer may be kept.

    Data of a personal source become means of a quarter of an hour of at least 10 observations; what tells who or what
    passed is refused.

    Parameters
    ----------
    level : str
        How open the source is (`twin.privacy.LEVELS`).

    Raises
    ------
    InputError
        If the source is confidential, or tells of single vehicles or persons.
    """
    strict = strictest([level])
    names = [item.name for item in series.quantities if _IDENTITY.search(item.name)]
    if strict == "confidential" or names:
        raise InputError(
            "{source} tells of single vehicles or persons, or is confidential: it is not kept.",
            hint="Choose a source of counts.",
            source=series.source,
        )
    return _quarters(series) if strict == "personal" else series


def _quarters(series: Series) -> Series:
    """Return means of whole quarters; those of fewer than the minimum tell nothing."""
    if not len(series):
        return series
    stamps = series.begins.astype(np.int64)
    step = int(_QUARTER.astype(np.int64))
    quarter = stamps // step
    # the first and the last may have been cut by what was asked
    inside = (quarter > quarter.min()) & (quarter < quarter.max())
    keys = np.stack([series.station, series.quantity, quarter], axis=1)[inside]
    if not len(keys):
        return series.take(np.empty(0, np.int64))
    found, owner = np.unique(keys, axis=0, return_inverse=True)
    means = grouped(owner.reshape(-1), series.values[inside], len(found), MINIMUM)
    begins = (found[:, 2] * step).astype("datetime64[ms]")
    return replace(
        series,
        station=found[:, 0],
        quantity=found[:, 1],
        begins=begins,
        ends=begins + _QUARTER,
        results=np.full(len(found), np.datetime64("NaT", "ms")),
        values=means.mean,
        qualities=np.zeros(len(found), np.uint8),
        extras={"count": means.count},
    )
