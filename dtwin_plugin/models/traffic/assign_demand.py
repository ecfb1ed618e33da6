"""Which matrix is of which class of vehicles and period, and how many trips that makes in an hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.matrices import among, listed, rows_among
from dtwin_plugin.errors import InputError

from .tables import Period, Vehicle, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data.matrices import Matrices

    Floats = NDArray[np.float64]

HOUR, PERIOD, DAY = "hour", "period", "day"
ALL = "all"
Sources = dict[tuple[str, str], tuple[str, ...]]  # (class, period or "") -> names of the matrices that make it


class Demand(NamedTuple):
    """Trips to assign.

    Attributes
    ----------
    zones : tuple of str
        Of the matrices.
    trips : dict
        By period and class float64, shape (zones, zones) [trips h-1]; a class without trips is there too.
    """

    zones: tuple[str, ...]
    trips: dict[str, dict[str, Floats]]


def chosen_periods(text: str | None, table: Mapping[str, Period]) -> list[Period]:
    """Return the periods that a text names, in the order of the table.

    Raises
    ------
    InputError
        If it names none, or one that is not in the table.

    Examples
    --------
    >>> from .tables import periods_of
    >>> [period.name for period in chosen_periods("afternoon; Morning", periods_of())]
    ['morning', 'afternoon']
    """
    wanted = [name_of(part) for part in (text or "").replace(",", ";").split(";") if part.strip()]
    wrong = [name for name in wanted if name not in table and name != ALL]
    if wrong or not wanted:
        raise InputError(
            "Periods: {found} is not in the table of periods, which has {known}.",
            hint="Write one of them, some with ; between them, or all.",
            found=listed(wrong),
            known=", ".join(table),
        )
    return [period for name, period in table.items() if name in wanted or ALL in wanted]


def sources_of(
    names: Sequence[str], text: str | None, vehicles: Mapping[str, Vehicle], periods: Iterable[str]
) -> Sources:
    """Return which matrices make the trips of each class, in any period ("") or in one.

    Parameters
    ----------
    names : sequence of str
        Of the matrices in the file.
    text : str or None
        Such as `car=work+other; truck_morning=HV1`; without it matrices are known by their own names, and a single
        one is that of the first class.

    Raises
    ------
    InputError
        If the text is not understood, names what is not there, or no matrix is known by its name.

    Examples
    --------
    >>> from .tables import periods_of, vehicles_of
    >>> sources_of(["car_morning", "notes"], None, vehicles_of(), periods_of())
    {('car', 'morning'): ('car_morning',)}
    >>> sources_of(["a", "b"], "truck=a+b", vehicles_of(), periods_of())
    {('truck', ''): ('a', 'b')}
    """
    keys = {kind: (kind, "") for kind in vehicles}
    keys |= {f"{kind}_{period}": (kind, period) for kind in vehicles for period in periods}
    if text and text.strip():
        return _written(names, text, keys)
    found: Sources = {keys[name_of(name)]: (name,) for name in names if name_of(name) in keys}
    if not found and len(names) == 1:
        return {(next(iter(vehicles)), ""): (names[0],)}
    if not found:
        raise InputError(
            "The matrices {names} have names of no class of vehicles; the table of vehicles has {classes}.",
            hint="Say which they are in Matrices of classes, such as car=work+other; truck=freight.",
            names=listed(names),
            classes=", ".join(vehicles),
        )
    return found


def _written(names: Sequence[str], text: str, keys: Mapping[str, tuple[str, str]]) -> Sources:
    found: Sources = {}
    for part in text.replace("\n", ";").split(";"):
        left, equals, right = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        matrices = tuple(piece.strip() for piece in right.split("+"))
        key = keys.get(name_of(left))
        absent = [name for name in matrices if name not in names]
        if not equals or key is None or key in found or absent:
            raise InputError(
                "Matrices of classes: {part} is not understood; there are the classes {classes} and the matrices "
                "{names}.",
                hint="Write car=work+other; truck=freight, or car_morning=am for one period, each class once.",
                part=part.strip()[:60],
                classes=", ".join(dict.fromkeys(kind for kind, _ in keys.values())),
                names=listed(names),
            )
        found[key] = matrices
    return found


def demand_of(matrices: Matrices, sources: Sources, periods: Sequence[Period], of: str, factor: float = 1.0) -> Demand:
    """Return the trips of an hour of each period.

    Parameters
    ----------
    of : str
        What the matrices hold the trips of: `HOUR`, `PERIOD` or `DAY`. One that is named after a period holds those of
        that period where others hold those of a day.
    factor : float
        By which all trips are multiplied.

    Raises
    ------
    InputError
        If a matrix of an hour or a period without its name is asked for several periods.

    Examples
    --------
    >>> from dtwin_plugin.data.matrices import Matrices
    >>> day = Matrices(("a", "b"), {"car": np.array([[0.0, 100.0], [0.0, 0.0]])})
    >>> found = demand_of(day, {("car", ""): ("car",)}, [Period("morning", 7, 9, 16.0)], DAY)
    >>> found.trips["morning"]["car"].tolist()
    [[0.0, 8.0], [0.0, 0.0]]
    """
    kinds = list(dict.fromkeys(kind for kind, _ in sources))
    loose = sorted({name for (_, period), names in sources.items() if not period for name in names})
    if len(periods) > 1 and of != DAY and loose:
        raise InputError(
            "The matrices {names} hold the trips of one {of}; there are the periods {periods} to assign.",
            hint="Choose one period, say that the matrices are of a day, or name matrices after periods: car_morning.",
            names=listed(loose),
            of=of,
            periods=", ".join(period.name for period in periods),
        )
    trips: dict[str, dict[str, Floats]] = {}
    for period in periods:
        trips[period.name] = {}
        for kind in kinds:
            own = sources.get((kind, period.name))
            names = own or sources.get((kind, ""), ())
            total = sum((np.nan_to_num(matrices.values[name]) for name in names), np.zeros((len(matrices.zones),) * 2))
            hours = 1.0 if of == HOUR else float(period.hours)
            share = period.share / 100.0 if of == DAY and not own else 1.0
            trips[period.name][kind] = total * (factor * share / hours)
    return Demand(matrices.zones, trips)


def in_order(demand: Demand, zones: Sequence[str]) -> Demand:
    """Return the trips between the zones of a network, in its order; 0 for those that the matrices do not have."""
    rows, _ = rows_among(zones, demand.zones)
    trips = {name: {kind: among(one, rows) for kind, one in kinds.items()} for name, kinds in demand.trips.items()}
    return Demand(tuple(zones), trips)


def trips_of_zones(demand: Demand) -> Floats:
    """Return the trips that begin or end in each zone, in the period with most of them [h-1]."""
    whole = [sum(kinds.values(), np.zeros((len(demand.zones),) * 2)) for kinds in demand.trips.values()]
    return np.max([np.zeros(len(demand.zones)), *(one.sum(axis=0) + one.sum(axis=1) for one in whole)], axis=0)
