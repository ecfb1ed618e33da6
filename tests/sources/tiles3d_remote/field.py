"""A field of nine tiles on a host, and how the tests read it."""

import numpy as np

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.tiles3d import Tiles3dSource

ROOT = "/t/tileset.json"
ZERO = Placement(84_000, 447_000, 0)  # where the first tile of a field stands


def source(host, address=ROOT, transport=None, **more):
    transport = transport or Retrying(RequestsTransport(), base=0.01)
    return Tiles3dSource(host.url + address, transport=transport, placement=ZERO, **more)


def middles(chunks):
    """The middles of the squares that were read, in steps of the field."""
    return sorted(
        tuple(
            np.rint((chunk.geometries.coordinates[:, :2].mean(axis=0) - (84_000, 447_000)) / 100).astype(int).tolist()
        )
        for chunk in chunks
    )


def read(host, address=ROOT, extent=None, progress=None, **more):
    return middles(source(host, address, **more).read(extent, progress))


ALL = sorted((column, row) for column in range(3) for row in range(3))
