"""The CRS that a LAS file states."""

import struct

import pytest

from dtwin_plugin.sources.las_crs import StatedCrs, from_keys, from_wkt, stated_crs

RD = 'PROJCS["Amersfoort / RD New",GEOGCS["Amersfoort",AUTHORITY["EPSG","4289"]]%s]'
NAP = 'VERT_CS["NAP height",VERT_DATUM["Normaal Amsterdams Peil",2005,AUTHORITY["EPSG","5109"]]%s]'


def keys(*numbers):
    return struct.pack(f"<{4 + 4 * len(numbers)}H", 1, 1, 0, len(numbers), *[n for row in numbers for n in row])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (RD % ',AUTHORITY["EPSG","28992"]', "EPSG:28992"),
        (RD % "", "EPSG:28992"),
        (f'COMPD_CS["a",{RD % ""},{NAP % ""}]', "EPSG:7415"),
        (f'COMPD_CS["a",{RD % ""},{NAP % ""},AUTHORITY["EPSG","7415"]]', "EPSG:7415"),
        ('COMPOUNDCRS["a",PROJCRS["b",ID["EPSG",28992]],VERTCRS["c",ID["EPSG",5709]]]', "EPSG:7415"),
        ('PROJCRS["ETRS89 / UTM 31N",BASEGEOGCRS["ETRS89",ID["EPSG",4258]],ID["EPSG",25831]]', "EPSG:25831"),
        ('BOUNDCRS[SOURCECRS[PROJCRS["b",ID["EPSG",28992]]],TARGETCRS[GEOGCRS["c",ID["EPSG",4326]]]]', "EPSG:28992"),
        ('PROJCS["RD_New",GEOGCS["GCS_Amersfoort"]]', "EPSG:28992"),
        ('PROJCS("x",AUTHORITY("EPSG","28992"))', "EPSG:28992"),
        ('PROJCS["x",GEOGCS["y",AUTHORITY["EPSG","4258"]]]', None),
        ('PROJCS["x",AUTHORITY["ESRI","102100"]]', None),
        ("", None),
        ("]]]][[[[", None),
        ("A[" * 100_000, None),
    ],
)
def test_the_code_of_the_outermost_crs_counts(text, code):
    assert from_wkt(text).code == code


def test_a_bracket_in_a_name_is_no_bracket():
    assert from_wkt('PROJCS["a [b] ""c""",AUTHORITY["EPSG","28992"]]').code == "EPSG:28992"


def test_heights_of_another_datum_are_known():
    stated = from_wkt(f'COMPD_CS["a",{RD % ""},VERT_CS["NAVD88 height",AUTHORITY["EPSG","5703"]]]')
    assert (stated.code, stated.vertical, stated.heights_are_nap) == ("EPSG:28992", "EPSG:5703", False)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([(3072, 0, 1, 28992)], "EPSG:28992"),
        ([(3072, 0, 1, 28992), (4096, 0, 1, 5709)], "EPSG:7415"),
        ([(3072, 0, 1, 7415)], "EPSG:7415"),
        ([(2048, 0, 1, 4258), (3072, 0, 1, 25831)], "EPSG:25831"),
        ([(2048, 0, 1, 4258)], "EPSG:4258"),
        ([(2048, 0, 1, 4258), (3072, 0, 1, 32767)], None),
        ([(1024, 0, 1, 1)], None),
    ],
)
def test_the_projected_key_counts_before_the_geodetic_one(numbers, code):
    assert from_keys(keys(*numbers), b"").code == code


def test_a_crs_of_the_files_own_has_a_name():
    assert from_keys(keys((3072, 0, 1, 32767), (1026, 34737, 5, 0)), b"Site|") == StatedCrs(None, "Site")


@pytest.mark.parametrize("directory", [b"", b"\1", b"\1\0" * 3, struct.pack("<4H", 1, 1, 0, 65535)])
def test_a_broken_directory_states_nothing(directory):
    assert from_keys(directory, b"") == StatedCrs()


def test_the_preferred_record_counts_where_both_have_a_code():
    records = {
        ("LASF_Projection", 2112): (RD % "").encode(),
        ("LASF_Projection", 34735): keys((3072, 0, 1, 25831)),
        ("liblas", 2112): b'PROJCS["x",AUTHORITY["EPSG","3857"]]',
    }
    assert stated_crs(records, True).code == "EPSG:28992" and stated_crs(records, False).code == "EPSG:25831"
    del records["LASF_Projection", 34735]
    assert stated_crs(records, False).code == "EPSG:28992"
