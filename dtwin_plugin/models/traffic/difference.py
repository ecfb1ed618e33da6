"""What differs between two assignments: which link is which, and how much more or less drives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features

from ..change import CHANGES, change_of
from .link_columns import NONE, WAYS, column, ids_of, texts_of
from .road_classes import CONNECTOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

NEAR = 5.0  # m: ends and middle of a link that was drawn again lie so near; cross roads lie farther apart
BOTH, NEW, GONE = "both", "new", "gone"
Row = tuple[str, float, str]


class Compared(NamedTuple):
    """Links of two results side by side.

    Attributes
    ----------
    links : Features
        Those after, then those before that are no more.
    before, after : dict of str to ndarray
        Columns of each, shape (links, 2); 0 where the link or its direction is not there.
    length : ndarray
        float64, shape (links,) [km].
    """

    links: Features
    before: dict[str, Floats]
    after: dict[str, Floats]
    length: Floats


def matched(before: Features, after: Features) -> Ids:
    """Return the row before of each link after, -1 where it is new.

    A link is the same where its number is and it lies where it lay; else where one lies that has another number, as
    networks that were made again have.
    """
    from scipy.spatial import cKDTree

    match = np.full(len(after), NONE, np.int64)
    if not len(before) or not len(after):
        return match
    places = [_places(one) for one in (before, after)]
    known = {int(number): row for row, number in enumerate(ids_of(before.columns["link"]))}
    by_number = np.array([known.get(int(number), NONE) for number in ids_of(after.columns["link"])], np.int64)
    there = np.flatnonzero(by_number >= 0)
    apart = np.abs(places[0][by_number[there]] - places[1][there]).max(axis=1)
    match[there[apart <= NEAR]] = by_number[there[apart <= NEAR]]
    left, free = np.flatnonzero(match < 0), np.setdiff1d(np.arange(len(before)), match)
    if not len(left) or not len(free):
        return match
    distance, which = cKDTree(places[0][free]).query(places[1][left], distance_upper_bound=NEAR)
    taken: set[int] = set()
    for k in np.argsort(distance, kind="stable"):
        if np.isfinite(distance[k]) and int(which[k]) not in taken:
            taken.add(int(which[k]))
            match[left[k]] = free[which[k]]
    return match


def compared(before: Features, after: Features, names: tuple[str, ...] = ("flow", "vc", "time")) -> Compared:
    """Return both results on the links of both."""
    match = matched(before, after)
    gone = np.setdiff1d(np.arange(len(before)), match)
    kept = ("link", "from_node", "to_node", "class", "name", "length")
    pieces = [
        Features(one.geometries, {name: one.columns[name] for name in kept if name in one.columns}, crs=one.crs)
        for one in (after, before.take(gone))
    ]
    links = Features.concatenate(pieces)
    status = np.array([*np.where(match >= 0, BOTH, NEW), *[GONE] * len(gone)], object)
    nothing = np.zeros((len(gone), 2))
    old: dict[str, Floats] = {}
    new: dict[str, Floats] = {}
    for name in names:
        was, now = (_ways(one, name) for one in (before, after))
        found = np.where((match >= 0)[:, None], np.vstack([was, [[0.0, 0.0]]])[match], 0.0)
        old[name], new[name] = np.concatenate([found, was[gone]]), np.concatenate([now, nothing])
    return Compared(links.with_columns({"status": status}), old, new, column(links, "length", 0.0) / 1000.0)


def change_columns(pair: Compared, same: float, much: float) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the columns of the change of flows and their units; `same` and `much` as `change_of` has them [h-1]."""
    old, new = pair.before["flow"], pair.after["flow"]
    change = new - old
    classes = change_of(old, new, same, much)
    most = np.abs(change).argmax(axis=1)
    columns: dict[str, Any] = {
        "flow_before": old.sum(axis=1).round(2),
        "flow_after": new.sum(axis=1).round(2),
        "flow_change": change.sum(axis=1).round(2),
        "change": classes[np.arange(len(classes)), most],
    }
    units = dict.fromkeys(("flow_before", "flow_after", "flow_change"), "h-1")
    for number, way in enumerate(WAYS):
        columns[f"change_{way}"], units[f"change_{way}"] = change[:, number].round(2), "h-1"
        columns[f"class_{way}"] = classes[:, number]
    for when, values in (("before", pair.before["vc"]), ("after", pair.after["vc"])):
        columns[f"vc_{when}"] = values.max(axis=1).round(3)
    return columns, units


def trips_of(pair: Compared) -> tuple[float, float]:
    """Return the trips before and after [h-1]: each comes onto the network over a connector, and leaves it by one.

    NaN where no link is a connector.
    """
    connector = np.array(texts_of(pair.links.columns.get("class", np.empty(0))), object) == CONNECTOR
    if not connector.any():
        return float("nan"), float("nan")
    before, after = (float(values["flow"][connector].sum()) / 2.0 for values in (pair.before, pair.after))
    return before, after


def rows_of(pair: Compared, classes: NDArray[Any]) -> list[Row]:
    """Return the sums before, after and their change, and how many kilometres of road have each class of change."""
    rows: list[Row] = []
    sums = {}
    for when, values in (("before", pair.before), ("after", pair.after)):
        flow = values["flow"]
        sums[when] = (
            float((flow.sum(axis=1) * pair.length).sum()),
            float((flow * values["time"]).sum() / 60.0),
            float((pair.length[:, None] * (values["vc"] > 1.0)).sum()),
        )
    terms = (("vehicle kilometres", "km h-1"), ("vehicle hours", "h"), ("length of direction beyond capacity", "km"))
    for number, (term, unit) in enumerate(terms):
        was, now = sums["before"][number], sums["after"][number]
        rows += [(f"{term} before", was, unit), (f"{term} after", now, unit), (f"{term} change", now - was, unit)]
    rows += [(f"length of roads with {one} traffic", float(pair.length[classes == one].sum()), "km") for one in CHANGES]
    was, now = trips_of(pair)
    if np.isfinite(was):
        rows += [("trips before", was, "h-1"), ("trips after", now, "h-1"), ("trips change", now - was, "h-1")]
    status = pair.links.columns["status"]
    texts = ((BOTH, "links in both"), (NEW, "links that are new"), (GONE, "links that are no more"))
    return [*rows, *((text, float((status == one).sum()), "1") for one, text in texts)]


def _ways(links: Features, name: str) -> Floats:
    """Return a quantity of both directions, 0 where it is not known: nobody drives where it is closed."""
    return np.nan_to_num(np.stack([column(links, f"{name}_{way}", 0.0) for way in WAYS], axis=1))


def _places(links: Features) -> Floats:
    """Return where links begin, end and have their middle, shape (links, 6) [m]; far away for an empty one."""
    spans = links.geometries.coordinate_spans()
    found = np.full((len(links), 6), 1e12)
    filled = np.flatnonzero(np.diff(spans) > 0)
    xy = links.geometries.coordinates[:, :2]
    first, last = spans[:-1][filled], spans[1:][filled] - 1
    found[filled] = np.hstack([xy[first], xy[last], (xy[(first + last) // 2] + xy[(first + last + 1) // 2]) / 2])
    return found
