"""A source is found by the words that people have for it."""

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue.searching import folded, search, theme_of, themes


@pytest.fixture(autouse=True)
def _national_only(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


def ids(*args, **options):
    return [entry.id for entry in search(*args, **options)]


def test_every_theme_of_the_national_list_has_a_name_in_both_languages():
    for entry in catalogue.entries().values():
        theme = themes()[entry.theme]
        assert theme.en and theme.nl and theme.eu


@pytest.mark.parametrize(
    "text, expected",
    [
        ("gebouwen", "bag-ogcapi"),
        ("pand", "3dbag-api"),
        ("PERCELEN", "kadastrale-kaart"),
        ("luchtfoto", "luchtfoto-wmts"),
        ("bomen", "bgt-ogcapi"),
        ("sonderingen", "bro-cpt"),
        ("gemeentegrens", "bestuurlijke-gebieden"),
        ("hoogte dtm_05m", "ahn-wcs"),
        ("Beeldmateriaal", "luchtfoto-wms"),
        ("meshopt", "3dbag-3dtiles-lod22"),
    ],
)
def test_dutch_words_names_layers_and_notes_find_a_source(text, expected):
    assert expected in ids(text)


def test_all_words_must_be_found():
    assert set(ids("3dbag wfs")) == {"3dbag-wfs"}
    assert not ids("3dbag riolering")


def test_what_says_it_in_its_name_comes_first():
    found = ids("bag")
    assert found.index("bag-wfs") < found.index("3dbag-wfs")


def test_nothing_asked_is_everything_by_title():
    titles = [folded(entry.title) for entry in search()]
    assert titles == sorted(titles) and len(titles) == len(catalogue.entries())


def test_a_theme_holds_only_its_own():
    found = search(theme="elevation")
    assert found and {entry.theme for entry in found} == {"elevation"}
    assert ids("ahn6", theme="buildings") == []


def test_a_theme_that_an_own_list_brings_has_a_name():
    assert theme_of("heritage").name("nl") == "Heritage" and theme_of("").name("nl") == "Overig"


@pytest.mark.parametrize("text", ["Coördinaten", "COORDINATEN", "coo\u0308rdinaten"])
def test_accents_and_capitals_make_no_difference(text):
    assert folded(text) == "coordinaten"
