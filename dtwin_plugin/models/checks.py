"""The checks before a run that follow from the description alone, listed together and not one at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Callable

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import NOT_METRIC, RD, is_rd, normalise
from dtwin_plugin.errors import InputError

from .base import Field, Model, Values
from .problem import ERROR, WARNING, Problem

_LAYERS = ("grid", "features", "surfaces", "voxels")  # kinds that lie on the map


def check(model: Model, values: Values) -> list[Problem]:
    """Return all that is wrong with the values of a run, errors first."""
    system = _system(model, values)
    found = [problem for item in model.inputs for problem in _check_field(item, values.get(item.name), system)]
    if not any(problem.level == ERROR for problem in found):
        found.extend(_check_overlap(model, values))
    if not any(problem.level == ERROR for problem in found):
        found.extend(model.check(values))
    return sorted(found, key=lambda problem: problem.level)


def require(problems: list[Problem], translate: Callable[[str], str] = str) -> None:
    """Raise one error that lists all problems that stop a run.

    Raises
    ------
    InputError
        If there is any.
    """
    errors = [problem.text(translate) for problem in problems if problem.level == ERROR]
    if errors:
        raise InputError("{problems}", problems="\n".join(errors))


def _system(model: Model, values: Values) -> str:
    """Return the reference system that layers must be in: that of the first where a model takes any, else RD New.

    One that is not known by a number, or that has no metres, is none to calculate in.
    """
    layers = (values.get(item.name) for item in model.inputs if item.kind in _LAYERS)
    first = next((layer.crs for layer in layers if layer is not None), RD) if model.any_crs else RD
    unfit = is_rd(first) or normalise(first) is None or normalise(first) in NOT_METRIC
    return RD if unfit else first


def _check_field(item: Field, value: Any, system: str) -> Iterator[Problem]:
    if value is None:
        if not item.optional:
            yield Problem("DT001", item.name, "{field} is missing.", {"field": item.title})
        return
    yield from _CHECKS.get(item.kind, _nothing)(item, value)
    if item.kind in _LAYERS:
        yield from _check_crs(item, value.crs, system)


def _nothing(item: Field, value: Any) -> Iterator[Problem]:
    return iter(())


def _check_number(item: Field, value: float) -> Iterator[Problem]:
    low = -math.inf if item.minimum is None else item.minimum
    high = math.inf if item.maximum is None else item.maximum
    if not low <= value <= high:
        unit = "" if item.unit == "1" else f" [{item.unit}]"
        yield Problem(
            "DT002",
            item.name,
            "{field}{unit} is {found}; expected {low} to {high}.",
            {"field": item.title, "unit": unit, "found": value, "low": low, "high": high},
        )


def _check_choice(item: Field, value: str) -> Iterator[Problem]:
    if value not in item.choices:
        yield Problem(
            "DT003",
            item.name,
            "{field} is {found}; expected one of {choices}.",
            {"field": item.title, "found": value, "choices": ", ".join(item.choices)},
        )


def _check_grid(item: Field, value: Grid) -> Iterator[Problem]:
    missing = int(np.isnan(value.values).sum())
    if missing == value.values.size:
        yield Problem(
            "DT005",
            item.name,
            "{field} holds no data in the chosen area; choose another area or raster.",
            {"field": item.title},
        )
    elif missing:
        yield Problem(
            "DT010",
            item.name,
            "{field} has no data in {share:.1%} of its cells.",
            {"field": item.title, "share": missing / value.values.size},
            WARNING,
        )


def _check_features(item: Field, value: Any) -> Iterator[Problem]:
    if not len(value):
        yield Problem("DT004", item.name, "{field} has no features in the chosen area.", {"field": item.title}, WARNING)


def _check_crs(item: Field, crs: str, system: str) -> Iterator[Problem]:
    if is_rd(system) and not is_rd(crs):
        yield Problem(
            "DT006",
            item.name,
            "{field} is in {crs}; expected EPSG:28992 (RD New).",
            {"field": item.title, "crs": crs},
        )
    elif not is_rd(system) and crs != system:
        yield Problem(
            "DT006",
            item.name,
            "{field} is in {crs}; expected {system}, as the first layer is.",
            {"field": item.title, "crs": crs, "system": system},
        )


def _check_voxels(item: Field, value: Any) -> Iterator[Problem]:
    if not value.classes.size or int(value.classes.max()) < 0:
        yield Problem("DT004", item.name, "{field} has no features in the chosen area.", {"field": item.title}, WARNING)


def _check_table(item: Field, value: dict[str, list[float]]) -> Iterator[Problem]:
    missing = [name for name in item.columns if name not in value]
    lengths = {len(value[name]) for name in item.columns if name in value}
    if missing or len(lengths) > 1 or lengths == {0}:
        yield Problem(
            "DT007",
            item.name,
            "{field} needs the columns {columns} with as many values each; missing {missing}, lengths {lengths}.",
            {
                "field": item.title,
                "columns": ", ".join(item.columns),
                "missing": ", ".join(missing) or "-",
                "lengths": sorted(lengths),
            },
        )


def _check_file(item: Field, value: Any) -> Iterator[Problem]:
    if not value.is_file():
        yield Problem("DT009", item.name, "{field}: {path} does not exist.", {"field": item.title, "path": value})


_CHECKS: dict[str, Callable[[Field, Any], Iterator[Problem]]] = {
    "number": _check_number,
    "integer": _check_number,
    "choice": _check_choice,
    "grid": _check_grid,
    "features": _check_features,
    "surfaces": _check_features,
    "voxels": _check_voxels,
    "table": _check_table,
    "file": _check_file,
}


def _check_overlap(model: Model, values: Values) -> Iterator[Problem]:
    """Compare the area of every layer with that of the first."""
    areas: list[tuple[Field, Extent]] = []
    for item in model.inputs:
        value = values.get(item.name)
        area = value if item.kind == "extent" else getattr(value, "extent", None)
        if isinstance(area, Extent):
            areas.append((item, area))
    for item, area in areas[1:]:
        if not (model.beside or area.intersects(areas[0][1])):
            yield Problem(
                "DT008",
                item.name,
                "{field} ({area}) does not overlap {other} ({covered}); choose layers of one area.",
                {
                    "field": item.title,
                    "area": _rounded(area),
                    "other": areas[0][0].title,
                    "covered": _rounded(areas[0][1]),
                },
            )


def _rounded(area: Extent) -> str:
    return ", ".join(f"{edge:.0f}" for edge in area.bounds)
