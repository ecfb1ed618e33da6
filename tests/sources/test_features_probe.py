"""Which source reads what: by the catalogue, by the looks of an address, or by asking."""

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.errors import InputError, UnavailableError
from dtwin_plugin.sources.features_service import OgcFeaturesSource, WfsSource, source_of
from dtwin_plugin.sources.requests_transport import RequestsTransport
from tests.servers.recorded import RecordedTransport

SERVICES = {e.id: e.kind for e in catalogue.entries().values() if e.kind in ("ogcapi-features", "wfs")}


class Never:
    """A transport that must not be used."""

    def get(self, url, params=None, *, timeout=60.0):
        raise AssertionError(url)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_of_the_catalogue_has_its_source_without_asking(name):
    found = source_of(name, "x", transport=Never())
    assert isinstance(found, WfsSource if SERVICES[name] == "wfs" else OgcFeaturesSource)
    assert found.url.startswith("https://")


@pytest.mark.parametrize(
    "address, kind",
    [
        ("https://a.nl/ogc/v1", OgcFeaturesSource),
        ("https://a.nl/x/collections/bomen", OgcFeaturesSource),
        ("https://a.nl/geoserver/wfs", WfsSource),
        ("https://a.nl/lv/bag/wfs/v2_0?request=GetCapabilities", WfsSource),
        ("https://a.nl/ows?SERVICE=WFS", WfsSource),
    ],
)
def test_the_looks_of_an_address_tell_its_kind(address, kind):
    assert isinstance(source_of(address, transport=Never()), kind)


def test_an_address_without_looks_is_asked(pdok_server):
    with pdok_server.serve(pdok_server.Pdok({"odd": {"boom": []}})) as state:
        assert isinstance(source_of(state.address("odd"), transport=RequestsTransport()), OgcFeaturesSource)


def test_what_is_no_service_of_features_is_told():
    with pytest.raises(InputError, match="is no service of features: it is wcs"):
        source_of("ahn-wcs", transport=Never())
    with pytest.raises(InputError, match="The catalogue has no source nonsense"):
        source_of("nonsense", transport=Never())
    with pytest.raises(InputError, match="keeps no history"):
        source_of("bag-wfs", transport=Never(), datetime="2020-01-01T00:00:00Z")
    with pytest.raises(UnavailableError, match="answers neither as an OGC API nor as a WFS"):
        source_of("https://example.nl/odd", transport=RecordedTransport({}))


@pytest.mark.parametrize(
    "crs, given, expected",
    [
        ("OGC:CRS84", (4.89, 52.37), (4.89, 52.37)),
        ("EPSG:4258", (52.37, 4.89), (4.89, 52.37)),  # by its axes
        ("EPSG:4258", (4.89, 52.37), (4.89, 52.37)),  # as many servers write it
        ("OGC:CRS84", (52.37, 4.89), (4.89, 52.37)),
        ("EPSG:28992", (4.89, 52.37), (4.89, 52.37)),  # no RD, whatever is stated
        ("EPSG:3857", (544_000.0, 6_870_000.0), (544_000.0, 6_870_000.0)),
    ],
)
def test_the_order_of_the_axes_is_told_by_the_numbers(monkeypatch, crs, given, expected):
    """The transformation itself needs the grids, and is held by the tests of the policy."""
    import numpy as np

    from dtwin_plugin.sources.features_service import frame

    asked = []
    monkeypatch.setattr(frame.policy, "to_rd", lambda xy, name: asked.append(name) or xy)
    assert frame.to_rd(np.array([given]), crs).tolist() == [list(expected)]
    assert asked == ["OGC:CRS84" if crs == "EPSG:28992" else crs]


def test_a_box_in_degrees_follows_the_axes_of_its_crs(monkeypatch):
    from dtwin_plugin.data import Extent
    from dtwin_plugin.sources.features_service import frame

    monkeypatch.setattr(frame.policy, "extent_from_rd", lambda extent, crs: (4.8, 52.3, 4.9, 52.4))
    area = Extent(120_990, 486_990, 121_010, 487_010)
    assert frame.box_in(area, "EPSG:4258") == "52.30000000,4.80000000,52.40000000,4.90000000"
    assert frame.box_in(area, "OGC:CRS84") == "4.80000000,52.30000000,4.90000000,52.40000000"
