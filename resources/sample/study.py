"""A study of the lowest streets: a twin file with three measures against their water, and what each costs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import ogr

from .geometry import beside, polygon, stations
from .measures import CRATES, PIECE, piece
from .streets import Street
from .write import ORIGIN, _create, _insert, _layer

FILE = "flood-study.json"
_STREETS = ("Wilhelminastraat", "Emmastraat", "Julianastraat", "Bernhardstraat")  # around the lowest crossing
_BESIDE, _WIDE = 4.0, 2.0  # m, the middle and width of the parking strips, 0.4 m clear of the carriageway in bends
_CLEAR = 8.0  # m from the middle of another street: nothing is built on crossings
_EXTENT = "112300,112700,460560,461000 [EPSG:28992]"
_PARKING = 2.0  # places that lie on a piece of the strip
_SIZES = ("volume", "depth", "storage_mm", "infiltration_mmh")
_OPEN = {"owner": "Waterdam (fictional)", "licence": "CC0-1.0", "privacy": "open"}


def write_study(streets: list[Street], folder: Path) -> dict[str, int]:
    """Write the layers of the measures and the twin file; give how many scenarios there are."""
    source = _create(folder / "study.gpkg")
    columns = {"type": ogr.OFTString, **dict.fromkeys((*_SIZES, "parking", "green"), ogr.OFTReal)}
    for name, rows in _measures(streets).items():
        layer = _layer(source, name, ogr.wkbPolygon, columns)
        layer.StartTransaction()
        for corners, values in rows:
            shape = polygon(np.round(corners, 3) + ORIGIN)
            _insert(layer, shape, {**values, "green": round(shape.GetArea(), 1) * values["green"]})
        layer.CommitTransaction()
        layer = None
    source = None
    text = json.dumps(_twin(), indent=1, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    return {"scenarios": len(_twin()["scenarios"])}


def _measures(streets: list[Street]) -> dict[str, list[tuple[np.ndarray, dict[str, Any]]]]:
    """Return the corners and the columns of each measure by layer; green is a share of the area here."""
    # gullies that fill the crates within two hours
    crates = {"type": "infiltration_crates", "volume": CRATES, "infiltration_mmh": 250.0, "parking": 0.0, "green": 0}
    wadi = {"type": "wadi", "depth": 0.4, "parking": _PARKING, "green": 1}
    lowered = {"type": "lowered_street", "depth": 0.2, "parking": 0.0, "green": 0}
    found: dict[str, list[tuple[np.ndarray, dict[str, Any]]]] = {"crates": [], "wadi": [], "lowered": []}
    for street in (item for item in streets if item.name in _STREETS):
        others = np.concatenate([item.line for item in streets if item is not street])
        for left in (_BESIDE, -_BESIDE):
            strip = _pieces(beside(street.line, left), _WIDE, others)
            found["crates"] += [(corners, crates) for corners in strip]
            found["wadi"] += [(corners, wadi) for corners in strip]
        width = 2 * street.profile.carriage
        found["lowered"] += [(corners, lowered) for corners in _pieces(street.line, width, others)]
    return found


def _pieces(line: np.ndarray, width: float, others: np.ndarray) -> list[np.ndarray]:
    """Return the corners of the pieces of a strip that lie clear of other streets."""
    every = [piece(line, float(begin), width) for begin in np.arange(10.0, stations(line)[-1] - 10.0 - PIECE, PIECE)]
    return [
        corners for corners in every if np.hypot(*(corners[:, None] - others[None]).transpose(2, 0, 1)).min() > _CLEAR
    ]


def _twin() -> dict[str, Any]:
    files = {
        "terrain": ("Height of the ground", "terrain_05m_filled.tif"),
        "buildings": ("Buildings", "buildings.city.jsonl"),
        "map": ("Base map", "bgt.gpkg"),
        "crates": ("Crates below the parking", "study.gpkg|layername=crates"),
        "wadi": ("Wadis in the place of parking", "study.gpkg|layername=wadi"),
        "lowered": ("Lowered streets", "study.gpkg|layername=lowered"),
    }
    scenarios = [{"id": "now", "title": "Nothing is done", "purpose": "The streets as they are."}]
    about = {
        "crates": ("Crates", "Infiltration crates below the parking along both sides."),
        "wadi": ("Wadis", "Wadis of 0.4 m in the place of the parking along both sides."),
        "lowered": ("Streets lowered", "The carriageways lie 0.2 m lower and hold water."),
    }
    for name, (title, purpose) in about.items():
        values = {"measures": f"{{source:{name}}}"}
        scenarios.append({"id": name, "title": title, "purpose": purpose, "values": values})
    return {
        "$schema": "../../docs/schemas/twin-1.schema.json",
        "format": "dtwin-twin",
        "format_version": 1,
        "title": f"Water around the {_STREETS[0]}",
        "purpose": "Which of three measures helps most against flooding, and what does each do to the rest?",
        "crs": "EPSG:7415",
        "area": [112300, 460560, 112700, 461000],
        "sources": {name: {"title": title, "path": path, **_OPEN} for name, (title, path) in files.items()},
        "scenarios": scenarios,
        "steps": _steps(),
        "indicators": _indicators(),
        "differences": [
            {"id": "water", "title": "Change of the largest depth", "of": "flood.depth_max", "threshold": 0.01,
             "unit": "m"},
        ],
    }  # fmt: skip


def _steps() -> list[dict[str, Any]]:
    """Return the chain: data in cells of 2 m, the ground, the measures, a storm, and what it does."""
    flood = {
        "terrain": "{step:measures.new_terrain}", "buildings": "{step:houses.footprints}",
        "landcover": "{step:measures.new_landcover}", "rain": 40, "rain_duration": 1, "after": 1,
        "infiltration_capacity": "{step:measures.new_infiltration_capacity}",
        "soil_storage": "{step:measures.new_soil_storage}",
    }  # fmt: skip
    measures = {
        "terrain": "{step:ground.prepared}", "landcover": "{step:map.bgt}", "measures": "{scenario:measures}"
    }  # fmt: skip
    return [
        _step("terrain", "loadterrain", {"file": "{source:terrain}", "extent": _EXTENT, "cell_size": 2},
              {"terrain": ".tif"}),
        _step("houses", "loadcityjson", {"file": "{source:buildings}", "extent": _EXTENT, "lod": "highest"},
              {"surfaces": ".gpkg", "footprints": ".gpkg"}),
        _step("map", "loadbgt", {"file": "{source:map}", "extent": _EXTENT}, {"bgt": ".gpkg"}),
        _step("ground", "floodterrain",
              {"terrain": "{step:terrain.terrain}", "buildings": "{step:houses.footprints}",
               "base_map": "{step:map.bgt}"},
              {"prepared": ".tif"}),
        _step("measures", "floodmeasures", measures,
              {"new_terrain": ".tif", "new_landcover": ".gpkg", "new_infiltration_capacity": ".tif",
               "new_soil_storage": ".tif", "costs": ".csv", "cost": ""}),
        _step("flood", "flood", flood,
              {"depth_max": ".tif", "duration": ".tif", "building_depth": ".gpkg", "flooded_area": ""}),
        _step("consequences", "floodconsequences",
              {"depth_max": "{step:flood.depth_max}", "terrain": "{step:measures.new_terrain}",
               "buildings": "{step:houses.footprints}", "roads": "{step:map.bgt}", "duration": "{step:flood.duration}"},
              {"building_consequences": ".gpkg", "road_passability": ".gpkg", "buildings_inside": "",
               "damage_mean": ""}),
    ]  # fmt: skip


def _step(name: str, algorithm: str, inputs: dict[str, Any], outputs: dict[str, str]) -> dict[str, Any]:
    return {"id": name, "algorithm": f"dtwin:{algorithm}", "inputs": inputs, "outputs": outputs}


def _indicators() -> list[dict[str, Any]]:
    depth, given, roads = "flood.depth_max", "{scenario:measures}", "{step:consequences.road_passability}"
    return [
        _indicator("doors", "Houses with water at the door, over 0.15 m", "flood.building_depth", "1", "lower",
                   measure="count", column="water_depth_max", above=0.15, norm=0, alert=50),
        _indicator("inside", "Houses with water inside for sure", "consequences.buildings_inside", "1", "lower",
                   norm=0, alert=20),
        _indicator("damage", "Damage, mean estimate", "consequences.damage_mean", "EUR", "lower", same=500),
        _indicator("roads", "Water on roads", depth, "m3", "lower", measure="volume", within=roads),
        _indicator("deepest", "Largest depth on roads", depth, "m", "lower", measure="max", within=roads,
                   norm=0.15, alert=0.3),
        _indicator("closed", "Carriageway closed for cars", "consequences.road_passability", "m", "lower",
                   measure="sum", column="length_closed_car"),
        _indicator("cost", "Cost of the measures", "measures.cost", "EUR", "lower"),
        _indicator("parking", "Parking places lost", given, "1", "lower", measure="sum", column="parking",
                   norm=20, alert=100, otherwise=0),
        _indicator("green", "Green gained", given, "m2", "higher", measure="sum", column="green", otherwise=0),
    ]  # fmt: skip


def _indicator(name: str, title: str, taken: str, unit: str, better: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": title, "from": taken, "unit": unit, "better": better, **more}
