"""Time series on features: what stations measured, when it happened and when that became known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from .features import Features

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNKNOWN, GOOD, SUSPECT, INVALID = range(4)
# What a source says of a value; one that is invalid has no value at all.
QUALITIES = (mark("not judged"), mark("good"), mark("suspect"), mark("invalid"))

NEVER = np.datetime64("NaT", "ms")
_TIMES = ("begins", "ends", "results")


@dataclass(frozen=True)
class Quantity:
    """What is measured.

    Attributes
    ----------
    name : str
        Short and stable ("flow", "NO2").
    unit : str
        As UDUNITS reads it; "1" where there is none, "" where it is not known.
    given : str
        The unit as the source wrote it.
    detail : str
        Of which part ("lane1 anyVehicle"); "" of the whole.
    title : str
        As the source names it for people.

    >>> Quantity("flow", "h-1", detail="lane1").key, Quantity("NO2").key
    ('flow: lane1', 'NO2')
    """

    name: str
    unit: str = ""
    given: str = ""
    detail: str = ""
    title: str = ""

    @property
    def key(self) -> str:
        """Name and detail: what tells one quantity of a station from another."""
        return f"{self.name}: {self.detail}" if self.detail else self.name


@dataclass(frozen=True)
class Remark:
    """What a user should know of a source: a sentence with `{names}`, its values, and how often it held."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass(frozen=True)
class Series:
    """Values of quantities at stations through time; one row of the arrays is one observation.

    Attributes
    ----------
    source : str
        Whose it is: an id of the catalogue, an address without its key, or the name of a file.
    stations : Features
        Points or lines, in the CRS of the source (x before y, longitude before latitude); empty geometries where the
        place is not known. Their column "station" is an id, which no two have; "name" is for people.
    quantities : tuple of Quantity
    station, quantity : ndarray
        int64: index into both.
    begins, ends : ndarray
        datetime64[ms], UTC: the time that a value holds for (phenomenon time); both the same for one moment.
    results : ndarray
        datetime64[ms], UTC: when the value was made known; NaT where the source does not tell.
    values : ndarray
        float64, in the unit of the quantity; NaN = no value.
    qualities : ndarray
        uint8: index into `QUALITIES`.
    extras : dict of str to ndarray
        float64: what else is told of each value, such as "count" (how many were measured) and "deviation".
    published : datetime64
        When the source wrote the whole; NaT where it does not tell.
    remarks : tuple of Remark
        What a user should know before relying on it.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> place = Features(Geometries.points(np.array([[4.9, 52.4]])), {"station": np.array(["a"], object)})
    >>> hours = np.datetime64("2026-01-01T00", "ms") + np.arange(2) * np.timedelta64(1, "h")
    >>> same = np.zeros(2, int)
    >>> series = Series("x", place, (Quantity("NO2"),), same, same, hours, hours, np.full(2, NEVER), np.array([1.0, 2]))
    >>> len(series), series.latest().values.tolist()
    (2, [2.0])
    """

    source: str
    stations: Features
    quantities: tuple[Quantity, ...]
    station: NDArray[np.int64]
    quantity: NDArray[np.int64]
    begins: NDArray[np.datetime64]
    ends: NDArray[np.datetime64]
    results: NDArray[np.datetime64]
    values: NDArray[np.float64]
    qualities: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    extras: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    published: np.datetime64 = NEVER
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.values)
        if not len(self.qualities) and rows:
            object.__setattr__(self, "qualities", np.zeros(rows, np.uint8))
        for name in ("station", "quantity", *_TIMES, "qualities"):
            self._expect(len(getattr(self, name)) == rows, name)
        for name, values in self.extras.items():
            self._expect(len(values) == rows, name)
        for name in _TIMES:
            object.__setattr__(self, name, np.asarray(getattr(self, name), "datetime64[ms]"))
        for name, count in (("station", len(self.stations)), ("quantity", len(self.quantities))):
            index = getattr(self, name)
            self._expect(not rows or (index.min() >= 0 and index.max() < count), name)
        self._expect(not np.isnat(self.begins).any() and bool((self.ends >= self.begins).all()), "begins, ends")
        self._expect("station" in self.stations.columns, "stations")
        ids = self.stations.columns["station"].tolist()
        self._expect(len(set(ids)) == len(ids), "stations")

    def _expect(self, right: bool, name: str) -> None:
        if not right:
            raise InputError(
                "The time series of {source} do not fit together in {name}.", source=self.source, name=name
            )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def period(self) -> tuple[np.datetime64, np.datetime64] | None:
        """The first begin and the last end, None without observations."""
        return (self.begins.min(), self.ends.max()) if len(self) else None

    def take(self, chosen: NDArray[Any]) -> Series:
        """Return the chosen observations (indices or a mask), in that order, with all stations and quantities."""
        names = ("station", "quantity", *_TIMES, "values", "qualities")
        rows = {name: getattr(self, name)[chosen] for name in names}
        return replace(self, **rows, extras={name: values[chosen] for name, values in self.extras.items()})

    def unique(self) -> Series:
        """Return each observation once, in order of time: of the same station, quantity and time the newest result.

        One that came later in the source goes before one that came earlier, and a result time before none.
        """
        known = np.where(np.isnat(self.results), np.iinfo(np.int64).min, self.results.astype(np.int64))
        order = np.lexsort((np.arange(len(self)), known, self.ends, self.begins, self.quantity, self.station))
        columns = (self.station, self.quantity, self.begins, self.ends)
        last = np.ones(len(self), bool)
        last[:-1] = np.any([column[order][1:] != column[order][:-1] for column in columns], axis=0)[: len(self)]
        kept = order[last]
        return self.take(kept[np.argsort(self.begins[kept], kind="stable")])

    def latest(self) -> Series:
        """Return the last observation of each quantity at each station, also where it has no value."""
        once = self.unique()
        order = np.lexsort((once.ends, once.begins, once.quantity, once.station))
        station, quantity = once.station[order], once.quantity[order]
        last = np.ones(len(order), bool)
        last[:-1] = (station[1:] != station[:-1]) | (quantity[1:] != quantity[:-1])
        return once.take(order[last])

    def named(self, source: str) -> Series:
        """Return the same as that of another source."""
        return replace(self, source=source)

    @classmethod
    def concatenate(cls, pieces: Sequence[Series]) -> Series:
        """Join series of one source in one CRS; of a station in more than one, the first with a place is kept.

        Raises
        ------
        InputError
            If their stations are points and lines, or in more than one CRS.
        """
        systems = sorted({piece.stations.crs for piece in pieces if len(piece.stations.geometries.coordinates)})
        if len(systems) > 1:
            raise InputError("Series in one coordinate system are expected; found {crs}.", crs=", ".join(systems))
        stations = Features.concatenate([piece.stations for piece in pieces])
        ids = stations.columns["station"].tolist()
        placed = np.diff(stations.geometries.coordinate_spans()) > 0
        kept: dict[str, int] = {}
        for row, name in enumerate(ids):
            if name not in kept or (placed[row] and not placed[kept[name]]):
                kept[name] = row
        place = {name: index for index, name in enumerate(kept)}
        quantities = tuple(dict.fromkeys(item for piece in pieces for item in piece.quantities))
        numbers = {item: index for index, item in enumerate(quantities)}
        station, quantity = [], []
        for piece in pieces:
            rows = np.array([place[name] for name in piece.stations.columns["station"].tolist()], np.int64)
            kinds = np.array([numbers[item] for item in piece.quantities], np.int64)
            station.append(rows[piece.station])
            quantity.append(kinds[piece.quantity])
        rows_of = (*_TIMES, "values", "qualities")
        joined = {name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in rows_of}
        names = dict.fromkeys(name for piece in pieces for name in piece.extras)
        extras = {
            name: np.concatenate([piece.extras.get(name, np.full(len(piece), np.nan)) for piece in pieces])
            for name in names
        }
        written = [piece.published for piece in pieces if not np.isnat(piece.published)]
        return cls(
            pieces[0].source,
            replace(stations.take(np.array(list(kept.values()), np.int64)), crs=(systems or [stations.crs])[0]),
            quantities,
            np.concatenate(station),
            np.concatenate(quantity),
            **joined,
            extras=extras,
            published=max(written) if written else NEVER,
            remarks=tuple(remark for piece in pieces for remark in piece.remarks),
        )
