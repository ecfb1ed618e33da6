"""Merewether: a flood in a street of Newcastle, New South Wales, in 2007; Australian Rainfall and Runoff project 15."""

import csv

import numpy as np

from .areas import of_polygons
from .fields import read_raster

GONE = ("house030", "house032", "house033")  # inside house032_033, or no house at the time


def ground(folder):
    return read_raster(folder / "topography1.zip")


def observations(folder):
    """Return the number, place, field mark and TUFLOW's level of each point."""
    with (folder / "Observations" / "ObservationPoints.csv").open(newline="", encoding="utf-8") as file:
        for x, y, number, _, field, tuflow in list(csv.reader(file))[1:]:
            yield int(number), {"x": float(x), "y": float(y)}, float(field), float(tuflow)


def case(folder):
    bed, domain = ground(folder)
    bed = bed + 3.0 * of_polygons([p for p in sorted((folder / "houses").glob("*.csv")) if p.stem not in GONE], domain)
    expected = []
    for number, at, field, tuflow in observations(folder):
        # two of the points stand at the edge of the water
        common = {"quantity": "level", "at": at, "reach": 2, "wet": 0.02}
        expected.append(
            {
                **common,
                "name": f"TUFLOW point {number}",
                "value": tuflow,
                "tolerance": 0.15,
                "why": "another code on triangles",
            }
        )
        expected.append(
            {
                **common,
                "name": f"field mark {number}",
                "value": field,
                "tolerance": 0.30,
                "why": "marks of debris on walls",
            }
        )
    return {
        "case": "Merewether 2007",
        "terrain": {"values": bed, "x_min": domain.x_min, "y_min": domain.y_max - bed.shape[0] * domain.cell_size},
        "cell_size": domain.cell_size,
        "roughness": np.where(of_polygons([folder / "Road" / "RoadPolygon.csv"], domain), 0.02, 0.04),
        "inflow": [{"circle": [382265, 6354280, 10], "discharge": 19.7}],
        "boundary": ["north", "east"],
        "duration": 1000.0,
        "expected": expected,
    }
