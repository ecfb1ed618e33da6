"""What drives on each road: columns of a layer to flows and speeds, and those to sound power."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError

from ..attributes import column_of, numbers_of
from .bands import BANDS, HOURS, PERIODS
from .emission import NO_JUNCTION, road_power
from .road_table import REFERENCE, VEHICLES, surface_code, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

KINDS = ("light", "medium", "heavy", "mopeds", "motorcycles")  # as the columns have them, in the order of VEHICLES
TOTAL, DAILY, SPEED, SPEED_HEAVY, SURFACE = "total", "daily", "speed", "speed_heavy", "surface"
COLUMNS = (
    *(f"{kind}_{period}" for period in PERIODS for kind in (TOTAL, *KINDS)),
    DAILY,
    SPEED,
    SPEED_HEAVY,
    SURFACE,
    "level",
    "deck_height",
    "tunnel",
)
# what Dutch files of roads call them; what is named by hand goes before
DUTCH = {
    DAILY: "etmaalintensiteit",
    SPEED: "snelheid",
    SURFACE: "wegdek",
    **{
        f"{kind}_{period}": f"intensiteit_{short}_{name}"
        for kind, short in zip(KINDS, ("lv", "mv", "zv"))
        for period, name in zip(PERIODS, ("dag", "avond", "nacht"))
    },
}
_GROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_HEAVY = np.array([0, 1, 1, 0, 0], bool)  # which vehicles drive at the speed of lorries


class Shares(NamedTuple):
    """How the traffic of a day is spread where only its sum is known.

    Attributes
    ----------
    periods : tuple of float
        Percent of it in each hour of day, evening and night.
    medium, heavy : float
        Percent of the vehicles.
    """

    periods: tuple[float, float, float]
    medium: float
    heavy: float


class Traffic(NamedTuple):
    """What drives.

    Attributes
    ----------
    flows : ndarray
        Vehicles an hour, by road, period and vehicle, shape (roads, 3, 5); NaN where not known.
    speeds : ndarray
        km/h, by road and vehicle, shape (roads, 5); NaN where not known.
    surfaces : ndarray
        Code of the surface of each road, as the table of roads has it.
    """

    flows: Floats
    speeds: Floats
    surfaces: NDArray[np.object_]


def names_from(text: str | None, known: Sequence[str] = COLUMNS) -> dict[str, str]:
    """Return the names of columns from a text such as `speed=MAXSPEED; light_day=LV_D`, those before the sign known.

    Raises
    ------
    InputError
        If a part of it is no such pair, or has a column that nothing is known of.

    >>> names_from("speed = V50; total_day=TV_D")
    {'speed': 'V50', 'total_day': 'TV_D'}
    """
    found = {}
    for part in (text or "").replace("\n", ";").split(";"):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not equals or not theirs or "=" in theirs or ours not in known:
            raise InputError(
                "Names of columns: {found} is not understood.",
                hint="Write speed=V50; total_day=TV_D, with names that the help of the field has before the sign.",
                found=part.strip()[:60],
            )
        found[ours] = theirs
    return found


def renamed(roads: Features, names: Mapping[str, str]) -> Features:
    """Return roads whose columns have the names that are known here: those given, and those of `DUTCH`.

    Raises
    ------
    InputError
        If the layer has no such column.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> line = Geometries.build("line", [[[[(0, 0), (1, 0)]]]])
    >>> road = Features(line, {"snelheid": np.array([50]), "V": np.array([30])})
    >>> renamed(road, {}).columns["speed"].tolist(), renamed(road, {"speed": "V"}).columns["speed"].tolist()
    ([50], [30])
    """
    for theirs in names.values():
        if theirs not in roads.columns:
            raise InputError(
                "The roads have no column {name}; they have {found}.",
                hint="Correct the names of columns.",
                name=theirs[:60],
                found=", ".join(roads.columns)[:300] or "-",
            )
    own = roads.with_columns({ours: roads.columns[theirs] for ours, theirs in names.items()})
    wanted = (SPEED, SURFACE) if has_flows(own) else tuple(DUTCH)  # flows of two kinds of columns are not mixed
    found = {ours: column_of(own, [DUTCH[ours]]) for ours in wanted if ours not in own.columns}
    return own.with_columns({ours: own.columns[theirs] for ours, theirs in found.items() if theirs})


def has_flows(roads: Features) -> bool:
    """Return whether roads have columns that tell what drives: of every period, or of the whole day."""
    hourly = [any(f"{kind}_{period}" in roads.columns for kind in (TOTAL, KINDS[0])) for period in PERIODS]
    return all(hourly) or (DAILY in roads.columns and not any(hourly))


def grouped(roads: Features) -> NDArray[np.bool_]:
    """Return which roads have a flow in text such as 5.000, of which nobody can tell whether it is 5 or 5000.

    >>> from dtwin_plugin.data import Features, Geometries
    >>> line = Geometries.build("line", [[[[(0, 0), (1, 0)]]]] * 3)
    >>> grouped(Features(line, {"daily": np.array(["5.000", "5000.5", None], object)})).tolist()
    [True, False, False]
    """
    flows = [name for name in COLUMNS[: COLUMNS.index(SPEED)] if name in roads.columns]
    found = np.zeros(len(roads), bool)
    for name in flows:
        values = roads.columns[name].tolist()
        found |= [isinstance(value, str) and bool(_GROUPED.fullmatch(value.strip())) for value in values]
    return found


def traffic_of(roads: Features, shares: Shares, speed: float, surface: str = REFERENCE) -> Traffic:
    """Return what drives on roads, from columns that bear the names in `COLUMNS`.

    Parameters
    ----------
    roads : Features
        `has_flows` holds. Of each period `light_` or `total_` (which lorries are in), of other kinds none where there
        is no column; or `daily`, the vehicles of a day.
    speed : float
        km/h, where the roads have no column for it; lorries drive no faster than their own column says.
    surface : str
        Code, for roads that have none.
    """
    flows = _daily(roads, shares) if DAILY in roads.columns and not _hourly(roads) else _by_hour(roads)
    speeds = np.full((len(roads), len(VEHICLES)), float(speed))
    if SPEED in roads.columns:
        speeds[:] = numbers_of(roads, SPEED)[:, None]
    if SPEED_HEAVY in roads.columns:
        speeds[:, _HEAVY] = numbers_of(roads, SPEED_HEAVY)[:, None]
    codes = roads.columns.get(SURFACE)
    given = codes.tolist() if codes is not None else [None] * len(roads)
    texts = [str(surface if code is None or str(code).strip() in ("", "nan") else code) for code in given]
    found = [surface_code(text) for text in texts]
    return Traffic(flows, speeds, np.array(found, object))


def _hourly(roads: Features) -> bool:
    return any(f"{kind}_{PERIODS[0]}" in roads.columns for kind in (TOTAL, KINDS[0]))


def _by_hour(roads: Features) -> Floats:
    flows = np.zeros((len(roads), len(PERIODS), len(KINDS)))
    for number, period in enumerate(PERIODS):
        for kind, name in enumerate(KINDS):
            if f"{name}_{period}" in roads.columns:
                flows[:, number, kind] = numbers_of(roads, f"{name}_{period}")
        if f"{TOTAL}_{period}" in roads.columns and f"{KINDS[0]}_{period}" not in roads.columns:
            flows[:, number, 0] = numbers_of(roads, f"{TOTAL}_{period}") - flows[:, number, 1:].sum(axis=1)
    return flows


def _daily(roads: Features, shares: Shares) -> Floats:
    hours = numbers_of(roads, DAILY)[:, None] * np.array(shares.periods) / 100.0
    kinds = np.array([100.0 - shares.medium - shares.heavy, shares.medium, shares.heavy, 0.0, 0.0]) / 100.0
    return hours[..., None] * kinds


def spread(shares: Shares) -> float:
    """Return how much of a day the shares make [percent]; 100 where they fit.

    >>> spread(Shares((6.7, 2.7, 1.1), 4.0, 2.0))
    100.0
    """
    return round(float(np.dot(shares.periods, HOURS)), 6)


def powers_of(
    traffic: Traffic,
    slopes: Floats,
    temperature: float,
    kinds: NDArray[np.int64] | None = None,
    away: Floats | None = None,
) -> Floats:
    """Return the sound power of a metre of each road [dB], by road, period and band, shape (roads, 3, 8).

    Traffic goes both ways: half of it up a slope, and half down. `kinds` and `away` are the kind of the junction near
    each road and the distance to it [m], see `road_power`; without them there is none.
    """
    kinds = np.full(len(slopes), NO_JUNCTION, np.int64) if kinds is None else kinds
    away = np.full(len(slopes), np.inf) if away is None else away
    table = table_of()
    found = np.full((*traffic.flows.shape[:2], len(BANDS)), -np.inf)
    speeds = np.broadcast_to(traffic.speeds[:, None, :], traffic.flows.shape)
    for code, kind in sorted({(code, int(kind)) for code, kind in zip(traffic.surfaces, kinds)}):
        rows = np.flatnonzero((traffic.surfaces == code) & (kinds == kind))
        up, down = (
            road_power(
                traffic.flows[rows],
                speeds[rows],
                table.surfaces[code],
                slope=np.broadcast_to(way * slopes[rows, None], (len(rows), len(PERIODS))),
                temperature=temperature,
                junction=kind,
                junction_distance=np.broadcast_to(away[rows, None], (len(rows), len(PERIODS))),
            )
            for way in (1.0, -1.0)
        )
        with np.errstate(divide="ignore"):
            found[rows] = 10.0 * np.log10(0.5 * (10.0 ** (up / 10.0) + 10.0 ** (down / 10.0)))
    return found
