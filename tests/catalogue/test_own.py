"""The organisation's own list is edited, taken over and handed out, and never half."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue import own
from dtwin_plugin.catalogue.entry import entry_of
from dtwin_plugin.errors import FormatError, InputError

ROW = {
    "id": "trees",
    "title": "Trees of the municipality",
    "owner": "Municipality",
    "kind": "ogcapi-features",
    "url": "https://gis.example.nl/trees",
    "licence": "CC0 1.0",
    "attribution": "Municipality",
    "access_level": "internal",
    "layers": ["trees"],
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)
    path = tmp_path / "dtwin" / "catalogue.json"
    catalogue.use_own_list(path)
    yield path
    catalogue.use_own_list(None)


def test_a_source_is_added_replaced_and_removed(place):
    own.put(entry_of(1, ROW, "x"))
    assert catalogue.entry("trees").layers == ("trees",)
    own.put(entry_of(1, {**ROW, "title": "All trees"}, "x"))
    assert catalogue.entry("trees").title == "All trees" and len(json.loads(place.read_text())) == 1
    own.remove("trees")
    assert "trees" not in catalogue.entries() and json.loads(place.read_text()) == []


def test_a_national_source_is_seen_again_when_the_own_one_goes():
    national = catalogue.url_of("ahn-wcs")
    own.put(entry_of(1, {**ROW, "id": "ahn-wcs"}, "x"))
    assert catalogue.url_of("ahn-wcs") == ROW["url"]
    own.remove("ahn-wcs")
    assert catalogue.url_of("ahn-wcs") == national


def test_only_what_is_in_the_own_list_can_be_removed():
    with pytest.raises(InputError, match="no source ahn-wcs; those of the national list stay"):
        own.remove("ahn-wcs")


def test_a_wrong_source_is_not_saved(place):
    from dataclasses import replace

    with pytest.raises(FormatError, match="access level"):
        own.put(replace(entry_of(1, ROW, "x"), access_level="secret"))
    assert not place.exists()


def test_a_list_is_taken_over_in_one_write_and_says_what_became_of_it(place):
    own.put(entry_of(1, ROW, "x"))
    own.put(entry_of(1, {**ROW, "id": "lamps"}, "x"))
    rows = [ROW, {**ROW, "id": "lamps", "title": "Lamps"}, {**ROW, "id": "benches"}, {"id": "half"}, 3]
    result = own.import_list(json.dumps(rows).encode(), "others.json")
    assert (result.added, result.replaced, result.unchanged) == (("benches",), ("lamps",), ("trees",))
    assert [name for name, _ in result.refused] == ["half", "5"]
    assert "lacks title" in str(result.refused[0][1])
    assert {item["id"] for item in json.loads(place.read_text())} == {"trees", "lamps", "benches"}


@pytest.mark.parametrize("content", [b"{}", b"[1, 2]", b'[{"id": "a"}]', b"\xff\xfe", b"[" * 100_000, b""])
def test_what_is_no_list_changes_nothing(place, content):
    own.put(entry_of(1, ROW, "x"))
    before = place.read_bytes()
    with pytest.raises(FormatError):
        own.import_list(content, "bad.json")
    assert place.read_bytes() == before


def test_a_list_that_the_environment_names_is_made_at_the_first_import(monkeypatch, tmp_path):
    monkeypatch.setenv(catalogue.OWN_LIST, str(tmp_path / "shared" / "list.json"))
    assert own.import_list(json.dumps([ROW]).encode(), "a.json").added == ("trees",)
    assert catalogue.url_of("trees") == ROW["url"]


def test_what_goes_before_a_national_source_is_told():
    rows = [{**ROW, "id": "bag-wfs", "url": "https://elsewhere.example/bag"}, ROW]
    assert own.import_list(json.dumps(rows).encode(), "others.json").overriding == ("bag-wfs",)


def test_a_source_that_stands_twice_is_taken_once():
    result = own.import_list(json.dumps([ROW, {**ROW, "url": "https://evil.example"}]).encode(), "twice.json")
    assert result.added == ("trees",) and "twice" in str(result.refused[0][1])
    assert catalogue.url_of("trees") == ROW["url"]


def test_what_is_handed_out_is_taken_over_unchanged(tmp_path):
    everything = catalogue.entries()
    path = tmp_path / "all.json"
    own.write_list(everything.values(), path)
    result = own.import_list(path.read_bytes(), path.name)
    assert set(result.added) == set(everything) and not result.refused
    assert dict(catalogue.reading.own_entries()) == everything


def test_without_a_place_it_is_said_where_to_make_one():
    catalogue.use_own_list(None)
    with pytest.raises(InputError, match="DTWIN_CATALOGUE"):
        own.import_list(json.dumps([ROW]).encode(), "a.json")


def test_a_write_that_fails_leaves_the_list_as_it_was(place, monkeypatch):
    own.put(entry_of(1, ROW, "x"))
    before = place.read_bytes()
    monkeypatch.setattr(own.json, "dumps", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        own.put(entry_of(1, {**ROW, "id": "other"}, "x"))
    assert place.read_bytes() == before and [item.name for item in place.parent.iterdir()] == [place.name]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["open", "https://a.nl", "https://["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.dictionaries(st.sampled_from([*ROW, "crs", "auth", "confirmed", "moved_from", "updated", "x"]), VALUES)


@given(st.lists(VALUES | ROWS.map(lambda given: {**ROW, **given}), max_size=4))
def test_any_json_is_a_list_of_sources_or_one_sentence(rows):
    from dtwin_plugin.catalogue.reading import parsed

    try:
        found = parsed(json.dumps(rows).encode(), "any.json")
    except FormatError as error:
        assert str(error).endswith(".")
    else:
        assert len(found) == len(rows)
        for item in found.values():
            assert catalogue.search(item.title, among=[item]) or not catalogue.searching.folded(item.title)
            assert parsed(json.dumps([item.as_row()]).encode(), "again.json") == {item.id: item}
