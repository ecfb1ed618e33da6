"""A service with the ways and the faults of PDOK's."""

import pytest

from tests.sources.ogcapi.street import BGT


@pytest.fixture
def service(pdok_server):
    data = {"wegdeel": pdok_server.street(250, functie="fietspad"), "leeg": []}
    with pdok_server.serve(pdok_server.Pdok({BGT: data})) as state:
        yield state
