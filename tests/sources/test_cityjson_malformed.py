"""Whatever is wrong with a file, the message says where and what was expected."""

import copy
import gzip
import json
import random
import zipfile

import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.cityjson import CityJsonSource

SQUARE = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2, 3]]]}
TEMPLATES = {
    "templates": [{"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2]]]}],
    "vertices-templates": [[0, 0, 0], [1, 0, 0], [0, 1, 0]],
}
INSTANCE = {
    "type": "GeometryInstance",
    "template": 0,
    "boundaries": [0],
    "transformationMatrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
}
GOOD = {
    "type": "CityJSON",
    "version": "2.0",
    "transform": {"scale": [1, 1, 1], "translate": [85000, 447000, 0]},
    "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
    "CityObjects": {
        "house-7": {"type": "Building", "attributes": {"year": 1970}, "geometry": [SQUARE]},
        "tree-1": {"type": "SolitaryVegetationObject", "geometry": [INSTANCE]},
    },
    "vertices": [[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]],
    "geometry-templates": TEMPLATES,
}
HOUSE = ("CityObjects", "house-7")
GEOMETRY = (*HOUSE, "geometry", 0)
TREE = ("CityObjects", "tree-1", "geometry", 0)


def changed(path, value):
    """Return the good file with one thing replaced, or removed for Ellipsis."""
    document = copy.deepcopy(GOOD)
    item = document
    for name in path[:-1]:
        item = item[name]
    if value is ...:
        del item[path[-1]]
    else:
        item[path[-1]] = value
    return document


WRONG = [
    (("type",), "Feature", "no CityJSON"),
    (("type",), ..., "found nothing"),
    (("version",), "0.9", "version '0.9'"),
    (("version",), 2, "version 2;"),
    (("transform", "scale"), [1, 1], "three numbers"),
    (("transform", "scale"), [0, 1, 1], "transform.scale"),
    (("transform", "translate"), ["0", 1, 1], "transform.translate"),
    (("transform",), [], "'transform' is .*; expected an object"),
    (("metadata",), "none", "'metadata' is 'none'; expected an object"),
    (("CityObjects",), ..., '"CityObjects"'),
    (("CityObjects",), [], '"CityObjects" is no object'),
    (("vertices",), ..., '"vertices"'),
    (("vertices",), {}, '"vertices"'),
    (("vertices", 2), [1, 2], r"vertex 2 of .* is \[1, 2\]; expected three numbers"),
    (("vertices", 2), [1, 2, "3"], "vertex 2"),
    (("vertices", 2), [1, 2, None], "vertex 2"),
    (("vertices", 2), [1, 2, [3]], "vertices. from number 0 on are not all three numbers"),
    (("vertices", 2), [1, 2, 10**400], "vertex 2"),
    (("vertices", 2), [1, 2, float("nan")], "vertex 2|vertices"),
    (("vertices", 2), 7, "vertices"),
    (HOUSE, 5, "house-7: the object is 5; expected an object"),
    ((*HOUSE, "type"), ..., 'house-7: "type" is nothing; expected text'),
    ((*HOUSE, "attributes"), [1], 'house-7: "attributes"'),
    ((*HOUSE, "parents"), "x", 'house-7: "parents"'),
    ((*HOUSE, "children"), [1], 'house-7: "children"'),
    ((*HOUSE, "geometry"), {}, 'house-7: "geometry"'),
    ((*HOUSE, "geometry"), [1], "house-7: a geometry is 1"),
    ((*GEOMETRY, "type"), "Sphere", "house-7: the type of a geometry is 'Sphere'; expected one of MultiSurface"),
    ((*GEOMETRY, "type"), ["Solid"], "house-7: the type of a geometry"),
    ((*GEOMETRY, "type"), "Solid", 'house-7: "boundaries" of a Solid .* lists of shells of surfaces of rings'),
    ((*GEOMETRY, "type"), "MultiSolid", 'house-7: "boundaries" of a MultiSolid'),
    ((*GEOMETRY, "lod"), [2], 'house-7: "lod"'),
    ((*GEOMETRY, "lod"), True, 'house-7: "lod"'),
    ((*GEOMETRY, "boundaries"), ..., 'house-7: "boundaries" of a MultiSurface is nothing'),
    ((*GEOMETRY, "boundaries"), [[[0, 1, 9]]], "house-7: a vertex in .* is 9; expected a number below 4"),
    ((*GEOMETRY, "boundaries"), [[[0, 1, -1]]], "house-7: a vertex in .* is -1"),
    ((*GEOMETRY, "boundaries"), [[[0, 1, 2.5]]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "boundaries"), [[["0", 1, 2]]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "boundaries"), [[[0, 1, None]]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "boundaries"), [[[0, 1, 10**30]]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "boundaries"), [[0, 1, 2]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "boundaries"), [[[[0, 1, 2]]]], 'house-7: "boundaries"'),
    ((*GEOMETRY, "semantics"), [1], 'house-7: "semantics"'),
    ((*GEOMETRY, "semantics"), {"surfaces": [{}], "values": [0]}, 'house-7: "semantics"'),
    ((*GEOMETRY, "semantics"), {"surfaces": [{"type": "A"}], "values": [1]}, "numbers below 1"),
    ((*GEOMETRY, "semantics"), {"surfaces": [{"type": "A"}], "values": [0, 0]}, "each of 1 surfaces"),
    ((*GEOMETRY, "semantics"), {"surfaces": [{"type": "A"}], "values": ["0"]}, "each of 1 surfaces"),
    ((*GEOMETRY, "semantics"), {"surfaces": [{"type": "A"}], "values": [10**30]}, 'house-7: "values"'),
    ((*TREE, "template"), 1, 'tree-1: "template" of a GeometryInstance is 1; expected a number below 1'),
    ((*TREE, "boundaries"), [4], "tree-1: .* one vertex number below 4"),
    ((*TREE, "boundaries"), [], "tree-1: .* one vertex number below 4"),
    ((*TREE, "transformationMatrix"), [1], "tree-1: .* 16 numbers"),
    (("geometry-templates",), ..., "a number below 0"),
    (("geometry-templates", "templates", 0, "type"), "GeometryInstance", "template 0 is no geometry with surfaces"),
    (("geometry-templates", "vertices-templates"), [[0, 0, 0]], "geometry template 0: a vertex is 2"),
    (("geometry-templates", "vertices-templates"), ..., "vertices-templates"),
]


def test_the_good_file_is_good(tmp_path):
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(GOOD))
    (chunk,) = CityJsonSource(path).read()
    assert sorted(chunk.columns["id"]) == ["house-7", "tree-1"]


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=lambda value: str(value)[-40:])
def test_each_malformed_piece_is_named(tmp_path, path, value, message):
    file = tmp_path / "a.city.json"
    file.write_text(json.dumps(changed(path, value)))
    with pytest.raises(FormatError, match=message) as caught:
        list(CityJsonSource(file).read())
    assert "a.city.json" in str(caught.value)


LINE = json.dumps(
    {
        "type": "CityJSONFeature",
        "id": "a",
        "CityObjects": {"a": {"type": "Building", "geometry": [SQUARE]}},
        "vertices": GOOD["vertices"],
    }
)
HEAD = json.dumps({**GOOD, "CityObjects": {}, "vertices": []})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("hello", "expected a JSON object"),
        ("[1]", "expected a JSON object"),
        ("{}", "no CityJSON"),
        (json.dumps(GOOD)[:-1], "ends in the middle"),
        (json.dumps(GOOD)[:300], "ends in the middle of the JSON text, in city object house-7"),
        (json.dumps(GOOD)[:20], "ends in the middle"),
        (json.dumps(GOOD) + "]", "text after the end"),
        (json.dumps(GOOD).replace('"year": 1970', '"year": 19:70'), "not valid JSON at byte .* city object house-7"),
        ('{"type":"CityJSON","version":"2.0","+a":' + "[" * 100_000, "deeper"),
        ('{"type":"CityJSON","version":"2.0","CityObjects":{"a":' + '{"a":' * 100_000, "deeper"),
        (HEAD + "\n" + LINE[:-5], "ends in the middle of the JSON text, in line 2"),
        (HEAD + "\n" + LINE + "\n{]\n" + LINE, "not valid JSON at line 3"),
        (HEAD + "\n" + LINE + "\n[]\n", "line 3 is no JSON object"),
        (HEAD + "\n{}\n", "line 2 is no object of type"),
        (HEAD + "\n" + LINE.replace('"vertices"', '"v"') + "\n", 'line 2 needs an object "CityObjects" and'),
        (HEAD + "\n" + LINE.replace("[4, 3, 0]", "[4, 3]"), "vertex 2 of line 2"),
        (HEAD + "\n" + LINE.replace("[0, 1, 2, 3]", "[0, 1, 4]"), "city object a: a vertex"),
        (LINE + "\n" + LINE, "starts with a CityJSONFeature"),
    ],
    ids=lambda value: value[-30:],
)
def test_broken_text_is_refused_with_the_place(tmp_path, text, message):
    file = tmp_path / "a.city.json"
    file.write_text(text)
    with pytest.raises(FormatError, match=message):
        list(CityJsonSource(file).read())


def test_text_in_another_encoding_is_refused(tmp_path):
    file = tmp_path / "a.city.json"
    file.write_bytes(json.dumps(GOOD).replace("1970", '"\xe9"').encode("latin-1"))
    with pytest.raises(FormatError, match="UTF-8"):
        list(CityJsonSource(file).read())


def mutations(data, seed, count):
    """Yield cuts of the data and copies with some bytes changed."""
    dice = random.Random(seed)
    for _ in range(count):
        yield data[: dice.randrange(len(data))]
        damaged = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            damaged[dice.randrange(len(data))] = dice.choice([dice.randrange(256), *b'"[]{},:0-'])
        yield bytes(damaged)


def contents(tmp_path):
    document = json.dumps(GOOD).encode()
    sequence = f"{HEAD}\n{LINE}\n{LINE}\n".encode()
    with zipfile.ZipFile(tmp_path / "good.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.city.json", document)
    return {
        "a.json": document,
        "b.json": json.dumps(dict(reversed(GOOD.items())), indent=1).encode(),
        "a.jsonl": sequence,
        "a.json.gz": gzip.compress(document),
        "a.zip": (tmp_path / "good.zip").read_bytes(),
    }


@pytest.mark.filterwarnings("ignore::UserWarning")  # zipfile warns of some broken names
@pytest.mark.parametrize("name", ["a.json", "b.json", "a.jsonl", "a.json.gz", "a.zip"])
def test_damage_never_raises_anything_but_our_own_errors(tmp_path, name):
    file = tmp_path / name
    read = refused = 0
    for data in mutations(contents(tmp_path)[name], seed=1, count=300):
        file.write_bytes(data)
        try:
            source = open_source(file)
            source.describe()
            list(source.read())
            read += 1
        except DtwinError as error:
            assert str(error)
            refused += 1
    assert refused > 100
    assert read + refused == 600
