"""The collections of the BGT, and reading several of one area."""

import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import InputError
from dtwin_plugin.sources.bgt_collections import BGT_COLLECTIONS, bgt_from_service, chosen
from dtwin_plugin.sources.requests_transport import RequestsTransport

AREA = Extent(84_000, 447_000, 85_000, 448_000)


def test_there_are_49_with_distinct_keys_in_english():
    assert len(BGT_COLLECTIONS) == 49 and list(BGT_COLLECTIONS) == sorted(BGT_COLLECTIONS)
    assert len({item.key for item in BGT_COLLECTIONS.values()}) == 49
    assert {item.geometry for item in BGT_COLLECTIONS.values()} == {"point", "line", "polygon"}
    assert BGT_COLLECTIONS["vegetatieobject_punt"].bgt_class == "vegetatieobject"
    assert BGT_COLLECTIONS["wegdeel_kruinlijn"].bgt_class == "wegdeel_kruinlijn"


def test_all_means_those_of_today():
    assert len(chosen(None)) == 47 and "overigescheiding" not in [item.id for item in chosen(None)]


def test_an_unknown_class_is_told():
    with pytest.raises(InputError, match="has no 'straat'; it has bak"):
        chosen(["straat"])


def test_several_classes_come_with_their_names_and_without_what_ended(pdok_server, cancelling):
    trees = [
        pdok_server.feature(f"t{n}", pdok_server.point(84_010 + n, 447_010), lokaal_id=f"L{n}", eind_registratie=ended)
        for n, ended in enumerate([None, "2020-01-01T00:00:00Z", None])
    ]
    services = {"lv/bgt/ogc/v1": {"wegdeel": pdok_server.street(7), "vegetatieobject_punt": trees, "bak": []}}
    progress = cancelling(after=10**6)
    with pdok_server.serve(pdok_server.Pdok(services)) as state:
        address = state.address("lv/bgt/ogc/v1")
        names = ["road", "vegetatieobject", "bak"]
        found = list(bgt_from_service(AREA, names, RequestsTransport(), progress, url=address))
        dated = list(
            bgt_from_service(
                AREA, ["vegetatieobject"], RequestsTransport(), url=address, datetime="2019-01-01T00:00:00Z"
            )
        )
    assert [(name, len(features)) for name, features in found] == [("wegdeel", 7), ("vegetatieobject", 2)]
    assert [len(features) for _, features in dated] == [3]
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0
    assert progress.warnings == ["The service has no vegetatieobject_lijn, vegetatieobject_vlak; these are left out."]
