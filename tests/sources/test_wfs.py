"""The WFS client against a service that gives the same data as GeoJSON or as GML."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.features_service import WfsSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import Response

AREA = Extent(84_000, 447_000, 85_000, 448_000)


@pytest.fixture
def service(pdok_server):
    line = {"type": "LineString", "coordinates": [[84_010, 447_010], [84_020, 447_020]]}
    data = {
        "pand": pdok_server.street(250, status="in gebruik", nummer=12),
        "mix": [
            pdok_server.feature("a", pdok_server.point(84_010, 447_010), code="0503", hoogte=1.5),
            pdok_server.feature("b", line, code="0599"),
            pdok_server.feature("c", None, code="0601"),
        ],
    }
    with pdok_server.serve(pdok_server.Pdok({"lv/bag": data})) as state:
        yield state


@pytest.fixture(params=[True, False], ids=["json", "gml"])
def both(service, request):
    service.wfs_json = request.param
    return service


def source(service, name="pdok:pand", **options):
    options.setdefault("limit", 100)
    return WfsSource(
        service.address("lv/bag/wfs"), name, transport=Retrying(RequestsTransport(), sleep=lambda _: None), **options
    )


def asked(service):
    return [query for _, query in service.asked if query.get("request") == "GetFeature"]


@pytest.mark.parametrize("matched", [True, False])
def test_every_object_comes_once_in_rd_with_its_attributes(both, matched):
    both.matched = matched
    chunks = list(source(both).read(AREA))
    ids = [value for chunk in chunks for value in chunk.columns["lokaal_id"].tolist()]
    assert len(ids) == len(set(ids)) == 250 and [len(chunk) for chunk in chunks] == [100, 100, 50]
    assert {chunk.crs for chunk in chunks} == {"EPSG:28992"} and chunks[0].columns["nummer"].tolist()[0] == 12
    assert chunks[0].geometries.bounds()[0].tolist() == [84_005, 447_005, 84_013, 447_013]
    assert [query["startIndex"] for query in asked(both)] == ["0", "100", "200"]


def test_the_question_is_that_of_wfs_2(service):
    list(source(service).read(AREA))
    first = asked(service)[0]
    assert first["typeNames"] == "pdok:pand" and first["version"] == "2.0.0"
    assert first["srsName"] == "urn:ogc:def:crs:EPSG::28992" and first["outputFormat"] == "application/json"
    assert first["bbox"] == "84000.000,447000.000,85000.000,448000.000,urn:ogc:def:crs:EPSG::28992"


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200])
def test_no_object_is_lost_at_the_end_of_a_page(both, pdok_server, count):
    both.services["lv/bag"]["pand"] = pdok_server.street(count)
    assert sum(map(len, source(both).read(AREA))) == count


def test_a_service_may_give_less_at_once_than_is_asked(both):
    both.wfs_limit = 30  # which its capabilities do not say
    both.matched = not both.wfs_json
    if both.wfs_json:
        both.change = lambda page: {**page, "numberMatched": 250}
    assert sum(map(len, source(both).read(AREA))) == 250


def test_geometries_of_every_kind_and_codes_with_zeros(both):
    progress = Silent()
    found = {chunk.geometries.kind: chunk for chunk in source(both, "mix").read(None, progress)}
    assert set(found) == {"point", "line"}
    assert found["point"].columns["code"].tolist() == ["0503"] and found["point"].columns["hoogte"].tolist() == [1.5]
    assert found["line"].geometries.coordinates.tolist() == [[84_010, 447_010], [84_020, 447_020]]
    assert any("1 objects have no geometry" in text for text in progress.warnings)


def test_without_a_schema_gml_gives_texts(service):
    service.wfs_json = service.wfs_schema = False
    chunk = next(source(service).read(AREA))
    assert chunk.columns["nummer"].tolist()[0] == "12"


@pytest.mark.parametrize("name", ["pand", "pdok:pand", "PDOK:Pand"])
def test_a_type_is_found_with_or_without_its_prefix(service, name):
    assert sum(map(len, source(service, name).read(AREA))) == 250


def test_an_unknown_type_is_told_with_those_that_are_there(service):
    with pytest.raises(InputError, match="has no type 'water'; it has pdok:pand, pdok:mix"):
        list(source(service, "water").read(AREA))
    with pytest.raises(InputError, match="has 2 types.*pdok:pand, pdok:mix"):
        list(source(service, None).read(AREA))


def test_describe_tells_the_type_or_lists_them(service):
    info = source(service).describe()
    assert info.format == "WFS 2.0.0" and info.extent == (3.0, 50.5, 7.5, 53.7) and info.crs == "OGC:CRS84"
    assert info.facts["crs"] == ["EPSG:28992", "EPSG:4258"] and info.facts["page"] == 1000
    assert source(service, None).describe().facts["collections"] == {"pdok:pand": "pand", "pdok:mix": "mix"}


def test_what_the_address_says_of_a_request_is_left_out(service):
    address = service.address("lv/bag/wfs") + "?request=GetCapabilities&service=WFS"
    assert sum(map(len, WfsSource(address, "pand", transport=RequestsTransport()).read(AREA))) == 250


def test_an_exception_is_a_sentence_even_with_status_200(service):
    service.wfs_exception = "The server\nis <b>ill</b>"
    with pytest.raises(UnavailableError, match="refused the request: The server is <b>ill</b>") as caught:
        list(source(service).read(AREA))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["closed", "half", "half unannounced", (500, {}), (503, {"Retry-After": "0"})])
def test_a_fault_that_passes_is_not_seen(both, fault):
    both.faults = [None, None, None, fault]
    assert sum(map(len, source(both).read(AREA))) == 250


def test_cancel_stops_between_pages(service, cancelling):
    with pytest.raises(Cancelled):
        list(source(service, limit=10).read(AREA, cancelling(after=3)))
    assert len(asked(service)) < 20


def test_progress_goes_up_to_the_end(both, cancelling):
    progress = cancelling(after=10**6)
    list(source(both).read(AREA, progress))
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0


class Fixed:
    """A service that answers the same, whatever is asked."""

    def __init__(self, capabilities, answer):
        self.capabilities, self.answer = capabilities, answer

    def get(self, url, params=None, *, timeout=60.0):
        body = self.capabilities if params.get("request") == "GetCapabilities" else self.answer
        return Response(200, body, url=url)


def capable(pdok_server, constraint=True):
    text = pdok_server.Wfs(pdok_server.Pdok({"pand": []}), {"pand": []}).capabilities()
    return (text if constraint else text.replace("CountDefault", "Other")).encode()


def page(count):
    features = [
        {"type": "Feature", "id": n, "geometry": {"type": "Point", "coordinates": [84_000 + n, 447_000]}}
        for n in range(count)
    ]
    import json

    return json.dumps({"features": features}).encode()


def test_a_service_without_pages_is_told(pdok_server):
    transport, progress = Fixed(capable(pdok_server, False), page(5)), Silent()
    found = WfsSource("https://example.nl/wfs", "pand", transport=transport, limit=10).read(AREA, progress)
    assert sum(map(len, found)) == 5
    assert any("5 objects came, which may not be all" in text for text in progress.warnings)
    with pytest.raises(FormatError, match="knows no pages, and has more than 5"):
        list(WfsSource("https://example.nl/wfs", "pand", transport=transport, limit=5).read(AREA))


@pytest.mark.parametrize(
    "capabilities, match",
    [
        (b"<html><body/></html>", "is no WFS: it answers with html"),
        (b'<WFS_Capabilities version="1.1.0"/>', "speaks WFS 1.1.0; version 2.0"),
        (b"nonsense", "is not well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><WFS_Capabilities version="2.0.0"/>', "declares a document type"),
    ],
)
def test_what_is_no_wfs_is_told(capabilities, match):
    with pytest.raises(FormatError, match=match):
        list(WfsSource("https://example.nl/wfs", "pand", transport=Fixed(capabilities, b"")).read(AREA))


@pytest.mark.parametrize(
    "answer, match",
    [
        (b"[" * 100_000, "nests deeper"),
        (b'{"features": 1}', "no list of features"),
        (b"<a>" * 1000, "is not well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "declares a document type"),
    ],
)
def test_an_answer_that_is_wrong_is_one_sentence(pdok_server, answer, match):
    with pytest.raises(FormatError, match=match):
        list(WfsSource("https://example.nl/wfs", "pand", transport=Fixed(capable(pdok_server), answer)).read(AREA))


def test_arcs_and_broken_geometries_in_gml(pdok_server):
    gml = b"""<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" numberMatched="3"
      xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:x="http://x.nl"><wfs:member><x:pand gml:id="a"><x:geom>
      <gml:Curve srsName="urn:ogc:def:crs:EPSG::28992"><gml:segments><gml:Arc><gml:posList>84000 447000 84010 447010
      84020 447000</gml:posList></gml:Arc></gml:segments></gml:Curve></x:geom><x:naam>boog</x:naam>
      <x:deel><x:Deel><x:code>1</x:code></x:Deel></x:deel></x:pand></wfs:member>
      <wfs:member><x:pand gml:id="b"><x:geom><gml:Point><gml:pos>84000</gml:pos></gml:Point></x:geom></x:pand>
      </wfs:member>
      <wfs:member><x:pand gml:id="c"><x:geom><gml:Nonsense/></x:geom></x:pand></wfs:member></wfs:FeatureCollection>"""
    progress = Silent()
    transport = Fixed(capable(pdok_server), gml)
    (chunk,) = WfsSource("https://example.nl/wfs", "pand", transport=transport).read(AREA, progress)
    arc = chunk.geometries.coordinates
    assert len(arc) > 10 and np.allclose(np.hypot(arc[:, 0] - 84_010, arc[:, 1] - 447_000), 10.0)
    assert chunk.columns["naam"].tolist() == ["boog"] and chunk.columns["deel.code"].tolist() == ["1"]
    assert any("2 objects have a geometry that cannot be read" in text for text in progress.warnings)


def test_without_rd_and_grids_a_service_is_refused_with_a_sentence(service, no_grids):
    service.wfs_crs = "urn:ogc:def:crs:EPSG::4258"
    with pytest.raises(CrsError, match="nl_nsgi_rdcorr2018"):
        no_grids(lambda: list(source(service).read(AREA)))


def test_the_box_of_a_service_in_degrees_has_latitude_first(grids):
    from dtwin_plugin.sources.features_service.frame import box_in

    dam = Extent(120_990, 486_990, 121_010, 487_010)
    south, west, north, east = map(float, box_in(dam, "EPSG:4258").split(","))
    assert 52.3 < south < north < 52.4 and 4.8 < west < east < 4.9
    assert float(box_in(dam, "OGC:CRS84").split(",")[0]) == west
