"""Within QGIS on Linux, calls of shapely reach the GEOS of QGIS: one that it does not know ends the process."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# calls that need GEOS 3.12 or newer; QGIS 3.40 runs on 3.11 in Debian 12
NEWER = (
    "contains_xy",
    "coverage_invalid_edges",
    "coverage_is_valid",
    "coverage_simplify",
    "disjoint_subset_union",
    "equals_identical",
    "get_m",
    "has_m",
    "intersects_xy",
    "minimum_clearance_line",
    "orient_polygons",
)
CALLS = re.compile(rf"shapely\.({'|'.join(NEWER)})\w*\(|polygon import orient\b")
# with an older GEOS each of them has a third number, which is no height
COORDS = re.compile(r"\.coords\b")
WKB = re.compile(r"shapely\.to_wkb\((?!.*output_dimension)")


def wrong(text):
    return [line for line in text.splitlines() if any(asked.search(line) for asked in (CALLS, COORDS, WKB))]


@pytest.mark.parametrize("folder", ["dtwin_plugin", "processing_algorithms"])
def test_nothing_asks_shapely_for_what_an_older_geos_does_not_know(folder):
    found = {str(path.relative_to(ROOT)): wrong(path.read_text("utf-8")) for path in (ROOT / folder).rglob("*.py")}
    assert not {path: lines for path, lines in found.items() if lines}


def test_such_a_call_is_found():
    assert (
        wrong("a = shapely.contains_xy(b, 1, 2)") and wrong("list(ring.coords)") and wrong("x = shapely.to_wkb(shapes)")
    )
    assert not wrong("shapely.to_wkb(shapes, output_dimension=2)") and not wrong("those of `shapely.contains_xy` and")
