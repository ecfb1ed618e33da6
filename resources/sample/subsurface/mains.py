"""Mains in the streets: laid along each section, the sewer from manhole to manhole with its levels."""

from __future__ import annotations

import numpy as np

from .. import SIZE
from ..geometry import at, beside, box, line_geometry, spline, stations
from ..geometry import ring_of as ring_of_polygon
from ..streets import Street
from .networks import ACROSS, NETWORKS, Delivery, Depth, Line, Network, Node, Precaution
from .soil import Subsurface

AREA = (506.0, 228.0, 1000.0, 484.0)  # local m, of the request: no side is longer than 500 m
SERVED = ("LS", "DT")  # networks that lie on the sides with houses only
_MANHOLE, _FALL, _COVER = 42.0, 1 / 400, 1.35  # m between manholes, fall of the sewer [m/m], cover at the top end [m]
_HYDRANT = 75.0  # m
_EDGE = 1.5  # m from the edge of the area: cells of 2 m still have a neighbour there
_MS_STREETS = {"Parklaan": 5.2, "Zuidlaan": 5.2, "Vinkenstraat": 5.2}  # metres to the left
_HEAT_STREETS = {"Parklaan": (8.4, 9.0), "Merelstraat": (1.9, 2.5)}
_HEAT_END = (704.0, 400.0)  # in the Parklaan heat goes no further
# The pipeline with dangerous contents: from the railway along the ditch, through the park, to the canal.
_DANGER = [(628.0, 190), (640, 262), (650, 352), (666, 402), (684, 440), (706, 482), (724, 520), (746, 552), (790, 600),
           (812, 632)]  # fmt: skip
_SAFE = {"GHD": 4.0, "BGI": 5.0}  # half the width of the strips with a precaution [m]


def lay(delivery: Delivery, ground: Subsurface, links: list[dict]) -> None:
    """Lay everything but the house connections along the sections of streets that touch the area."""
    area = box(*AREA)
    for link in links:
        street: Street = link["street"]
        if street.kind in ACROSS and line_geometry(link["line"]).Intersects(area):
            _section(delivery, ground, street, link["line"])
    delivery.add(Line(NETWORKS["BGI"], _thinned(spline(_DANGER)[0], 4)))
    _ducts(delivery)
    for line in list(delivery.lines.values()):
        if line.network.key in _SAFE and line.kind == "":
            _precaution(delivery, line)


def _section(delivery: Delivery, ground: Subsurface, street: Street, line: np.ndarray) -> None:
    for key, offsets in ACROSS[street.kind].items():
        for offset in offsets:
            if key in SERVED and street.kind != "hoofdweg" and not street.sides[0 if offset > 0 else 1]:
                continue
            course = _thinned(_course(line, offset), 3)
            if key == "RV":
                _sewer(delivery, ground, _course(line, offset))
            else:
                name = delivery.add(Line(NETWORKS[key], course))
                _details(delivery, ground, name)
    if street.name in _MS_STREETS:
        delivery.add(Line(NETWORKS["MS"], _thinned(_course(line, _MS_STREETS[street.name]), 3)))
    if street.name in _HEAT_STREETS and line[:, 0].max() < _HEAT_END[0] + 10:
        for number, offset in enumerate(_HEAT_STREETS[street.name]):
            _heat(
                delivery, ground, _thinned(_course(line, offset), 3), surveyed=number == 0 and street.name == "Parklaan"
            )


def _heat(delivery: Delivery, ground: Subsurface, course: np.ndarray, surveyed: bool) -> None:
    """Lay a heat pipe; the first was measured in space when it was laid."""
    net = NETWORKS["W"]
    line = Line(net, course)
    if surveyed:
        top = np.round(_heights(ground, course) - 0.95, 2)
        line.surveyed = np.column_stack([course, top])
    delivery.add(line)


def _course(line: np.ndarray, offset: float) -> np.ndarray:
    """Return a line beside a street, within the ground that is known."""
    return np.clip(beside(line, offset), _EDGE, SIZE - _EDGE)


def _thinned(line: np.ndarray, step: int) -> np.ndarray:
    """Return every n-th vertex of a line, and its end."""
    kept = np.unique(np.append(np.arange(0, len(line), step), len(line) - 1))
    return line[kept]


def _heights(ground: Subsurface, points: np.ndarray) -> np.ndarray:
    return ground.at(points[:, 0], points[:, 1])[0]


def _sewer(delivery: Delivery, ground: Subsurface, line: np.ndarray) -> None:
    """Lay a sewer that falls from manhole to manhole; its invert was measured at each."""
    net = NETWORKS["RV"]
    long = float(stations(line)[-1])
    stops = np.linspace(0.0, long, max(2, round(long / _MANHOLE) + 1))
    places = at(line, stops)
    heights = _heights(ground, places)
    start = float(heights.min()) - _COVER - net.diameter / 1000
    names = []
    for place, stop, height in zip(places, stops, heights):
        x, y = np.round(place, 2).tolist()
        number = sum(depth.network is net for depth in delivery.depths) + 1
        invert = round(start - stop * _FALL, 2)
        delivery.depths.append(Depth(net, x, y, invert, f"RV_D{number:05d}", round(float(height), 2)))
        delivery.nodes.append(Node(net, x, y, "Mangat", f"RV_M{number:05d}"))
        names.append(f"RV_D{number:05d}")
    along = stations(line)
    for n, (a, b) in enumerate(zip(stops, stops[1:])):
        between = line[(along > a + 0.5) & (along < b - 0.5)][::4]
        course = np.vstack([places[n : n + 1], between, places[n + 1 : n + 2]])
        delivery.add(Line(net, course, depths=[names[n], names[n + 1]]))


def _details(delivery: Delivery, ground: Subsurface, name: str) -> None:
    """Put hydrants on water, cabinets on low voltage and data, and depths where a crew met the pipe."""
    line = delivery.lines[name]
    key, points = line.network.key, line.points
    if key == "WTR":
        for number, stop in enumerate(np.arange(_HYDRANT / 2, stations(points)[-1], _HYDRANT), 1):
            _node(delivery, line.network, at(points, float(stop)), "Appurtenance", f"{name}_B{number}", "hydrant")
        middle = points[len(points) // 2]
        delivery.depths.append(
            Depth(line.network, *np.round(middle, 3).tolist(), round(0.95 + 0.1 * (len(name) % 3), 2), f"{name}_D")
        )
    if key == "LS" and int(name[-2:]) % 4 == 1:
        _node(delivery, line.network, points[1], "Kast", f"{name}_K")


def _node(delivery: Delivery, net: Network, place: np.ndarray, kind: str, name: str, value: str = "") -> None:
    x, y = np.round(place, 2).tolist()
    delivery.nodes.append(Node(net, x, y, kind, name, value))


def _ducts(delivery: Delivery) -> None:
    """Put ducts where cables cross the Parklaan, and beds where medium voltage and data lie side by side."""
    low = [line for line in delivery.lines.values() if line.network.key == "DT"]
    for line in low[::6]:
        middle = len(line.points) // 2
        course = line.points[max(0, middle - 1) : middle + 2]
        if len(course) > 1:
            delivery.add(Line(line.network, course, kind="Mantelbuis", diameter=160.0, contains=[line.name]))
    for line in [line for line in delivery.lines.values() if line.network.key == "MS"][::3]:
        delivery.add(Line(line.network, line.points, kind="Kabelbed", width=400.0, contains=[line.name]))


def _precaution(delivery: Delivery, line: Line) -> None:
    ring = ring_of_polygon(line_geometry(line.points).Buffer(_SAFE[line.network.key], 4))
    measure = f"{line.network.key}-T-W{'3' if line.network.key == 'BGI' else '2'}"
    text = "Neem contact op voordat u graaft" if line.network.key == "BGI" else "Graven met de hand binnen het gebied"
    delivery.precautions.append(Precaution(line.network, ring, f"{line.name}_EV", measure, text))


def request_ring() -> np.ndarray:
    """Return the corners of the area of the request [local m]."""
    return ring_of_polygon(box(*AREA))
