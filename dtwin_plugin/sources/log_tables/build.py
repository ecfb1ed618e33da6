"""Rows of a table as logs: those of one place together, by depth, in the names and units of the carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Logs
from dtwin_plugin.sources.gef.cpt import UNITS as CPT_UNITS
from dtwin_plugin.sources.gef.cpt import friction_ratio
from dtwin_plugin.sources.gef.depth import completed
from dtwin_plugin.sources.log_names import known, others
from dtwin_plugin.sources.soil_codes import lithoclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Batch = dict[str, NDArray[Any]]

UNITS = {"cpt": CPT_UNITS, "borehole": {"top": "m", "bottom": "m", "sand_median": "µm"}}
_SITE = ("id", "x", "y", "surface")
_ALWAYS = ("friction", "friction_ratio", "pore_pressure", "inclination", "penetration_length")
_FILLERS = (-9999.0, -99999.0, -999999.0, -9999.99, -999.999)


def runs(batch: Batch) -> NDArray[np.int64]:
    """Return where each place begins in a batch, and its end: rows of one id that stand together."""
    ids = batch[known(batch)["id"]]
    count = len(ids)
    changes = np.flatnonzero(ids[1:] != ids[:-1]) + 1 if count else np.empty(0, np.int64)
    return np.concatenate([[0], changes, [count]]).astype(np.int64) if count else np.zeros(1, np.int64)


def logs_of(batch: Batch, kind: str) -> tuple[Logs, NDArray[np.float64]]:
    """Return a batch of whole places as logs with the coordinates as they stand, and these coordinates.

    Tops and bottoms that are heights, the top above the bottom, become depths below the surface.
    """
    names = known(batch)
    starts = runs(batch)
    first = starts[:-1]
    xy = np.column_stack([_number(batch[names[key]])[first] for key in ("x", "y")]) if len(first) else np.empty((0, 2))
    surface = _number(batch[names["surface"]])[first] if "surface" in names else np.full(len(first), np.nan)
    ids = np.empty(len(first), object)
    ids[:] = [_text(value) for value in batch[names["id"]][first]]
    rows: Batch = {}
    for key, name in names.items():
        if key not in _SITE:
            rows[key] = batch[name] if batch[name].dtype == object else _number(batch[name])
    site_of = np.repeat(np.arange(len(first)), np.diff(starts))
    rows = _cpt(rows, starts) if kind == "cpt" else _borehole(rows, surface[site_of])
    for name in others(batch):
        if not _is_empty(batch[name]):
            rows.setdefault(name.lower(), batch[name])
    rows, starts = _in_order(rows, site_of, len(first), "depth" if kind == "cpt" else "top")
    sites = Features(Geometries.points(xy), {"id": ids, "surface": surface}, {"surface": "m"}, name=kind)
    units = {name: unit for name, unit in UNITS[kind].items() if name in rows}
    return Logs(kind, sites, starts, rows, units), xy


def _cpt(rows: Batch, starts: NDArray[np.int64]) -> Batch:
    count = int(starts[-1])
    rows = {name: _number(values) if name in CPT_UNITS else values for name, values in rows.items()}
    for name in ("depth", *_ALWAYS):
        rows.setdefault(name, np.full(count, np.nan))
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist()):
        part = {
            name: rows[name][begin:end] for name in ("depth", "penetration_length", "inclination", "friction_ratio")
        }
        if np.isnan(part["depth"]).any():
            inclination = part["inclination"] if np.isfinite(part["inclination"]).any() else None
            rows["depth"][begin:end] = completed(part["depth"], part["penetration_length"], inclination)
        if not np.isfinite(part["friction_ratio"]).any():
            both = rows["friction"][begin:end], rows["cone_resistance"][begin:end]
            rows["friction_ratio"][begin:end] = friction_ratio(*both)
    return {name: values for name, values in rows.items() if name in ("depth", *_ALWAYS) or not _is_empty(values)}


def _borehole(rows: Batch, surface: NDArray[np.float64]) -> Batch:
    top, bottom = _number(rows["top"]), _number(rows["bottom"])
    if np.sum(bottom < top) > np.sum(bottom > top):  # heights
        top, bottom = surface - top, surface - bottom
    median = _number(rows.pop("sand_median", np.full(len(top), np.nan)))
    sizes = rows.pop("sand_median_class", np.full(len(top), None, object))
    clay, sand = (rows.pop(f"{name}_admixture", np.full(len(top), None, object)) for name in ("clay", "sand"))
    soil = np.empty(len(top), object)
    delivered = rows.get("soil", np.full(len(top), None, object))
    soil[:] = [None if value is None else str(value) for value in delivered.tolist()]
    cache: dict[tuple[Any, ...], int] = {}
    classes = np.empty(len(top), np.int64)
    for number, key in enumerate(zip(soil.tolist(), median.tolist(), sizes.tolist(), clay.tolist(), sand.tolist())):
        # NaN is not equal to itself: without a median the key has none
        key = (key[0], key[1] if key[1] > 0 else 0.0, *key[2:])
        if key not in cache:
            cache[key] = _class(*key)
        classes[number] = cache[key]
    result = {**rows, "top": top, "bottom": bottom, "soil": soil, "lithoclass": classes}
    return result if _is_empty(median) else {**result, "sand_median": median}


def _class(soil: str | None, median: float, size: Any, clay: Any, sand: Any) -> int:
    """Return the lithoclass of a soil whose admixtures stand in columns of their own."""
    code = soil or ""
    if code == "K" and isinstance(sand, str) and sand:
        code = "Kz"
    elif code == "Z" and isinstance(clay, str) and clay:
        code = "Zk"
    return lithoclass(code, median if median > 0 else float("nan"), size if isinstance(size, str) else None)


def _in_order(rows: Batch, site_of: NDArray[np.int64], sites: int, key: str) -> tuple[Batch, NDArray[np.int64]]:
    """Return the rows that have a depth, by site and depth, and where each site begins."""
    depth = rows[key]
    sound = np.isfinite(depth)
    if key == "top":
        sound &= np.isfinite(rows["bottom"]) & (rows["bottom"] >= depth)
    kept = np.flatnonzero(sound)
    kept = kept[np.lexsort((depth[kept], site_of[kept]))]
    starts = np.searchsorted(site_of[kept], np.arange(sites + 1)).astype(np.int64)
    return {name: values[kept] for name, values in rows.items()}, starts


def _number(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return a column as numbers; what is none, or stands for nothing measured, is NaN."""
    if values.dtype == object:
        return np.full(len(values), np.nan)
    numbers = np.array(values, np.float64)
    numbers[~np.isfinite(numbers) | np.isin(numbers, _FILLERS)] = np.nan
    return numbers


def _is_empty(values: NDArray[Any]) -> bool:
    if values.dtype == object:
        return all(value is None for value in values)
    return values.dtype.kind == "f" and not np.isfinite(values).any()


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
