"""What both models of reachability do first: the network of a mode, its closed links, and places on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import Cancelled, InputError

from ...compiling import prepared
from ..graph import graph_of
from ..shortest import nearest
from .closing import Closed, closed_links, given
from .lines import Places, on_links
from .modes import Net, network_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features
    from dtwin_plugin.progress import Progress

    from ...base import Values

    Floats = NDArray[np.float64]

ASKS = 500  # links between two looks at whether the user wants to stop: some 50 ms
_MINUTES = 0.06  # of a metre at 1 km/h


class Setting(NamedTuple):
    """A network, and what a scenario closes of it; None where it closes nothing."""

    net: Net
    closed: Closed | None
    cost: Floats


def stop_if_asked(progress: Progress) -> None:
    """Raise `Cancelled` where the user wants to stop."""
    if progress.is_cancelled():
        raise Cancelled


def setting_of(values: Values, progress: Progress) -> Setting:
    """Return the network and its closed links, and tell of what is not known."""
    from ..shortest_kernels import nearest_of

    prepared(_small, nearest_of, progress)
    net = network_of(values)
    if not net.usable.any():
        raise InputError(
            "No link can be used by this mode of travel.",
            hint="Look at the columns class and direction of the links; footways and cycle tracks are in a network "
            "only where Road network was asked for paths without cars too.",
        )
    if not given(values):
        return Setting(net, None, net.cost)
    closed = closed_links(net, values)
    used = int((closed.links & net.usable).sum())
    progress.report(0.1, "{count} links are closed", count=used)
    if not used:
        progress.warn("Nothing of what is closed lies on a link; the scenario changes nothing.")
    if closed.unknown:
        progress.warn(
            "Of {count} roads it is not known whether they can be passed; they stay open.", count=closed.unknown
        )
    if closed.raised:
        progress.warn(
            "{count} links lie above or below the ground; the water depth says nothing of them and they stay open.",
            count=closed.raised,
        )
    return Setting(net, closed, net.closed(closed.links))


def _small() -> object:
    """Find the way along a single arc, which calls the kernel of it."""
    return nearest(graph_of([0], [1], nodes=2, zones=0), [1.0], [0])


def layers_of(values: Values, *names: str) -> list[Features]:
    """Return the layers of some inputs that were given and have features, in their order."""
    return [values[name] for name in names if values[name] is not None and len(values[name])]


def middles_of(layers: list[Features]) -> Floats:
    """Return a place in each feature of layers, one layer after another."""
    return np.concatenate([np.empty((0, 2)), *(middles(layer) for layer in layers)])


def middles(layer: Features) -> Floats:
    """Return a place in each feature [m], shape (features, 2); NaN where it is empty."""
    if layer.geometries.kind == "point" and len(layer.geometries.coordinates) == len(layer):
        return np.asarray(layer.geometries.coordinates[:, :2], float)
    import shapely

    shapes = shapely.from_wkb([layer.geometries.wkb(row) for row in range(len(layer))])
    places = shapely.point_on_surface(shapes)
    return np.stack([shapely.get_x(places), shapely.get_y(places)], axis=1).reshape(-1, 2)


def placed(net: Net, values: Values, xy: Floats) -> tuple[Places, Floats]:
    """Return the places on links nearest to places on the map, and the time to come there [min]."""
    places = on_links(net.lines, net.usable, xy, values["farthest"])
    return places, np.nan_to_num(places.away) * _MINUTES / values["off_road_speed"]


def tell_of_closed(setting: Setting, places: Places, progress: Progress) -> None:
    """Say how many places lie on links that are closed, which nobody comes from or to."""
    if setting.closed is not None:
        count = int((setting.closed.links[places.link] & (places.link >= 0)).sum())
        if count:
            progress.warn("{count} places stand on a closed link; nobody comes from or to them.", count=count)
