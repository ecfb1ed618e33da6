"""The national list, and an organisation's own."""

import json

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.errors import FormatError, InputError, SourceError

OWN = {
    "id": "ahn-wcs",
    "title": "Our own copy of AHN",
    "owner": "Municipality",
    "kind": "wcs",
    "url": "https://gis.example.nl/ahn",
    "licence": "CC0 1.0",
    "attribution": "AHN",
    "access_level": "internal",
    "notes": "refreshed in March",
}


@pytest.fixture
def own(tmp_path, monkeypatch):
    def write(content):
        path = tmp_path / "own.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        monkeypatch.setenv(catalogue.OWN_LIST, str(path))

    return write


@pytest.fixture(autouse=True)
def _no_own_list(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


def test_every_national_source_says_whose_it_is_and_what_may_be_done_with_it():
    for entry in catalogue.entries().values():
        assert entry.owner and entry.licence and entry.attribution and entry.title
        assert entry.access_level in catalogue.ACCESS_LEVELS
        assert entry.url is None or entry.url.startswith(("https://", "http://"))


def test_what_the_sources_need_is_there():
    assert catalogue.url_of("3dbag-api") and catalogue.url_of("ahn-wcs")


def test_more_facts_are_kept():
    assert catalogue.entry("ahn-wcs").more["layers"] == ["dtm_05m", "dsm_05m"]


def test_an_own_entry_goes_before_the_national_one_and_leaves_the_others(own):
    national = catalogue.entries()
    own([OWN, {**OWN, "id": "lidar"}])
    entry = catalogue.entry("ahn-wcs")
    assert (entry.url, entry.access_level, entry.more["notes"]) == (OWN["url"], "internal", OWN["notes"])
    assert set(catalogue.entries()) == {*national, "lidar"}


def test_an_unknown_source_is_told_with_those_that_are_known():
    with pytest.raises(InputError, match="no source atlantis.*3dbag-api"):
        catalogue.entry("atlantis")


def test_a_source_that_comes_as_a_file_has_no_address(own):
    own([{**OWN, "id": "klic", "url": None}])
    with pytest.raises(InputError, match="comes as a file"):
        catalogue.url_of("klic")


@pytest.mark.parametrize(
    "content, match",
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ({"id": "a"}, "is not a list"),
        ([{"id": "a"}], "Source 1 of the catalogue own.json lacks title"),
        ([3], "Source 1 of the catalogue own.json lacks id"),
        ([{**OWN, "access_level": "secret"}], "access level 'secret'; expected one of open"),
        ([OWN, OWN], "has the source ahn-wcs twice"),
        ([{**OWN, "id": "../../x"}], "expected letters, digits"),
        ([{**OWN, "layers": "dtm"}], "no text in layers"),
        ([{**OWN, "moved_from": [3]}], "no text in moved_from"),
        ([{**OWN, "confirmed": "yes"}], "expected true or false"),
        ([{**OWN, "title": "x" * 5000}], "no text in title"),
    ],
)
def test_a_bad_own_list_is_one_sentence(own, content, match):
    own(content)
    with pytest.raises(FormatError, match=match):
        catalogue.entries()


def test_an_own_list_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(catalogue.OWN_LIST, str(tmp_path / "none.json"))
    with pytest.raises(SourceError, match="DTWIN_CATALOGUE"):
        catalogue.entries()


@pytest.mark.parametrize(
    "url, said",
    [
        (5, "no text in url"),
        ("file:///etc/passwd", "https://"),
        ("gis.example.nl", "https://"),
        ("https://[", "https://"),
        ("https://a.nl/<script>", "https://"),
    ],
)
def test_an_address_that_is_no_web_address_is_refused(own, url, said):
    own([{**OWN, "url": url}])
    with pytest.raises(FormatError, match=said):
        catalogue.entries()


def test_a_list_that_has_not_changed_is_not_read_again(own, monkeypatch):
    own([OWN])
    first = catalogue.entry("ahn-wcs")
    monkeypatch.setattr("dtwin_plugin.catalogue.reading.parsed", lambda *_: pytest.fail("read again"))
    assert catalogue.entry("ahn-wcs") is first


def test_a_list_that_has_changed_is_read_again(own):
    own([OWN])
    assert catalogue.entry("ahn-wcs").title == OWN["title"]
    own([{**OWN, "title": "Another title of another length"}])
    assert catalogue.entry("ahn-wcs").title == "Another title of another length"


def test_a_huge_list_is_refused_before_it_is_read(own, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.catalogue.reading.LARGEST", 100)
    own([{**OWN, "notes": "x" * 200}])
    with pytest.raises(FormatError, match="at most 100"):
        catalogue.entry("ahn-wcs")


def test_a_list_given_by_the_plugin_need_not_be_there(tmp_path, monkeypatch):
    national = catalogue.entries()
    catalogue.use_own_list(tmp_path / "dtwin" / "catalogue.json")
    try:
        assert catalogue.entries() == national
    finally:
        catalogue.use_own_list(None)


def test_the_environment_goes_before_the_list_of_the_plugin(own, tmp_path):
    catalogue.use_own_list(tmp_path / "plugin.json")
    try:
        own([OWN])
        assert catalogue.own_list_path().name == "own.json"
    finally:
        catalogue.use_own_list(None)


def test_an_entry_says_how_fresh_it_is_and_what_it_was_called():
    assert catalogue.entry("bgt-ogcapi").updated == "daily"
    assert catalogue.entry("rdinfo").updated is None
    assert catalogue.entry("bgt-ogcapi").title_in("nl") == "BGT grootschalige topografie"
    assert catalogue.entry("ahn-wcs").title_in("nl") == catalogue.entry("ahn-wcs").title
    assert catalogue.entry("3dbag-tiles-gpkg").is_template and not catalogue.entry("3dbag-api").is_template


def test_freshness_of_every_national_source_can_be_shown_in_dutch():
    from dtwin_plugin.catalogue.entry import FREQUENCIES

    dutch = {**{word: f"<{word}>" for word in FREQUENCIES}, "edition {name}": "<{name}>", "unknown": "<unknown>"}
    for entry in catalogue.entries().values():
        assert all(part.startswith("<") for part in entry.freshness(dutch.get).split(", ")), entry.id
