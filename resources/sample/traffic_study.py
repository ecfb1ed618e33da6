"""The twin file of the study of traffic: one chain from homes to noise, and four scenarios."""

from __future__ import annotations

from typing import Any

from .study import _OPEN, _indicator, _step
from .traffic_zones import SITE

_AREA = (112050, 460450, 112700, 461000)  # around the village, where the new traffic goes
_EXTENT = f"{_AREA[0]},{_AREA[2]},{_AREA[1]},{_AREA[3]} [EPSG:28992]"
_WHOLE = "112000,113000,460000,461000 [EPSG:28992]"
_CLASSES = "local=out+back; through=through"


def twin() -> dict[str, Any]:
    """Return what stands in the twin file."""
    files = {
        "terrain": ("Height of the ground", "terrain_05m_filled.tif"),
        "buildings": ("Buildings", "buildings.city.jsonl"),
        "map": ("Base map", "bgt.gpkg"),
        "zones": ("Zones and gates", "traffic.gpkg|layername=zones"),
        "roads": ("Roads, with one way into the new quarter", "traffic.gpkg|layername=roads"),
        "roads_exit": ("Roads, with a second way", "traffic.gpkg|layername=roads_exit"),
        "roads_30": ("Roads, with 30 km/h on the main road", "traffic.gpkg|layername=roads_30"),
        "plan": ("New homes", "new_homes.gpkg|layername=homes"),
        "rates": ("Trips a day, invented", "rates_example.csv"),
        "vehicles": ("Kinds of vehicles, invented", "vehicles_example.csv"),
    }
    about = (
        ("now", "Now", "As it is.", "", "roads"),
        ("homes", "300 homes", "300 homes north of the dike, with one way to it.", "plan", "roads"),
        ("exit", "300 homes, second exit", "The same, with a second road to the Bernhardstraat.", "plan", "roads_exit"),
        ("slow", "300 homes, 30 km/h", "The same with one way, and 30 km/h on the Polderlaan.", "plan", "roads_30"),
    )  # fmt: skip
    return {
        "$schema": "../../docs/schemas/twin-1.schema.json",
        "format": "dtwin-twin",
        "format_version": 1,
        "title": "300 homes in the Noordpolder",
        "purpose": "What do 300 new homes in Waterdam do to traffic and noise?",
        "crs": "EPSG:7415",
        "area": list(_AREA),
        "sources": {name: {"title": title, "path": path, **_OPEN} for name, (title, path) in files.items()},
        "scenarios": [
            {"id": name, "title": title, "purpose": purpose,
             **({} if plan else {"reference": True}),
             "values": {"roads": f"{{source:{roads}}}", **({"plan": f"{{source:{plan}}}"} if plan else {})}}
            for name, title, purpose, plan, roads in about
        ],
        "steps": [*_traffic(), *_noise(), *_compared()],
        "indicators": _indicators(),
    }  # fmt: skip


def _traffic() -> list[dict[str, Any]]:
    """Return the steps from homes to flows; trips go where they go on the roads of now, whatever is built."""
    network = {"zones": "{source:zones}", "zone_column": "zone", "loading": "streets", "connectors": 50}
    made = {"links": ".gpkg", "nodes": ".gpkg", "problems": ".gpkg"}
    links = {"links": "{step:network.links}", "nodes": "{step:network.nodes}"}
    return [
        _step("before", "roadnetwork", {"roads": "{source:roads}", **network}, made),
        _step("ends", "tripgeneration",
              {"zones": "{source:zones}", "zone_column": "zone", "rates": "{source:rates}", "plan": "{scenario:plan}"},
              {"trip_ends": ".gpkg", "statistics": ".csv", "productions": ""}),
        _step("trips", "tripdistribution",
              {"zones": "{step:ends.trip_ends}", "zone_column": "zone", "links": "{step:before.links}",
               "nodes": "{step:before.nodes}", "parameter": 0.1, "within": "none"},
              {"matrix": ".csv", "statistics": ".csv", "trips": ""}),
        _step("network", "roadnetwork", {"roads": "{scenario:roads}", **network}, made),
        _step("assign", "assigntraffic",
              {**links, "demand": "{step:trips.matrix}", "demand_of": "day", "classes": _CLASSES, "periods": "all",
               "vehicles_table": "{source:vehicles}", "target_gap": 1e-8, "select_zones": SITE},
              {"flows": ".gpkg", "zone_flows": ".gpkg", "summary": ".csv", "vehicle_km": "", "vehicle_hours": ""}),
    ]  # fmt: skip


def _noise() -> list[dict[str, Any]]:
    """Return the steps to noise: paths are followed in the first scenario, and the others only drive otherwise."""
    noise = {
        "roads": "{step:assign.flows}", "terrain": "{step:terrain.terrain}", "buildings": "{step:houses.footprints}",
        "cover": "{step:map.bgt}", "stored": "{first:noise.transfer}", "spacing": 20, "distance": 150,
        "grid_spacing": 10,
    }  # fmt: skip
    return [
        _step("terrain", "loadterrain", {"file": "{source:terrain}", "extent": _WHOLE, "cell_size": 2},
              {"terrain": ".tif"}),
        _step("houses", "loadcityjson", {"file": "{source:buildings}", "extent": _EXTENT, "lod": "highest"},
              {"surfaces": ".gpkg", "footprints": ".gpkg"}),
        _step("map", "loadbgt", {"file": "{source:map}", "extent": _EXTENT}, {"bgt": ".gpkg"}),
        _step("noise", "roadnoise", noise,
              {"points": ".gpkg", "tested": ".gpkg", "grid": ".tif", "summary": ".csv", "transfer": ".npz",
               "dwellings_loud": "", "residents_loud": "", "annoyed": ""}),
    ]  # fmt: skip


def _compared() -> list[dict[str, Any]]:
    """Return the steps that compare a scenario with the first one."""
    traffic = _step("traffic_change", "trafficdifference",
                    {"before": "{first:assign.flows}", "after": "{step:assign.flows}", "same": 5, "much": 50},
                    {"difference": ".gpkg", "statistics": ".csv"})  # fmt: skip
    pair = {
        "before": "{first:noise.grid}", "after": "{step:noise.grid}", "before_points": "{first:noise.points}",
        "after_points": "{step:noise.points}", "buildings": "{step:houses.footprints}",
    }  # fmt: skip
    noise = _step("noise_change", "noisedifference", pair,
                  {"difference": ".tif", "building_change": ".gpkg", "statistics": ".csv"})  # fmt: skip
    return [{**traffic, "when": "plan"}, {**noise, "when": "plan"}]


def _indicators() -> list[dict[str, Any]]:
    flows = "assign.flows"
    return [
        _indicator("loud", "Dwellings with 55 dB Lden and more", "noise.dwellings_loud", "1", "lower"),
        _indicator("people", "Residents with 55 dB Lden and more", "noise.residents_loud", "1", "lower"),
        _indicator("annoyed", "Residents who are highly annoyed", "noise.annoyed", "1", "lower", same=0.5),
        _indicator("km", "Vehicle kilometres, busiest hour", "assign.vehicle_km", "km h-1", "lower", same=1),
        _indicator("hours", "Vehicle hours, busiest hour", "assign.vehicle_hours", "h", "lower", same=0.1),
        _indicator("full", "Roads with flow over 0.8 of capacity", flows, "1", "lower", measure="count", column="vc",
                   above=0.8, norm=0),
        _indicator("fullest", "Largest flow over capacity", flows, "1", "lower", measure="max", column="vc", norm=0.8,
                   alert=1.0),
    ]  # fmt: skip
