"""Every real file: the facts that were found in it by other readers, or a refusal that names its fault.

`shared_facts.json` holds the facts, by path; they were read with laspy, ifcopenshell, rasterio, netCDF4 and lxml.
"""

import json
from pathlib import Path

import pytest

from dtwin_plugin.sources.describe import walk
from dtwin_plugin.sources.describe_one import describe_one

FACTS = json.loads((Path(__file__).parent / "shared_facts.json").read_text())
OF_ROW = ("count", "crs", "extent")  # the other facts are in "facts"
FOLDERS = (
    "cityjson", "pointcloud", "ifc", "tiles3d", "basisregistraties", "terrain", "klic", "subsurface", "sensors",
)  # fmt: skip
SLOW = 350_000  # bytes of IFC and of zips of registers, which take seconds and have tests of their own
REFUSED = {
    "cityjson/cjdb/no_cityjson_obj.city.jsonl": "starts with a CityJSONFeature",
    "cityjson/val3dity/notransform.city.jsonl": "has no transform in its first line",
    "cityjson/val3dity/completely_empty.json": "is empty",
    "cityjson/val3dity/invalid_json_cityjson.json": "byte 30",
    "cityjson/val3dity/invalid_schema_cityjson_2.json": "is 22; expected a number below 4",
    "cityjson/val3dity/FZK-Haus_full.gml": "is IndoorGML",
    "pointcloud/pdal/garbage_nVariableLength.las": "1069128089 records",
    "pointcloud/pdal/1.2-no-points.las": "it says that it has 1065 points, and there is room for 0",
    "ifc/broken/IBS_SC_N_Ibisbrug staal compleet.ifc": "Git LFS pointer",
    "subsurface/geolib_plus/Exception_NoTip.gef": "no column with the cone resistance",
    "basisregistraties/gemeenten/rwc_gemeenten_compleet_4.json": "list of values (JSON-LD)",
}


@pytest.fixture(scope="module")
def described():
    """What a file holds, found once for all tests."""
    rows = {}

    def find(path):
        if path not in rows:
            rows[path] = describe_one(path)
        return rows[path]

    return find


@pytest.mark.parametrize("name", FACTS)
def test_a_file_has_the_facts_that_others_found_in_it(shared, described, name):
    row = described(shared / name)
    assert (row["status"], row["message"]) == ("loaded", "")
    for key, expected in FACTS[name].items():
        found = row[key] if key in OF_ROW else row["facts"][key]
        if key == "extent":
            found = [*found[:2], *found[3:5]] if len(found) == 6 and len(expected) == 4 else found
            expected = pytest.approx(expected, abs=0.011)  # two decimals are listed
        elif isinstance(expected, float):
            expected = pytest.approx(expected, abs=0.0051)
        assert found == expected, key


@pytest.mark.parametrize("name", REFUSED)
def test_a_faulty_file_is_refused_by_its_fault(shared, described, name):
    row = described(shared / name)
    assert row["status"] == "refused" and REFUSED[name] in row["message"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_refused_without_a_sentence(shared, described, folder):
    files = [path for path in walk([shared / folder]) if folder != "ifc" or path.stat().st_size < SLOW]
    assert files
    for path in files:
        if path.suffix == ".zip" and path.stat().st_size > SLOW:
            continue
        row = described(path)
        sentence = row["message"]
        assert row["status"] == "loaded" or (sentence.endswith(".") and len(sentence.split()) > 3), path
        assert all(text.endswith(".") for text in row["warnings"]), path
        json.dumps(row).encode()  # no text that cannot be written
