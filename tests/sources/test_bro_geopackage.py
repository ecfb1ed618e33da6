"""The GeoPackages of the BRO: known by their tables, read by area."""

import sqlite3

import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.sources.bro import BroGeoPackageSource
from dtwin_plugin.sources.registry import find


def test_the_geopackage_is_chosen_by_its_tables_and_read_by_area(shared):
    path = shared / "subsurface" / "geost" / "test_bro_cpt_geopackage.gpkg"
    assert find(path).target.endswith("BroGeoPackageSource")
    (logs,) = BroGeoPackageSource(path).read(Extent(118_600, 449_500, 118_700, 449_600))
    assert logs.sites.columns["id"].tolist() == ["CPT000000180298"] and logs.sites.columns["surface"].tolist() == [
        -1.48
    ]
    assert len(logs.rows["depth"]) == 502 and logs.rows["depth"].max() == pytest.approx(10.009, abs=0.05)
    chunks = list(BroGeoPackageSource(path, chunk=3).read())
    assert [len(chunk) for chunk in chunks] == [3, 1] and sum(len(chunk.rows["depth"]) for chunk in chunks) == 2006


def test_another_geopackage_stays_with_the_vector_source(tmp_path):
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        base.execute("CREATE TABLE geotechnical_cpt_survey (fid INTEGER)")
    assert find(tmp_path / "a.gpkg").target.endswith("VectorSource")
    with pytest.raises(FormatError, match="it has no table"):
        BroGeoPackageSource(tmp_path / "a.gpkg").describe()


def test_a_geopackage_of_which_the_tables_cannot_be_told_is_no_crash(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE abcdef (number)")
    base.close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE abcdef", b"CREATE \xc8ABLE abcd\xe8f"))
    with pytest.raises(UnicodeDecodeError), sqlite3.connect(path) as base:  # what Python makes of it
        base.execute("SELECT name FROM sqlite_master")
    base.close()
    with pytest.raises(FormatError, match="a.gpkg"):
        find(path).load()(path).describe()


def test_a_damaged_geopackage_is_refused(shared, tmp_path):
    data = bytearray((shared / "subsurface" / "geost" / "test_bro_cpt_geopackage.gpkg").read_bytes())
    data[40_000:200_000] = bytes(160_000)
    (tmp_path / "a.gpkg").write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.gpkg"):
        BroGeoPackageSource(tmp_path / "a.gpkg").describe()
        list(BroGeoPackageSource(tmp_path / "a.gpkg").read())
