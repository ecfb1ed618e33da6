"""A town of as many gabled houses as are asked for, each of seven surfaces (LoD 2.2) and its own size and place.

python -m scripts.town COUNT FILE.gpkg      a layer of surfaces, as a load of 3D buildings makes it
"""

import sys
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Geometries, Surfaces

X, Y, STEP = 110_000.0, 455_000.0, 22.0  # RD New [m]
# corners 0 to 3 on the ground, 4 to 7 at the eaves, 8 and 9 at the ridge, which runs from the first side to the third
_FACES = ((0, 3, 2, 1), (0, 1, 5, 8, 4), (1, 2, 6, 5), (2, 3, 7, 9, 6), (3, 0, 4, 7), (5, 6, 9, 8), (7, 4, 8, 9))
_KINDS = ("GroundSurface", *["WallSurface"] * 4, *["RoofSurface"] * 2)


def town(count, seed=1):
    """Return houses in rows that make a square."""
    dice = np.random.default_rng(seed)
    columns = int(np.ceil(np.sqrt(count)))
    number = np.arange(count)
    width, depth = dice.uniform(6, 12, count), dice.uniform(8, 14, count)
    angle = dice.uniform(-0.4, 0.4, count)
    ground, eaves, ridge = dice.uniform(-2, 1, count), dice.uniform(3, 7, count), dice.uniform(1, 4, count)
    x = np.array([0, 1, 1, 0, 0, 1, 1, 0, 0.5, 0.5]) - 0.5
    y = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 1]) - 0.5
    east, north = x * width[:, None], y * depth[:, None]
    sine, cosine = np.sin(angle)[:, None], np.cos(angle)[:, None]
    z = ground[:, None] + np.repeat(np.column_stack([0 * eaves, eaves, eaves + ridge]), [4, 4, 2], axis=1)
    corners = np.stack(
        [
            X + STEP * (number % columns)[:, None] + east * cosine - north * sine,
            Y + STEP * (number // columns)[:, None] + east * sine + north * cosine,
            z,
        ],
        axis=2,
    )
    rings = [(*face, face[0]) for face in _FACES]
    coordinates = corners[:, np.concatenate(rings)].reshape(-1, 3)
    ends = np.concatenate([[0], np.cumsum(np.tile([len(ring) for ring in rings], count))]).astype(np.int64)
    faces = np.arange(len(_FACES) * count + 1, dtype=np.int64)
    ids = np.array([f"NL.IMBAG.Pand.{9999100000000000 + k:016d}" for k in number], object)
    columns = {
        "id": ids,
        "type": np.full(count, "Building", object),
        "lod": np.full(count, "2.2", object),
        "parent": np.full(count, None, object),
        "identificatie": ids,
        "bouwjaar": dice.integers(1900, 2025, count),
        "lden": np.round(dice.uniform(40, 75, count), 1),
    }
    geometries = Geometries("polygon", coordinates, ends, faces, faces)
    objects = np.repeat(number, len(_FACES)).astype(np.int64)
    return Surfaces(geometries, np.array(_KINDS * count, object), objects, columns, name="town")


def main(count, path):
    """Write a town with the style of a loaded layer."""
    from dtwin_plugin.models.base import Field
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.twin import RunRecord
    from processing_algorithms.writers import write_output

    field = Field("surfaces", "Surfaces", "surfaces", geometry="polygon", style="surfaces")
    write_output(field, town(count), Path(path), RunRecord("town", "1", "Town"), Silent())


if __name__ == "__main__":
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    main(int(sys.argv[1]), sys.argv[2])
    application.exitQgis()
