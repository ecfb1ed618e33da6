"""Which collection of a service is meant, and what is said where it is none."""

import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.sources.features_service import OgcFeaturesSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from tests.sources.ogcapi.street import AREA, BGT, asked, rows, source


def test_describe_tells_the_collection(service):
    service.matched = True
    info = source(service).describe()
    assert (info.count, info.crs, info.extent) == (250, "OGC:CRS84", (3.0, 50.5, 7.5, 53.7))
    assert info.facts["title"] == "Wegdeel" and info.facts["attributes"] == ["functie", "lokaal_id"]
    assert "EPSG:28992" in info.facts["crs"] and info.facts["geometries"] == ["Polygon"]


def test_describe_without_a_collection_lists_them(service):
    info = source(service, None).describe()
    assert info.count == 2 and info.facts["collections"] == {"wegdeel": "Wegdeel", "leeg": "Leeg"}


@pytest.mark.parametrize("suffix", ["", "/", "/collections", "?f=html"])
def test_any_address_of_the_service_will_do(service, suffix):
    found = OgcFeaturesSource(service.address(BGT) + suffix, "wegdeel", transport=RequestsTransport())
    assert len(rows(found.read(AREA))) == 250


@pytest.mark.parametrize("suffix", ["/collections/wegdeel", "/collections/wegdeel/items?limit=5&f=json"])
def test_an_address_may_name_the_collection(service, suffix):
    found = OgcFeaturesSource(service.address(BGT) + suffix, transport=RequestsTransport())
    assert len(rows(found.read(AREA))) == 250


def test_a_collection_may_be_named_by_its_title_and_have_spaces(service, pdok_server):
    service.services[BGT]["weg deel 1"] = pdok_server.street(3)
    service.titles["weg deel 1"] = "Delen van wegen (WGD)"
    assert len(rows(source(service, "weg deel 1").read(AREA))) == 3
    assert len(rows(source(service, "delen van wegen (wgd)").read(AREA))) == 3


def test_an_unknown_collection_is_told_with_those_that_are_there(service):
    with pytest.raises(InputError, match="has no collection 'water'; it has wegdeel, leeg"):
        list(source(service, "water").read(AREA))
    with pytest.raises(InputError, match="has 2 collections.*wegdeel, leeg"):
        list(source(service, None).read(AREA))


def test_an_empty_collection_gives_nothing(service):
    assert list(source(service, "leeg").read(AREA)) == []


@pytest.mark.parametrize(
    "more, what",
    [
        ({"collectionType": "3d-container"}, "3D Tiles"),
        ({"links": [{"rel": "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "href": "tiles"}]}, "tiles"),
        ({"links": [{"rel": "http://www.opengis.net/def/rel/ogc/1.0/coverage", "href": "c"}]}, "a coverage"),
        ({"itemType": "record"}, "metadata records"),
        ({"links": [{"rel": "self", "href": "x"}]}, "something else"),
    ],
)
def test_a_collection_without_features_is_told_as_what_it_is(service, more, what):
    service.collections_more["leeg"] = more
    with pytest.raises(InputError, match=f"has no features: it is .*{what}"):
        list(source(service, "leeg").read(AREA))
    assert what in source(service, "leeg").describe().warnings[0]


def test_a_collection_without_links_has_its_items_where_all_have(service):
    service.collections_more["wegdeel"] = {"links": None, "extent": {"spatial": {"bbox": [["a"]]}}, "title": None}
    assert len(rows(source(service).read(AREA))) == 250


def test_a_collection_may_refer_to_the_crs_of_the_service(service, pdok_server):
    service.collections_more["wegdeel"] = {"crs": ["#/crs"]}
    whole = service.ogc

    def ogc(name, parts, query):
        status, kind, body, headers = whole(name, parts, query)
        if parts == ["collections"]:
            body = body[:-1] + b', "crs": ["' + pdok_server.RD.encode() + b'"]}'
        return status, kind, body, headers

    service.ogc = ogc
    assert len(rows(source(service).read(AREA))) == 250
    assert asked(service)[0]["crs"] == pdok_server.RD


def test_a_key_in_the_address_goes_with_every_request(service):
    service.filters.add("key")
    for item in service.services[BGT]["wegdeel"]:
        item["properties"]["key"] = "1"
    found = OgcFeaturesSource(service.address(BGT) + "?key=1", "wegdeel", transport=RequestsTransport(), limit=100)
    assert len(rows(found.read(AREA))) == 250
    assert all(query["key"] == "1" for _, query in service.asked)
