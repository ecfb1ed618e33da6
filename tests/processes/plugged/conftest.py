"""A small model of somebody else, as its owner would deliver it."""

import json

import pytest

RUN = """
import json, sys
words = dict(word.split("=", 1) for word in sys.argv[1:])
from osgeo import gdal
gdal.UseExceptions()
print("PROGRESS 50 % half way", flush=True)
source = gdal.Open(words["terrain"])
values = source.ReadAsArray() * float(words["factor"])
target = gdal.GetDriverByName("GTiff").CreateCopy(words["scaled"], source)
target.GetRasterBand(1).WriteArray(values)
target = None
open(words["mean"], "w").write(str(float(values.mean())))
"""


def description(**changes):
    row = {
        "format": "dtwin-model",
        "format_version": 1,
        "id": "scale",
        "version": "1.2",
        "title": "Scale terrain",
        "summary": "Multiplies a terrain.",
        "owner": "Bureau Voorbeeld",
        "licence": "CC0-1.0",
        "validity": "Everywhere.",
        "inputs": [
            {"name": "terrain", "title": "Terrain", "kind": "grid", "unit": "m"},
            {"name": "factor", "title": "Factor", "kind": "number", "default": 2.0, "minimum": 0, "maximum": 10},
        ],
        "outputs": [
            {"name": "scaled", "title": "Scaled terrain", "kind": "grid", "unit": "m"},
            {"name": "mean", "title": "Mean", "kind": "number", "unit": "m"},
        ],
        "engine": {
            "kind": "command",
            "command": [
                "{python}", "{folder}/run.py",
                "terrain={terrain}", "factor={factor}", "scaled={scaled}", "mean={mean}",
            ],
        },
    }  # fmt: skip
    return {**row, **changes}


@pytest.fixture
def delivered(tmp_path):
    """Write a model into a folder; keys of its description can be changed, and its program."""

    def write(folder="delivered", program=RUN, **changes):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / "model.json").write_text(json.dumps(description(**changes), indent=1))
        (place / "run.py").write_text(program)
        return place

    return write
