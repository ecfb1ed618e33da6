"""A street of 250 cycle paths in a service, and how the tests read it."""

from dtwin_plugin.data import Extent
from dtwin_plugin.sources.features_service import OgcFeaturesSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(84_000, 447_000, 85_000, 448_000)
BGT = "lv/bgt/ogc/v1"


def source(service, name="wegdeel", **options):
    waits = options.pop("waits", [])
    options.setdefault("limit", 100)
    return OgcFeaturesSource(
        service.address(BGT), name, transport=Retrying(RequestsTransport(), sleep=waits.append), **options
    )


def rows(chunks, column="lokaal_id"):
    return [value for chunk in chunks for value in chunk.columns[column].tolist()]


def asked(service):
    return [query for path, query in service.asked if path.endswith("/items")]
