"""Measures against the water in the lowest street: paving that lets it through, crates below it, green roofs along."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import ogr

from .geometry import at, beside, polygon, stations
from .streets import Street
from .write import ORIGIN, _create, _insert, _layer

STREET = "Wilhelminastraat"
STRIP, PIECE = 2.4, 12.0  # m, width of the parking places on both sides, and length of each piece
LEFT = (3.4, -3.4)  # m beside the middle of the street
CRATES = 12.0  # m3 below each piece: twelve crates of a cubic metre


def write_measures(streets: list[Street], path: Path) -> dict[str, int]:
    """Write the measures as a GeoPackage; give how many there are."""
    street = next(item for item in streets if item.name == STREET)
    source = _create(path)
    columns = {"type": ogr.OFTString, "volume": ogr.OFTReal, "storage_mm": ogr.OFTReal, "infiltration_mmh": ogr.OFTReal}
    layer = _layer(source, "measures", ogr.wkbPolygon, columns)
    layer.StartTransaction()
    count = 0
    for left in LEFT:
        line = beside(street.line, left)
        for begin in np.arange(10.0, stations(line)[-1] - 10.0 - PIECE, PIECE):
            crate = count % 2 == 0
            values = {"type": "infiltration_crates", "volume": CRATES} if crate else {"type": "permeable_paving"}
            _insert(layer, polygon(piece(line, float(begin), STRIP) + ORIGIN), values)
            count += 1
    layer.CommitTransaction()
    layer = source = None
    return {"measures": count}


def piece(line: np.ndarray, begin: float, width: float) -> np.ndarray:
    """Return the corners of a piece of a strip along a line."""
    axis = at(line, np.array([begin, begin + PIECE - 0.5]))
    along = (axis[1] - axis[0]) / np.hypot(*(axis[1] - axis[0]))
    side = np.array([-along[1], along[0]]) * width / 2
    return np.round(np.array([axis[0] - side, axis[1] - side, axis[1] + side, axis[0] + side]), 3)
