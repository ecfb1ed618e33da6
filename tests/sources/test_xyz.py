"""Text files of points."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.errors import CrsError, FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.xyz import XyzSource


@pytest.fixture
def write(tmp_path):
    def make(text, name="a.xyz"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return make


def read(path, extent=None, progress=None, **options):
    return PointCloud.concatenate(list(XyzSource(path, **options).read(extent, progress)))


@pytest.mark.parametrize("text", [
    "84000 447000 1\n84001 447001 2.5\n",
    "84000\t447000\t1\n84001\t447001\t2.5\n",
    "84000,447000,1\n\n84001,447001,2.5",
    "x;y;z\n84000,0;447000,0;1,0\n84001,0;447001,0;2,5\n",
    "# a scan\nnorthing,easting,height\n447000,84000,1\n447001,84001,2.5\n",
    "\ufeffX Y Z\r\n84000 447000 1\r\n84001 447001 2.5\r\n",
])  # fmt: skip
def test_delimiters_names_and_decimal_commas(write, text):
    found = read(write(text))
    assert found.x.tolist() == [84_000, 84_001] and found.y.tolist() == [447_000, 447_001]
    assert found.z.tolist() == [1, 2.5] and found.crs == "EPSG:7415"


def test_real_ones(shared):
    folder = shared / "pointcloud/py3dtiles"
    info = open_source(folder / "simple_with_irgb_and_classification.csv").describe()
    assert info.count == 3 and info.facts["classes"] == {"21": 1, "22": 2} and info.facts["named"]
    info = open_source(folder / "northing_easting_ordering_2326.xyz").describe()
    assert info.count == 2 and any("does not name its columns" in text for text in info.warnings)
    with pytest.raises(CrsError, match="Say which"):
        read(folder / "easting_northing_ordering_2326.xyz")


def test_colours_and_classes_are_chosen_by_name(write):
    path = write("x,y,z,r,g,b,class\n84000,447000,1,255,0,10,2\n84001,447000,1,0,255,10,6\n", "a.csv")
    found = read(path, classes=6)
    assert found.colour.tolist() == [[0, 65535, 2570]] and found.classification.tolist() == [6]
    assert len(read(path, Extent(84_000.5, 447_000, 84_002, 447_001))) == 1 and len(read(path, every=2)) == 1


def test_north_before_east_is_told(write):
    info = XyzSource(write("447000 84000 1\n")).describe()
    assert any("north seems to stand before east" in text for text in info.warnings)
    progress = Silent()
    read(write("84000 447000 1\n"), progress=progress)
    assert "does not name its columns" in progress.warnings[0]


@pytest.mark.parametrize(("text", "error", "sentence"), [
    ("name of it\nnothing here\n", FormatError, "no lines of x, y and z"),
    ("84000 447000 1\n84000 447000\n", FormatError, "Up to line 2 .* does not have the numbers"),
    ("84000 447000 1\n84000 447000 a\n", FormatError, "Up to line 2"),
    ("84000 447000 1\n84000 447000 nan\n", FormatError, "Up to line 2"),
    ("84000 447000 1\n" + "1" * 20_000, FormatError, "line of more than"),
    (b"\x80\x81\x00" * 5000, FormatError, "line of more than|no lines"),
])  # fmt: skip
def test_what_is_not_points_is_one_sentence(write, text, error, sentence):
    with pytest.raises(error, match=sentence):
        XyzSource(write(text)).describe()


def test_an_absent_file_is_one_sentence(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        XyzSource(tmp_path / "a.xyz").describe()


def test_many_lines_come_in_chunks(write):
    lines = "\n".join(f"{84_000 + n / 1000:.3f} 447000 {n % 7}" for n in range(250_000))
    chunks = list(XyzSource(write(lines)).read())
    assert [len(chunk) for chunk in chunks] == [100_000, 100_000, 50_000]
    assert np.concatenate([chunk.z for chunk in chunks]).sum() == sum(n % 7 for n in range(250_000))
