"""Places and heights of GEF files, in the systems and the spellings that writers use."""

import math

import pytest

from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources.gef import GefSource
from tests.sources.gef.written import read, told


@pytest.mark.parametrize(
    ("xyid", "expected"),
    [
        ("0, 84000, 447000", (84000, 447000)),
        ("28992, 84000, 447000", (84000, 447000)),
        ("31000, 84000,5, 447000,25", (84000.5, 447000.25)),  # decimal commas
        ("31000, 447000, 84000", (84000, 447000)),  # swapped
        ("31000, 84000 m, 447000 m", (84000, 447000)),
        (", 84000, 447000", (84000, 447000)),
    ],
)
def test_places_in_rd_of_all_kinds(gef, xyid, expected):
    assert tuple(read(gef(XYID=xyid)).sites.geometries.coordinates[0]) == expected


@pytest.mark.parametrize("xyid", [None, "", "0, 0, 0", "31000, -, -", "0, 12, 13", "31000, 1, 2", "x"])
def test_what_cannot_be_placed_is_described_and_placed_by_hand(gef, xyid):
    path = gef(XYID=xyid)
    info = GefSource(path).describe()
    with pytest.raises(CrsError) as refused:
        list(GefSource(path).read())
    assert str(refused.value) in info.warnings and info.count == 1
    assert tuple(read(path, position=(84000, 447000)).sites.geometries.coordinates[0]) == (84000, 447000)


def test_a_position_does_not_move_what_has_coordinates(gef):
    assert tuple(read(gef(), position=(1000, 400000)).sites.geometries.coordinates[0]) == (84000.5, 447000.25)


def test_utm_is_transformed(gef, grids):
    path = gef(XYID="31001, 585000, 5763000")
    x, y = read(path).sites.geometries.coordinates[0]
    assert 60_000 < x < 90_000 and 440_000 < y < 460_000 and "100 m off" in told(path)[0]


@pytest.mark.parametrize(
    ("zid", "surface"),
    [
        ("31000, 1.5", 1.5), ("31000, 0", 0.0), ("5709, 1.5, 0.01", 1.5), ("49000, 1.5", 1.5), ("32001, 2.33", 0.0),
        (None, None), ("", None), ("31000", None), ("31000, -9999", None), ("1, 1.5", None), ("0, 1.5", None),
    ],
)  # fmt: skip
def test_heights_of_all_systems(gef, zid, surface):
    path = gef(ZID=zid)
    found = read(path).sites.columns["surface"][0]
    assert (math.isnan(found) and told(path)) if surface is None else found == pytest.approx(surface, abs=1e-12)


def test_of_several_heights_the_one_in_nap_counts(gef):
    assert read(gef(ZID="0, 0.00", more=("#ZID= 31000, -17.69",))).sites.columns["surface"].tolist() == [-17.69]


def test_a_header_that_a_spreadsheet_put_in_quotes_is_read(gef, tmp_path):
    plain = gef(more=("#MEASUREMENTTEXT= 1, ABC, client",))
    lines = plain.read_text().split("\n")
    quoted = tmp_path / "quoted.gef"
    quoted.write_text("\n".join(f'"{line}"' if line.startswith("#") and "," in line else line for line in lines))
    assert read(quoted).rows["depth"].tolist() == read(plain).rows["depth"].tolist()
    assert read(quoted).sites.geometries.coordinates.tolist() == [[84000.5, 447000.25]]


def test_a_height_in_a_system_of_its_own_counts_where_nap_is_written_beside(gef):
    path = gef(ZID="0, 1.5", more=("#MEASUREMENTTEXT= 8, Normaal Amsterdams Peil, reference",))
    assert read(path).sites.columns["surface"].tolist() == [1.5]
