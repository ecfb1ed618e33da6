import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.crs import in_rd_bounds, is_rd, normalise


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (28992, "EPSG:28992"),
        ("28992", "EPSG:28992"),
        ("epsg:28992", "EPSG:28992"),
        (" EPSG:28992 ", "EPSG:28992"),
        ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992"),
        ("urn:ogc:def:crs:EPSG:9.8.15:4258", "EPSG:4258"),
        ("http://www.opengis.net/def/crs/EPSG/0/7415", "EPSG:7415"),
        ("https://www.opengis.net/def/crs/EPSG/9.9.1/7415", "EPSG:7415"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:OGC::CRS84h", "OGC:CRS84h"),
    ],
)
def test_each_spelling_becomes_one(name, expected):
    assert normalise(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:7415",
        "EPSG:28992+5709",
        "urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709",
        "http://www.opengis.net/def/crs-compound?1=http://www.opengis.net/def/crs/EPSG/0/28992"
        "&2=http://www.opengis.net/def/crs/EPSG/0/5709",
    ],
)
def test_rd_with_nap_is_one_compound_however_it_is_spelt(name):
    assert normalise(name) == "EPSG:7415"


def test_another_compound_is_known_by_its_horizontal_part():
    assert normalise("EPSG:4258+7409") == "EPSG:4258"


@pytest.mark.parametrize("name", [None, "", "local", "EPSG:", "EPSG:12", "²", "EPSG:7415 or so", "9" * 5000])
def test_what_is_no_name_is_none(name):
    assert normalise(name) is None


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text):
    name = normalise(text)
    assert name is None or name.startswith(("EPSG:", "OGC:CRS84"))


@given(st.integers(1024, 999_999))
def test_a_name_in_the_one_spelling_stays(code):
    assert normalise(f"EPSG:{code}") == f"EPSG:{code}"


@pytest.mark.parametrize(("name", "expected"), [("EPSG:28992", True), ("7415", True), ("EPSG:4326", False)])
def test_rd_with_or_without_heights_is_rd(name, expected):
    assert is_rd(name) is expected


def test_no_name_is_not_rd():
    assert not is_rd(None)


def test_bounds_of_rd_leave_out_degrees():
    assert not in_rd_bounds(4.3, 52.0, 4.4, 52.1)
    assert in_rd_bounds(0, 300_000, 280_000, 625_000)
