import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.wkb import read
from dtwin_plugin.errors import InputError


@st.composite
def geometries(draw):
    kind = draw(st.sampled_from(["point", "line", "polygon"]))
    number = st.floats(-1e6, 1e6)
    coordinate = st.tuples(*[number] * draw(st.sampled_from([2, 3])))
    ring = st.lists(coordinate, min_size=1, max_size=1 if kind == "point" else 4)
    part = st.lists(ring, min_size=1, max_size=3 if kind == "polygon" else 1)
    return Geometries.build(kind, draw(st.lists(st.lists(part, max_size=3), max_size=4)))


def geometry(code, body=b"", order="<"):
    return struct.pack(order + "BI", order == "<", code) + body


def numbers(*values, order="<"):
    return struct.pack(f"{order}{len(values)}d", *values)


def counted(*items, order="<"):
    return struct.pack(order + "I", len(items)) + b"".join(items)


TRIANGLE = counted(*(numbers(*xyz) for xyz in [(0, 0, 1), (1, 0, 1), (0, 1, 1), (0, 0, 1)]))


@given(geometries())
def test_what_is_written_is_read_back(shapes):
    again = read([shapes.wkb(index) for index in range(len(shapes))], shapes.kind)
    for level in ("rings", "parts", "features"):
        np.testing.assert_array_equal(getattr(again, level), getattr(shapes, level))
    np.testing.assert_array_equal(again.coordinates, shapes.coordinates)


@given(geometries(), st.data())
def test_a_text_cut_anywhere_is_an_input_error(shapes, data):
    texts = [shapes.wkb(index) for index in range(len(shapes))]
    if not texts:
        return
    text = data.draw(st.sampled_from(texts))
    size = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(InputError, match="ends too early"):
        read([text[:size]], shapes.kind)


@given(st.binary(max_size=80), st.sampled_from(["point", "line", "polygon"]))
def test_any_bytes_are_geometries_or_an_input_error(text, kind):
    try:
        assert len(read([text], kind)) == 1
    except InputError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("line", geometry(2, struct.pack("<I", 2**32 - 1))),
        ("polygon", geometry(3, struct.pack("<I", 2**32 - 1))),
        ("polygon", geometry(3, struct.pack("<II", 1, 2**32 - 1))),
        ("point", geometry(4, struct.pack("<I", 2**32 - 1))),
    ],
)
def test_a_huge_count_is_refused_and_not_reserved(kind, text):
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(InputError, match="ends too early"):
        read([text], kind)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6  # bytes; the counts claim 32 GB and more


def test_collections_in_collections_are_refused_before_they_nest_deep():
    with pytest.raises(InputError, match="type 6"):
        read([geometry(6, struct.pack("<I", 1)) * 5000], "polygon")


@pytest.mark.parametrize(("kind", "code"), [("point", 2), ("polygon", 5), ("line", 7), ("polygon", 1000)])
def test_another_kind_is_refused(kind, code):
    with pytest.raises(InputError, match=f"where a {kind} is expected"):
        read([geometry(code, bytes(64))], kind)


@pytest.mark.parametrize("code", [1001, 0x80000001, 3001])
def test_heights_are_read_in_each_spelling(code):
    assert read([geometry(code, numbers(1, 2, 3, 4))], "point").coordinates.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("code", [2001, 0x40000001])
def test_measures_are_dropped(code):
    assert read([geometry(code, numbers(1, 2, 9))], "point").coordinates.tolist() == [[1, 2]]


def test_the_srid_of_ewkb_is_stepped_over():
    text = geometry(0x20000001, struct.pack("<I", 28992) + numbers(1, 2))
    assert read([text], "point").coordinates.tolist() == [[1, 2]]


def test_big_endian_is_read():
    text = geometry(2, counted(numbers(1, 2, order=">"), numbers(3, 4, order=">"), order=">"), order=">")
    assert read([text], "line").coordinates.tolist() == [[1, 2], [3, 4]]


def test_a_single_geometry_is_a_feature_of_one_part():
    assert read([geometry(1003, counted(TRIANGLE))], "polygon").features.tolist() == [0, 1]


@pytest.mark.parametrize("code", [1015, 1016])
def test_faces_of_a_polyhedron_are_parts(code):
    face = geometry(1003 if code == 1015 else 1017, counted(TRIANGLE))
    assert read([geometry(code, counted(face, face))], "polygon").features.tolist() == [0, 2]


def test_heights_are_unknown_where_others_have_them():
    both = read([geometry(1, numbers(1, 2)), geometry(1001, numbers(3, 4, 5))], "point")
    np.testing.assert_array_equal(both.coordinates, [[1, 2, np.nan], [3, 4, 5]])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("point", b""),
        ("point", geometry(1, numbers(np.nan, np.nan))),
        ("line", geometry(2, counted())),
        ("polygon", geometry(3, counted())),
        ("polygon", geometry(3, counted(counted()))),
        ("polygon", geometry(6, counted())),
    ],
)
def test_each_spelling_of_empty_is_a_feature_without_parts(kind, text):
    shapes = read([text], kind)
    assert (len(shapes), len(shapes.parts), len(shapes.coordinates)) == (1, 1, 0)


def test_gdal_reads_what_is_written():
    ogr = pytest.importorskip("osgeo.ogr")
    shapes = Geometries.build("polygon", [[[[(0, 0, 5), (2, 0, 5), (0, 2, 5), (0, 0, 5)]]]])
    text = ogr.CreateGeometryFromWkb(shapes.wkb(0)).ExportToIsoWkt()
    assert text == "MULTIPOLYGON Z (((0 0 5,2 0 5,0 2 5,0 0 5)))"
