"""Files, zips and folders of logs in every format: what is read, what is refused, and what is no log at all."""

import os
import shutil
import zipfile

import pytest

from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.log_collection import readings

GEF, XML = "pygef/cpt.gef", "pygef/BHR000000336600.xml"


@pytest.fixture
def folder(shared, tmp_path):
    for name in (GEF, XML, "geost_usp/boreholes_usp.parquet"):
        shutil.copy(shared / "subsurface" / name, tmp_path)
    return tmp_path


def kinds(path):
    """The kind of each chunk that is read, and the names of the parts that are refused."""
    found, refused = [], []
    for item in readings(path, told=Silent()):
        try:
            found += [chunk.kind for chunk in item.read(None, Silent())]
        except DtwinError:
            refused.append(item.name)
    return sorted(set(found)), refused


def test_a_folder_has_the_parts_of_all_formats(folder):
    assert kinds(folder) == (["borehole", "cpt"], [])
    assert len(readings(folder, told=Silent())) == 3


def test_what_is_broken_is_a_part_that_is_refused(folder):
    (folder / "broken.zip").write_bytes(b"PK\x03\x04" + os.urandom(200))
    (folder / "broken.gef").write_bytes(b"")
    (folder / "notes.txt").write_text("dig here")  # no log, and none that was meant to be one
    (folder / "other.xml").write_text("<a/>")
    assert kinds(folder) == (["borehole", "cpt"], ["broken.gef", "broken.zip"])


def test_a_zip_within_a_folder_counts_its_documents_once(folder, shared):
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(shared / "subsurface" / "geost" / "bhrg_bro.xml", "bhrg.xml")
        archive.write(shared / "subsurface" / "pygef" / "cpt3.gef", "deep/in/cpt3.gef")
    ids = [
        name
        for item in readings(folder, told=Silent())
        for chunk in item.read(None, Silent())
        for name in chunk.sites.columns["id"]
    ]
    assert ids.count("BHR000000396406") == 1 and ids.count("BHR000000336600") == 1
    assert len(ids) == 67 + 4  # the table, two documents and two GEF


def test_a_bomb_is_refused_and_not_unpacked(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.gef", "w", force_zip64=True) as stream,
    ):
        for _ in range(1100):
            stream.write(bytes(1 << 20))
    with pytest.raises(SourceError, match="bomb.zip"):
        readings(tmp_path / "bomb.zip", told=Silent())


def test_names_that_climb_out_of_a_zip_write_nothing(tmp_path, shared):
    with zipfile.ZipFile(tmp_path / "climb.zip", "w") as archive:
        archive.write(shared / "subsurface" / GEF, "../../climbed.gef")
    assert kinds(tmp_path / "climb.zip") == (["cpt"], [])
    assert not list(tmp_path.parent.parent.glob("climbed.gef"))


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("klic/Levering_22G0027001_1.zip", FormatError, "KLIC deliveries"),
        ("subsurface/geost_usp/geotop_usp.nc", FormatError, "GeoTOP voxels"),
        ("subsurface/nowhere.gef", SourceError, "does not exist"),
        ("klic", InputError, "holds no soundings"),
    ],
)
def test_what_is_no_log_is_refused_by_name(shared, name, error, sentence):
    with pytest.raises(error, match=sentence):
        readings(shared / name, told=Silent())


def test_a_user_who_stops_does_not_wait_for_a_folder(folder):
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        readings(folder, told=Stopped())
