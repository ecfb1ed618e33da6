"""Within QGIS shapely's calls may reach an older GEOS: what only a newer one knows ended the process (`shapes`)."""

import re

# of shapely 2.1 with GEOS 3.12 or newer, and what asks them
NEW = (
    r"contains_xy|intersects_xy|orient_polygons|polygon import orient|equals_identical|disjoint_subset|has_m\(|get_m\("
)


def test_nothing_is_asked_that_an_older_geos_does_not_know(root):
    found = []
    for path in sorted((root / "dtwin_plugin" / "models" / "plan").glob("*.py")):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{path.name}: {name}" for name in re.findall(NEW, code)]
        found += [
            f"{path.name}: {call}" for call in re.findall(r"to_wkb\([^\n]*", code) if "output_dimension" not in call
        ]
    assert found == []
