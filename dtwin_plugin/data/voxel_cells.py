"""Voxels as a table of cells, one row for each that something is known of, and back without a loss."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError, InputError

from .crs import RD_NAP
from .voxels import NO_CLASS, Voxels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .columns import Columns

MOST = 12_000_000  # cells of a block
_MOST_NAMES = 5_000
_LONGEST = 1_000_000  # characters of a description
_OFF = 0.01  # of a cell, by which the place of one may differ from that of the block
FIXED = ("class", "class_name", "probability", "z_min", "z_max")
_CHANCE = "p_"


def cells_of(voxels: Voxels) -> tuple[NDArray[np.int64], Columns]:
    """Return the place of each known cell on x, y and z, shape (cells, 3), and its columns.

    Returns
    -------
    ndarray, dict
        Columns "class", "class_name", "probability" (of that class [1]), "p_0" and so on (of each class [1]), the
        layers by their names, "z_min" and "z_max" [m NAP].

    Examples
    --------
    >>> voxels = Voxels(np.array([[[0, -1, 1]]], np.int16), None, 0.0, 0.0, -1.0, (1.0, 1.0, 0.5), ("clay", "sand"))
    >>> places, columns = cells_of(voxels)
    >>> places.tolist(), columns["class_name"].tolist(), columns["z_max"].tolist()
    ([[0, 0, 0], [0, 0, 2]], ['clay', 'sand'], [-0.5, 0.5])
    """
    known = voxels.classes != NO_CLASS
    for values in voxels.layers.values():
        known |= np.isfinite(values) if values.dtype.kind == "f" else values != 0
    if voxels.probability is not None:
        known |= np.isfinite(voxels.probability).any(axis=-1)
    places = np.argwhere(known)
    classes = voxels.classes[known].astype(np.int64)
    names = np.array([*voxels.names, None], object)  # the last stands for -1: no class
    columns: Columns = {"class": classes, "class_name": names[classes]}
    if voxels.probability is not None:
        chances = voxels.probability[known].astype(np.float64)
        chosen = np.take_along_axis(chances, np.maximum(classes, 0)[:, None], axis=1)[:, 0]
        columns["probability"] = np.where(classes >= 0, chosen, np.nan)
        columns |= {f"{_CHANCE}{number}": chances[:, number] for number in range(len(voxels.names))}
    columns |= {name: values[known].astype(_wide(values)) for name, values in voxels.layers.items()}
    step = voxels.cell_size[2]
    columns["z_min"] = voxels.z_min + places[:, 2] * step
    columns["z_max"] = voxels.z_min + (places[:, 2] + 1) * step
    return places, columns


def _wide(values: NDArray[Any]) -> Any:
    return np.float64 if values.dtype.kind == "f" else np.int64


def described(voxels: Voxels) -> str:
    """Return what the cells do not tell: the block around them, the names, and the types of the layers; as JSON."""
    return json.dumps(
        {
            "voxels": 1,
            "corner": [voxels.x_min, voxels.y_min, voxels.z_min],
            "cell_size": list(voxels.cell_size),
            "shape": list(voxels.classes.shape),
            "names": list(voxels.names),
            "crs": voxels.crs,
            "probability": voxels.probability is not None,
            "layers": {name: str(values.dtype) for name, values in voxels.layers.items()},
        },
        ensure_ascii=False,
    )


def description_in(text: str | None) -> dict[str, Any] | None:
    """Return the description in a text, None where it is none or cannot be true.

    >>> description_in("a layer"), description_in('{"voxels": 1, "shape": [1, 2]}')
    (None, None)
    """
    if not text or not text.startswith("{") or len(text) > _LONGEST:
        return None
    try:
        found = json.loads(text)
        shape = [int(size) for size in found["shape"]]
        numbers = [float(value) for value in (*found["corner"], *found["cell_size"])]
        names, layers = (
            [str(name) for name in found["names"]],
            {str(k): np.dtype(v) for k, v in found["layers"].items()},
        )
        possible = (
            len(shape) == 3 and len(numbers) == 6 and min(shape) > 0 and math.prod(shape) <= MOST
            and all(map(math.isfinite, numbers)) and min(numbers[3:]) > 0 and len(names) <= _MOST_NAMES
            and all(kind.kind in "iuf" for kind in layers.values())
        )  # fmt: skip
        if not possible or not isinstance(found["crs"], str):
            return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    corner, size = numbers[:3], tuple(numbers[3:])
    chances = bool(found.get("probability"))
    return {"corner": corner, "cell_size": size, "shape": tuple(shape), "names": tuple(names), "crs": found["crs"],
            "probability": chances, "layers": layers}  # fmt: skip


def derived(boxes: NDArray[np.float64], columns: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return the description that cells themselves tell, where that of their block was lost.

    Raises
    ------
    InputError
        If there is no cell, or they lack a column.
    """
    missing = [name for name in ("class", "z_min", "z_max") if name not in columns]
    if missing or not len(boxes):
        raise InputError(
            "The layer is no voxels: it lacks {missing}.",
            hint="Choose a layer that Load GeoTOP or another algorithm with voxels made.",
            missing=", ".join(missing) or "cells",
        )
    bottoms, tops = np.asarray(columns["z_min"], float), np.asarray(columns["z_max"], float)
    size = (float(np.median(boxes[:, 2] - boxes[:, 0])), float(np.median(boxes[:, 3] - boxes[:, 1])),
            float(np.median(tops - bottoms)))  # fmt: skip
    corner = [float(boxes[:, 0].min()), float(boxes[:, 1].min()), float(bottoms.min())]
    ends = (float(boxes[:, 2].max()), float(boxes[:, 3].max()), float(tops.max()))
    if not (min(size) > 0 and all(map(math.isfinite, (*size, *corner, *ends)))):
        raise _no_block()
    shape = tuple(max(1, round((end - begin) / step)) for begin, end, step in zip(corner, ends, size))
    if math.prod(shape) > MOST:
        raise _no_block()
    classes = np.nan_to_num(np.asarray(columns["class"], float), nan=NO_CLASS).astype(int)
    chances = sum(1 for name in columns if name.startswith(_CHANCE) and name[len(_CHANCE) :].isdigit())
    count = min(max(int(classes.max()) + 1, chances, 0), _MOST_NAMES)
    names = [str(number) for number in range(count)]
    if "class_name" in columns:
        for number, name in zip(classes.tolist(), columns["class_name"].tolist()):
            if 0 <= number < count and name:
                names[number] = str(name)
    extra = {
        name: np.dtype(np.float32 if np.asarray(values).dtype.kind == "f" else np.int64)
        for name, values in columns.items()
        if name not in FIXED and not name.startswith(_CHANCE) and np.asarray(values).dtype.kind in "if"
        and name.lower() not in ("fid", "ogc_fid")
    }  # fmt: skip
    return {"corner": corner, "cell_size": size, "shape": shape, "names": tuple(names), "crs": RD_NAP,
            "probability": chances == count > 0, "layers": extra}  # fmt: skip


def voxels_from(
    boxes: NDArray[np.float64], columns: Mapping[str, NDArray[Any]], description: dict[str, Any] | None = None
) -> Voxels:
    """Return the voxels that cells stand for.

    Parameters
    ----------
    boxes : ndarray
        x min, y min, x max, y max of each cell [m], shape (cells, 4).
    columns : mapping of str to ndarray
        As of `cells_of`; None or NaN where nothing is known.
    description : dict, optional
        As of `description_in`; derived from the cells where it was lost.

    Raises
    ------
    InputError
        If the layer is no voxels, its cells are not of one size, or two lie at one place.
    FormatError
        If a class has no name.
    """
    about = description or derived(boxes, columns)
    corner, size, shape = np.array(about["corner"]), np.array(about["cell_size"]), about["shape"]
    if "z_min" not in columns or "class" not in columns:
        derived(boxes, columns)  # which tells what is missing
    low = np.column_stack([boxes[:, 0], boxes[:, 1], np.asarray(columns["z_min"], float)])
    places = (low - corner) / size
    nearest = np.rint(places)
    off = ~(np.abs(places - nearest) <= _OFF) | (nearest < 0) | (nearest >= shape)  # NaN too
    if off.any():
        raise _no_block()
    index = tuple(nearest.astype(np.int64).T)
    flat = np.ravel_multi_index(index, shape)
    if len(np.unique(flat)) != len(flat):
        raise InputError("The voxels have two cells at one place.", hint="Choose another layer.")
    classes = np.full(shape, NO_CLASS, np.int16)
    numbers = np.nan_to_num(np.asarray(columns["class"], float), nan=NO_CLASS)
    if len(numbers) and not NO_CLASS <= numbers.min() <= numbers.max() < len(about["names"]):
        raise FormatError("A voxel has a class outside the {count} names.", count=len(about["names"]))
    classes[index] = numbers
    layers = {}
    for name, kind in about["layers"].items():
        layers[name] = np.full(shape, np.nan if kind.kind == "f" else 0, kind)
        if name in columns:
            values = np.asarray(columns[name], float)
            layers[name][index] = values if kind.kind == "f" else np.nan_to_num(values, nan=0)
    probability = _chances(columns, len(about["names"]), shape, index) if about["probability"] else None
    x, y, z = about["corner"]
    dx, dy, dz = about["cell_size"]
    return Voxels(classes, probability, x, y, z, (dx, dy, dz), about["names"], about["crs"], layers)


def _chances(
    columns: Mapping[str, NDArray[Any]], count: int, shape: tuple[int, ...], index: tuple[NDArray[np.int64], ...]
) -> NDArray[np.float32]:
    result = np.full((*shape, count), np.nan, np.float32)
    for number in range(count):
        values = columns.get(f"{_CHANCE}{number}")
        if values is not None:
            result[(*index, number)] = np.asarray(values, float)
    return result


def _no_block() -> InputError:
    return InputError(
        "The cells of the layer do not lie on one block of cells of one size.",
        hint="Choose a layer that Load GeoTOP or another algorithm with voxels made, unchanged.",
    )
