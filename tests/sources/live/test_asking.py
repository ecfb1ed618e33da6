"""Servers of sensors: what is asked, how pages are followed, and what is refused."""

import gzip
import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.sources.live import ask, question, tabled
from dtwin_plugin.sources.live.speaking import WAYS
from dtwin_plugin.sources.live.spoken import SPOKEN
from dtwin_plugin.sources.transport import Response
from tests.servers.recorded import RecordedTransport
from tests.sources.live import traffic_files as files
from tests.sources.live.traffic_files import SITE, flow, measured, site

ROOT = "https://sensors.example.nl/v1.1"


@pytest.fixture
def by_hand(monkeypatch):
    """RD where x and y are degrees times 1e5: what is asked by area is tried without the grids of RDNAPTRANS."""
    degrees = 1e5
    monkeypatch.setattr(question, "extent_from_rd", lambda extent, crs: tuple(edge / degrees for edge in extent.bounds))
    monkeypatch.setattr(tabled, "to_rd", lambda places, crs: places * degrees)
    return Extent(480_000, 5_200_000, 500_000, 5_300_000)


class Server:
    """Answers by the path of an address; keeps what was asked."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        self.asked.append((url, dict(params or {}), dict(headers or {})))
        path = url.partition("?")[0]
        answer = self.answers.get(url, self.answers.get(path))
        if answer is None:
            return Response(404, b'{"message": "not here"}', url=url)
        answer = answer(url, params) if callable(answer) else answer
        return answer if isinstance(answer, Response) else Response(200, json.dumps(answer).encode(), url=url)


def thing(number, x=4.9, y=52.4):
    place = {"name": "p", "encodingType": "application/geo+json", "location": {"type": "Point", "coordinates": [x, y]}}
    stream = {"@iot.id": 10 + number, "name": "no2", "unitOfMeasurement": {"symbol": "ug/m3"}, "observationType": "m"}
    return {"@iot.id": number, "name": f"kit {number}", "Locations": [place], "Datastreams": [stream]}


def test_sensorthings_follows_its_pages_and_asks_what_became_known_since():
    def things(url, params):
        if "skip" in url:
            return {"value": [thing(2)]}
        return {"value": [thing(1)], "@iot.nextLink": f"{ROOT}/Things?$skip=1"}

    late = {"phenomenonTime": "2026-05-04T08:00:00Z", "resultTime": "2026-05-04T10:30:00Z", "result": 9}
    server = Server({
        f"{ROOT}/Things": things,
        f"{ROOT}/Datastreams(11)/Observations": {"value": [late]},
        f"{ROOT}/Datastreams(12)/Observations": {"value": []},
    })  # fmt: skip
    series = ask(server, ROOT, since=np.datetime64("2026-05-04T10:00"))
    assert series.values.tolist() == [9] and series.stations.columns["station"].tolist() == ["1", "2"]
    assert series.results[0] == np.datetime64("2026-05-04T10:30")
    asked = server.asked[2][0]
    assert "Datastreams(11)/Observations" in asked
    assert "phenomenonTime+ge+2026-05-04T10:00:00Z+or+resultTime+ge+2026-05-04T10:00:00Z" in asked


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example.com/v1.1/Things", "http://sensors.example.nl/v1.1/Things", "file:///etc/passwd"]
)
def test_a_link_to_another_server_is_not_followed(link):
    server = Server({f"{ROOT}/Things": {"value": [thing(1)], "@iot.nextLink": link}})
    with pytest.raises(FormatError, match="not followed"):
        ask(server, ROOT)
    assert len(server.asked) == 1


def test_pages_in_a_circle_end():
    back = {"value": [thing(1)], "@iot.nextLink": f"{ROOT}/Things?a=1"}
    server = Server({f"{ROOT}/Things": back})
    with pytest.raises(FormatError, match="without an end"):
        ask(server, ROOT)
    assert len(server.asked) == 2


def test_a_server_that_knows_no_areas_gives_all_and_the_rest_is_done_here(by_hand):
    def things(url, params):
        if "st_within" in url:
            return Response(400, b"{}", url=url)
        return {"value": [thing(1), thing(2, 6.5, 53.2)]}

    server = Server({f"{ROOT}/Things": things})
    series = ask(server, ROOT, by_hand)
    assert "POLYGON" in server.asked[0][0] and "POLYGON" not in server.asked[1][0]
    assert series.stations.columns["station"].tolist() == ["1"]


def test_the_table_of_sites_is_asked_beside_the_measured_data():
    url = "https://opendata.ndw.nu/trafficspeed.xml.gz"
    transport = RecordedTransport({
        url: gzip.compress(measured(site(SITE, flow(1, 600), flow(2, 300)))),
        "https://opendata.ndw.nu/measurement_current.xml.gz": gzip.compress(files.SITES_V2),
    })  # fmt: skip
    series = ask(transport, "ndw-speed")
    assert transport.asked[0] == url and series.source == "ndw-speed"
    assert series.values.tolist() == [600, 300, 900]
    assert series.stations.geometries.coordinates.tolist() == [[4.3571, 52.0116]]


def test_of_traffic_only_the_sites_of_the_area_are_read(by_hand):
    url = "https://opendata.ndw.nu/trafficspeed.xml.gz"
    transport = RecordedTransport({
        url: measured(site(SITE, flow(1, 600), flow(2, 300)), site("elsewhere", flow(1, 5))),
        "https://opendata.ndw.nu/measurement_current.xml.gz": files.SITES_V2,
    })  # fmt: skip
    assert not len(ask(transport, "ndw-speed", by_hand))
    series = ask(transport, "ndw-speed", Extent(430_000, 5_200_000, 440_000, 5_300_000))
    assert series.values.tolist() == [600, 300, 900] and not series.remarks
    assert series.stations.columns["station"].tolist() == [SITE]


def test_half_a_file_of_a_server_is_an_error_and_no_series():
    url = "https://opendata.ndw.nu/trafficspeed.xml.gz"
    whole = gzip.compress(measured(*(site(f"S{number}", flow(1, number)) for number in range(500))))
    sites = gzip.compress(files.SITES_V2)
    transport = RecordedTransport({url: whole[:-100], "https://opendata.ndw.nu/measurement_current.xml.gz": sites})
    with pytest.raises(FormatError):
        ask(transport, "ndw-speed")


def test_ngsi_ld_is_asked_for_its_history_and_follows_the_link_in_the_header():
    root = "https://broker.example.nl/ngsi-ld/v1"

    def entity(number):
        return {
            "id": f"urn:ngsi-ld:X:{number}", "type": "X", "level": {"values": [[number, "2026-05-04T10:00:00Z"]]},
        }  # fmt: skip

    def entities(url, params):
        if "offset=1" in url:
            return [entity(2)]
        link = '<https://broker.example.nl/ngsi-ld/v1/temporal/entities?offset=1>;rel="next";type="application/ld+json"'
        return Response(200, json.dumps([entity(1)]).encode(), {"link": link}, url)

    server = Server({f"{root}/temporal/entities": entities})
    series = ask(server, f"{root}/entities?type=X", since=np.datetime64("2026-05-04T09:00"))
    assert series.values.tolist() == [1, 2]
    assert "type=X" in server.asked[0][0] and "timeAt=2026-05-04T09:00:00Z" in server.asked[0][0]
    with pytest.raises(InputError, match="type of entities"):
        ask(server, root)


def test_luchtmeetnet_gives_numbered_pages():
    base = "https://api.luchtmeetnet.nl/open_api"

    def measurements(url, params):
        hour = {"1": "10", "2": "11"}[params["page"]]
        row = {"station_number": "NL1", "value": 5, "timestamp_measured": f"2026-05-04T{hour}:00:00+00:00",
               "formula": "NO2"}  # fmt: skip
        return {"pagination": {"last_page": 2, "current_page": int(params["page"])}, "data": [row]}

    server = Server({
        f"{base}/stations": {"pagination": {"last_page": 1}, "data": [{"number": "NL1", "location": "A"},
                                                                      {"number": "../../secret"}]},
        f"{base}/stations/NL1": {"data": {"location": "A", "geometry": {"type": "point", "coordinates": [4.9, 52.4]}}},
        f"{base}/measurements": measurements,
    })  # fmt: skip
    series = ask(server, "luchtmeetnet", since=np.datetime64("2026-05-04T09:00"))
    assert series.values.tolist() == [5, 5] and series.stations.columns["name"].tolist() == ["A"]
    assert all("secret" not in url for url, _, _ in server.asked)


def test_edr_is_asked_by_area(by_hand):
    coverage = {
        "type": "Coverage",
        "domain": {
            "axes": {"x": {"values": [4.9]}, "y": {"values": [52.4]}, "t": {"values": ["2026-05-04T10:00:00Z"]}}
        },
        "ranges": {"ta": {"values": [12.5]}},
    }
    base = "https://api.dataplatform.knmi.nl/edr/v1/collections/10-minute-in-situ-meteorological-observations"
    server = Server({f"{base}/cube": coverage})
    with pytest.raises(InputError, match="by area"):
        ask(server, "knmi-edr")
    assert ask(server, "knmi-edr", by_hand).values.tolist() == [12.5]
    assert "bbox=4.800000,52.000000,5.000000,53.000000" in server.asked[0][0]


def test_a_refusal_is_told_with_its_reason():
    with pytest.raises(UnavailableError, match="HTTP 404.*not here"):
        ask(Server({}), ROOT)


def test_each_way_of_speaking_has_a_title_and_a_key_in_an_address_is_no_part_of_a_name():
    assert list(SPOKEN) == list(WAYS)
    server = Server({"https://a.nl/FROST/v1.1/Things": {"value": [thing(1)]}})
    assert ask(server, "https://a.nl/FROST/v1.1?key=secret", spoken="sensorthings").source == "a.nl/FROST/v1.1"
    with pytest.raises(InputError, match="gives no time series"):
        ask(server, "3dbag-api")
