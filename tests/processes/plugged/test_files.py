"""What programs of others write is taken as it stands, or told of: never as another value."""

import math

import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import ModelError
from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.media import Value, decode, encode
from dtwin_plugin.processes.plugged.files import taken
from dtwin_plugin.processes.plugged.reading import read_description
from dtwin_plugin.progress import Silent

TABLE = Field("t", "T", "table", "1", columns={"id": "1", "v": "m"})


@pytest.fixture
def read(tmp_path):
    def make(item, text):
        (tmp_path / "a").write_text(text, encoding="utf-8")
        return taken(item, tmp_path / "a", "M", Silent())

    return make


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,v\n0363100012168052,1.5\n1680100000000001,\n",
         {"id": ["0363100012168052", "1680100000000001"], "v": [1.5, None]}),
        ("id,v\n1680100000000001,2\n", {"id": ["1680100000000001"], "v": [2.0]}),
        ("\ufeffid,v\r\n1,2\r\n\r\n", {"id": [1.0], "v": [2.0]}),
        ("id,v\na,1e99\n1,-0.5\n", {"id": ["a", "1"], "v": [1e99, -0.5]}),
        ("id,v\na,1_0\n", {"id": ["a"], "v": ["1_0"]}),
    ],
)  # fmt: skip
def test_a_table_keeps_what_it_says(text, expected, read):
    assert read(TABLE, text) == expected


def test_nan_in_a_table_is_a_number_that_is_not_known(read):
    assert math.isnan(read(TABLE, "id,v\na,nan\nb,3\n")["v"][0])


@pytest.mark.parametrize(("item", "text", "words"), [
    (TABLE, "id,v,v\n1,2,3\n", "its columns are id, v, v"), (TABLE, "id;v\n1;2\n", "its columns are id;v"),
    (Field("b", "B", "boolean"), "maybe", "expected true or false"), (Field("n", "N", "number"), "1,5", "1,5"),
])  # fmt: skip
def test_what_is_not_as_described_is_told_of(item, text, words, read):
    with pytest.raises(ModelError, match=words):
        read(item, text)


def test_a_mark_of_its_encoding_is_no_part_of_a_value(read):
    assert read(Field("n", "N", "number"), "\ufeff1.5") == 1.5


def test_a_package_without_features_is_none_of_them(tmp_path):
    item = Field("f", "F", "features", geometry="point")
    found = encode(item, Features(Geometries.build("point", []), {}, {}), "application/geopackage+sqlite3")
    back = decode(item, Value(found.data, found.media_type), tmp_path)
    assert (len(back), back.geometries.kind, back.crs) == (0, "point", "EPSG:28992")


@pytest.mark.parametrize("name", ["purpose", "record", "folder", "python"])
def test_a_name_that_is_taken_is_refused(name, delivered):
    place = delivered(outputs=[{"name": name, "title": "Mean", "kind": "number"}])
    plugged, problems = read_description(place)
    assert plugged is None and any("not taken already" in problem.text() for problem in problems)
