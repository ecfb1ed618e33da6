"""A record of anybody, made again."""

import pytest

from dtwin_plugin.twin import InputRecord
from dtwin_plugin.twin.again import located


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x", "**/x", "", "[", "a" * 5000, "\0"])
def test_an_input_of_any_name_is_looked_for_without_a_fault(name, tmp_path):
    assert located(InputRecord(name, "a" * 5000), tmp_path) is None
    assert located(InputRecord(name, "no\0path"), tmp_path / "gone") is None


def test_an_input_is_found_by_the_name_of_its_file_or_its_own(tmp_path):
    (tmp_path / "dem.tif").write_text("a")
    assert located(InputRecord("dem", "/gone/terrain.tif"), tmp_path) == tmp_path / "dem.tif"
    (tmp_path / "terrain.tif").write_text("b")
    assert located(InputRecord("dem", "/gone/terrain.tif"), tmp_path) == tmp_path / "terrain.tif"
