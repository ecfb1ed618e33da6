"""What a tile service offers, and the address by which QGIS draws it."""

import json
from urllib.parse import parse_qsl

import pytest

from dtwin_plugin.errors import FormatError, SourceError, UnavailableError
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.tilemaps import TileMaps


@pytest.fixture
def service(files_server, monkeypatch, tmp_path):
    """A server whose capabilities the test gives."""
    with files_server.serve(files_server.Files()) as state:
        row = {
            "id": "brt-a-wmts", "title": "T", "owner": "O", "kind": "wmts", "url": state.url + "/wmts", "licence": "L",
            "attribution": "A", "access_level": "open",
        }  # fmt: skip
        path = tmp_path / "own.json"
        path.write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


@pytest.fixture
def maps(service):
    return TileMaps("brt-a-wmts", Retrying(RequestsTransport(), attempts=1))


def test_the_address_has_what_qgis_needs(service, maps, files_server):
    service.files["/wmts"] = files_server.wmts(service.url, image="image/jpeg")
    reference = maps.reference(("GRIJS",), "Grey")
    assert (reference.kind, reference.provider, reference.title) == ("raster", "wms", "Grey")
    assert (reference.licence, reference.attribution) == ("L", "A")
    parts = dict(parse_qsl(reference.uri, keep_blank_values=True))
    assert parts == {
        "contextualWMSLegend": "0", "crs": "EPSG:28992", "dpiMode": "7", "format": "image/jpeg", "layers": "grijs",
        "styles": "default", "tileMatrixSet": "EPSG:28992",
        "url": f"{service.url}/wmts?service=WMTS&request=GetCapabilities&version=1.0.0",
    }  # fmt: skip


def test_the_first_name_that_the_service_has_is_chosen(service, maps, files_server):
    service.files["/wmts"] = files_server.wmts(service.url, ("Actueel_ortho25IR",))
    assert "layers=Actueel_ortho25IR&" in maps.reference(("none", "actueel_ortho25ir"), "IR").uri


def test_a_map_that_is_not_there_names_those_that_are(service, maps, files_server):
    service.files["/wmts"] = files_server.wmts(service.url)
    with pytest.raises(FormatError, match="pastel; it has standaard, grijs"):
        maps.reference(("pastel",), "Pastel")


def test_a_map_that_is_not_in_rd_is_refused(service, maps, files_server):
    service.files["/wmts"] = files_server.wmts(service.url, crs="urn:ogc:def:crs:EPSG::3857")
    with pytest.raises(FormatError, match="not in RD New"):
        maps.reference(("grijs",), "Grey")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no xml", b"<html/>", b"<Capabilities/>", b"<a>" * 100_000, b"<Capabilities><Contents/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Capabilities><Contents>&b;</Contents></Capabilities>',
        b"<Capabilities><Contents><Layer><Identifier/></Layer></Contents></Capabilities>",
        b"<WMS_Capabilities><Contents/></WMS_Capabilities>",
    ],
)  # fmt: skip
def test_answers_that_are_no_capabilities_are_a_sentence(service, maps, body):
    service.files["/wmts"] = body
    with pytest.raises(SourceError):
        maps.reference(("grijs",), "Grey")


def test_a_service_that_is_gone_is_a_sentence(service, maps):
    with pytest.raises(UnavailableError, match="404"):
        maps.reference(("grijs",), "Grey")
