"""The host of the field."""

import pytest


@pytest.fixture
def host(tiles_server):
    with tiles_server.serve(tiles_server.Tiles(tiles_server.field(3))) as state:
        yield state
