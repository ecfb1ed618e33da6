"""Instances of an i3dm tile: one model at many places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf import Part
from .directions import turns_of
from .points import batch_ids, positions, shifted
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Parts = list[tuple[Part, dict[str, list[Any]]]]

_MOST = 20_000_000  # vertices and triangles of all instances together: half a gigabyte


def placed(parts: Parts, feature: Table, batch: Table, matrix: NDArray[np.float64]) -> Parts:
    """Return the parts once for each instance, an instance a feature; raises FormatError if the sizes do not fit.

    Parameters
    ----------
    matrix : ndarray
        Of the tile: directions to east, north and up depend on it.
    """
    count = feature.number("INSTANCES_LENGTH", required=True)
    xyz = shifted(feature, positions(feature, count))
    sizes = [len(part.xyz) + (0 if part.triangles is None else len(part.triangles)) for part, _ in parts]
    if sum(sizes) * count > _MOST:
        raise FormatError("The tile has {count} instances of a model, more than is read.", count=count)
    turns, scales = turns_of(feature, count, xyz, matrix), _scales(feature, count)
    ids = batch_ids(feature, count)
    columns = batch.columns(count if ids is None else int(ids.max(initial=-1)) + 1)
    rows = np.arange(count, dtype=np.int64) if ids is None else ids
    result = []
    for part, _ in parts:
        size = len(part.xyz)
        local = part.xyz[None] * scales[:, None, :]
        world = np.einsum("nij,nvj->nvi", turns, local) + xyz[:, None, :]
        triangles = None
        if part.triangles is not None:
            triangles = (part.triangles[None] + (np.arange(count) * size)[:, None, None]).reshape(-1, 3)
        found = replace(
            part,
            xyz=world.reshape(-1, 3),
            triangles=triangles,
            features=np.repeat(rows, size),
            colour=None,
            classes=None,
        )
        result.append((found, columns))
    return result


def _scales(feature: Table, count: int) -> NDArray[np.float64]:
    scales = np.ones((count, 3))
    if "SCALE" in feature.json:
        scales = scales * feature.array("SCALE", "<f4", 1, count)
    if "SCALE_NON_UNIFORM" in feature.json:
        scales = scales * feature.array("SCALE_NON_UNIFORM", "<f4", 3, count)
    return scales
