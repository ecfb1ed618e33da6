"""Run a class with the Basic Model Interface 2.0 (Hutton et al. 2020, doi:10.21105/joss.02317), as a program.

`python bmi_runner.py FOLDER`, where `job.json` says what to do and grids lie as `.npy` files, their
first row the northern one. NumPy is all that it needs, so that a model may bring its own Python.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main(folder: Path) -> None:
    """Initialise, set, step to the end, and get; says how far it is after each hundredth of the time."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    model = _instance(Path(job["module"]), job["class"])
    model.initialize(job["config"])
    try:
        for variable, file in job["inputs"].items():
            _set(model, variable, np.load(folder / file), job["rows"])
        _to_end(model, job["until"])
        for variable, file in job["outputs"].items():
            np.save(folder / file, _get(model, variable, job["rows"]))
    finally:
        model.finalize()


def _instance(module: Path, name: str) -> Any:
    sys.path.insert(0, str(module.parent))  # for what stands beside it
    spec = importlib.util.spec_from_file_location(module.stem, module)
    if spec is None or spec.loader is None:
        sys.exit(f"{module.name} is no Python module")
    found = importlib.util.module_from_spec(spec)
    sys.modules[module.stem] = found
    spec.loader.exec_module(found)
    return getattr(found, name)()


def _set(model: Any, variable: str, values: Any, rows: str) -> None:
    """Set a grid; where the model has another shape than the grid, say so and stop."""
    shape = _shape(model, variable)
    if shape != values.shape:
        sys.exit(f"{variable} has {shape[0]} x {shape[1]} cells and the grid {values.shape[0]} x {values.shape[1]}")
    kind = np.dtype(model.get_var_type(variable))
    given = values if rows == "north" else values[::-1]
    model.set_value(variable, np.ascontiguousarray(given, dtype=kind).ravel())


def _get(model: Any, variable: str, rows: str) -> Any:
    shape = _shape(model, variable)
    place = np.empty(shape[0] * shape[1], dtype=np.dtype(model.get_var_type(variable)))
    filled = model.get_value(variable, place)
    values = np.asarray(place if filled is None else filled).reshape(shape)
    return values if rows == "north" else values[::-1]


def _shape(model: Any, variable: str) -> tuple[int, int]:
    grid = model.get_var_grid(variable)
    found = np.zeros(2, dtype=np.int64)
    if model.get_grid_rank(grid) != 2:
        sys.exit(f"{variable} has {model.get_grid_rank(grid)} dimensions; only grids of two are passed on")
    filled = model.get_grid_shape(grid, found)
    rows, columns = found if filled is None else filled
    return int(rows), int(columns)


def _to_end(model: Any, until: float | None) -> None:
    begin = model.get_current_time()
    end = model.get_end_time() if until is None else begin + until
    told = -1
    while model.get_current_time() < end:
        before = model.get_current_time()
        model.update()
        if model.get_current_time() <= before:
            sys.exit("the time of the model does not go on")
        share = int(100 * min(1.0, (model.get_current_time() - begin) / (end - begin)))
        if share > told:
            sys.stdout.write(f"PROGRESS {share} %\n")
            sys.stdout.flush()
            told = share


if __name__ == "__main__":
    main(Path(sys.argv[1]))
