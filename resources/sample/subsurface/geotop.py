"""Voxels of 100 x 100 x 0.5 m as GeoTOP has them, written as netCDF-4.

The chance of a class is its share among places in and just around a voxel, as a model has it that does not know the
ground to the metre; the entropy is 100 H / ln 7, which is what the numbers of GeoTOP are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal

from .. import SIZE, X_ORIGIN, Y_ORIGIN
from .soil import COARSE_SAND, LITHOCLASS, STRATIGRAPHY, UNITS, Subsurface

STEP_XY, STEP_Z, BOTTOM, LEVELS = 100.0, 0.5, -50.0, 313  # as GeoTOP: labels are the lower corner
MISSING = -127
_ACROSS = np.arange(-20.0, STEP_XY + 20.1, 14.0)  # places along a side, 20 m beyond it too [m]
_UP = np.array([-0.15, 0.1, 0.4, 0.65])  # heights, beyond bottom and top too [m]
_DEEP, _HIGH = -20.0, 8.0  # m NAP: below all is coarse sand, and nothing is higher
_NAMES = {
    1: "organische stof", 2: "klei", 3: "kleiig zand, zandige klei en leem", 4: "", 5: "fijn zand",
    6: "matig grof zand", 7: "grof zand", 8: "grind", 9: "schelpen",
}  # fmt: skip
_LARGEST = 7  # classes between which the entropy is spread


def write_geotop(ground: Subsurface, path: Path) -> int:
    """Write the voxels of the area; give how many have a class."""
    arrays = voxels(ground)
    driver = gdal.GetDriverByName("netCDF")
    dataset = driver.CreateMultiDimensional(str(path), [], ["FORMAT=NC4"])
    root = dataset.GetRootGroup()
    text = gdal.ExtendedDataType.CreateString()
    about = {
        "title": "geotop v01r6 (100.0m * 100.0m * 0.5m), Waterdam",
        "comment": "Fictional ground in the layout of GeoTOP 1.6",
        "Conventions": "CF-1.4",
    }
    for name, value in about.items():
        root.CreateAttribute(name, [], text).Write(value)
    labels = {
        "x": X_ORIGIN + STEP_XY * np.arange(SIZE / STEP_XY),
        "y": Y_ORIGIN + STEP_XY * np.arange(SIZE / STEP_XY),
        "z": BOTTOM + STEP_Z * np.arange(LEVELS),
    }
    dimensions = [root.CreateDimension(name, "", "", len(values)) for name, values in labels.items()]
    for dimension, (name, values) in zip(dimensions, labels.items()):
        number = gdal.GDT_Float32 if name == "z" else gdal.GDT_Int32
        array = root.CreateMDArray(name, [dimension], gdal.ExtendedDataType.Create(number))
        array.SetUnit("m")
        array.CreateAttribute("epsg", [], text).Write("7415")
        array.Write(values.astype(np.float32 if name == "z" else np.int32))
    whole = gdal.ExtendedDataType.Create(gdal.GDT_Int16)
    for name, values in arrays.items():
        array = root.CreateMDArray(name, dimensions, whole, ["COMPRESS=DEFLATE", "ZLEVEL=6"])
        array.SetNoDataValueDouble(MISSING)
        array.CreateAttribute("long_name", [], text).Write(_title(name))
        array.Write(np.ascontiguousarray(values.astype(np.int16)))
    del array, root, dimensions, dataset
    return int((arrays["lithok"] != MISSING).sum())


def _title(name: str) -> str:
    if name.startswith("kans_"):
        return f"Kans op het voorkomen van {_NAMES[int(name[-1])]}".rstrip()
    titles = {"strat": "lithostrat", "lithok": "meest waarschijnlijke lithoklasse"}
    return titles.get(name) or f"modelonzekerheid {'lithoklasse' if name == 'onz_lk' else 'lithostratigrafie'}"


def voxels(ground: Subsurface) -> dict[str, np.ndarray]:
    """Return the arrays of GeoTOP, int16 of shape (x, y, z): "strat", "lithok", "kans_1" to "kans_9", "onz_*"."""
    count = int(SIZE / STEP_XY)
    found = {name: np.full((count, count, LEVELS), MISSING, int) for name in ("strat", "lithok", "onz_lk", "onz_ls")}
    chances = np.full((count, count, LEVELS, 10), MISSING, int)
    heights = (BOTTOM + STEP_Z * np.arange(LEVELS)[:, None] + _UP[None, :]).ravel()
    varied = (heights > _DEEP) & (heights < _HIGH)
    for i in range(count):
        for j in range(count):
            x, y = (part.ravel() for part in np.meshgrid(_ACROSS + STEP_XY * i, _ACROSS + STEP_XY * j))
            numbers = np.full((len(x), len(heights)), -1)
            numbers[:, heights <= _DEEP] = UNITS.index(COARSE_SAND)
            numbers[:, varied] = ground.units(x, y, heights[varied])
            shares = np.stack([(numbers == n).reshape(len(x), LEVELS, -1).mean(axis=(0, 2)) for n in range(len(UNITS))])
            _fill(found, chances, (i, j), shares)
    return {**found, **{f"kans_{n}": chances[..., n] for n in range(1, 10)}}


def _fill(found: dict[str, np.ndarray], chances: np.ndarray, place: tuple[int, int], shares: np.ndarray) -> None:
    """Fill a column of voxels from the share of each unit in them, shape (units, levels)."""
    known = shares.sum(axis=0) > 0.5
    made = shares[0] > 0.5 * shares.sum(axis=0)
    by_class = np.stack([shares[(LITHOCLASS == n)].sum(axis=0) for n in range(10)])
    by_class[0] = 0.0
    total = by_class.sum(axis=0)
    known &= made | (total > 0)
    percent = np.where(total > 0, by_class / np.where(total > 0, total, 1.0), 0.0)
    percent[:, made] = 0.0  # as GeoTOP: made ground has no chances
    whole = _whole(percent)
    codes = np.unique(STRATIGRAPHY)
    by_unit = np.stack([shares[STRATIGRAPHY == code].sum(axis=0) for code in codes])
    part = by_unit / np.where(by_unit.sum(axis=0) > 0, by_unit.sum(axis=0), 1.0)
    values = {
        "strat": np.where(made, 1000, codes[by_unit.argmax(axis=0)]),
        "lithok": np.where(made, 0, whole.argmax(axis=0)),
        "onz_lk": _entropy(percent),
        "onz_ls": _entropy(part),
    }
    for name, column in values.items():
        found[name][place] = np.where(known, column, MISSING)
    chances[place] = np.where(known, whole, MISSING).T


def _whole(percent: np.ndarray) -> np.ndarray:
    """Return shares as whole percentages that are 100 together; what rounding leaves goes to the largest."""
    whole = np.round(100 * percent).astype(int)
    rest = np.where(percent.sum(axis=0) > 0, 100 - whole.sum(axis=0), 0)
    whole[percent.argmax(axis=0), np.arange(whole.shape[1])] += rest
    return whole


def _entropy(share: np.ndarray) -> np.ndarray:
    each = np.where(share > 0, -share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    return np.round(100 * each.sum(axis=0) / np.log(_LARGEST)).astype(int)
