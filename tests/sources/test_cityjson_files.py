"""Members in any order, windows cut anywhere, and files in gz and zip."""

import gzip
import json
import zipfile

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.cityjson import CityJsonSource

X, Y = 85000.0, 447000.0
CORNERS = [[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]]
SQUARE = {"type": "MultiSurface", "lod": "2.2", "boundaries": [[[0, 1, 2, 3]], [[3, 2, 1, 0]]]}


def model(**building):
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [X, Y, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": {"a": {"type": "Building", "geometry": [SQUARE], **building}},
        "vertices": CORNERS,
    }


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "a.city.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def only(path):
    (chunk,) = CityJsonSource(path).read()
    return chunk


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("indent", [None, 1])
def test_members_may_come_in_any_order(write, order, indent):
    document = model()
    members = list(document)
    turned = {name: document[name] for name in (members[::order] if order > 0 else members[::-1])}
    assert len(only(write(json.dumps(turned, indent=indent)))) == 2


def test_names_of_members_within_objects_do_not_mislead(write):
    attributes = {"vertices": [[1, 2, 3]], "transform": {"scale": [9]}, "text": '"vertices":[[0,0,0]]}'}
    document = model(attributes=attributes)
    last = {**{k: v for k, v in document.items() if k != "vertices"}, "vertices": CORNERS, "+x": {"vertices": [1]}}
    chunk = only(write(last))
    assert chunk.geometries.coordinates.min(axis=0).tolist() == [X, Y, 0]


def test_a_transform_after_unknown_members_is_found(write):
    document = model()
    transform = document.pop("transform")
    document["+later"], document["transform"], document["+last"] = {"vertices": 1}, transform, {"transform": 2}
    chunk = only(write({**document, "vertices": document.pop("vertices")}))
    assert chunk.geometries.coordinates.min(axis=0).tolist() == [X, Y, 0]


def test_text_beyond_ascii_survives_any_cut_of_the_window(write, monkeypatch):
    from dtwin_plugin.sources.cityjson import text

    monkeypatch.setattr(text, "_WINDOW", 7)
    name = "Kaapstraße 3 – ‘s-Gravenhage 🏠"
    document = json.dumps(model(attributes={"address": name}), ensure_ascii=False)
    assert only(write(document)).columns["address"].tolist() == [name]


def test_gz_and_zip_give_the_same_as_the_file(write, tmp_path):
    path = write(model())
    with gzip.open(tmp_path / "a.city.json.gz", "wb") as stream:
        stream.write(path.read_bytes())
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "hello")
        archive.write(path, "../../a.city.json")
    for name in ("a.city.json.gz", "a.zip"):
        assert len(only(tmp_path / name)) == 2
    assert not (tmp_path.parent.parent / "a.city.json").exists()


def test_a_content_that_grows_without_measure_is_refused(tmp_path, monkeypatch):
    from dtwin_plugin.sources.cityjson import opening

    monkeypatch.setattr(opening, "_FREE", 1 << 20)
    with gzip.open(tmp_path / "a.json.gz", "wb") as stream:
        stream.write(b'{"type":"CityJSON"' + b" " * (4 << 20))
    with pytest.raises(FormatError, match="200 times"):
        only(tmp_path / "a.json.gz")
