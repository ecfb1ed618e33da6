"""A class with the Basic Model Interface as the engine of a model, run in a process of its own."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import ModelError
from dtwin_plugin.models.base import Field, Values
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.sources.describe import python_program

from . import bmi_runner
from .child import TIMEOUT, run_program
from .engine_text import PLACE
from .reading import Plugged

_GRID_FACTS = ("rows", "columns", "cell_size", "x_min", "y_min")  # names that a configuration may hold beside inputs


def run_bmi(plugged: Plugged, values: Values, progress: Progress) -> dict[str, Any]:
    """Return the grids that a class makes; they lie where the first input grid lies.

    Of a grid through time the first moment is passed on, NaN as NaN; a result that is NaN is no data. Cells are the
    same where corners differ by less than a hundredth of one, which rounding in files makes.

    Raises
    ------
    ModelError
        If there is no grid to work on, grids differ in shape, or the class fails.
    """
    engine = plugged.engine
    grids = {name: values[name] for name in engine.get("inputs", {}) if values.get(name) is not None}
    if not grids:
        raise ModelError("{title} needs a grid to work on.", hint="Choose one.", title=plugged.title)
    first: Grid = next(iter(grids.values()))
    with tempfile.TemporaryDirectory(prefix="dtwin-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for item, grid in grids.items():
            if not _same_cells(grid, first):
                raise _differ(plugged, item)
            np.save(folder / f"in_{item}.npy", grid.values.reshape(-1, *grid.shape)[0])
        job = {
            "module": str((plugged.folder / engine["module"]).resolve()),
            "class": engine["class"],
            "config": _configuration(plugged, values, first, folder),
            "inputs": {engine["inputs"][item]: f"in_{item}.npy" for item in grids},
            "outputs": {variable: f"out_{item}.npy" for item, variable in engine["outputs"].items()},
            "until": float(values[engine["until"]]) if "until" in engine else None,
            "rows": engine.get("rows", "south"),
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [python_program(), str(Path(bmi_runner.__file__).resolve()), str(folder)]
        run_program(command, folder, Part(progress, 0.0, 1.0), float(engine.get("timeout", TIMEOUT)), plugged.title)
        return {item.name: _result(item, folder, first, plugged) for item in plugged.outputs}


def _same_cells(grid: Grid, first: Grid) -> bool:
    apart = np.abs(np.subtract(grid.extent.bounds, first.extent.bounds)).max()
    return grid.shape == first.shape and bool(apart < first.cell_size / 100)


def _configuration(plugged: Plugged, values: Values, first: Grid, folder: Path) -> str:
    """Return the path of the configuration with its names filled in, "" where the class has none."""
    name = plugged.engine.get("config")
    if not name:
        return ""
    rows, columns = first.shape
    facts = (rows, columns, first.cell_size, first.extent.x_min, first.extent.y_min)
    words = dict(zip(_GRID_FACTS, facts))
    words.update({item.name: values[item.name] for item in plugged.inputs if values.get(item.name) is not None})
    text = (plugged.folder / name).read_text(encoding="utf-8")
    path = folder / Path(name).name
    path.write_text(PLACE.sub(lambda match: _filled(match, words), text), encoding="utf-8")
    return str(path)


def _filled(match: re.Match[str], words: dict[str, Any]) -> str:
    value = words.get(match[1])
    return match[0] if value is None or isinstance(value, Grid) else str(value)


def _result(item: Field, folder: Path, first: Grid, plugged: Plugged) -> Grid:
    values = np.load(folder / f"out_{item.name}.npy", allow_pickle=False)
    if values.shape != first.shape:
        raise _differ(plugged, item.name)
    return first.like(values.astype(np.float32), item.unit, item.title)


def _differ(plugged: Plugged, name: str) -> ModelError:
    return ModelError(
        "{title}: {field} has other cells than the first grid.",
        hint="Give grids of the same cells.",
        title=plugged.title,
        field=name,
    )
