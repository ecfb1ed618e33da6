"""A study of traffic: 300 new homes, what they do to streets and to noise, and two things that may help."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from osgeo import ogr

from .geometry import polygon
from .streets import Street, network
from .traffic_study import twin
from .traffic_zones import FLATS, HOUSES, JOBS, SITE_RING, Way, Zone, new_roads, zones_of
from .write import DAY, ORIGIN, _create, _insert, _layer

if TYPE_CHECKING:
    from .build import Neighbourhood

FILE = "traffic-study.json"
HOMES = 300
SLOW = 30  # km/h, on the main road in one of the scenarios
_CLASSES = {"hoofdweg": "tertiary", "landweg": "unclassified", "woonerf": "living_street"}
_SURFACES = {"asfalt": "DAB", "gebakken klinkers": "klinkers"}
_AMOUNTS = (HOUSES, FLATS, JOBS, "through", "beyond")
_INVENTED = "invented round number: example, not for decisions"
# trips a day with a car, from home ("out"), back home, and through the area; 3 and 3 for a house are 6 movements
_RATES = (
    ("out", HOUSES, 3.0, 0.0, "productions"),
    ("out", FLATS, 2.0, 0.0, "productions"),
    ("out", JOBS, 0.0, 2.5, "productions"),
    ("out", "beyond", 0.0, 1.0, "productions"),
    ("back", HOUSES, 0.0, 3.0, "attractions"),
    ("back", FLATS, 0.0, 2.0, "attractions"),
    ("back", JOBS, 2.5, 0.0, "attractions"),
    ("back", "beyond", 1.0, 0.0, "attractions"),
    ("through", "through", 1.0, 1.0, "productions"),
)
_VEHICLES = (("local", "light:97 medium:2 heavy:1", 1.0), ("through", "light:93 medium:5 heavy:2", 1.1))


def write_traffic(place: Neighbourhood, folder: Path) -> dict[str, int]:
    """Write zones, roads, the building site, tables and the twin file; give how many zones and counts there are."""
    zones = zones_of(place.streets, place.buildings)
    source = _create(folder / "traffic.gpkg")
    real, text = ogr.OFTReal, ogr.OFTString
    _write(source, "zones", ogr.wkbPolygon, {"zone": text, **dict.fromkeys(_AMOUNTS, real)}, _zone_rows(zones))
    columns = {"name": text, "class": text, "direction": text, "speed": real, "surface": text, "count": real}
    first, second = new_roads()
    for name, closed, slow in (("roads", True, False), ("roads_exit", False, False), ("roads_30", True, True)):
        rows = [*_road_rows(place.streets, slow), _new_row(first, False), _new_row(second, closed)]
        _write(source, name, ogr.wkbLineString, columns, rows)
    site = polygon(np.round(SITE_RING, 3) + ORIGIN)
    homes = [(site, {"name": "Noordpolder", HOUSES: HOMES})]
    source = _create(folder / "new_homes.gpkg")  # a file of its own, whose name a map tells
    _write(source, "homes", ogr.wkbPolygon, {"name": text, HOUSES: real}, homes, f"Plan: {HOMES} new homes")
    source = None
    shutil.copyfile(Path(__file__).with_name("new_homes.qml"), folder / "new_homes.qml")  # how QGIS draws it
    _write_table(folder / "rates_example.csv",
                 ("purpose", "variable", "production", "attraction", "balance", "counts", "source"),
                 [(*row, "vehicles", _INVENTED) for row in _RATES])  # fmt: skip
    _write_table(folder / "vehicles_example.csv", ("class", "noise", "pcu", "value_of_time", "closed_on", "source"),
                 [(*row, 10, "", _INVENTED) for row in _VEHICLES])  # fmt: skip
    text_of = json.dumps(twin(), indent=1, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text_of, encoding="utf-8")
    return {"traffic_zones": len(zones)}


def _zone_rows(zones: list[Zone]) -> Iterator[tuple[ogr.Geometry, dict[str, Any]]]:
    for zone in zones:
        yield _moved(zone.shape), {"zone": zone.name, **{name: zone.amounts.get(name, 0.0) for name in _AMOUNTS}}


def _moved(shape: ogr.Geometry) -> ogr.Geometry:
    """Return a polygon in RD New, in whole millimetres."""
    outer, *holes = (
        np.round(np.array(ring.GetPoints())[:-1, :2], 3) + ORIGIN
        for ring in (shape.GetGeometryRef(number) for number in range(shape.GetGeometryCount()))
    )
    return polygon(outer, holes)


def _road_rows(streets: list[Street], slow: bool) -> Iterator[tuple[ogr.Geometry, dict[str, Any]]]:
    """Yield the road sections; `count` is the traffic that the sample assumes, in an hour of the day, both ways."""
    for link in network(streets)[1]:
        street: Street = link["street"]
        profile = street.profile
        yield (
            _line(link["line"]),
            {
                "name": street.name,
                "class": _CLASSES.get(street.kind, "residential"),
                "direction": "both",
                "speed": SLOW if slow and street.kind == "hoofdweg" else profile.speed,
                "surface": _SURFACES.get(profile.material, "elementen in keperverband"),
                "count": round(sum(profile.traffic) * DAY, 1),
            },
        )


def _new_row(way: Way, closed: bool) -> tuple[ogr.Geometry, dict[str, Any]]:
    direction = "closed" if closed else "both"
    return _line(way.line), {"name": way.name, "class": "residential", "direction": direction, "speed": 30,
                             "surface": "elementen in keperverband"}  # fmt: skip


def _line(line: np.ndarray) -> ogr.Geometry:
    geometry = ogr.Geometry(ogr.wkbLineString)
    for x, y in np.round(line + ORIGIN, 3):
        geometry.AddPoint_2D(float(x), float(y))
    return geometry


def _write(
    source: ogr.DataSource,
    name: str,
    kind: int,
    columns: dict[str, int],
    rows: Iterable[tuple[ogr.Geometry, dict[str, Any]]],
    title: str = "",
) -> None:
    layer = _layer(source, name, kind, columns, title=title)
    layer.StartTransaction()
    for shape, values in rows:
        _insert(layer, shape, values)
    layer.CommitTransaction()


def _write_table(path: Path, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    lines = [names, *rows]
    path.write_text("".join(",".join(map(_cell, row)) + "\n" for row in lines), encoding="utf-8")


def _cell(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if "," in text else text
