"""Merewether: a flood in a street of Newcastle, New South Wales, in 2007; Australian Rainfall and Runoff project 15."""

import csv
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.data.geometries import Geometries
from dtwin_plugin.data.rasterise import labels

from .fields import read_raster

GONE = ("house030", "house032", "house033")  # inside house032_033, or no house at the time


def ring(path):
    points = np.loadtxt(path, delimiter=",")
    return [tuple(point) for point in (points if (points[0] == points[-1]).all() else np.vstack([points, points[:1]]))]


def covered(paths, domain):
    """Return which cells lie in any of the polygons."""
    grid = Grid(np.zeros(domain.x.shape), domain.x_min, domain.y_max, domain.cell_size)
    return labels(Geometries.build("polygon", [[[ring(path)]] for path in paths]), grid) > 0


def ground(folder):
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(folder / "topography1.zip") as archive:
        (Path(temporary) / "topography.asc").write_bytes(archive.read("topography1.asc"))
        return read_raster(Path(temporary) / "topography.asc")


def observations(folder):
    """Return the number, place, field mark and TUFLOW's level of each point."""
    with (folder / "Observations" / "ObservationPoints.csv").open(newline="", encoding="utf-8") as file:
        for x, y, number, _, field, tuflow in list(csv.reader(file))[1:]:
            yield int(number), {"x": float(x), "y": float(y)}, float(field), float(tuflow)


def case(folder):
    bed, domain = ground(folder)
    bed = bed + 3.0 * covered([p for p in sorted((folder / "houses").glob("*.csv")) if p.stem not in GONE], domain)
    expected = []
    for number, at, field, tuflow in observations(folder):
        # two of the points stand at the edge of the water
        common = {"quantity": "level", "at": at, "reach": 2, "wet": 0.02}
        expected.append({**common, "name": f"TUFLOW point {number}", "value": tuflow, "tolerance": 0.15})
        expected.append({**common, "name": f"field mark {number}", "value": field, "tolerance": 0.30})
    return {
        "case": "Merewether 2007",
        "terrain": {"values": bed, "x_min": domain.x_min, "y_min": domain.y_max - bed.shape[0] * domain.cell_size},
        "cell_size": domain.cell_size,
        "roughness": np.where(covered([folder / "Road" / "RoadPolygon.csv"], domain), 0.02, 0.04),
        "inflow": [{"circle": [382265, 6354280, 10], "discharge": 19.7}],
        "boundary": ["north", "east"],
        "duration": 1000.0,
        "expected": expected,
    }
