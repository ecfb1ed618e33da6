"""Making the neighbourhood: design, settle, shape the ground, build, and write everything."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal

from dtwin_plugin.data.atomic import written_beside

from . import SEED, bgt, buildings, cityjson, landmarks, layout, plots, streets, surface, terrain, trees, water, write
from .geometry import line_geometry, polygon, rasterize, strict
from .measures import write_measures
from .scheme import write_scheme
from .study import write_study
from .subsurface import write_subsurface
from .traffic import write_traffic


@dataclass
class Neighbourhood:
    """Everything that is made, before it is written."""

    streets: list[streets.Street]
    surfaces: streets.Surfaces
    waters: list[water.Water]
    plots: list[np.ndarray]
    ground: terrain.Ground
    buildings: list[buildings.Building]
    trees: list[trees.Tree]


def make(seed: int = SEED) -> Neighbourhood:
    """Make the neighbourhood; the same seed gives the same one."""
    rng = random.Random(seed)
    ways = streets.build_streets()
    surfaces = streets.build_surfaces(ways)
    waters = water.build_water(surfaces.corridor)
    cells = rasterize([surfaces.corridor], True) * np.uint8(1)
    wet = [w.geometry.Buffer(2.5) for w in waters] + [line_geometry(layout.RAIL).Buffer(16.0)]
    occupied = plots.Occupied(cells | rasterize(wet, True) * np.uint8(2))
    alone = landmarks.landmarks(occupied, rng)
    settled = plots.settle(ways, occupied, rng)
    houses = settled.houses + alone.houses
    ground = terrain.build_ground(ways, surfaces, waters, settled.plots, houses, seed)
    built = buildings.build(houses, ground)
    planted = trees.plant_trees(ways, settled.plots, _no_trees(ways, surfaces, waters, houses), ground, rng)
    return Neighbourhood(ways, surfaces, waters, settled.plots, ground, built, planted)


def _no_trees(
    ways: list[streets.Street], surfaces: streets.Surfaces, waters: list[water.Water], houses: list[plots.House]
) -> np.ndarray:
    """Return where no tree can stand."""
    roads = [g.Buffer(0.35) for g, _ in surfaces.carriage] + [g.Buffer(0.1) for g in surfaces.cycle + surfaces.foot]
    roads += list(surfaces.parking) + [line_geometry(layout.RAIL).Buffer(9.0)]
    grounds = [polygon(r) for layer, *_, r in landmarks.GROUNDS if layer != "onbegroeidterreindeel"]
    wet = [w.geometry.Buffer(0.8) for w in waters]
    wet += [terrain.underpass(way).Buffer(terrain.TUNNEL_HALF) for way in ways if way.kind == "hoofdweg"]
    return rasterize([*roads, *grounds, *wet, *(polygon(h.outline).Buffer(1.4) for h in houses)], True)


def write_sample(folder: Path, seed: int = SEED) -> dict:
    """Write the neighbourhood to a folder, which appears when it is complete; give the counts."""
    before = gdal.GetConfigOption("OGR_CURRENT_DATE")
    gdal.SetConfigOption("OGR_CURRENT_DATE", write.STAMP)  # which a GeoPackage keeps
    try:
        with strict(), written_beside(folder) as target:
            place = make(seed)
            target.mkdir(parents=True)
            return _write_files(place, target)
    finally:
        gdal.SetConfigOption("OGR_CURRENT_DATE", before)


def _write_files(place: Neighbourhood, target: Path) -> dict:
    cityjson.write_cityjson(place.buildings, target / "buildings.city.json")
    cityjson.write_sequence(place.buildings, target / "buildings.city.jsonl")
    ground = place.ground
    write.write_raster(np.where(ground.hidden, np.nan, ground.height), target / "terrain_05m.tif", "ground level")
    write.write_raster(ground.height, target / "terrain_05m_filled.tif", "ground level, holes filled")
    model = surface.surface_model(ground, place.buildings, place.trees)
    write.write_raster(model, target / "dsm_05m.tif", "surface level")
    pieces = bgt.build_bgt(place.buildings, place.waters, place.surfaces, place.plots)
    counts: dict = {"bgt": write.write_bgt(pieces, target / "bgt.gpkg")}
    nodes, links = streets.network(place.streets)
    write.write_roads(nodes, links, target / "roads.gpkg")
    write.write_trees(place.trees, target / "trees.gpkg")
    counts |= {"road_sections": len(links), "junctions": len(nodes), "trees": len(place.trees)}
    counts |= write_subsurface(place, target)
    counts |= write_measures(place.streets, target / "measures.gpkg")
    counts |= write_study(place.streets, target)
    counts |= write_traffic(place, target)
    counts |= write_scheme(place.streets, ground, target / "scheme")
    write.write_manifest(target, place.buildings, counts)
    return {"buildings": len(place.buildings), **counts}
