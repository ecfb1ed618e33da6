"""An order carried out: inputs to carriers, the checks, the model, and its results as files in a folder."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable

from dtwin_plugin.data import Extent, Features, Grid, Voxels
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.models.base import WANTED, Model
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.problem import ERROR, Problem, problem_of
from dtwin_plugin.progress import Part, Progress

from ..media import JSON, Link, Value, decode, encode, suffix_of, value_of
from .orders import Order, OrderError, served

MANIFEST = "results.json"


@dataclass(frozen=True)
class Result:
    """One output as a file: its name in the folder, its media type, and whether it is sent as a link."""

    file: str
    media_type: str
    by_reference: bool = False


def fetched(order: Order, model: Model, fetch: Callable[[Link], Value]) -> dict[str, Value]:
    """Return the inputs of an order, with what links lead to.

    Raises
    ------
    OrderError
        If any cannot be had; all that cannot are in it.
    """
    found, problems = {}, []
    for item in served(model).inputs:
        if order.inputs.get(item.name) is not None:
            try:
                value = value_of(order.inputs[item.name], item.title)
                found[item.name] = fetch(value) if isinstance(value, Link) else value
            except DtwinError as error:
                problems.append(problem_of("DT312", item.name, error))
    if problems:
        raise OrderError(problems)
    return found


def calculate(
    model: Model, order: Order, inputs: Mapping[str, Value], folder: Path, progress: Progress
) -> dict[str, Result]:
    """Run a model and write what it made to a folder, with a list of it.

    Raises
    ------
    OrderError
        If the inputs are wrong: every reason is in it.
    DtwinError
        As the model.
    """
    with tempfile.TemporaryDirectory() as scratch:
        values = _carriers(model, inputs, Path(scratch), Part(progress, 0.0, 0.1))
        values[WANTED] = set(order.outputs)
        problems = check(model, values)
        for problem in problems:
            if problem.level != ERROR:
                progress.warn(problem.text())
        _stop_at([problem for problem in problems if problem.level == ERROR])
        made = model.run(values, Part(progress, 0.1, 0.9))
        return _written(model, order, made, folder, Part(progress, 0.9, 1.0))


def _carriers(model: Model, inputs: Mapping[str, Value], folder: Path, progress: Progress) -> dict[str, Any]:
    """Return a value for each input of a model: layers are cut to its area, as the toolbox cuts them."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in model.inputs:
        values[item.name] = item.default
        if item.name in inputs:
            try:
                values[item.name] = decode(item, inputs[item.name], folder, to_rd=True, progress=progress)
                if item.kind == "grid" and not item.series and values[item.name].values.ndim > 2:
                    values[item.name] = _first_band(values[item.name])
            except DtwinError as error:
                problems.append(problem_of("DT312", item.name, error))
    _stop_at(problems)
    area = next((values[item.name] for item in model.inputs if item.kind == "extent"), None)
    if isinstance(area, Extent):
        for item in model.inputs:
            try:
                values[item.name] = _cut(values[item.name], area)
            except DtwinError as error:
                problems.append(problem_of("DT312", item.name, error))
    _stop_at(problems)
    return values


def _stop_at(problems: list[Problem]) -> None:
    if problems:
        raise OrderError(problems)


def _first_band(grid: Grid) -> Grid:
    return Grid(grid.values[0], grid.x_min, grid.y_max, grid.cell_size, grid.crs, grid.unit, name=grid.name)


def _cut(carrier: Any, area: Extent) -> Any:
    if isinstance(carrier, Features):
        return carrier.within(area)
    return carrier.window(area) if isinstance(carrier, (Grid, Voxels)) else carrier


def _written(
    model: Model, order: Order, made: Mapping[str, Any], folder: Path, progress: Progress
) -> dict[str, Result]:
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for item in model.outputs:
        if item.name not in order.outputs or made.get(item.name) is None:
            continue
        wish = order.outputs[item.name]
        value = encode(item, made[item.name], wish.media_type, progress)
        file = item.name + suffix_of(value.media_type or JSON)
        with written_beside(folder / file) as temporary:
            temporary.write_bytes(value.as_bytes())
        found[item.name] = Result(file, value.media_type or JSON, wish.by_reference)
    with written_beside(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps({name: asdict(result) for name, result in found.items()}), encoding="utf-8")
    return found
