"""The catalogue as DCAT-AP-NL 3.0 parses back, with every mandatory property in its place."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue import ACCESS_LEVELS, dcat
from dtwin_plugin.catalogue.dcat import Publisher, describe, licence_uri
from dtwin_plugin.catalogue.rdf import NAMESPACES, json_ld, rdf_xml
from dtwin_plugin.errors import InputError

# class -> property -> most of it (None: any number), each at least once: the profile and its SHACL shapes of 12-12-2024
MANDATORY = {
    "dcat:Catalog": {
        "dct:title": None, "dct:description": None, "dct:publisher": 1, "dcat:contactPoint": 1, "dcat:dataset": None,
    },
    "dcat:Dataset": {
        "dct:title": None, "dct:description": None, "dct:identifier": 1, "dct:publisher": 1, "dct:creator": None,
        "dcat:contactPoint": 1, "dct:accessRights": 1, "dcat:theme": None,
    },
    "dcat:Distribution": {"dcat:accessURL": 1, "dct:license": 1},
    "dcat:DataService": {
        "dct:title": None, "dct:identifier": 1, "dct:publisher": 1, "dcat:contactPoint": 1, "dcat:endpointURL": None,
        "dcat:endpointDescription": 1, "dct:accessRights": 1, "dct:license": 1, "dcat:theme": None,
        "dct:description": None,
    },
    "foaf:Agent": {"foaf:name": None},
    "vcard:Kind": {"vcard:fn": None},
    "skos:Concept": {"skos:prefLabel": None},
}  # fmt: skip
PUBLISHER = Publisher("Gemeente <Voorbeeld> & Co", "data@voorbeeld.nl", "https://data.voorbeeld.nl/")


@pytest.fixture(autouse=True)
def _national_only(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


def from_json(text):
    """Things as (class, address, {property: values}), wherever they stand."""
    found = []

    def visit(item):
        if "@value" in item:
            return item["@value"], item.get("@language", "")
        parts = {
            name: [visit(value) for value in (values if isinstance(values, list) else [values])]
            for name, values in item.items()
            if not name.startswith("@")
        }
        found.append((item.get("@type", ""), item.get("@id", ""), parts))
        return item.get("@id", "")

    document = json.loads(text)
    assert document.pop("@context") == {name: uri for name, uri in NAMESPACES.items() if name != "rdf"}
    visit(document)
    return found


def from_xml(data):
    """The same of RDF/XML."""
    found = []
    rdf = "{" + NAMESPACES["rdf"] + "}"

    def short(tag):
        uri, _, name = tag[1:].partition("}")
        return next(f"{prefix}:{name}" for prefix, known in NAMESPACES.items() if known == uri)

    def visit(element):
        parts = {}
        for item in element:
            if len(item):
                value = visit(item[0])
            elif item.get(rdf + "resource"):
                value = item.get(rdf + "resource")
                found.append(("", value, {}))
            else:
                value = (item.text or "", item.get("{http://www.w3.org/XML/1998/namespace}lang", ""))
            parts.setdefault(short(item.tag), []).append(value)
        found.append((short(element.tag), element.get(rdf + "about", ""), parts))
        return element.get(rdf + "about", "")

    for element in ET.fromstring(data):
        visit(element)
    return found


@pytest.fixture(scope="module")
def described():
    return describe(catalogue.entries().values(), PUBLISHER, date(2026, 11, 26))


def test_both_forms_say_the_same(described):
    def comparable(found):
        return sorted(json.dumps(item, sort_keys=True) for item in found)

    assert comparable(from_json(json_ld(described))) == comparable(from_xml(rdf_xml(described)))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_mandatory_property_is_there_as_often_as_it_may(described, form):
    things = from_json(json_ld(described)) if form == "json" else from_xml(rdf_xml(described))
    seen = set()
    for kind, uri, parts in things:
        if kind in MANDATORY and (parts or not uri):  # those without are described elsewhere
            seen.add(kind)
            for name, most in MANDATORY[kind].items():
                values = parts.get(name, [])
                assert values and (most is None or len(values) <= most), (uri, name)
                assert all(value != ("", "") for value in values), (uri, name)
    assert seen == set(MANDATORY)


def test_all_sources_are_datasets_and_services_lead_to_theirs(described):
    things = from_json(json_ld(described))
    datasets = {uri: parts for kind, uri, parts in things if kind == "dcat:Dataset" and parts}
    assert len(datasets) == len(catalogue.entries())
    for kind, _, parts in things:
        if kind == "dcat:DataService" and parts:
            assert parts["dcat:servesDataset"][0] in datasets
    bag = datasets["https://data.voorbeeld.nl/id/dataset/bag-ogcapi"]
    assert ("BAG (adressen en gebouwen)", "nl") in bag["dct:title"]
    assert "http://www.opengis.net/def/crs/EPSG/0/28992" in bag["dct:conformsTo"]
    klic = datasets["https://data.voorbeeld.nl/id/dataset/klic"]
    assert klic["dct:accessRights"][0].endswith("NON_PUBLIC") and "dcat:distribution" not in klic
    bgt = datasets["https://data.voorbeeld.nl/id/dataset/bgt-ogcapi"]
    assert bgt["dct:accrualPeriodicity"][0].endswith("DAILY")


def test_addresses_are_addresses(described):
    for _, uri, _ in from_json(json_ld(described)):
        assert not set(uri) & set('{}<>" |\\^`')


@pytest.mark.parametrize(
    "licence, end",
    [
        ("CC0 1.0", "publicdomain/zero/1.0/deed.nl"),
        ("CC BY 4.0", "licenses/by/4.0/deed.nl"),
        ("CC-BY 4.0", "licenses/by/4.0/deed.nl"),
        ("CC BY-SA 4.0", "licenses/by-sa/4.0/deed.nl"),
        ("Public Domain Mark 1.0", "publicdomain/mark/1.0/deed.nl"),
        ("restricted (WIBON); not open data", "geslotenlicentie"),
        ("CC BY 4.0 (unconfirmed)", "licentieonbekend"),
        ("CC BY-NC 4.0", "licentieonbekend"),
        ("unconfirmed", "licentieonbekend"),
        ("", "licentieonbekend"),
    ],
)
def test_a_licence_is_that_of_the_list_and_never_a_guess(licence, end):
    assert licence_uri(licence).endswith(end)


def test_every_access_level_and_theme_has_its_place_in_the_european_lists():
    assert set(dcat._table()["access"]) == set(ACCESS_LEVELS)
    assert {theme.eu for theme in catalogue.themes().values()} <= set(dcat._table()["themes"])


def test_what_xml_cannot_hold_and_what_means_something_there_is_written_safely():
    odd = replace(catalogue.entry("3dbag-api"), title="A\x00\x08 & <b> \ud800 \u00e9", attribution="]]>")
    things = from_xml(rdf_xml(describe([odd], PUBLISHER)))
    titles = next(parts["dct:title"] for kind, _, parts in things if kind == "dcat:Dataset" and parts)
    assert ("A & <b>  \u00e9", "en") in titles


def test_without_a_web_address_parts_have_names_of_their_own():
    text = json_ld(describe([catalogue.entry("3dbag-api")], Publisher("Gemeente")))
    assert '"urn:dtwin:dataset:3dbag-api"' in text and "vcard:hasEmail" not in text


@pytest.mark.parametrize(
    "given", [("",), ("A", "not an address"), ("A", "a@b.nl", "gemeente.nl"), ("A", "", "https://a b")]
)
def test_a_publisher_that_is_none_is_refused(given):
    with pytest.raises(InputError):
        Publisher(*given)


def test_an_empty_catalogue_is_none():
    with pytest.raises(InputError, match="no source"):
        describe([], PUBLISHER)
