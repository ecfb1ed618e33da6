"""GEF as files: zips, what is too large or no GEF, and the same test in XML."""

import gzip
import re
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.gef import GefSource
from dtwin_plugin.sources.registry import open_source
from tests.sources.gef.written import BORE, LAYERS, read


def test_a_zip_of_many_is_read_in_chunks_and_the_faulty_are_told(gef, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(5):
            archive.write(gef(TESTID=f"D{number}", name=f"{number}.gef"), f"d/{number}.GEF")
        archive.write(gef(LAYERS, ("0;1;0;'K';!",), name="bore.gef", **BORE), "bore.gef")
        archive.write(gef(("m, length, 1",), name="bad.gef"), "bad.gef")
        archive.write(gef(XYID="0, 0, 0", name="nowhere.gef"), "nowhere.gef")
    source, progress = open_source(tmp_path / "all.zip", chunk=2), Silent()
    chunks = list(source.read(progress=progress))
    assert [(logs.kind, len(logs)) for logs in chunks] == [("cpt", 2), ("cpt", 2), ("cpt", 1), ("borehole", 1)]
    assert chunks[1].sites.columns["id"].tolist() == ["D2", "D3"] and chunks[1].starts.tolist() == [0, 3, 6]
    assert {warning.split()[0] for warning in progress.warnings} == {"bad.gef", "nowhere.gef"}
    info = source.describe()
    assert info.count == 7 and info.facts["kinds"] == {"cpt": 6, "borehole": 1} and info.facts["rows"] == 19


def test_only_what_lies_in_the_area_is_given(gef):
    source = GefSource(gef())
    assert len(list(source.read(Extent(83_000, 446_000, 85_000, 448_000)))) == 1
    assert not list(source.read(Extent(0, 400_000, 1, 400_001)))


def test_an_end_that_the_user_asks_for(gef):
    class Stopping(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        list(GefSource(gef()).read(progress=Stopping()))


def test_files_that_are_no_files(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        GefSource(tmp_path / "none.gef").describe()
    (tmp_path / "binary.gef").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(FormatError, match="no header of GEF"):
        GefSource(tmp_path / "binary.gef").describe()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FormatError, match="holds no files that end in .gef"):
        GefSource(tmp_path / "empty.zip").describe()


def test_a_header_without_end_does_not_fill_the_memory(tmp_path):
    (tmp_path / "long.gef").write_text("#GEFID= 1\n" + "#COMMENT= x\n" * 30_000)
    with pytest.raises(FormatError, match="more than 20000 lines"):
        GefSource(tmp_path / "long.gef").describe()


def test_the_same_test_in_gef_and_in_xml_gives_the_same_curve(shared):
    """The values of the XML are taken as they stand: 25 to a row, penetration length, depth, time, cone and so on."""
    folder = shared / "subsurface" / "geolib_plus"
    for name, gef_name in (("CPT000000217393", "CPT000000217393_IMBRO"), ("cpt_with_water", "cpt_with_water")):
        blocks = re.findall(r"<[\w:]*values>([^<]+)</", (folder / f"{name}.xml").read_text(), re.DOTALL)
        block = max(blocks, key=len)  # the others are of dissipation
        rows = np.array([row.split(",") for row in block.strip().strip(";").split(";")], float)
        rows[rows == -999999] = np.nan
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        found = read(folder / f"{gef_name}.gef").rows
        for column, key in ((0, "penetration_length"), (1, "depth"), (3, "cone_resistance"), (18, "friction")):
            # three decimals are written in the GEF
            np.testing.assert_allclose(found[key], rows[:, column], atol=0.00051, err_msg=key)
        np.testing.assert_allclose(found["friction_ratio"], rows[:, 24], atol=0.051)  # one decimal


def test_the_depth_that_is_computed_is_that_of_the_writer(shared):
    """Wiertsema delivers both: the length with the inclination, and the depth that was made of them."""
    from dtwin_plugin.sources.gef.depth import corrected

    rows = read(shared / "subsurface" / "geost" / "83268_DKMP003_wiertsema.gef").rows
    found = corrected(rows["penetration_length"], rows["inclination"])
    np.testing.assert_allclose(found, rows["depth"], atol=0.002)  # steps of 2 cm, 37 m, angles before filtering


@pytest.mark.parametrize(
    ("xml", "gef_name"), [("CPT000000217393", "CPT000000217393_IMBRO"), ("cpt_with_water", "cpt_with_water")]
)
def test_both_formats_give_logs_that_are_alike(shared, xml, gef_name):
    folder = shared / "subsurface" / "geolib_plus"
    (one,) = open_source(folder / f"{gef_name}.gef").read()
    (other,) = open_source(folder / f"{xml}.xml").read()
    np.testing.assert_allclose(
        one.sites.geometries.coordinates, other.sites.geometries.coordinates, atol=0.00051
    )  # millimetres are written
    for name in ("id", "surface", "final_depth", "predrilled_depth", "area_ratio"):
        assert one.sites.columns[name].tolist() == other.sites.columns[name].tolist(), name
    for name in ("depth", "cone_resistance", "friction", "pore_pressure", "inclination"):
        assert one.units[name] == other.units[name]
        np.testing.assert_allclose(one.rows[name], other.rows[name], atol=0.00051, err_msg=name)  # three decimals
    np.testing.assert_allclose(one.rows["friction_ratio"], other.rows["friction_ratio"], atol=0.051)  # one decimal


def test_a_file_that_is_too_large_is_refused(gef, monkeypatch):
    monkeypatch.setattr(GefSource, "most", 200)
    with pytest.raises(FormatError, match=r"a\.gef is larger than 0 MB"):
        GefSource(gef()).describe()


@pytest.mark.parametrize(
    "data",
    [
        b"#GEFID= 1, 1, 0\n",
        b'<a xmlns="http://www.broservices.nl/xsd/dscpt/1.1"/>',
        b"nr;x;y;top;bottom;lith\n1;2;3;4;5;6\n",
    ],
)
def test_what_is_packed_with_gzip_is_told(tmp_path, data):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(data))
    with pytest.raises(FormatError, match="a.gz is compressed with gzip"):
        open_source(path)
